/*
 * bare.h
 *		Amounts that could be those of each row, or of all rows together.
 */
#ifndef ALLM_SEMANTIC_BARE_H
#define ALLM_SEMANTIC_BARE_H

#include "postgres.h"

#include "semantic/chart.h"
#include "semantic/tree.h"

/* Why such are not answered. */
#define ALLM_BARE_DOUBT	"It is not said whether the amounts are wanted of each or in total."

extern bool allm_bare_has_number(const AllmSet *set, const List *attributes);
extern bool allm_bare_is_all(const AllmSet *set, const List *attributes);
extern bool allm_bare_are_amounts(const AllmRelation *relation,
								  const List *outputs);

#endif							/* ALLM_SEMANTIC_BARE_H */
