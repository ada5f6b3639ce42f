/*
 * plain.c
 *		Whether two trees ask for the same rows.
 *
 * "Of the artist named x" is read as there being such an artist, and as the name
 * of the artist being x; "in the year 2016" as a number, and as a stretch of
 * time.  These are no two readings.  What is compared is the SQL of a plain form;
 * what is run is that of the tree.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/column.h"
#include "semantic/plain.h"
#include "semantic/render.h"

static List *plain_tests(const List *tests);

/* A test of one year, as one of a number. */
static AllmTest *
plain_period(const AllmTest *test)
{
	AllmTest   *plain;
	int			from = 0;
	int			to = 0;

	if (allm_column_is_date(test->term->column) || !test->period.has_from ||
		!test->period.has_to || test->negated ||
		!allm_period_years(&test->period, &from, &to) || to != from + 1)
		return unconstify(AllmTest *, test);
	plain = allm_attach_make_test(ALLM_TEST_COMPARE, test->term);
	plain->compare = ALLM_COMPARE_EQ;
	plain->low = psprintf("%d", from);
	return plain;
}

/* Is it a test of a column of the rows, or of what they refer to? */
static bool
is_of_column(const AllmTest *test)
{
	return test->term != NULL && test->term->related == NULL &&
		(test->kind == ALLM_TEST_VALUES || test->kind == ALLM_TEST_TEXT ||
		 (test->kind == ALLM_TEST_COMPARE && test->other == NULL) ||
		 test->kind == ALLM_TEST_PERIOD);
}

/*
 * Tests of what a row refers to, as tests of the row; NIL when they cannot be.
 * That there is none with a value is the same as that the value is another.
 */
static List *
pull_up(const AllmTest *exists)
{
	List	   *tests = plain_tests(exists->set->tests);
	List	   *result = NIL;
	ListCell   *cell;

	if (!allm_tree_is_up(exists->steps) || exists->set->best != NULL ||
		exists->set->other ||
		(exists->negated && list_length(tests) != 1))
		return NIL;
	foreach(cell, tests)
	{
		const AllmTest *test = lfirst(cell);
		AllmTest   *copy = palloc(sizeof(AllmTest));

		if (!is_of_column(test) ||
			test->negated ||
			(exists->negated && test->kind != ALLM_TEST_VALUES))
			return NIL;
		*copy = *test;
		copy->negated = exists->negated;
		copy->term = allm_tree_column(test->term->column,
									  list_concat_copy(exists->steps,
													   test->term->steps));
		result = lappend(result, copy);
	}
	return result;
}

/* The tests in their plain form. */
static List *
plain_tests(const List *tests)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, tests)
	{
		AllmTest   *test = lfirst(cell);
		List	   *pulled = test->kind == ALLM_TEST_EXISTS ? pull_up(test) : NIL;

		if (pulled != NIL)
			result = list_concat(result, pulled);
		else if (test->kind == ALLM_TEST_PERIOD)
			result = lappend(result, plain_period(test));
		else if (test->kind == ALLM_TEST_EXISTS)
		{
			AllmTest   *copy = palloc(sizeof(AllmTest));

			*copy = *test;
			copy->set = allm_tree_with(test->set, NULL, 0);
			copy->set->tests = plain_tests(test->set->tests);
			result = lappend(result, copy);
		}
		else
			result = lappend(result, test);
	}
	return result;
}

/* The SQL of the plain form of a query, to be compared with that of another. */
char *
allm_plain_sql(const AllmQuery *query)
{
	AllmQuery	plain = *query;

	plain.set = allm_tree_with(query->set, NULL, 0);
	plain.set->tests = plain_tests(query->set->tests);
	return allm_render_query(&plain);
}
