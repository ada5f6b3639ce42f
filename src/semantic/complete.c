/*
 * complete.c
 *		Whether all things have something that belongs to them.
 *
 * "The customer with the fewest orders" and "customers with at most 3 orders":
 * a customer without any is one of them to some people, and none to others.
 * Where every customer has an order, both mean the same, and that the data say.
 * Small relations only are asked, when a question says so.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "semantic/complete.h"
#include "semantic/values.h"

/* The condition that a row refers to the one of another alias. */
static void
append_key(StringInfo sql, const AllmForeignKey *key, const char *from,
		   const char *to)
{
	for (int i = 0; i < list_length(key->from_columns); i++)
	{
		const AllmColumn *own = list_nth(key->from_columns, i);
		const AllmColumn *other = list_nth(key->to_columns, i);

		appendStringInfo(sql, "%s%s.%s = %s.%s", i > 0 ? " AND " : "",
						 from, quote_identifier(own->name), to,
						 quote_identifier(other->name));
	}
}

/*
 * Does each row at the beginning of the steps have one at their end?  False
 * where that is not known.  What else is said of those at the end, or a way of
 * several keys, is not looked into.
 */
bool
allm_complete_is(AllmChart *chart, const AllmTerm *term)
{
	const AllmReadInput *input = chart->input;
	const AllmStep *step = term->steps != NIL ? linitial(term->steps) : NULL;
	AllmProbeQuery query = {0};
	StringInfoData sql;
	List	   *rows = NIL;

	if (step == NULL || step->up || term->related == NULL ||
		term->related->tests != NIL || term->related->best != NULL ||
		input == NULL || input->probe == NULL ||
		(list_length(term->steps) == 2 && !((AllmStep *) lsecond(term->steps))->up) ||
		list_length(term->steps) > 2 ||
		!allm_values_may_probe(step->key->to) ||
		!allm_values_may_probe(step->key->from))
		return false;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 'has'::text, CASE WHEN EXISTS (\n"
					 "  SELECT 1 FROM %s AS t WHERE NOT EXISTS (\n"
					 "  SELECT 1 FROM %s AS r WHERE ",
					 step->key->to->sql_name, step->key->from->sql_name);
	append_key(&sql, step->key, "r", "t");
	for (int i = 1; i < list_length(term->steps); i++)
	{
		const AllmForeignKey *next = ((AllmStep *) list_nth(term->steps, i))->key;
		ListCell   *cell;

		/* A link that leads nowhere does not count. */
		foreach(cell, next->from_columns)
			appendStringInfo(&sql, " AND r.%s IS NOT NULL",
							 quote_identifier(((AllmColumn *) lfirst(cell))->name));
	}
	appendStringInfoString(&sql, "))\n  THEN 'some'::text ELSE 'all'::text END");
	query.before = sql.data;
	return input->probe(input->probe_state, &query, &rows) && rows != NIL &&
		strcmp(((char **) linitial(rows))[1], "all") == 0;
}

/*
 * Is that so of each of some figures?  A way on which some have nothing is a
 * reading as well, and must not leave another one as the only one: the chart
 * keeps that there is one.
 */
bool
allm_complete_are(AllmChart *chart, const List *terms)
{
	ListCell   *cell;

	foreach(cell, terms)
	{
		if (!allm_complete_is(chart, lfirst(cell)))
		{
			chart->few_open = true;
			return false;
		}
	}
	return true;
}
