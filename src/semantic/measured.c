/*
 * measured.c
 *		What a column is compared with.
 *
 * "With a price over 10", "before 1999", "older than the average", "whose name
 * contains x": a test of one column of the rows of a set, or of what they refer
 * to.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/column.h"
#include "semantic/measured.h"
#include "semantic/naming.h"
#include "semantic/ranked.h"
#include "semantic/resolve.h"
#include "semantic/stored.h"
#include "semantic/way.h"

/* The column is compared with a number or with its average. */
static void
add_comparison(const AllmSet *set, const AllmClause *clause, AllmTerm *term,
			   int cost, List **sets)
{
	AllmTest   *test = allm_attach_make_test(ALLM_TEST_COMPARE,
											 allm_tree_column(term->column, NIL));

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
		test->other = clause->set->relation == term->column->relation ?
			allm_tree_column(term->column, NIL) :
			allm_resolve_adjective(clause->adjective, clause->set->relation);
		if (test->other == NULL)
			return;
		test->other->function = clause->set->every &&
			clause->compare == ALLM_COMPARE_LT ?
			ALLM_FUNCTION_MIN : ALLM_FUNCTION_MAX;
		test->over = clause->set;
	}
	*sets = lappend(*sets,
					allm_tree_with(set, allm_attach_move_test(test, term->steps,
															  clause->negated), cost));
}

/* Can two columns be compared with each other? */
static bool
are_comparable(const AllmColumn *one, const AllmColumn *other)
{
	return (allm_column_is_number(one) && allm_column_is_number(other)) ||
		(allm_column_is_date(one) && one->type == other->type);
}

/*
 * A term compared with another of the same row, or with a figure of some rows.
 * NULL when it is the same.
 */
static AllmTest *
test_against(const AllmClause *clause, const AllmTerm *own,
			 const AllmTerm *other)
{
	AllmTest   *test = allm_attach_make_test(ALLM_TEST_COMPARE,
											 allm_tree_column(own->column,
															  own->steps));

	test->compare = clause->compare;
	test->negated = clause->negated;
	test->other = allm_tree_column(other->column, other->steps);
	test->other->function = clause->against->function;
	if (clause->against->function == ALLM_FUNCTION_DEFAULT)
		return own->column == other->column ? NULL : test;
	test->over = clause->set;
	if (test->over == NULL)
	{
		test->over = allm_tree_set(other->column->relation, 0);
		test->other->steps = NIL;
	}
	return test;
}

/*
 * "lower than the average price of x", "lower than its discount": a figure of
 * all rows or of those of a set, or another column.
 */
static List *
attach_against(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *others = allm_resolve_attribute(chart, clause->against,
												clause->set != NULL ?
												clause->set->relation :
												set->relation);
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *own = lfirst(cell);

		foreach(inner, own->up && list_length(own->terms) == 1 ? others : NIL)
		{
			AllmResolved *other = lfirst(inner);
			AllmTerm   *term = linitial(own->terms);
			AllmTest   *test;

			if (!other->up || list_length(other->terms) != 1 ||
				!are_comparable(term->column,
								((AllmTerm *) linitial(other->terms))->column))
				continue;
			test = test_against(clause, term, linitial(other->terms));
			if (test != NULL)
				sets = lappend(sets, allm_tree_with(set, test, own->cost +
													other->cost));
		}
	}
	return sets;
}

/* "with points higher than the highest point of x" */
static List *
attach_stored(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	AllmTerm   *own = allm_stored_term(chart, clause->attribute,
									   set->relation);
	AllmTerm   *other = allm_stored_term(chart, clause->attribute,
										 clause->set->relation);
	AllmTest   *test;

	if (own == NULL || other == NULL)
		return NIL;
	test = allm_attach_make_test(ALLM_TEST_COMPARE, own);
	test->compare = clause->compare;
	test->negated = clause->negated;
	test->other = other;
	other->function = ALLM_FUNCTION_MAX;
	test->over = clause->set;
	return list_make1(allm_tree_with(set, test,
									 (list_length(own->steps) +
									  list_length(other->steps)) * ALLM_COST_UP));
}

/* "with a price over 10" */
List *
allm_measured_compare(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (clause->against != NULL)
		return attach_against(chart, set, clause);
	if (clause->set != NULL)
		return attach_stored(chart, set, clause);
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);

		/* Of many rows, is one of them compared, or their total? */
		if (!resolved->up)
			return NIL;
		if (list_length(resolved->terms) != 1 || !allm_column_is_number(term->column) ||
			((term->column->in_foreign_key || term->column->in_key) &&
			 clause->compare != ALLM_COMPARE_EQ))
			continue;
		add_comparison(set, clause, term, resolved->cost, &sets);
	}
	return sets;
}

/*
 * Is a date of the things held to a stretch of time already?  "The last 3 months
 * of 1997" are none of today's.
 */
static bool
is_within(const AllmSet *set, const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);

		if (test->kind == ALLM_TEST_PERIOD && test->term->column == column &&
			test->period.has_from && test->period.has_to)
			return true;
	}
	return false;
}

/* "in 1999", of the date that is said, or that belongs to the verb. */
List *
allm_measured_period(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *terms = NIL;
	ListCell   *cell;

	/* "rented x in 2005" says when, and nothing of x. */
	if (clause->attribute == NULL && clause->verb == NULL && set->named)
		return NIL;
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
		AllmTest   *test = allm_attach_make_test(ALLM_TEST_PERIOD,
												 allm_tree_column(term->column, NIL));
		int			from = 0;
		int			to = 0;

		if (!allm_column_is_date(term->column) &&
			!(allm_column_is_year(term->column) &&
			  allm_period_years(&clause->period, &from, &to)))
			continue;
		if (is_within(set, term->column) && clause->period.has_from &&
			clause->period.has_to)
			continue;
		test->period = clause->period;
		test = allm_attach_move_test(test, term->steps, clause->negated);
		test->loose = clause->attribute == NULL && (clause->verb == NULL ||
													!allm_way_names_words(allm_naming_column_words(term->column), clause->verb));
		sets = lappend(sets, allm_tree_with(set, test, 0));
	}
	return sets;
}

/* "whose name contains x" */
List *
allm_measured_text(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmTest   *test = allm_attach_make_test(ALLM_TEST_TEXT,
												 allm_tree_column(term->column, NIL));

		if (list_length(resolved->terms) != 1 ||
			!allm_column_is_text(term->column))
			continue;
		test->low = clause->text;
		sets = lappend(sets, allm_tree_with(set,
											allm_attach_move_test(test, term->steps,
																  clause->negated),
											resolved->cost));
	}
	return sets;
}

/* "older than 20", "the oldest" */
List *
allm_measured_adjective(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause)
{
	const AllmAdjective *adjective = clause->adjective;
	AllmTerm   *term = NULL;
	List	   *sets = NIL;

	/* "Opened most recently" is of the date that is called so. */
	if (clause->verb != NULL && clause->dated != NULL && clause->limit > 0)
	{
		adjective = clause->dated;
		term = allm_resolve_date(set->relation, clause->verb);
	}
	else if (adjective != NULL)
		term = allm_resolve_adjective(adjective, set->relation);
	if (term == NULL && clause->verb == NULL && clause->dated != NULL && clause->limit > 0)
	{
		adjective = clause->dated;
		term = allm_resolve_adjective(adjective, set->relation);
	}
	if (term == NULL)
		return NIL;
	if (clause->limit > 0)
	{
		AllmClause	copy = *clause;

		if (set->best != NULL || set->named || clause->negated)
			return NIL;
		copy.descending = adjective->upward;
		sets = list_make1(allm_ranked_first(set, term, &copy, 0));
		((AllmSet *) linitial(sets))->implied = !adjective->dates;
		return sets;
	}
	{
		AllmClause	copy = *clause;

		copy.compare = adjective->upward ? ALLM_COMPARE_GT : ALLM_COMPARE_LT;
		add_comparison(set, &copy, term, 0, &sets);
	}
	return sets;
}
