/*
 * attach.c
 *		What a clause asks of the rows of a set.
 *
 * A clause says "in x" or "with more than three y"; which columns and keys
 * that is about depends on the set.  Each way gives a set of its own; a way
 * that costs more than another loses, and two that cost the same are two
 * readings.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/clause.h"
#include "semantic/common.h"
#include "semantic/deed.h"
#include "semantic/exclusion.h"
#include "semantic/lacking.h"
#include "semantic/measured.h"
#include "semantic/ranked.h"
#include "semantic/related.h"
#include "semantic/resolve.h"
#include "semantic/thing.h"
#include "semantic/toward.h"

static List *attach_all(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause);
static List *attach_any(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause);

/* In the order of AllmClauseKind. */
static const AllmAttacher attachers[] =
{
	allm_attach_values, allm_measured_compare, allm_measured_period,
	allm_related_exists, allm_related_count, allm_ranked_best,
	allm_ranked_most, allm_measured_adjective, allm_measured_text,
	allm_ranked_by, allm_done_attach, allm_exclusion_attach,
	allm_common_attach, allm_lacking_attach, attach_all, attach_any
};

/*
 * Is something compared with a figure of all rows, while other conditions hold
 * for the set?  Then it is not said whether that is the figure of all, or of
 * those for which these hold.
 */
static bool
is_of_whom(const AllmSet *set)
{
	int			figures = 0;
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		AllmTest   *test = lfirst(cell);

		figures += test->kind == ALLM_TEST_COMMON ||
			(test->kind == ALLM_TEST_COMPARE && test->over != NULL &&
			 test->over->tests == NIL && !test->over->every);
	}
	return figures > 0 && figures < list_length(set->tests);
}

/* A new test. */
AllmTest *
allm_attach_make_test(AllmTestKind kind, AllmTerm *term)
{
	AllmTest   *test = palloc0(sizeof(AllmTest));

	test->kind = kind;
	test->term = term;
	return test;
}

/*
 * A test of a column at the end of some steps, as a test of the row where
 * they begin: over many, there is a row that passes it.
 */
AllmTest *
allm_attach_move_test(AllmTest *test, List *steps, bool negated)
{
	AllmSet    *set;
	AllmStep   *last;

	if (allm_tree_is_up(steps))
	{
		test->term->steps = steps;
		test->negated = negated;
		return test;
	}
	last = llast(steps);
	set = allm_tree_set(last->up ? last->key->to : last->key->from, 0);
	test->term->steps = NIL;
	set->tests = list_make1(test);
	return allm_tree_exists(steps, set, negated);
}

/*
 * Where rows have no key, several may be about the same thing: that one of
 * them does not pass says nothing of the thing.
 */
static bool
may_negate(AllmChart *chart, const AllmSet *set)
{
	return allm_thing_of(chart, set->relation) == ALLM_THING_ROW;
}

/*
 * The other things than those that a clause is true of: where several rows are
 * about the same thing, those of which none is.
 */
static List *
attach_negated(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	AllmStep   *step = allm_thing_step(chart, set->relation);
	AllmClause	positive = *clause;
	List	   *sets = NIL;
	ListCell   *cell;

	if (step == NULL)
		return NIL;
	positive.negated = false;
	foreach(cell, attachers[clause->kind] (chart,
										   allm_tree_set(set->relation, 0),
										   &positive))
	{
		AllmSet    *those = lfirst(cell);
		AllmSet    *result;

		result = allm_tree_with(set,
								allm_tree_exists(list_make1(step), those,
												 true), those->cost);
		result->distinct = true;
		sets = lappend(sets, result);
	}
	return sets;
}

/* "Whose y is not x": none, or one of them?  And "never ordered in x"? */
static bool
may_be_of_one(const AllmSet *set, const AllmClause *clause)
{
	const AllmTest *last = set->tests != NIL ? llast(set->tests) : NULL;

	return last != NULL && (last->deed || (clause->negated && last->whose));
}

/* "Except those in x that are y": what more is said may be of those. */
static bool
leaves_out(const AllmSet *set)
{
	const AllmTest *last = set->tests != NIL ? llast(set->tests) : NULL;

	return last != NULL &&
		(last->rest || (last->kind == ALLM_TEST_ANY &&
						((AllmTest *) linitial(last->tests))->rest));
}

/* The sets that a set becomes by a clause; NIL when the clause does not fit. */
List *
allm_attach_clause(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	/* Another of a kind is not what belongs to it. */
	if (clause->set != NULL && clause->set->other &&
		clause->set->relation != set->relation)
		return NIL;
	if (may_be_of_one(set, clause) || leaves_out(set))
		return NIL;
	if (clause->negated && !may_negate(chart, set))
		sets = attach_negated(chart, set, clause);
	else
		sets = attachers[clause->kind] (chart, set, clause);
	if (set->acts && allm_deed_is_loose(clause))
		sets = allm_deed_attach(chart, set, clause, sets,
								attachers[clause->kind]);

	foreach(cell, sets)
	{
		AllmSet    *result = lfirst(cell);

		if (clause->kind != ALLM_CLAUSE_ALL && result->deed == set->deed)
			allm_deed_note(result, set);
		result->cost += clause->cost;
		if (is_of_whom(result) || allm_toward_turns(clause, result))
			sets = foreach_delete_current(sets, cell);
	}
	return sets;
}

/* One clause after the other. */
static List *
attach_all(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = list_make1(unconstify(AllmSet *, set));
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, clause->clauses)
	{
		List	   *next = NIL;

		foreach(inner, sets)
			next = list_concat(next,
							   allm_attach_clause(chart, lfirst(inner),
												  lfirst(cell)));
		if (!allm_chart_may_hold(chart, next))
			return NIL;
		sets = next;
	}
	return sets;
}

/* One of the clauses: each must fit alone, in one test. */
static List *
attach_any(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	AllmTest   *any = allm_attach_make_test(ALLM_TEST_ANY, NULL);
	int			cost = 0;
	ListCell   *cell;

	foreach(cell, clause->clauses)
	{
		List	   *sets = allm_attach_clause(chart,
											  allm_tree_set(set->relation, 0),
											  lfirst(cell));
		AllmSet    *only;

		/* Two ways in one part would be two in the whole. */
		if (list_length(sets) != 1)
			return NIL;
		only = linitial(sets);
		if (list_length(only->tests) != 1 || only->best != NULL)
			return NIL;
		cost += only->cost;
		any->tests = lappend(any->tests, linitial(only->tests));
	}
	return list_make1(allm_tree_with(set, any, cost));
}
