/*
 * aside.h
 *		What stands in parentheses, and two words for one person.
 */
#ifndef ALLM_SEMANTIC_ASIDE_H
#define ALLM_SEMANTIC_ASIDE_H

#include "postgres.h"

#include "semantic/chart.h"

extern List *allm_aside_read(List *words);
extern void allm_aside_add(AllmChart *chart, AllmCell *cell, int from,
						   int to);

#endif							/* ALLM_SEMANTIC_ASIDE_H */
