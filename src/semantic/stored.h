/*
 * stored.h
 *		Columns that hold a first place: "highest_point", "longest_track".
 */
#ifndef ALLM_SEMANTIC_STORED_H
#define ALLM_SEMANTIC_STORED_H

#include "postgres.h"

#include "semantic/resolve.h"

extern bool allm_stored_is_best(const AllmChart *chart,
								const AllmAttribute *attribute,
								bool *descending);
extern bool allm_stored_is_one(const AllmChart *chart,
							   const AllmAttribute *attribute);
extern const AllmColumn *allm_stored_measure(const AllmColumn *column);
extern AllmTerm *allm_stored_term(const AllmChart *chart,
								  const AllmAttribute *attribute,
								  const AllmRelation *relation);
extern bool allm_stored_is_single(const AllmSet *set);
extern void allm_stored_add_higher(AllmChart *chart, AllmCell *cell,
								   int from, int to);

#endif							/* ALLM_SEMANTIC_STORED_H */
