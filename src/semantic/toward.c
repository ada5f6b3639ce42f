/*
 * toward.c
 *		Which end of a way "from" and "to" speak of.
 *
 * Shipments "to Berlin" are not those that a key "from_warehouse" leads to
 * Berlin, nor is a trip "from the harbour" one whose "end_station" is there.
 */
#include "postgres.h"

#include "semantic/naming.h"
#include "semantic/toward.h"

/* What the names of the beginning and of the end of a way say. */
static const char *const beginnings[] = {
	"departure", "from", "origin", "pickup", "sender", "source", "src", "start",
	"starting"
};
static const char *const ends[] = {
	"arrival", "dest", "destination", "dropoff", "end", "ending", "receiver",
	"recipient", "target", "to"
};

/* Has a name one of some words? */
static bool
has_word(const AllmColumn *column, const char *const *words, int count)
{
	ListCell   *cell;

	foreach(cell, allm_naming_column_words(column))
	{
		for (int i = 0; i < count; i++)
		{
			if (strcmp(lfirst(cell), words[i]) == 0)
				return true;
		}
	}
	return false;
}

/* Does a clause speak of the other end than the test that came of it? */
bool
allm_toward_turns(const AllmClause *clause, const AllmSet *result)
{
	const AllmTest *test = result->tests != NIL ? llast(result->tests) : NULL;
	const List *steps;
	bool		to;

	if (clause->preposition == NULL || test == NULL)
		return false;
	to = strcmp(clause->preposition, "to") == 0;
	if (!to && strcmp(clause->preposition, "from") != 0)
		return false;
	steps = test->steps != NIL ? test->steps :
		test->term != NULL ? test->term->steps : NIL;
	if (steps != NIL && ((AllmStep *) linitial(steps))->up)
	{
		const AllmForeignKey *key = ((AllmStep *) linitial(steps))->key;

		return has_word(linitial(key->from_columns), to ? beginnings : ends,
						to ? lengthof(beginnings) : lengthof(ends));
	}
	return test->term != NULL && test->term->column != NULL && steps == NIL &&
		has_word(test->term->column, to ? beginnings : ends,
				 to ? lengthof(beginnings) : lengthof(ends));
}
