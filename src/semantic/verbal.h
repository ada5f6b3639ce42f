/*
 * verbal.h
 *		Things that are told by what they do: "neighboring states".
 */
#ifndef ALLM_SEMANTIC_VERBAL_H
#define ALLM_SEMANTIC_VERBAL_H

#include "postgres.h"

#include "semantic/chart.h"

extern char *allm_verbal_before(const AllmChart *chart, int at);
extern int	allm_verbal_end(const AllmChart *chart, int from, int to,
							char **verb);
extern void allm_verbal_add(AllmChart *chart, AllmCell *cell, int from,
							int to);

#endif							/* ALLM_SEMANTIC_VERBAL_H */
