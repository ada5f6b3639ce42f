/*
 * related.h
 *		What belongs to the rows of a set.
 */
#ifndef ALLM_SEMANTIC_RELATED_H
#define ALLM_SEMANTIC_RELATED_H

#include "postgres.h"

#include "semantic/chart.h"

extern List *allm_related_exists(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_related_counts(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_related_count(AllmChart *chart, const AllmSet *set, const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_RELATED_H */
