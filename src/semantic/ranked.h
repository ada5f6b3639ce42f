/*
 * ranked.h
 *		The first rows of a set.
 */
#ifndef ALLM_SEMANTIC_RANKED_H
#define ALLM_SEMANTIC_RANKED_H

#include "postgres.h"

#include "semantic/chart.h"

extern AllmSet *allm_ranked_first(const AllmSet *set, AllmTerm *term, const AllmClause *clause, int cost);
extern List *allm_ranked_best(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_ranked_most(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_ranked_by(AllmChart *chart, const AllmSet *set, const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_RANKED_H */
