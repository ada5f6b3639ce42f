/*
 * ranked.c
 *		The first rows of a set.
 *
 * "With the highest price", "with the most orders", "largest by population": a
 * set of which only those that come first by a column or by a number are wanted.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/column.h"
#include "semantic/complete.h"
#include "semantic/ranked.h"
#include "semantic/related.h"
#include "semantic/resolve.h"
#include "semantic/stored.h"
#include "semantic/way.h"

/* A copy of a set of which only the first by a term are wanted. */
AllmSet *
allm_ranked_first(const AllmSet *set, AllmTerm *term, const AllmClause *clause,
				  int cost)
{
	AllmSet    *copy = allm_tree_with(set, NULL, cost);

	copy->best = term;
	if (term->steps != NIL)
	{
		const AllmForeignKey *key = ((AllmStep *) linitial(term->steps))->key;

		copy->distinct |= key->from == key->to && key->oid == InvalidOid;
	}
	copy->descending = clause->descending;
	copy->limit = clause->limit > 0 ? clause->limit : 1;
	return copy;
}

/* "with the highest price"; a column that can be compared. */
List *
allm_ranked_best(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best != NULL || set->named || clause->negated)
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		bool		descending;

		if (list_length(resolved->terms) != 1 || !resolved->up)
			continue;
		if (allm_stored_is_best(chart, clause->attribute, &descending))
			term = allm_stored_term(chart, clause->attribute, set->relation);
		if (term == NULL || !(allm_column_is_measure(term->column) ||
							  allm_column_is_date(term->column)) ||
			allm_column_is_rank(term->column))
			continue;
		sets = lappend(sets, allm_ranked_first(set, term, clause, resolved->cost));
	}
	return sets;
}

/* "with the most orders" */
List *
allm_ranked_most(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *counts;
	ListCell   *cell;

	if (set->best != NULL || set->named || clause->negated)
		return NIL;
	counts = allm_related_counts(chart, set, clause);

	/* Those that have none may be those that have the fewest. */
	if (!clause->descending && !allm_complete_are(chart, counts))
		return NIL;
	foreach(cell, counts)
	{
		AllmTerm   *term = lfirst(cell);

		if (allm_way_has_pieces(term->steps, clause->set->relation))
			continue;
		sets = lappend(sets, allm_ranked_first(set, term, clause, clause->set->cost +
											   list_length(term->steps) * ALLM_COST_UP));
	}
	return sets;
}

/* "largest by population": the column that an adjective only implies */
List *
allm_ranked_by(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best == NULL || !set->implied)
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmSet    *copy;

		if (list_length(resolved->terms) != 1 || !resolved->up ||
			!allm_column_is_measure(term->column))
			continue;
		copy = allm_tree_with(set, NULL, resolved->cost);
		copy->best = term;
		copy->implied = false;
		sets = lappend(sets, copy);
	}
	return sets;
}
