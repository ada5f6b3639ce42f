/*
 * prefix.c
 *		Beginnings of names that only say where a name belongs: "o_" of all
 *		columns of orders, "app" of all tables of a schema.
 *
 * What all columns of a table begin with tells none of them apart, and nobody
 * says it.  It is short and ends with a mark, as in "o_custkey", or is written
 * together with what follows, as in "appcustid"; then one of the columns has to
 * be left with a word that names are made of, so that no word is cut in two.
 */
#include "postgres.h"

#include <ctype.h>

#include "miscadmin.h"

#include "schema/prefix.h"

/* Fewer columns may begin alike by chance. */
#define MIN_COLUMNS		4

/* Fewer tables too. */
#define MIN_RELATIONS	3

/* A beginning of more letters than this before a mark is a word. */
#define MAX_MARKED		4

/* One of fewer that is written together is none. */
#define MIN_JOINED		3

/* The number of bytes that two names have in common at their beginning. */
static int
count_common(const char *a, const char *b, int most)
{
	int			common = 0;

	while (common < most && a[common] != '\0' &&
		   pg_tolower((unsigned char) a[common]) ==
		   pg_tolower((unsigned char) b[common]))
		common++;
	return common;
}

/* Is what is left of a name one of the words that end most names? */
static bool
is_plain_word(const char *rest)
{
	static const char *const words[] = {
		"code", "date", "id", "key", "name", "no", "number"
	};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (pg_strcasecmp(rest, words[i]) == 0)
			return true;
	}
	return false;
}

/* Is something left of each column, and if joined, of one a plain word? */
static bool
leaves_names(const AllmRelation *relation, int length, bool joined)
{
	bool		plain = !joined;
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		const char *rest = ((AllmColumn *) lfirst(cell))->name + length;

		if (!isalpha((unsigned char) rest[0]) || rest[1] == '\0')
			return false;
		plain |= is_plain_word(rest);
	}
	return plain;
}

/* What all columns of a relation begin with, in bytes, or 0. */
static int
find_of_columns(const AllmRelation *relation)
{
	const char *first;
	int			length = NAMEDATALEN;
	int			marked;
	ListCell   *cell;

	if (list_length(relation->columns) < MIN_COLUMNS)
		return 0;
	first = ((AllmColumn *) linitial(relation->columns))->name;
	foreach(cell, relation->columns)
		length = count_common(first, ((AllmColumn *) lfirst(cell))->name,
							  length);
	for (marked = length; marked > 0 && first[marked - 1] != '_'; marked--)
		;
	if (marked > 0)
		return marked - 1 <= MAX_MARKED && isalpha((unsigned char) first[0]) &&
			leaves_names(relation, marked, false) ? marked : 0;
	return length >= MIN_JOINED && leaves_names(relation, length, true) ?
		length : 0;
}

/*
 * What all relations of a schema begin with, where it is written together with
 * what follows and their columns begin with it too.
 */
static int
find_of_schema(const List *relations, Oid namespace)
{
	const AllmRelation *first = NULL;
	int			length = NAMEDATALEN;
	int			count = 0;
	ListCell   *cell;

	foreach(cell, relations)
	{
		const AllmRelation *relation = lfirst(cell);
		const AllmColumn *column;

		if (relation->namespace != namespace)
			continue;
		if (first == NULL)
			first = relation;
		column = relation->columns != NIL ? linitial(relation->columns) : NULL;
		if (column == NULL || column->prefix == 0)
			return 0;
		length = count_common(first->name, relation->name, length);
		length = count_common(first->name, column->name,
							  Min(length, column->prefix));
		count++;
	}
	if (count < MIN_RELATIONS || length < 2 ||
		memchr(first->name, '_', length) != NULL)
		return 0;
	foreach(cell, relations)
	{
		const AllmRelation *relation = lfirst(cell);

		if (relation->namespace == namespace &&
			strlen(relation->name) < length + MIN_JOINED)
			return 0;
	}
	return length;
}

/* Notes the beginnings of all names of a snapshot. */
void
allm_prefix_find(AllmSnapshot *snapshot)
{
	List	   *schemas = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, snapshot->relations)
	{
		AllmRelation *relation = lfirst(cell);
		int			length = find_of_columns(relation);

		CHECK_FOR_INTERRUPTS();
		foreach(inner, length > 0 ? relation->columns : NIL)
			((AllmColumn *) lfirst(inner))->prefix = length;
		if (length >= MIN_JOINED)
			schemas = list_append_unique_oid(schemas, relation->namespace);
	}
	foreach(cell, schemas)
	{
		int			length = find_of_schema(snapshot->relations,
											lfirst_oid(cell));

		foreach(inner, length > 0 ? snapshot->relations : NIL)
		{
			AllmRelation *relation = lfirst(inner);

			if (relation->namespace == lfirst_oid(cell))
				relation->prefix = length;
		}
	}
	list_free(schemas);
}
