/*
 * resolve.h
 *		Which columns a property is, and what a clause asks of a set.
 */
#ifndef ALLM_SEMANTIC_RESOLVE_H
#define ALLM_SEMANTIC_RESOLVE_H

#include "postgres.h"

#include "semantic/chart.h"

/* One way to understand a property of the rows of a relation. */
typedef struct AllmResolved
{
	List	   *terms;			/* of AllmTerm; names may be several columns */
	bool		up;				/* each row has one value */
	bool		label;			/* the name of a thing that was said */
	int			cost;
} AllmResolved;

extern List *allm_resolve_attribute(const AllmChart *chart,
									const AllmAttribute *attribute,
									const AllmRelation *relation);
extern bool allm_resolve_is_mark(const AllmChart *chart,
								 const AllmAttribute *attribute);
extern AllmTerm *allm_resolve_adjective(const AllmAdjective *adjective,
										const AllmRelation *relation);
extern AllmTerm *allm_resolve_date(const AllmRelation *relation,
								   const char *verb);
extern AllmTerm *allm_resolve_place(const AllmRelation *relation);
extern List *allm_resolve_default(const AllmRelation *relation);
extern List *allm_attach_clause(AllmChart *chart, const AllmSet *set,
								const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_RESOLVE_H */
