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

#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"
#include "semantic/way.h"

/* What a value costs that is found over a key, over many, or by its place. */
#define COST_UP			3
#define COST_DOWN		5
#define COST_NO_LABEL	2

static List *attach_values(AllmChart *chart, const AllmSet *set,
						   const AllmClause *clause);
static List *attach_compare(AllmChart *chart, const AllmSet *set,
							const AllmClause *clause);
static List *attach_period(AllmChart *chart, const AllmSet *set,
						   const AllmClause *clause);
static List *attach_exists(AllmChart *chart, const AllmSet *set,
						   const AllmClause *clause);
static List *attach_count(AllmChart *chart, const AllmSet *set,
						  const AllmClause *clause);
static List *attach_best(AllmChart *chart, const AllmSet *set,
						 const AllmClause *clause);
static List *attach_most(AllmChart *chart, const AllmSet *set,
						 const AllmClause *clause);
static List *attach_adjective(AllmChart *chart, const AllmSet *set,
							  const AllmClause *clause);
static List *attach_text(AllmChart *chart, const AllmSet *set,
						 const AllmClause *clause);
static List *attach_all(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause);
static List *attach_any(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause);

/* In the order of AllmClauseKind. */
static List *(*const attachers[]) (AllmChart *chart, const AllmSet *set,
								   const AllmClause *clause) =
{
	attach_values, attach_compare, attach_period, attach_exists,
		attach_count, attach_best, attach_most, attach_adjective,
		attach_text, attach_all, attach_any
};

/*
 * Is something compared with an average?  Beside another condition it is not
 * said whether that is the average of all.
 */
static bool
compares_with_average(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		AllmTest   *test = lfirst(cell);

		if (test->kind == ALLM_TEST_COMPARE && test->other != NULL &&
			test->other->function == ALLM_FUNCTION_AVG)
			return true;
	}
	return false;
}

/* The sets that a set becomes by a clause; NIL when the clause does not fit. */
List *
allm_attach_clause(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	List	   *sets = attachers[clause->kind] (chart, set, clause);
	ListCell   *cell;

	foreach(cell, sets)
	{
		AllmSet    *result = lfirst(cell);

		result->cost += clause->cost;
		if (compares_with_average(result) && list_length(result->tests) > 1)
			sets = foreach_delete_current(sets, cell);
	}
	return sets;
}

/* A new test. */
static AllmTest *
make_test(AllmTestKind kind, AllmTerm *term)
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
static AllmTest *
move_test(AllmTest *test, List *steps, bool negated)
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

/* The value of an item as that column stores it, or NIL. */
static List *
stored_values(const AllmItem *item, const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->column == column)
			return sense->values;
	}
	if (item->kind == ALLM_ITEM_NUMBER && allm_column_is_text(column))
		return list_make1(item->text);
	return NIL;
}

/* A test that a column has one of these values; NULL if one is not in it. */
static AllmTest *
test_of_values(const List *items, const AllmColumn *column)
{
	AllmTest   *test = make_test(ALLM_TEST_VALUES,
								 allm_tree_column(column, NIL));
	ListCell   *cell;

	foreach(cell, items)
	{
		AllmItem   *item = lfirst(cell);
		List	   *values = stored_values(item, column);

		if (values == NIL && item->kind == ALLM_ITEM_NUMBER &&
			allm_column_is_number(column) && list_length(items) == 1)
		{
			test->kind = ALLM_TEST_COMPARE;
			test->compare = ALLM_COMPARE_EQ;
			test->low = item->text;
			return test;
		}
		if (values == NIL)
			return NULL;
		test->values = list_concat(test->values, list_copy(values));
	}
	return test;
}

/*
 * Where rows have no key, several may be about the same thing: that one of
 * them does not pass says nothing of the thing.
 */
static bool
may_negate(const AllmSet *set)
{
	return set->relation->primary_key != NIL;
}

/* Is the column held to some values already? */
static bool
tests_column(const AllmSet *set, const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		AllmTest   *test = lfirst(cell);

		if (test->kind == ALLM_TEST_VALUES && test->term->steps == NIL &&
			test->term->column == column && !test->negated)
			return true;
	}
	return false;
}

/* Adds the set with values tested in a column at the end of some steps. */
static void
add_values(const AllmSet *set, const AllmClause *clause,
		   const AllmColumn *column, List *steps, int cost, List **sets)
{
	AllmSet    *result;
	AllmTest   *test;

	if (clause->negated && !may_negate(set))
		return;

	/* That a reference to a thing is a reference to it says nothing. */
	if (steps != NIL && !((AllmStep *) llast(steps))->up &&
		list_member_ptr(((AllmStep *) llast(steps))->key->from_columns, column))
		return;
	if (steps == NIL && !clause->negated && tests_column(set, column))
		return;
	if (clause->values->all)
	{
		ListCell   *cell;

		/* One row has one value: only over many it can be both. */
		if (allm_tree_is_up(steps) || clause->negated)
			return;
		result = allm_tree_with(set, NULL, cost);
		foreach(cell, clause->values->items)
		{
			test = test_of_values(list_make1(lfirst(cell)), column);
			if (test == NULL)
				return;
			result = allm_tree_with(result, move_test(test, steps, false), 0);
		}
		*sets = lappend(*sets, result);
		return;
	}
	test = test_of_values(clause->values->items, column);
	if (test == NULL)
		return;
	*sets = lappend(*sets,
					allm_tree_with(set, move_test(test, steps,
												  clause->negated), cost));
}

/* Values whose column is said. */
static List *
attach_said_values(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);

		foreach(inner, resolved->terms)
		{
			AllmTerm   *term = lfirst(inner);

			if (clause->verb != NULL && allm_way_names_schema(chart, clause->verb) &&
				!allm_way_passes(term->steps, clause->verb))
				continue;
			/* A number is rarely a name: "department 80". */
			if ((resolved->label ||
				 (resolved->cost > 0 && allm_column_is_text(term->column))) &&
				((AllmItem *) linitial(clause->values->items))->kind ==
				ALLM_ITEM_NUMBER)
				continue;
			add_values(set, clause, term->column, term->steps, resolved->cost,
					   &sets);
		}
	}
	return sets;
}

/* Values in whichever column has them. */
static List *
attach_values(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	AllmItem   *first = linitial(clause->values->items);
	ListCell   *cell;
	ListCell   *inner;

	if (clause->attribute != NULL)
		return attach_said_values(chart, set, clause);
	foreach(cell, first->senses)
	{
		AllmSense  *sense = lfirst(cell);
		bool		label = list_member_ptr(allm_naming_labels(sense->relation),
											sense->column);
		int			cost = label ? 0 : COST_NO_LABEL;
		List	   *paths = list_make1(NIL);

		if (clause->naming && (!label || sense->relation != set->relation))
			continue;
		if (clause->placed)
			cost = label && sense->relation == set->relation ?
				2 * COST_NO_LABEL : 0;
		if (clause->owned && label && sense->relation == set->relation)
			cost = 0;

		/* "states that border Texas", not one that is called so */
		if (sense->relation != set->relation ||
			(label && clause->verb != NULL))
			paths = allm_way_find(chart, clause, set->relation, sense->relation);
		foreach(inner, paths)
		{
			List	   *steps = lfirst(inner);

			if (clause->near && (list_length(steps) > 1 ||
								 !allm_tree_is_up(steps)))
				continue;
			if (steps == NIL && clause->verb != NULL &&
				allm_way_names_schema(chart, clause->verb) &&
				!allm_way_names_words(allm_naming_column_words(sense->column),
									  clause->verb))
				continue;
			add_values(set, clause, sense->column, steps, cost +
					   list_length(steps) *
					   (allm_tree_is_up(steps) ? COST_UP : COST_DOWN), &sets);
		}
	}
	return sets;
}

/* The column is compared with a number or with its average. */
static void
add_comparison(const AllmSet *set, const AllmClause *clause, AllmTerm *term,
			   int cost, List **sets)
{
	AllmTest   *test = make_test(ALLM_TEST_COMPARE,
								 allm_tree_column(term->column, NIL));
	AllmStep   *last = term->steps != NIL ? llast(term->steps) : NULL;

	test->compare = clause->compare;
	test->low = clause->low;
	test->high = clause->high;
	if (clause->average)
	{
		test->other = allm_tree_column(term->column, NIL);
		test->other->function = ALLM_FUNCTION_AVG;
		test->over = allm_tree_set(term->column->relation, 0);
	}
	else if (clause->set != NULL)
	{
		test->other = allm_tree_column(term->column, NIL);
		test->other->function = ALLM_FUNCTION_MAX;
		test->over = clause->set;
	}
	(void) last;
	*sets = lappend(*sets,
					allm_tree_with(set, move_test(test, term->steps,
												  clause->negated), cost));
}

/* "with a price over 10" */
static List *
attach_compare(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);

		if (list_length(resolved->terms) != 1 ||
			!allm_column_is_number(term->column) ||
			((term->column->in_foreign_key || term->column->in_key) &&
			 clause->compare != ALLM_COMPARE_EQ))
			continue;
		add_comparison(set, clause, term, resolved->cost, &sets);
	}
	return sets;
}

/* "in 1999", of the date that is said, or that belongs to the verb. */
static List *
attach_period(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *terms = NIL;
	ListCell   *cell;

	if (clause->attribute != NULL)
	{
		foreach(cell, allm_resolve_attribute(chart, clause->attribute,
											 set->relation))
		{
			AllmResolved *resolved = lfirst(cell);

			if (list_length(resolved->terms) == 1)
				terms = lappend(terms, linitial(resolved->terms));
		}
	}
	else
	{
		AllmTerm   *term = allm_resolve_date(set->relation, clause->verb);

		if (term != NULL)
			terms = list_make1(term);
	}
	foreach(cell, terms)
	{
		AllmTerm   *term = lfirst(cell);
		AllmTest   *test = make_test(ALLM_TEST_PERIOD,
									 allm_tree_column(term->column, NIL));
		int			from = 0;
		int			to = 0;

		if (!allm_column_is_date(term->column) &&
			!(allm_column_is_year(term->column) &&
			  allm_period_years(&clause->period, &from, &to)))
			continue;
		test->period = clause->period;
		sets = lappend(sets, allm_tree_with(set,
											move_test(test, term->steps,
													  clause->negated), 0));
	}
	return sets;
}

/* There are such things that belong to it, or none. */
static List *
attach_exists(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (clause->negated && !may_negate(set))
		return NIL;
	foreach(cell, allm_way_find(chart, clause, set->relation,
								clause->set->relation))
	{
		List	   *steps = lfirst(cell);

		sets = lappend(sets,
					   allm_tree_with(set,
									  allm_tree_exists(steps, clause->set,
													   clause->negated),
									  clause->set->cost + list_length(steps) *
									  COST_UP));
	}
	return sets;
}

/* The figures of how many such things belong to a row. */
static List *
count_terms(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *terms = NIL;
	ListCell   *cell;

	foreach(cell, allm_way_find(chart, clause, set->relation,
								clause->set->relation))
	{
		AllmTerm   *term = palloc0(sizeof(AllmTerm));

		if (allm_tree_is_up(lfirst(cell)))
			continue;
		term->steps = lfirst(cell);
		term->function = ALLM_FUNCTION_COUNT;
		term->related = clause->set;
		term->name = psprintf("number of %s", clause->set->relation->name);
		terms = lappend(terms, term);
	}
	return terms;
}

/* "with more than 3 orders" */
static List *
attach_count(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	/* Whether those that have none are among "at most 3" is not said. */
	if (clause->compare == ALLM_COMPARE_LT ||
		clause->compare == ALLM_COMPARE_LE || clause->negated)
		return NIL;
	/* At least one: there are some. */
	if ((clause->compare == ALLM_COMPARE_GE && strcmp(clause->low, "1") == 0) ||
		(clause->compare == ALLM_COMPARE_GT && strcmp(clause->low, "0") == 0))
		return attach_exists(chart, set, clause);
	foreach(cell, count_terms(chart, set, clause))
	{
		AllmTerm   *term = lfirst(cell);
		AllmTest   *test = make_test(ALLM_TEST_COMPARE, term);

		test->compare = clause->compare;
		test->low = clause->low;
		test->high = clause->high;
		test->negated = clause->negated;
		sets = lappend(sets, allm_tree_with(set, test, clause->set->cost +
											list_length(term->steps) * COST_UP));
	}
	return sets;
}

/* A copy of a set of which only the first by a term are wanted. */
static AllmSet *
with_best(const AllmSet *set, AllmTerm *term, const AllmClause *clause,
		  int cost)
{
	AllmSet    *copy = allm_tree_with(set, NULL, cost);

	copy->best = term;
	copy->descending = clause->descending;
	copy->limit = clause->limit > 0 ? clause->limit : 1;
	return copy;
}

/* "with the highest price"; a column that can be compared. */
static List *
attach_best(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best != NULL || clause->negated)
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);

		if (list_length(resolved->terms) != 1 || !resolved->up ||
			!(allm_column_is_measure(term->column) ||
			  allm_column_is_date(term->column)))
			continue;
		sets = lappend(sets, with_best(set, term, clause, resolved->cost));
	}
	return sets;
}

/* "with the most orders" */
static List *
attach_most(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best != NULL || clause->negated || !clause->descending)
		return NIL;
	foreach(cell, count_terms(chart, set, clause))
	{
		AllmTerm   *term = lfirst(cell);

		sets = lappend(sets, with_best(set, term, clause, clause->set->cost +
									   list_length(term->steps) * COST_UP));
	}
	return sets;
}

/* "older than 20", "the oldest" */
static List *
attach_adjective(AllmChart *chart, const AllmSet *set,
				 const AllmClause *clause)
{
	const AllmAdjective *adjective = clause->adjective;
	AllmTerm   *term = NULL;
	List	   *sets = NIL;

	if (adjective != NULL)
		term = allm_resolve_adjective(adjective, set->relation);
	if (term == NULL && clause->dated != NULL && clause->limit > 0)
	{
		adjective = clause->dated;
		term = allm_resolve_adjective(adjective, set->relation);
	}
	if (term == NULL)
		return NIL;
	if (clause->limit > 0)
	{
		AllmClause	copy = *clause;

		if (set->best != NULL || clause->negated)
			return NIL;
		copy.descending = adjective->upward;
		return list_make1(with_best(set, term, &copy, 0));
	}
	{
		AllmClause	copy = *clause;

		copy.compare = adjective->upward ? ALLM_COMPARE_GT : ALLM_COMPARE_LT;
		add_comparison(set, &copy, term, 0, &sets);
	}
	return sets;
}

/* "whose name contains x" */
static List *
attach_text(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmTest   *test = make_test(ALLM_TEST_TEXT,
									 allm_tree_column(term->column, NIL));

		if (list_length(resolved->terms) != 1 ||
			!allm_column_is_text(term->column))
			continue;
		test->low = clause->text;
		sets = lappend(sets, allm_tree_with(set,
											move_test(test, term->steps,
													  clause->negated),
											resolved->cost));
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
	AllmTest   *any = make_test(ALLM_TEST_ANY, NULL);
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
