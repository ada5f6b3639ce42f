/*
 * looked.c
 *		Asking relations for words, once for a question.
 *
 * Each way to read a question has words of its own to look up, but most are
 * the same: what a relation was asked for, and what it has of that, is shared
 * by all of them.  Nothing is kept for the next question.
 *
 * A query finds all text columns of its relations.  Words reach it as one
 * array; what comes back are the values as they are stored.  Relations that are
 * asked anyway are asked together, which is a fraction of the work.  Where that
 * fails, or finds too much, each is asked alone, so that none suffers from
 * another.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "semantic/column.h"
#include "semantic/looked.h"
#include "semantic/values.h"

/* A value is a name, not a text; one is enough to know its column. */
#define MAX_VALUE_LENGTH	256
#define MAX_FOUND			200

/*
 * So many columns are asked by one query: its plan is kept, and should not be
 * large.  The check allows for some more.
 */
#define MAX_COLUMNS			16

/* What one relation was asked for, and what it has of that. */
typedef struct Asked
{
	const AllmRelation *relation;
	Bitmapset  *words;			/* by number */
	List	   *rows;			/* of char *[2]: column, value; in their order */
} Asked;

struct AllmLooked
{
	List	   *words;			/* of char *: lower case, each once */
	List	   *asked;			/* of Asked */
};

static int	count_texts(const AllmRelation *relation);
static void ask_group(const AllmReadInput *input, const List *group,
					  const Bitmapset *wanted);
static bool ask_columns(const AllmReadInput *input, const char *columns,
						const List *words, List **rows);
static void take_row(const AllmReadInput *input, const List *group,
					 char **row);

/* Nothing was looked up yet. */
AllmLooked *
allm_looked_begin(void)
{
	return palloc0(sizeof(AllmLooked));
}

/* The number of a word among those that this question looks for. */
int
allm_looked_number(AllmLooked *looked, const char *word)
{
	ListCell   *cell;

	foreach(cell, looked->words)
	{
		if (strcmp(lfirst(cell), word) == 0)
			return foreach_current_index(cell);
	}
	looked->words = lappend(looked->words, pstrdup(word));
	return list_length(looked->words) - 1;
}

/* What the question has asked the relation so far. */
static Asked *
find_asked(AllmLooked *looked, const AllmRelation *relation)
{
	Asked	   *asked;
	ListCell   *cell;

	foreach(cell, looked->asked)
	{
		asked = lfirst(cell);
		if (asked->relation == relation)
			return asked;
	}
	asked = palloc0(sizeof(Asked));
	asked->relation = relation;
	looked->asked = lappend(looked->asked, asked);
	return asked;
}

/* What was found in a relation so far, as a list of char *[2]. */
const List *
allm_looked_rows(AllmLooked *looked, const AllmRelation *relation)
{
	return find_asked(looked, relation)->rows;
}

/* Has it a column in which a name may stand, and may it be asked? */
bool
allm_looked_may_ask(const AllmRelation *relation)
{
	return allm_values_may_probe(relation) && count_texts(relation) > 0;
}

/* The number of its columns in which a name may stand. */
static int
count_texts(const AllmRelation *relation)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, relation->columns)
		count += allm_column_is_text(lfirst(cell));
	return count;
}

/*
 * Asks relations for words, each only for what it was not asked for before.
 * "together" says that these relations are asked by other questions too, in
 * this order.
 */
void
allm_looked_ask(const AllmReadInput *input, const List *relations,
				const Bitmapset *wanted, bool together)
{
	List	   *group = NIL;
	int			count = 0;
	ListCell   *cell;

	foreach(cell, relations)
	{
		int			texts = count_texts(lfirst(cell));

		if (group != NIL && (!together || count + texts > MAX_COLUMNS))
		{
			ask_group(input, group, wanted);
			group = NIL;
			count = 0;
		}
		group = lappend(group, lfirst(cell));
		count += texts;
	}
	if (group != NIL)
		ask_group(input, group, wanted);
}

/*
 * Asks some relations for words, all of them by one query if it holds their
 * columns.  The name of a column has the relation's place in front.  Says
 * whether all went well.
 */
static bool
ask_relations(const AllmReadInput *input, const List *group,
			  const List *words, List **rows)
{
	StringInfoData sql;
	int			count = 0;
	bool		done = true;
	ListCell   *cell;
	ListCell   *inner;

	initStringInfo(&sql);
	foreach(cell, group)
	{
		const AllmRelation *relation = lfirst(cell);

		foreach(inner, relation->columns)
		{
			const AllmColumn *column = lfirst(inner);

			if (!allm_column_is_text(column))
				continue;
			if (count == MAX_COLUMNS)
			{
				done &= ask_columns(input, sql.data, words, rows);
				resetStringInfo(&sql);
				count = 0;
			}
			appendStringInfo(&sql, "%sSELECT %s::text AS name, ",
							 count++ > 0 ? "\nUNION ALL " : "",
							 quote_literal_cstr(psprintf("%d.%s",
														 foreach_current_index(cell),
														 column->name)));
			appendStringInfo(&sql, "t.%s::text AS value FROM %s AS t",
							 quote_identifier(column->name),
							 relation->sql_name);
		}
	}
	return ask_columns(input, sql.data, words, rows) && done;
}

/* Asks some columns; adds what they have of the words. */
static bool
ask_columns(const AllmReadInput *input, const char *columns,
			const List *words, List **rows)
{
	AllmProbeQuery probe = {0};
	List	   *found = NIL;
	bool		done;

	/* Long texts are left out before they are read. */
	probe.before = psprintf("SELECT DISTINCT v.name, v.value\nFROM (%s) AS v\n"
							"WHERE octet_length(v.value) <= %d AND lower(v.value) IN (SELECT unnest(",
							columns, MAX_VALUE_LENGTH);
	probe.words = words;
	probe.after = psprintf("))\nLIMIT %d", MAX_FOUND);
	done = input->probe(input->probe_state, &probe, &found);
	*rows = list_concat(*rows, found);
	return done;
}

/* Asks some relations together, or each alone where that does not do. */
static void
ask_group(const AllmReadInput *input, const List *group,
		  const Bitmapset *wanted)
{
	AllmLooked *looked = input->looked;
	Bitmapset  *missing = NULL;
	List	   *words = NIL;
	List	   *rows = NIL;
	ListCell   *cell;
	bool		done;

	CHECK_FOR_INTERRUPTS();
	foreach(cell, group)
		missing = bms_join(missing,
						   bms_difference(wanted,
										  find_asked(looked,
													 lfirst(cell))->words));
	if (bms_is_empty(missing))
		return;
	for (int i = -1; (i = bms_next_member(missing, i)) >= 0;)
		words = lappend(words, list_nth(looked->words, i));
	done = ask_relations(input, group, words, &rows);
	if (list_length(group) > 1 && (!done || list_length(rows) >= MAX_FOUND))
	{
		allm_looked_ask(input, group, wanted, false);
		return;
	}
	foreach(cell, rows)
		take_row(input, group, lfirst(cell));

	/* Where some were left out, it may have to be asked again. */
	foreach(cell, list_length(rows) < MAX_FOUND ? group : NIL)
	{
		Asked	   *asked = find_asked(looked, lfirst(cell));

		asked->words = bms_add_members(asked->words, missing);
	}
}

/* For the order of rows: that in which they come must not be seen. */
static int
compare_rows(char **left, char **right)
{
	int			order = strcmp(left[0], right[0]);

	return order != 0 ? order : strcmp(left[1], right[1]);
}

/* Keeps a row, where it is not there yet. */
static void
take_row(const AllmReadInput *input, const List *group, char **row)
{
	char	   *column;
	int			place = strtol(row[0], &column, 10);
	Asked	   *asked;
	int			at;

	if (*column != '.' || place < 0 || place >= list_length(group))
		return;
	row[0] = column + 1;
	asked = find_asked(input->looked, list_nth(group, place));
	for (at = 0; at < list_length(asked->rows); at++)
	{
		int			order = compare_rows(row, list_nth(asked->rows, at));

		if (order == 0)
			return;
		if (order < 0)
			break;
	}
	asked->rows = list_insert_nth(asked->rows, at, row);
}
