/*
 * rival.c
 *		Whether things belong together in another way than the nearest.
 *
 * A patient has a doctor of his own, and visits with others: "patients of
 * Meyer" may be either.  A key that says no more than what it refers to is
 * nearer than any deed; one with a word of its own ("primary_doctor_id"), which
 * nobody said, is one way of several, and so is one that goes on from what it
 * refers to.
 */
#include "postgres.h"

#include "schema/graph.h"
#include "semantic/naming.h"
#include "semantic/rival.h"
#include "semantic/way.h"

/* Is a word one of some? */
static bool
has_word(const List *words, const char *word)
{
	ListCell   *cell;

	foreach(cell, words)
	{
		if (strcmp(lfirst(cell), word) == 0)
			return true;
	}
	return false;
}

/* Does a key say more than what it refers to: "home_station_id"? */
static bool
is_qualified(const AllmForeignKey *key)
{
	const AllmColumn *column = linitial(key->from_columns);
	List	   *own = allm_naming_column_words(column);
	List	   *other = allm_naming_relation_words(key->to);
	List	   *mine = allm_naming_relation_words(key->from);
	List	   *target = allm_naming_column_words(linitial(key->to_columns));
	ListCell   *cell;

	if (list_length(key->from_columns) != 1)
		return false;
	foreach(cell, own)
	{
		if (!allm_words_has(ALLM_WORDS_IDENTIFIER, lfirst(cell)) &&
			!has_word(other, lfirst(cell)) && !has_word(mine, lfirst(cell)) &&
			!has_word(target, lfirst(cell)))
			return has_word(own, llast(other));
	}
	return false;
}

/* Do the rows of a relation refer to one, by another key than this? */
static bool
refers_to(const AllmRelation *link, const AllmForeignKey *but,
		  const AllmRelation *to)
{
	ListCell   *cell;

	foreach(cell, list_concat_copy(link->foreign_keys, link->likely_keys))
	{
		if (lfirst(cell) != but && ((AllmForeignKey *) lfirst(cell))->to == to)
			return true;
	}
	return false;
}

/* Do the rows of a relation refer to one, or to what refers to it? */
static bool
leads_to(const AllmRelation *link, const AllmForeignKey *but,
		 const AllmRelation *from, const AllmRelation *to)
{
	ListCell   *cell;

	foreach(cell, list_concat_copy(link->foreign_keys, link->likely_keys))
	{
		const AllmForeignKey *key = lfirst(cell);

		if (key == but || key->to == from)
			continue;
		if (key->to == to)
			return true;
		if (refers_to(key->to, NULL, to))
			return true;
	}
	return false;
}

/*
 * Is there another way from a relation to another than one that begins with
 * such a key: over rows that refer to both?
 */
static bool
has_rival(const AllmRelation *from, const AllmForeignKey *first,
		  const AllmRelation *to)
{
	ListCell   *cell;

	foreach(cell, allm_graph_referrers(from))
	{
		const AllmForeignKey *key = lfirst(cell);

		if (key != first && key->from != from && key->from != to &&
			leads_to(key->from, key, from, to))
			return true;
	}
	return false;
}

/* The same over rows that belong to what refers to the first. */
static bool
has_longer(const AllmRelation *from, const AllmForeignKey *first,
		   const AllmRelation *to)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, allm_graph_referrers(from))
	{
		const AllmForeignKey *key = lfirst(cell);

		if (key == first || key->from == from || key->from == to)
			continue;
		foreach(inner, allm_graph_referrers(key->from))
		{
			const AllmForeignKey *next = lfirst(inner);

			if (next->from != from && next->from != to &&
				next->from != key->from &&
				refers_to(next->from, next, to))
				return true;
		}
	}
	return false;
}

/* Is a relation called as what the verb does: to reserve, a reservation? */
static bool
is_root_of(const AllmRelation *relation, const char *verb)
{
	int			length = strlen(verb);
	ListCell   *cell;

	if (length > 4 && verb[length - 1] == 'e')
		length--;
	foreach(cell, allm_naming_relation_words(relation))
	{
		if (strncmp(lfirst(cell), verb, length) == 0)
			return true;
	}
	return false;
}

/* The same of a way over keys from many to one, of AllmForeignKey. */
bool
allm_rival_of_keys(const AllmRelation *from, const List *keys)
{
	const AllmForeignKey *last = keys != NIL ? llast(keys) : NULL;

	return last != NULL && last->to != from &&
		(list_length(keys) > 1 || is_qualified(last)) &&
		has_rival(from, linitial(keys), last->to);
}

/* The same of a way that a clause goes, unless its verb says which it is. */
bool
allm_rival_of_clause(const AllmChart *chart, const AllmClause *clause,
					 const AllmRelation *from, const List *steps)
{
	const AllmStep *first = steps != NIL ? linitial(steps) : NULL;
	const AllmStep *last = steps != NIL ? llast(steps) : NULL;
	const AllmRelation *to;

	if (first == NULL || (clause->verb != NULL &&
						  allm_way_names_schema(chart, clause->verb)))
		return false;
	to = last->up ? last->key->to : last->key->from;

	/*
	 * "Borrowed" says nothing of whether they were lent it or have it kept.
	 * What is in an order, or was put there, is one of its items.
	 */
	if (clause->verb != NULL && !first->up && list_length(steps) == 2)
		return !is_root_of(first->key->from, clause->verb) &&
			!has_word(allm_naming_relation_words(first->key->from),
					  llast(allm_naming_relation_words(to))) &&
			(has_rival(from, first->key, to) ||
			 has_longer(from, first->key, to));
	if (to == from || !(is_qualified(first->key) ||
						(list_length(steps) > 1 && allm_tree_is_up(steps))))
		return false;
	return has_rival(from, first->key, to);
}
