/*
 * likely.c
 *		Keys that no constraint declares: a column that is called as the key of
 *		one other relation, and has its type.
 *
 * They say how rows belong together, not that they do: a row may refer to
 * nothing.  What they refer to is unique by an index, so that a join over one
 * multiplies no row.  They are kept apart from the declared ones, and only the
 * built-in rules use them.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/hsearch.h"

#include "schema/likely.h"

/* The column that alone is called so and numbers the things of a relation. */
typedef struct Numbered
{
	char		name[NAMEDATALEN];	/* hash key; MUST BE FIRST */
	AllmColumn *column;
	bool		several;
} Numbered;

/*
 * Does the name say of what it is the number: "customer_id", but not "id" or
 * "name"?
 */
static bool
names_key(const char *name)
{
	static const char *const ends[] = {"id", "code", "key", "number", "no", "nr"};
	int			len = strlen(name);

	for (int i = 0; i < lengthof(ends); i++)
	{
		int			end = strlen(ends[i]);

		if (len > end + 2 && pg_strcasecmp(name + len - end, ends[i]) == 0 &&
			(end > 3 || i == 0 || name[len - end - 1] == '_'))
			return true;
	}
	return false;
}

/* Does the column alone number the things of its relation? */
static bool
is_number_of_things(const AllmColumn *column)
{
	const AllmRelation *relation = column->relation;

	return column->unique && column->in_key && !column->in_foreign_key &&
		list_length(relation->primary_key) == 1 && names_key(column->name);
}

/* The columns that alone are called as they are and number things. */
static HTAB *
collect_keys(const AllmSnapshot *snapshot)
{
	HASHCTL		control = {0};
	HTAB	   *table;
	ListCell   *cell;
	ListCell   *inner;

	control.keysize = NAMEDATALEN;
	control.entrysize = sizeof(Numbered);
	control.hcxt = CurrentMemoryContext;
	table = hash_create("analytics_llm likely keys", 64, &control,
						HASH_ELEM | HASH_CONTEXT | HASH_STRINGS);
	foreach(cell, snapshot->relations)
	{
		CHECK_FOR_INTERRUPTS();
		foreach(inner, ((AllmRelation *) lfirst(cell))->primary_key)
		{
			AllmColumn *column = lfirst(inner);
			Numbered   *entry;
			bool		found;

			if (!is_number_of_things(column))
				continue;
			entry = hash_search(table, column->name, HASH_ENTER, &found);
			entry->several = found;
			if (!found)
				entry->column = column;
		}
	}
	return table;
}

/*
 * Adds what each column refers to by its name.  In the context of the snapshot,
 * after its keys and indexes are known.
 */
void
allm_likely_add_keys(AllmSnapshot *snapshot)
{
	HTAB	   *table = collect_keys(snapshot);
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, hash_get_num_entries(table) > 0 ? snapshot->relations : NIL)
	{
		AllmRelation *relation = lfirst(cell);

		foreach(inner, relation->columns)
		{
			AllmColumn *column = lfirst(inner);
			Numbered   *entry;
			AllmForeignKey *key;

			if (column->in_foreign_key || column->unique)
				continue;
			entry = hash_search(table, column->name, HASH_FIND, NULL);
			if (entry == NULL || entry->several ||
				entry->column->relation == relation ||
				entry->column->type != column->type)
				continue;
			key = palloc0(sizeof(AllmForeignKey));
			key->from = relation;
			key->to = entry->column->relation;
			key->from_columns = list_make1(column);
			key->to_columns = list_make1(entry->column);
			relation->likely_keys = lappend(relation->likely_keys, key);
		}
	}
	hash_destroy(table);
}
