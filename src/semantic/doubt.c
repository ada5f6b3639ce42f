/*
 * doubt.c
 *		Why a question that was understood is not answered all the same: its
 *		figures would be numbers that mean nothing.
 *
 * Amounts beside a column that tells the currency of each are not added up,
 * compared or ranked before one currency is said, nor are quantities in several
 * units added up; and what a table of snapshots holds for one day is not added
 * to what it holds for the next.
 * Both are seen in the names of columns, so that an answer does not change
 * with the data.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "semantic/column.h"
#include "semantic/denoted.h"
#include "semantic/doubt.h"
#include "semantic/naming.h"

/* An amount of the rows of a relation, and what is asked of these rows. */
typedef struct Amount
{
	const AllmColumn *column;
	AllmFunction function;
	const List *tests;			/* of AllmTest, or NIL */
	const AllmPlan *plan;		/* or NULL */
	const AllmQuery *query;		/* whose groups they are in, or NULL */
	const AllmRef *ref;			/* of a plan: the way to the column */
	AllmRef   **open;			/* of a plan: what is not settled; or NULL */
} Amount;

static char *doubt_set(const AllmSet *set, const AllmQuery *query);

/* The date that says of which day each row tells, or NULL. */
static const AllmColumn *
find_snapshot_date(const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		List	   *words = allm_naming_column_words(column);

		if (!allm_column_is_date(column))
			continue;
		for (int i = 0; i < list_length(words); i++)
		{
			if (strcmp(list_nth(words, i), "snapshot") == 0 ||
				(i > 0 && strcmp(list_nth(words, i - 1), "as") == 0 &&
				 strcmp(list_nth(words, i), "of") == 0))
				return column;
		}
	}
	return NULL;
}

/* Is it a number that is not added up, by the end of its name? */
static bool
is_rate(const AllmColumn *column)
{
	return column->metric == NULL && allm_column_is_measure(column) &&
		!allm_column_is_integer(column) &&
		allm_words_has(ALLM_WORDS_RATE,
					   llast(allm_naming_column_words(column)));
}

/* Do the values of a column tell which rows are meant, in a test of it? */
static bool
is_settled_by_test(const AllmColumn *column, const AllmTest *test)
{
	if (test->kind == ALLM_TEST_EXISTS && !test->negated &&
		allm_tree_is_up(test->steps) &&
		list_member_ptr(((AllmStep *) linitial(test->steps))->key->from_columns,
						column))
		return test->set->named;
	if (test->negated || test->term == NULL)
		return false;
	if (test->term->column != column &&
		(test->term->steps == NIL ||
		 !list_member_ptr(((AllmStep *) linitial(test->term->steps))->key->from_columns,
						  column)))
		return false;
	if (test->kind == ALLM_TEST_PERIOD)
		return test->period.has_from && test->period.has_to &&
			test->period.to - test->period.from == 1;
	return (test->kind == ALLM_TEST_VALUES && list_length(test->values) == 1) ||
		(test->kind == ALLM_TEST_COMPARE && test->compare == ALLM_COMPARE_EQ);
}

/* The same of a condition of a plan. */
static bool
is_settled_by_condition(const AllmColumn *column,
						const AllmCondition *condition)
{
	const AllmRef *ref = condition->ref;

	if (ref->column != column &&
		(ref->keys == NIL ||
		 !list_member_ptr(((AllmForeignKey *) linitial(ref->keys))->from_columns,
						  column)))
		return false;
	if (condition->period != NULL)
		return condition->period->has_from && condition->period->has_to &&
			condition->period->to - condition->period->from == 1;
	return list_length(condition->values) == 1 ||
		(condition->comparison != NULL &&
		 condition->comparison->compare == ALLM_COMPARE_EQ);
}

/* Is a plan broken down by the column, or by what it refers to? */
static bool
is_plan_group(const AllmColumn *column, const AllmPlan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->groups)
	{
		const AllmOutput *output = lfirst(cell);

		if (output->ref->column == column)
			return !output->has_grain || output->grain == ALLM_GRAIN_DAY;
		if (output->ref->keys != NIL &&
			list_member_ptr(((AllmForeignKey *) linitial(output->ref->keys))->from_columns,
							column))
			return true;
	}
	return false;
}

/* Is it said which value of a column the rows of an amount have? */
static bool
is_settled(const AllmColumn *column, const Amount *amount)
{
	ListCell   *cell;

	foreach(cell, amount->tests)
	{
		if (is_settled_by_test(column, lfirst(cell)))
			return true;
	}
	if (amount->plan != NULL)
	{
		foreach(cell, amount->plan->conditions)
		{
			if (is_settled_by_condition(column, lfirst(cell)))
				return true;
		}
		return amount->plan->measures != NIL &&
			is_plan_group(column, amount->plan);
	}
	for (int i = 0; amount->query != NULL && i < amount->query->groups; i++)
	{
		const AllmTerm *term = list_nth(amount->query->outputs, i);

		if (term->column == column ||
			(term->steps != NIL &&
			 list_member_ptr(((AllmStep *) linitial(term->steps))->key->from_columns,
							 column)))
			return true;
	}
	return false;
}

/* The key that leads from a relation to another; the first of several. */
static AllmForeignKey *
find_key(const AllmRelation *from, const AllmRelation *to)
{
	ListCell   *cell;

	foreach(cell, from->foreign_keys)
	{
		if (((AllmForeignKey *) lfirst(cell))->to == to)
			return lfirst(cell);
	}
	return NULL;
}

/* Is it not said which value of a column, or NULL, the rows have? */
static bool
is_open(const AllmColumn *column, const Amount *amount)
{
	if (column == NULL || is_settled(column, amount))
		return false;
	if (amount->open != NULL)
	{
		AllmRef    *ref = palloc0(sizeof(AllmRef));

		ref->column = column;
		ref->keys = list_copy(amount->ref->keys);
		if (column->relation != amount->column->relation)
			ref->keys = lappend(ref->keys, find_key(amount->column->relation,
													column->relation));
		*amount->open = ref;
	}
	return true;
}

/* Why an amount may not be taken together or compared, or NULL. */
static char *
doubt_amount(const Amount *amount)
{
	const AllmRelation *relation;
	const AllmColumn *column;

	if (amount->column == NULL || amount->function == ALLM_FUNCTION_COUNT)
		return NULL;
	relation = amount->column->relation;
	if (amount->function == ALLM_FUNCTION_SUM && is_rate(amount->column))
		return psprintf("The total of %s.%s says nothing if that is a rate or a share: ask for the average, or define a metric.",
						relation->name, amount->column->name);
	column = allm_denoted_currency(amount->column);
	if (is_open(column, amount))
		return psprintf("The amounts in %s.%s may be in several currencies: say in which (%s), or \"by %s\".",
						relation->name, amount->column->name, column->name,
						allm_column_words(column));
	column = amount->function == ALLM_FUNCTION_SUM ||
		amount->function == ALLM_FUNCTION_AVG ?
		allm_denoted_unit(amount->column) : NULL;
	if (is_open(column, amount))
		return psprintf("What %s.%s counts may be in several units: say in which (%s), or \"by %s\".",
						relation->name, amount->column->name, column->name,
						allm_column_words(column));
	column = amount->function == ALLM_FUNCTION_SUM &&
		amount->column->metric == NULL ? find_snapshot_date(relation) : NULL;
	if (column != NULL && !is_settled(column, amount))
		return psprintf("%s tells of a state at different times (%s), which cannot be added up: say of which day, or \"by %s\".",
						relation->name, column->name,
						allm_column_words(column));
	return NULL;
}

/* Why those that come first by a column are not clear, or NULL. */
static char *
doubt_rank(const AllmColumn *column)
{
	if (column == NULL || !allm_column_is_rank(column))
		return NULL;
	return psprintf("It is not said whether the highest %s.%s is the greatest number or the least.",
					column->relation->name, column->name);
}

/*
 * Why a plan is not answered, as a sentence; NULL when it is.  "open" is the
 * column that would settle it if its value were said, or left as it is.
 */
char *
allm_doubt_plan(const AllmPlan *plan, AllmRef **open)
{
	Amount		amount = {.plan = plan,.open = open};
	char	   *doubt = NULL;
	ListCell   *cell;

	foreach(cell, plan->measures)
	{
		const AllmOutput *output = lfirst(cell);

		amount.ref = output->ref;
		amount.column = output->ref != NULL ? output->ref->column : NULL;
		amount.function = output->function;
		if (doubt == NULL)
			doubt = doubt_amount(&amount);
	}
	amount.function = ALLM_FUNCTION_DEFAULT;
	foreach(cell, plan->conditions)
	{
		const AllmCondition *condition = lfirst(cell);

		amount.ref = condition->ref;
		amount.column = condition->comparison != NULL ?
			condition->ref->column : NULL;
		if (doubt == NULL)
			doubt = doubt_amount(&amount);
	}
	if (doubt == NULL && plan->order != NULL)
	{
		amount.ref = plan->order;
		amount.column = plan->order->column;
		doubt = doubt_amount(&amount);
		if (doubt == NULL)
			doubt = doubt_rank(plan->order->column);
	}
	return doubt;
}

/* Why the rows of a set are not counted, or NULL: their number is stored. */
static char *
doubt_count(const AllmSet *set)
{
	const AllmColumn *column = allm_naming_stored_number(set->relation);
	ListCell   *cell;

	if (column == NULL)
		return NULL;

	/* That a value is known says nothing of which rows are counted. */
	foreach(cell, set->tests)
	{
		if (((AllmTest *) lfirst(cell))->kind != ALLM_TEST_NULL)
			return NULL;
	}
	return psprintf("The number of %s could be that of its rows, or the one that is stored as a figure (%s.%s).",
					set->relation->name, column->relation->name, column->name);
}

/* Why a value of the rows of a set says nothing, or NULL. */
static char *
doubt_term(const AllmTerm *term, const AllmSet *set, const AllmQuery *query)
{
	Amount		amount = {.column = term->column,.function = term->function,
	.query = query};

	if (term->function == ALLM_FUNCTION_COUNT && term->column == NULL)
		return doubt_count(term->related != NULL ? term->related : set);
	amount.tests = term->related != NULL ? term->related->tests :
		term->steps == NIL ? set->tests : NIL;
	return doubt_amount(&amount);
}

/* The same of what a test compares, or of the rows that it looks for. */
static char *
doubt_test(const AllmTest *test, const AllmSet *set)
{
	char	   *doubt = NULL;
	ListCell   *cell;

	check_stack_depth();
	if (test->rivalled)
		return psprintf("It is not said which %s are meant: they belong to others by a key of their own, and by other rows that name both.",
						set->relation->name);
	if (test->kind == ALLM_TEST_COMPARE)
		doubt = doubt_term(test->term, set, NULL);
	if (doubt == NULL && test->set != NULL)
		doubt = doubt_set(test->set, NULL);
	foreach(cell, test->tests)
	{
		if (doubt == NULL)
			doubt = doubt_test(lfirst(cell), set);
	}
	return doubt;
}

/* The same of a whole set. */
static char *
doubt_set(const AllmSet *set, const AllmQuery *query)
{
	char	   *doubt = NULL;
	ListCell   *cell;

	if (set->best != NULL)
		doubt = doubt_term(set->best, set, query);
	foreach(cell, set->tests)
	{
		if (doubt == NULL)
			doubt = doubt_test(lfirst(cell), set);
	}
	return doubt;
}

/* Why a query is not answered, as a sentence; NULL when it is. */
char *
allm_doubt_query(const AllmQuery *query)
{
	char	   *doubt = doubt_set(query->set, query);
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		const AllmTerm *term = lfirst(cell);

		if (doubt == NULL && term->function != ALLM_FUNCTION_DEFAULT)
			doubt = doubt_term(term, query->set, query);
	}
	return doubt;
}
