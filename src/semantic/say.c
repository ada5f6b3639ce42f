/*
 * say.c
 *		A tree in words: what was understood.
 *
 * It says what the SQL asks, test by test, with the names of the schema: a
 * person who knows these can tell whether the question was meant so.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "semantic/column.h"
#include "semantic/say.h"
#include "semantic/weekday.h"

static void say_test(StringInfo out, const AllmTest *test);
static void say_set(StringInfo out, const AllmSet *set);

/* A relation's name as words. */
static char *
say_relation(const AllmRelation *relation)
{
	char	   *words = pstrdup(relation->name);

	for (char *c = words; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = ' ';
	}
	return words;
}

/* A value of each row, or a figure. */
static void
say_term(StringInfo out, const AllmTerm *term)
{
	static const char *const functions[] = {
		[ALLM_FUNCTION_DEFAULT] = "",[ALLM_FUNCTION_COUNT] = "number of ",
		[ALLM_FUNCTION_SUM] = "total ",[ALLM_FUNCTION_AVG] = "average ",
		[ALLM_FUNCTION_MIN] = "minimum ",[ALLM_FUNCTION_MAX] = "maximum "
	};

	appendStringInfo(out, "%s%s", functions[term->function],
					 term->distinct ? "different " : "");
	if (term->column != NULL)
	{
		appendStringInfoString(out, allm_column_words(term->column));
		if (term->steps != NIL)
			appendStringInfo(out, " of %s",
							 say_relation(term->column->relation));
	}
	else if (term->related != NULL)
		say_set(out, term->related);
	else
		appendStringInfoString(out, "rows");
}

/* "a or b" */
static void
say_values(StringInfo out, const List *values)
{
	ListCell   *cell;

	foreach(cell, values)
		appendStringInfo(out, "%s%s",
						 foreach_current_index(cell) > 0 ? " or " : "",
						 (char *) lfirst(cell));
}

/* "over 10", "over the average" */
static void
say_comparison(StringInfo out, const AllmTest *test)
{
	static const char *const words[] = {
		[ALLM_COMPARE_EQ] = "equal to",[ALLM_COMPARE_GT] = "over",
		[ALLM_COMPARE_GE] = "at least",[ALLM_COMPARE_LT] = "under",
		[ALLM_COMPARE_LE] = "at most",[ALLM_COMPARE_BETWEEN] = "between"
	};

	say_term(out, test->term);
	appendStringInfo(out, " %s%s ", test->negated ? "not " : "",
					 words[test->compare]);
	if (test->other != NULL)
	{
		say_term(out, test->other);
		if (test->over != NULL)
		{
			appendStringInfoString(out, " of ");
			say_set(out, test->over);
		}
	}
	else if (test->high != NULL)
		appendStringInfo(out, "%s and %s", test->low, test->high);
	else
		appendStringInfoString(out, test->low);
}

/* A stretch of time, its end not included. */
static void
say_period(StringInfo out, const AllmTest *test)
{
	appendStringInfo(out, "%s%s", test->negated ? "not " : "",
					 allm_column_words(test->term->column));
	if (test->period.weekdays != 0)
		appendStringInfo(out, ": %s",
						 allm_weekday_names(test->period.weekdays));
	if (test->period.has_from)
		appendStringInfo(out, " from %s", allm_period_date(test->period.from));
	if (test->period.has_to)
		appendStringInfo(out, " before %s", allm_period_date(test->period.to));
}

/* One test. */
static void
say_test(StringInfo out, const AllmTest *test)
{
	ListCell   *cell;

	check_stack_depth();
	switch (test->kind)
	{
		case ALLM_TEST_VALUES:
			say_term(out, test->term);
			appendStringInfoString(out, test->negated ? " not " : " ");
			say_values(out, test->values);
			break;
		case ALLM_TEST_COMPARE:
			say_comparison(out, test);
			break;
		case ALLM_TEST_PERIOD:
			say_period(out, test);
			break;
		case ALLM_TEST_EXISTS:
			appendStringInfoString(out, test->negated ? "no " : "some ");
			say_set(out, test->set);
			break;
		case ALLM_TEST_TEXT:
			say_term(out, test->term);
			appendStringInfo(out, " %slike %s", test->negated ? "not " : "",
							 test->low);
			break;
		case ALLM_TEST_NULL:
			say_term(out, test->term);
			appendStringInfoString(out, test->negated ? " known" : " unknown");
			break;
		case ALLM_TEST_COMMON:
			say_term(out, test->term);
			appendStringInfo(out, " %sthe most common of all %s",
							 test->negated ? "not " : "",
							 say_relation(test->term->column->relation));
			break;
		case ALLM_TEST_ANY:
			foreach(cell, test->tests)
			{
				if (foreach_current_index(cell) > 0)
					appendStringInfoString(out, " or ");
				say_test(out, lfirst(cell));
			}
			break;
	}
}

/* "players (age over 20; some games (season 2019))" */
static void
say_set(StringInfo out, const AllmSet *set)
{
	bool		any = set->tests != NIL || set->best != NULL;
	ListCell   *cell;

	appendStringInfoString(out, say_relation(set->relation));
	if (any)
		appendStringInfoString(out, " (");
	foreach(cell, set->tests)
	{
		if (foreach_current_index(cell) > 0)
			appendStringInfoString(out, "; ");
		say_test(out, lfirst(cell));
	}
	if (set->best != NULL)
	{
		appendStringInfo(out, "%sthe %d with the %s ",
						 set->tests != NIL ? "; " : "", set->limit,
						 set->descending ? "highest" : "lowest");
		say_term(out, set->best);
	}
	if (any)
		appendStringInfoChar(out, ')');
}

/* What a query asks, in words, made in the current memory context. */
char *
allm_say_query(const AllmQuery *query)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	if (query->distinct)
		appendStringInfoString(&out, "different ");
	foreach(cell, query->outputs)
	{
		if (foreach_current_index(cell) > 0)
			appendStringInfoString(&out, ", ");
		say_term(&out, lfirst(cell));
	}
	appendStringInfoString(&out, " of ");
	say_set(&out, query->set);
	foreach(cell, query->having)
	{
		appendStringInfoString(&out, ", with ");
		say_test(&out, lfirst(cell));
	}
	if (query->groups > 0)
		appendStringInfoString(&out, ", by ");
	for (int i = 0; i < query->groups; i++)
	{
		if (i > 0)
			appendStringInfoString(&out, ", ");
		say_term(&out, list_nth(query->outputs, i));
	}
	if (query->limit > 0)
		appendStringInfo(&out, ", the first %d", query->limit);
	if (query->order != NULL)
	{
		appendStringInfoString(&out, ", ordered by ");
		say_term(&out, query->order);
		if (query->descending)
			appendStringInfoString(&out, " downwards");
	}
	foreach(cell, query->then)
	{
		const AllmSort *sort = lfirst(cell);

		appendStringInfoString(&out, ", then by ");
		say_term(&out, sort->term);
		if (sort->descending)
			appendStringInfoString(&out, " downwards");
	}
	return out.data;
}
