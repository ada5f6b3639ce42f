/*
 * likely.c
 *		Keys that no constraint declares: a column that is called as the key of
 *		one other relation, and has its type.  Of names with a beginning that only
 *		says where they belong, the rest is compared: "o_custkey", "c_custkey".
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

/* The endings of names of keys. */
static const char *const ends[] = {"id", "code", "key", "number", "no", "nr"};

/*
 * Does the name say of what it is the number: "customer_id", but not "id" or
 * "name"?
 */
static bool
names_key(const char *name)
{
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

/* Does the rest of a name say it: "custkey", but not "key" or "no"? */
static bool
says_what(const char *rest)
{
	int			len = strlen(rest);

	for (int i = 0; i < lengthof(ends); i++)
	{
		int			end = strlen(ends[i]);

		if (len > end + 2 && pg_strcasecmp(rest + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}

/* Does the column alone tell the things of its relation apart? */
static bool
is_alone(const AllmColumn *column)
{
	return column->unique && column->in_key && !column->in_foreign_key &&
		list_length(column->relation->primary_key) == 1;
}

/* Does the column alone number the things of its relation? */
static bool
is_number_of_things(const AllmColumn *column)
{
	return is_alone(column) && names_key(column->name);
}

/* Notes that a column is called so, or that several are. */
static void
add_number(HTAB *table, const char *name, AllmColumn *column)
{
	char		key[NAMEDATALEN];
	Numbered   *entry;
	bool		found;

	strlcpy(key, name, NAMEDATALEN);
	entry = hash_search(table, key, HASH_ENTER, &found);
	if (found && entry->column == column)
		return;
	entry->several = found;
	if (!found)
		entry->column = column;
}

/*
 * The columns that alone are called as they are and number things; when
 * "shortened", those with a prefix, by what they are called without it or without
 * that of all relations.
 */
static HTAB *
collect_keys(const AllmSnapshot *snapshot, bool shortened)
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

			if (!is_number_of_things(column) &&
				!(shortened && column->prefix > 0 && is_alone(column)))
				continue;
			if (!shortened)
				add_number(table, column->name, column);
			else if (column->prefix > 0)
			{
				add_number(table, column->name + column->prefix, column);
				add_number(table, column->name + column->relation->prefix,
						   column);
			}
		}
	}
	return table;
}

/* What a column refers to by a name of it, or NULL. */
static AllmColumn *
find_key(HTAB *table, const AllmColumn *column, const char *name)
{
	Numbered   *entry = hash_search(table, name, HASH_FIND, NULL);

	if (entry == NULL || entry->several ||
		entry->column->relation == column->relation ||
		entry->column->type != column->type)
		return NULL;
	return entry->column;
}

/*
 * Adds what each column refers to by its name.  In the context of the snapshot,
 * after its keys and indexes are known.
 */
void
allm_likely_add_keys(AllmSnapshot *snapshot)
{
	HTAB	   *table = collect_keys(snapshot, false);
	HTAB	   *rests = collect_keys(snapshot, true);
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, hash_get_num_entries(table) +
			hash_get_num_entries(rests) > 0 ? snapshot->relations : NIL)
	{
		AllmRelation *relation = lfirst(cell);

		foreach(inner, relation->columns)
		{
			AllmColumn *column = lfirst(inner);
			const char *rest = column->name + column->prefix;
			AllmColumn *to;
			AllmForeignKey *key;

			if (column->in_foreign_key || column->unique)
				continue;
			to = find_key(table, column, column->name);
			if (to == NULL && column->prefix > 0 && says_what(rest))
				to = find_key(rests, column, rest);
			if (to == NULL)
				continue;
			key = palloc0(sizeof(AllmForeignKey));
			key->from = relation;
			key->to = to->relation;
			key->from_columns = list_make1(column);
			key->to_columns = list_make1(to);
			relation->likely_keys = lappend(relation->likely_keys, key);
		}
	}
	hash_destroy(table);
	hash_destroy(rests);
}
