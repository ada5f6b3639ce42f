/*
 * predicate.c
 *		Conditions on one column, and their opposites.
 *
 * The opposite holds for all rows that the condition does not hold for, also
 * for those that have no value there: what was never shipped was not shipped in
 * 1997.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "semantic/column.h"
#include "semantic/predicate.h"
#include "semantic/weekday.h"

/* May the term have no value? */
static bool
is_nullable(const AllmTerm *term)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, term->steps)
	{
		foreach(inner, ((AllmStep *) lfirst(cell))->key->from_columns)
		{
			if (!((AllmColumn *) lfirst(inner))->not_null)
				return true;
		}
	}
	return term->column == NULL || !term->column->not_null;
}

/* The condition of a test, or its opposite. */
static char *
write_either(const AllmTest *test, char *condition)
{
	if (!test->negated)
		return condition;
	return psprintf(is_nullable(test->term) ? "(%s) IS NOT TRUE" : "NOT (%s)",
					condition);
}

/* "x = 'a'", "x IN ('a', 'b')", and their opposites. */
char *
allm_predicate_values(const AllmTest *test, const char *text)
{
	bool		nullable = test->negated && is_nullable(test->term);
	StringInfoData sql;
	ListCell   *cell;

	initStringInfo(&sql);
	if (list_length(test->values) == 1)
		return psprintf("%s %s %s", text, nullable ? "IS DISTINCT FROM" :
						test->negated ? "<>" : "=",
						quote_literal_cstr(linitial(test->values)));
	appendStringInfo(&sql, "%s%s %sIN (", nullable ? "(" : "", text,
					 test->negated && !nullable ? "NOT " : "");
	foreach(cell, test->values)
		appendStringInfo(&sql, "%s%s",
						 foreach_current_index(cell) > 0 ? ", " : "",
						 quote_literal_cstr(lfirst(cell)));
	appendStringInfoString(&sql, nullable ? ")) IS NOT TRUE" : ")");
	return sql.data;
}

/*
 * A half-open stretch of time, of days or of year numbers, or days of the week,
 * as a condition of a date or year.
 */
char *
allm_predicate_stretch(const AllmPeriod *period, const AllmColumn *column,
					   const char *text)
{
	StringInfoData sql;
	char	   *from = psprintf("DATE '%s'", allm_period_date(period->from));
	char	   *to = psprintf("DATE '%s'", allm_period_date(period->to));

	if (period->weekdays != 0)
		return psprintf("extract(isodow FROM %s) IN (%s)", text,
						allm_weekday_numbers(period->weekdays));
	if (!allm_column_is_date(column))
	{
		int			first = 0;
		int			last = 0;

		allm_period_years(period, &first, &last);
		from = psprintf("%d", first);
		to = psprintf("%d", last);
	}
	initStringInfo(&sql);
	if (period->has_from)
		appendStringInfo(&sql, "%s >= %s", text, from);
	if (period->has_to)
		appendStringInfo(&sql, "%s%s < %s", period->has_from ? " AND " : "",
						 text, to);
	return sql.data;
}

/* The same as a test. */
char *
allm_predicate_period(const AllmTest *test, const char *text)
{
	return write_either(test, allm_predicate_stretch(&test->period,
													 test->term->column,
													 text));
}

/* "x LIKE '%y%'" */
char *
allm_predicate_text(const AllmTest *test, const char *text)
{
	return write_either(test, psprintf("%s LIKE %s", text,
									   quote_literal_cstr(test->low)));
}
