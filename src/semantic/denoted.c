/*
 * denoted.c
 *		Which column says in what the numbers of a row are: in which currency
 *		an amount, in which unit a quantity.
 *
 * Both are known by their names, whatever short form these have ("ccy" is
 * written out when a name is taken apart).  The currency of a line may stand
 * in what the line is a part of.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"

#include "base/text.h"
#include "semantic/column.h"
#include "semantic/denoted.h"
#include "semantic/names.h"
#include "semantic/naming.h"
#include "semantic/values.h"

/* May the values of a column be names of currencies or units? */
static bool
can_denote(const AllmColumn *column)
{
	/* The key of a table of currencies says nothing of amounts. */
	if (column->in_key && list_length(column->relation->primary_key) == 1)
		return false;
	return column->in_foreign_key || !allm_column_is_number(column);
}

/* The words of a column, without a last one that only says what it is of. */
static int
count_words(const List *words)
{
	int			count = list_length(words);

	if (count > 1 && allm_words_has(ALLM_WORDS_IDENTIFIER, llast(words)))
		count--;
	return count;
}

/* Is it an amount of money, by its name? */
static bool
is_money(const AllmColumn *column)
{
	ListCell   *cell;

	if (column->metric != NULL || !allm_column_is_measure(column))
		return false;
	foreach(cell, allm_naming_column_words(column))
	{
		if (allm_words_has(ALLM_WORDS_MONEY, lfirst(cell)))
			return true;
	}
	return false;
}

/* The column of a relation that names a currency, or NULL. */
static const AllmColumn *
find_currency(const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		List	   *words = allm_naming_column_words(column);

		if (can_denote(column) &&
			strcmp(list_nth(words, count_words(words) - 1), "currency") == 0)
			return column;
	}
	return NULL;
}

/* Has a relation amounts of its own? */
static bool
has_money(const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		if (is_money(lfirst(cell)))
			return true;
	}
	return false;
}

/*
 * The column that says in which currency an amount is, or NULL: of its own
 * row, or of the bill that the row is a line of, or the payment that it takes
 * back.  That a customer has a currency says nothing of what he paid.
 */
const AllmColumn *
allm_denoted_currency(const AllmColumn *amount)
{
	const AllmColumn *column;
	ListCell   *cell;

	if (!is_money(amount))
		return NULL;
	column = find_currency(amount->relation);
	foreach(cell, amount->relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (column == NULL &&
			(has_money(key->to) || allm_column_is_part_of(key)))
			column = find_currency(key->to);
	}
	return column;
}

/* Is it a number of something that may be counted in several units? */
static bool
is_quantity(const AllmColumn *column)
{
	static const char *const names[] = {
		"amount", "hand", "quantity", "stock"
	};
	ListCell   *cell;

	if (column->metric != NULL || !allm_column_is_measure(column))
		return false;
	foreach(cell, allm_naming_column_words(column))
	{
		for (int i = 0; i < lengthof(names); i++)
		{
			if (strcmp(names[i], lfirst(cell)) == 0)
				return true;
		}
	}
	return false;
}

/* Does a text of this name say in which unit something is? */
static bool
is_unit(const AllmColumn *column)
{
	static const char *const whole[] = {
		"measure unit", "quantity unit", "unit", "unit of measure",
		"unit of measurement"
	};
	List	   *words = allm_naming_column_words(column);
	char	   *name = linitial(words);

	for (int i = 1; i < count_words(words); i++)
		name = psprintf("%s %s", name, (char *) list_nth(words, i));
	for (int i = 0; i < lengthof(whole); i++)
	{
		if (strcmp(whole[i], name) == 0)
			return true;
	}
	return false;
}

/* The column that says in which unit a quantity of the same row is, or NULL. */
const AllmColumn *
allm_denoted_unit(const AllmColumn *quantity)
{
	ListCell   *cell;

	if (!is_quantity(quantity))
		return NULL;
	foreach(cell, quantity->relation->columns)
	{
		if (can_denote(lfirst(cell)) && is_unit(lfirst(cell)))
			return lfirst(cell);
	}
	return NULL;
}

/*
 * The one value that a column has in all rows, or NULL: there are several, some
 * rows have none, or the relation is too large to be asked.
 */
char *
allm_denoted_only(const AllmReadInput *input, const AllmColumn *column)
{
	AllmProbeQuery query = {0};
	const char *name = quote_identifier(column->name);
	List	   *rows = NIL;

	if (input == NULL || input->probe == NULL ||
		!allm_values_may_probe(column->relation))
		return NULL;
	query.before = psprintf("SELECT 'only'::text, min(t.%s::text)\n"
							"  FROM %s AS t\n"
							"HAVING min(t.%s::text) = max(t.%s::text) AND count(*) = count(t.%s)",
							name, column->relation->sql_name, name, name, name);
	if (!input->probe(input->probe_state, &query, &rows) || rows == NIL)
		return NULL;
	return ((char **) linitial(rows))[1];
}

/*
 * The column of another relation that a view may have summed up in one of its
 * own: "fare", for "total_fare".  NULL when there is none.
 */
const AllmColumn *
allm_denoted_summed(const AllmReadInput *input, const AllmColumn *column)
{
	List	   *words = allm_naming_column_words(column);
	List	   *rest;
	ListCell   *cell;
	ListCell   *inner;

	if (input == NULL || list_length(words) < 2 ||
		(column->relation->kind != RELKIND_VIEW &&
		 column->relation->kind != RELKIND_MATVIEW) ||
		!(strcmp(linitial(words), "total") == 0 ||
		  strcmp(linitial(words), "sum") == 0 ||
		  allm_words_has(ALLM_WORDS_STATISTIC, linitial(words))))
		return NULL;
	rest = list_copy_tail(words, 1);
	foreach(cell, allm_names_find(input->snapshot, rest))
	{
		const AllmNamed *named = lfirst(cell);

		foreach(inner, named->relation != column->relation ? named->columns : NIL)
		{
			if (allm_column_is_measure(lfirst(inner)) &&
				allm_text_equal_words(allm_naming_column_words(lfirst(inner)),
									  rest))
				return lfirst(inner);
		}
	}
	return NULL;
}
