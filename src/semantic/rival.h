/*
 * rival.h
 *		Whether things belong together in another way than the nearest.
 */
#ifndef ALLM_SEMANTIC_RIVAL_H
#define ALLM_SEMANTIC_RIVAL_H

#include "postgres.h"

#include "semantic/chart.h"

extern bool allm_rival_of_keys(const AllmRelation *from, const List *keys);
extern bool allm_rival_of_clause(const AllmChart *chart,
								 const AllmClause *clause,
								 const AllmRelation *from, const List *steps);

#endif							/* ALLM_SEMANTIC_RIVAL_H */
