/*
 * deed.h
 *		When and where something was done.
 */
#ifndef ALLM_SEMANTIC_DEED_H
#define ALLM_SEMANTIC_DEED_H

#include "postgres.h"

#include "semantic/chart.h"

/* What a clause asks of the rows of a set: see attach.c. */
typedef List *(*AllmAttacher) (AllmChart *chart, const AllmSet *set,
							   const AllmClause *clause);

extern bool allm_deed_is_loose(const AllmClause *clause);
extern List *allm_deed_attach(AllmChart *chart, const AllmSet *set,
							  const AllmClause *clause, List *sets,
							  AllmAttacher attach);
extern void allm_deed_note(AllmSet *result, const AllmSet *before);

#endif							/* ALLM_SEMANTIC_DEED_H */
