/*
 * thing.c
 *		What the rows of a relation without a key are.
 *
 * A table of rivers may have a row for each state that a river runs through,
 * a table of cities one for each city though two are called the same.  No
 * catalog tells which.  The data do: where all that a row has beside its
 * references is the same in all rows of a name, the name is the thing.  That is
 * asked of small relations only, and only when a question counts things or
 * excludes some.  Of one reference, the rivers in one state, each row is one:
 * what is there twice then is the data's, and stays.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/thing.h"
#include "semantic/values.h"

/* What was found of one relation. */
typedef struct Known
{
	const AllmRelation *relation;
	AllmThing	thing;
	AllmStep   *step;			/* to the other rows of a name */
} Known;

/* The one name of things that may have several rows, or NULL. */
static AllmColumn *
get_name(const AllmRelation *relation)
{
	List	   *labels = allm_naming_labels(relation);

	if (relation->primary_key != NIL || relation->foreign_keys == NIL ||
		list_length(labels) != 1 ||
		((AllmColumn *) linitial(labels))->in_foreign_key)
		return NULL;
	return linitial(labels);
}

/* Can two values be told apart by an equality? */
static bool
is_comparable(const AllmColumn *column)
{
	return allm_column_is_number(column) || allm_column_is_text(column) ||
		allm_column_is_date(column);
}

/* The query whose one row says "name" or "row", or NULL. */
static char *
write_probe(const AllmRelation *relation, const AllmColumn *name)
{
	StringInfoData sql;
	StringInfoData others;
	ListCell   *cell;

	initStringInfo(&others);
	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (column != name && !column->in_foreign_key &&
			is_comparable(column))
			appendStringInfo(&others, "%st.%s", others.len > 0 ? ", " : "",
							 quote_identifier(column->name));
	}
	if (others.len == 0)
		return NULL;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 'thing'::text, CASE WHEN EXISTS (\n"
					 "  SELECT 1 FROM %s AS t GROUP BY t.%s\n",
					 relation->sql_name, quote_identifier(name->name));
	appendStringInfo(&sql, "  HAVING count(DISTINCT ROW(%s)) > 1)\n"
					 "  THEN 'row'::text ELSE 'name'::text END", others.data);
	return sql.data;
}

/* Asks the data, and keeps what they say for this question. */
static Known *
look_up(AllmChart *chart, const AllmRelation *relation)
{
	const AllmReadInput *input = chart->input;
	AllmColumn *name = get_name(relation);
	Known	   *known;
	AllmProbeQuery query = {0};
	List	   *rows = NIL;
	ListCell   *cell;

	foreach(cell, chart->things)
	{
		known = lfirst(cell);
		if (known->relation == relation)
			return known;
	}
	known = palloc0(sizeof(Known));
	known->relation = relation;
	chart->things = lappend(chart->things, known);
	if (name == NULL || input == NULL || input->probe == NULL ||
		!allm_values_may_probe(relation))
		return known;
	query.before = write_probe(relation, name);
	if (query.before == NULL ||
		!input->probe(input->probe_state, &query, &rows) || rows == NIL)
		return known;
	if (strcmp(((char **) linitial(rows))[1], "name") != 0)
		known->thing = ALLM_THING_ROW;
	else
	{
		AllmForeignKey *key = palloc0(sizeof(AllmForeignKey));

		known->thing = ALLM_THING_NAME;
		key->from = unconstify(AllmRelation *, relation);
		key->to = key->from;
		key->from_columns = list_make1(name);
		key->to_columns = list_make1(name);
		known->step = palloc0(sizeof(AllmStep));
		known->step->key = key;
	}
	return known;
}

/* What the rows of a relation are, as far as it can be known. */
AllmThing
allm_thing_of(AllmChart *chart, const AllmRelation *relation)
{
	if (relation->primary_key != NIL)
		return ALLM_THING_ROW;
	return look_up(chart, relation)->thing;
}

/* The step to all rows of the same thing; NULL where each row is its own. */
AllmStep *
allm_thing_step(AllmChart *chart, const AllmRelation *relation)
{
	if (relation->primary_key != NIL)
		return NULL;
	return look_up(chart, relation)->step;
}

/* Is a row held to one of the things that it refers to? */
static bool
is_held(const AllmTest *test)
{
	const AllmTerm *term = test->term;
	const AllmStep *step;

	if (test->kind != ALLM_TEST_VALUES || test->negated ||
		list_length(test->values) != 1 || list_length(term->steps) > 1)
		return false;
	if (term->steps == NIL)
		return term->column->in_foreign_key;
	step = linitial(term->steps);
	return step->up && (term->column->unique || term->column->in_key);
}

/* May a thing have several rows in this set? */
bool
allm_thing_repeats(AllmChart *chart, const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		if (is_held(lfirst(cell)))
			return false;
	}
	return allm_thing_of(chart, set->relation) == ALLM_THING_NAME;
}

/* Counts things, not their rows, unless each row is one for what has it. */
void
allm_thing_count(AllmChart *chart, AllmTerm *term)
{
	if (list_length(term->steps) == 1 ||
		!allm_thing_repeats(chart, term->related))
		return;
	term->column = linitial(allm_naming_labels(term->related->relation));
	term->distinct = true;
}
