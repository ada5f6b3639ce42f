/*
 * lacking.h
 *		Things of which something is not known.
 */
#ifndef ALLM_SEMANTIC_LACKING_H
#define ALLM_SEMANTIC_LACKING_H

#include "postgres.h"

#include "semantic/chart.h"

extern void allm_lacking_add(AllmChart *chart, AllmCell *cell, int from,
							 int to);
extern void allm_lacking_add_said(AllmChart *chart, AllmCell *cell, int from,
								  int to);
extern List *allm_lacking_attach(AllmChart *chart, const AllmSet *set,
								 const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_LACKING_H */
