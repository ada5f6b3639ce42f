/*
 * deed.c
 *		When and where something was done.
 *
 * Behind "customers who bought x", "in 2023" and "in West" are said of what they
 * bought, and not of something else that the customers have: another date, or
 * another row that links them to a place.
 */
#include "postgres.h"

#include "semantic/deed.h"
#include "semantic/joint.h"

/* Does the clause say when or where, and no verb of whom: "in x"? */
bool
allm_deed_is_loose(const AllmClause *clause)
{
	return clause->verb == NULL && clause->attribute == NULL &&
		(clause->kind == ALLM_CLAUSE_PERIOD ||
		 (clause->kind == ALLM_CLAUSE_VALUES && clause->placed &&
		  !clause->naming));
}

/*
 * What is said of a deed: "bought x in y" is about the row that links the two.
 * The deed is the last test of the set.
 */
static List *
attach_to_link(AllmChart *chart, const AllmSet *set, const AllmClause *clause,
			   AllmAttacher attach)
{
	const AllmTest *deed = set->deed;
	List	   *steps = deed->steps;
	AllmSet    *link = deed->set;
	List	   *sets = NIL;
	ListCell   *cell;

	if (clause->negated || llast(set->tests) != deed)
		return NIL;
	if (list_length(steps) == 2 && ((AllmStep *) lsecond(steps))->up)
	{
		link = allm_joint_make(lsecond(steps), link);
		steps = allm_tree_drop_last(steps);
	}
	if (list_length(steps) != 1)
		return NIL;
	foreach(cell, attach(chart, link, clause))
	{
		AllmSet    *inner = lfirst(cell);
		AllmSet    *result = allm_tree_with(set, NULL, inner->cost - link->cost);

		/* "With sales in x and y": in both, or in either? */
		if (allm_tree_is_listed(inner))
			continue;
		result->tests = list_copy(set->tests);
		result->deed = allm_tree_exists(steps, inner, deed->negated);
		llast(result->tests) = result->deed;
		sets = lappend(sets, result);
	}
	return sets;
}

/* Does a set have a test of another row of what its deed is? */
static bool
repeats_deed(const AllmSet *result, const AllmTest *deed)
{
	const AllmTest *last = llast(result->tests);
	const AllmStep *step;

	if (last->kind != ALLM_TEST_EXISTS)
		return false;
	step = linitial(last->steps);
	return !step->up && step->key == ((AllmStep *) linitial(deed->steps))->key;
}

/*
 * "Without orders in x": is it the customers that are in x, or their orders,
 * which have such a place as well?
 */
static bool
may_be_of_deed(const AllmSet *set, const AllmClause *clause)
{
	const AllmItem *first = clause->kind == ALLM_CLAUSE_VALUES ?
	linitial(clause->values->items) : NULL;
	ListCell   *cell;

	foreach(cell, first != NULL ? first->senses : NIL)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->relation == set->deed->set->relation &&
			sense->relation != set->relation)
			return true;
	}
	return false;
}

/*
 * What a loose clause makes of a set that does something, or to which something
 * is done.  "sets" are what it would be without that; the result takes their
 * place.
 */
List *
allm_deed_attach(AllmChart *chart, const AllmSet *set, const AllmClause *clause,
				 List *sets, AllmAttacher attach)
{
	ListCell   *cell;

	/* When it was done is not when something else happened. */
	if (clause->kind == ALLM_CLAUSE_PERIOD)
		sets = NIL;
	if (set->deed == NULL)
		return sets;
	if (may_be_of_deed(set, clause))
		sets = NIL;
	foreach(cell, sets)
	{
		if (repeats_deed(lfirst(cell), set->deed))
			sets = foreach_delete_current(sets, cell);
	}
	return list_concat(sets, attach_to_link(chart, set, clause, attach));
}

/*
 * Notes what a set does, or what is done to it, by what a clause has added to
 * what it was before.
 */
void
allm_deed_note(AllmSet *result, const AllmSet *before)
{
	AllmTest   *last = result->tests != NIL ? llast(result->tests) : NULL;

	if (result->best != before->best)
		result->acts |= result->best->related != NULL;
	if (list_length(result->tests) == list_length(before->tests))
		return;
	if (last->kind == ALLM_TEST_EXISTS && !((AllmStep *) linitial(last->steps))->up)
	{
		result->acts = true;
		result->deed = last;
	}
	else if (last->term != NULL && last->term->related != NULL)
	{
		result->acts = true;
		result->deed = NULL;
	}
}
