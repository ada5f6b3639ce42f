/*
 * role.c
 *		Columns that name a thing of another relation: "capital".
 *
 * No key declares that a capital is a city.  The language does, and the column
 * is taken for a reference to the city of that name when the cities have one
 * name and refer back to whose capital it is: both must agree.  The reference
 * is only used to choose things, never to join them, so that two cities of a
 * name multiply nothing.
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/role.h"

/* What is asked of the thing in place of the name costs so much more. */
#define COST_ROLE	3

/* The one relation whose name is one of these words, or NULL. */
static AllmRelation *
find_relation(const AllmSnapshot *snapshot, const char *kinds)
{
	AllmRelation *found = NULL;
	List	   *names = allm_lexicon_split(kinds);
	ListCell   *cell;
	ListCell   *name;

	foreach(cell, snapshot->relations)
	{
		AllmRelation *relation = lfirst(cell);
		List	   *words = allm_naming_relation_words(relation);

		foreach(name, list_length(words) == 1 ? names : NIL)
		{
			if (strcmp(linitial(words), lfirst(name)) != 0)
				continue;
			if (found != NULL)
				return NULL;
			found = relation;
		}
	}
	return found;
}

/* The one key from a relation to another, of one column; or NULL. */
static AllmForeignKey *
find_key(const AllmRelation *from, const AllmRelation *to)
{
	AllmForeignKey *found = NULL;
	ListCell   *cell;

	foreach(cell, from->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (key->to != to)
			continue;
		if (found != NULL || list_length(key->to_columns) != 1)
			return NULL;
		found = key;
	}
	return found;
}

/* The step from the things that a column names to where it names them. */
static AllmStep *
make_step(const AllmSnapshot *snapshot, const AllmColumn *column)
{
	List	   *words = allm_naming_column_words(column);
	const char *kind = allm_vocabulary_kind(llast(words));
	AllmRelation *to = kind != NULL ? find_relation(snapshot, kind) : NULL;
	List	   *labels;
	AllmForeignKey *back;
	AllmForeignKey *key;
	AllmStep   *step;

	if (to == NULL || to == column->relation || column->in_foreign_key ||
		!allm_column_is_text(column))
		return NULL;
	labels = allm_naming_labels(to);
	back = find_key(to, column->relation);
	if (list_length(labels) != 1 || back == NULL)
		return NULL;
	key = palloc0(sizeof(AllmForeignKey));
	key->from = column->relation;
	key->to = to;
	key->from_columns = list_make2(unconstify(AllmColumn *, column),
								   linitial(back->to_columns));
	key->to_columns = list_make2(linitial(labels),
								 linitial(back->from_columns));
	step = palloc0(sizeof(AllmStep));
	step->key = key;
	return step;
}

/* Adds the things that a word names, of some owners or of all. */
static void
add_things(AllmChart *chart, AllmCell *cell, int from, int to,
		   const List *owners)
{
	AllmItem   *item = allm_chart_item(chart, from, to, ALLM_ITEM_NAME);
	const AllmToken *last = &chart->lexicon->tokens[to - 1];
	ListCell   *inner;
	ListCell   *owner;

	foreach(inner, item != NULL ? item->senses : NIL)
	{
		AllmSense  *sense = lfirst(inner);
		AllmStep   *step;

		if (sense->kind != ALLM_SENSE_COLUMN || sense->cost > 1)
			continue;
		step = make_step(chart->lexicon->snapshot, sense->column);
		if (step == NULL)
			continue;
		foreach(owner, owners != NIL ? owners :
				list_make1(allm_tree_set(sense->relation, 0)))
		{
			AllmSet    *whose = lfirst(owner);
			AllmSet    *set;

			if (whose->relation != sense->relation)
				continue;
			set = allm_tree_set(step->key->to, COST_ROLE + sense->cost +
								whose->cost);
			set->tests = list_make1(allm_tree_exists(list_make1(step), whose,
													 false));
			set->singular = strcmp(last->text, last->stem) == 0;
			set->role = true;
			set->clauses = owners != NIL;
			allm_chart_add(chart, cell, set);
		}
	}
}

/* "the capital", as a thing */
void
allm_role_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	add_things(chart, cell, from, to, NIL);
}

/* "the capital of x", as a thing */
void
allm_role_add_owned(AllmChart *chart, AllmCell *cell, int from, int to)
{
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		int			of = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		List	   *owners;

		if (of == 0 || at + of >= to ||
			allm_chart_item(chart, from, at, ALLM_ITEM_NAME) == NULL)
			continue;
		owners = allm_noun_parse(chart, at + of, to);
		if (owners != NIL)
			add_things(chart, cell, from, at, owners);
	}
}
