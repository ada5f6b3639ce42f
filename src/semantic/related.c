/*
 * related.c
 *		What belongs to the rows of a set.
 *
 * "With orders", "that live in a city that ...", "with more than 3 orders": there
 * are rows of another set at the end of some keys, none, or so many.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/complete.h"
#include "semantic/joint.h"
#include "semantic/naming.h"
#include "semantic/related.h"
#include "semantic/rival.h"
#include "semantic/thing.h"
#include "semantic/way.h"

/*
 * "the largest cities in the states": those of all together, or the largest of
 * each?
 */
static bool
may_be_first_each(const AllmSet *set, const AllmSet *places,
				  const List *steps)
{
	return set->best != NULL && set->limit == 1 && !set->singular &&
		allm_tree_is_up(steps) && !places->singular && !places->named &&
		places->best == NULL;
}

/* Is something not true of the things of a set? */
static bool
excludes(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		if (((AllmTest *) lfirst(cell))->negated)
			return true;
	}
	return false;
}

/* There are such things, or none, at the end of the steps. */
static AllmTest *
bind_link(List *steps, AllmSet *set, bool negated)
{
	if (!allm_joint_is_tested(steps, set) || set->best != NULL)
		return allm_tree_exists(steps, set, negated);
	return allm_tree_exists(allm_tree_drop_last(steps),
							allm_joint_make(llast(steps), set),
							negated);
}

/*
 * "People who are x": each x is one of them, since it has no name of its own but
 * that of the one that it refers to.  Or it is the one of that name.
 */
static List *
attach_kind(const AllmSet *set, const AllmClause *clause)
{
	AllmForeignKey *key = allm_naming_label_key(clause->set->relation);
	AllmStep   *step;

	if (clause->set->named && set->relation == clause->set->relation)
	{
		AllmSet    *one = allm_tree_with(set, NULL, clause->set->cost);

		one->tests = list_concat_copy(set->tests, clause->set->tests);
		one->named = true;
		return set->named ? NIL : list_make1(one);
	}
	if (clause->set->named || key == NULL || key->to != set->relation ||
		set->relation == clause->set->relation)
		return NIL;
	step = palloc0(sizeof(AllmStep));
	step->key = key;
	return list_make1(allm_tree_with(set,
									 allm_tree_exists(list_make1(step), clause->set, clause->negated),
									 clause->set->cost + ALLM_COST_UP));
}

/* There are such things that belong to it, or none. */
List *
allm_related_exists(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (clause->same)
		return attach_kind(set, clause);

	/* "films with their studios" wants to see these. */
	if (clause->set->theirs && clause->verb == NULL && !clause->negated)
		return NIL;
	foreach(cell, allm_way_find(chart, clause, set->relation,
								clause->set->relation))
	{
		List	   *steps = lfirst(cell);
		AllmTest   *test;

		/* That there is one does not say it of all of them. */
		if (clause->set->every &&
			(clause->negated || !allm_tree_is_up(steps)))
			continue;
		if (allm_way_is_unclear(clause, steps))
			continue;
		if (may_be_first_each(set, clause->set, steps) ||
			(clause->whose && !allm_tree_is_up(steps) &&
			 excludes(clause->set)) ||
			(!allm_tree_is_up(steps) && !clause->negated &&
			 allm_tree_is_listed(clause->set)))
			continue;
		test = bind_link(steps, clause->set, clause->negated);
		test->whose = clause->whose && !allm_tree_is_up(steps);
		test->passing = clause->passive;
		test->rivalled = allm_rival_of_clause(chart, clause, set->relation,
											  steps);
		sets = lappend(sets,
					   allm_tree_with(set, test, clause->set->cost +
									  list_length(steps) * ALLM_COST_UP));
		((AllmSet *) llast(sets))->every |= clause->set->every;
	}
	return sets;
}

/* The figures of how many such things belong to a row. */
List *
allm_related_counts(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *terms = NIL;
	ListCell   *cell;

	foreach(cell, allm_way_find(chart, clause, set->relation,
								clause->set->relation))
	{
		AllmTerm   *term = palloc0(sizeof(AllmTerm));

		term->steps = lfirst(cell);
		if (allm_tree_is_up(term->steps))
		{
			AllmStep   *step = allm_thing_step(chart, set->relation);

			if (step == NULL)
				continue;
			term->steps = lcons(step, list_copy(term->steps));
		}
		term->function = ALLM_FUNCTION_COUNT;
		term->related = clause->set;
		if (allm_joint_is_tested(term->steps, clause->set))
		{
			AllmStep   *last = llast(term->steps);

			/* Counted by what the links refer to, each once. */
			term->related = allm_joint_make(last, clause->set);
			term->column = linitial(last->key->from_columns);
			term->distinct = true;
			term->steps = allm_tree_drop_last(term->steps);
			if (list_length(last->key->from_columns) != 1)
				continue;
		}
		else
			allm_thing_count(chart, term);
		term->name = psprintf("number of %s", clause->set->relation->name);
		terms = lappend(terms, term);
	}
	return terms;
}

/* "with more than 3 orders" */
List *
allm_related_count(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *counts;
	bool		few = clause->compare == ALLM_COMPARE_LT ||
	clause->compare == ALLM_COMPARE_LE;
	ListCell   *cell;

	if (clause->negated || clause->set->every)
		return NIL;
	/* At least one: there are some. */
	if ((clause->compare == ALLM_COMPARE_GE && strcmp(clause->low, "1") == 0) ||
		(clause->compare == ALLM_COMPARE_GT && strcmp(clause->low, "0") == 0))
		return allm_related_exists(chart, set, clause);
	counts = allm_related_counts(chart, set, clause);

	/* Whether those that have none are among "at most 3" is not said. */
	if (few && !allm_complete_are(chart, counts))
		return NIL;
	foreach(cell, counts)
	{
		AllmTerm   *term = lfirst(cell);
		AllmTest   *test = allm_attach_make_test(ALLM_TEST_COMPARE, term);

		test->compare = clause->compare;
		test->low = clause->low;
		test->high = clause->high;
		test->negated = clause->negated;
		sets = lappend(sets, allm_tree_with(set, test, clause->set->cost +
											list_length(term->steps) * ALLM_COST_UP));
	}
	return sets;
}
