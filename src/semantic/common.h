/*
 * common.h
 *		Things and values that are there most often.
 */
#ifndef ALLM_SEMANTIC_COMMON_H
#define ALLM_SEMANTIC_COMMON_H

#include "postgres.h"

#include "semantic/chart.h"

extern void allm_common_add_clause(AllmChart *chart, AllmCell *cell, int from,
								   int to);
extern void allm_common_add_trait(AllmChart *chart, AllmCell *cell, int from,
								  int to);
extern void allm_common_add_noun(AllmChart *chart, AllmCell *cell, int from,
								 int to);
extern void allm_common_add_among(AllmChart *chart, AllmCell *cell, int from,
								  int to);
extern List *allm_common_attach(AllmChart *chart, const AllmSet *set,
								const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_COMMON_H */
