/*
 * way.c
 *		Which way from one thing to another a clause means.
 */
#include "postgres.h"

#include "base/text.h"
#include "semantic/column.h"
#include "semantic/names.h"
#include "semantic/naming.h"
#include "semantic/way.h"

/* Is the verb one of these words, or the beginning of one? */
bool
allm_way_names_words(const List *words, const char *verb)
{
	ListCell   *cell;

	foreach(cell, words)
	{
		char	   *own = allm_vocabulary_verb(lfirst(cell));

		if (own != NULL && strcmp(own, verb) == 0)
			return true;
		if (strncmp(lfirst(cell), verb, Max(strlen(verb), 4)) == 0)
			return true;
	}
	return false;
}

/* Does the verb name the key? */
static bool
names_key(const AllmStep *step, const char *verb)
{
	return allm_way_names_words(allm_naming_column_words(linitial(step->key->from_columns)),
								verb);
}

/* Does the verb name the key or the relation between? */
static bool
names_step(const AllmStep *step, const char *verb)
{
	return names_key(step, verb) ||
		allm_way_names_words(allm_naming_relation_words(step->key->from), verb);
}

/* Is the verb the name of a key or a relation of this schema? */
bool
allm_way_names_schema(const AllmChart *chart, const char *verb)
{
	return allm_names_are_verb(chart->lexicon->snapshot, verb);
}

/* Is one of these names, of AllmNamed, a key or a relation called so? */
bool
allm_way_any(const List *names, const char *verb)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, names)
	{
		const AllmNamed *named = lfirst(cell);

		foreach(inner, named->relation->foreign_keys)
		{
			AllmStep	step = {.key = lfirst(inner)};

			if (names_step(&step, verb))
				return true;
		}
		foreach(inner, named->columns)
		{
			List	   *words = allm_naming_column_words(lfirst(inner));

			/* A reference that no key declares: "manager_id". */
			if (list_length(words) > 1 &&
				allm_words_has(ALLM_WORDS_IDENTIFIER, llast(words)) &&
				strlen(verb) > 3 &&
				strncmp(linitial(words), verb, strlen(verb)) == 0)
				return true;
		}
	}
	return false;
}

/* Does a way lead over what the verb names? */
bool
allm_way_passes(const List *steps, const char *verb)
{
	ListCell   *cell;

	foreach(cell, steps)
	{
		if (names_step(lfirst(cell), verb))
			return true;
	}
	return false;
}

/*
 * Is a value that tells the things at the end of some steps one of where the
 * steps begin?  "Without parking taxes" says nothing of what else is parking.
 */
static bool
turns_back(const List *steps, const AllmSet *set)
{
	const AllmStep *last = llast(steps);
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);
		const List *back = test->kind == ALLM_TEST_VALUES ? test->term->steps :
		test->kind == ALLM_TEST_EXISTS ? test->steps : NIL;

		if (!last->up && back != NIL && ((AllmStep *) linitial(back))->up &&
			((AllmStep *) linitial(back))->key == last->key)
			return true;
	}
	return false;
}

/* Has a relation a text of its own that is called so, and that no key is? */
static bool
has_text(const AllmRelation *relation, const List *words)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (allm_column_is_text(column) && !column->in_foreign_key &&
			allm_text_equal_words(allm_naming_column_words(column), words))
			return true;
	}
	return false;
}

/*
 * Is it open what a clause asks of the things at the end of some steps?  In
 * "products with supplier" they may be wanted beside each product; and a region
 * may be what the employees have in a column of that name.
 */
bool
allm_way_is_unclear(const AllmClause *clause, const List *steps)
{
	const AllmStep *first = linitial(steps);
	const AllmRelation *from = first->up ? first->key->from : first->key->to;

	if (turns_back(steps, clause->set))
		return true;
	return clause->bare &&
		((!clause->negated && allm_tree_is_up(steps)) ||
		 has_text(from, allm_naming_relation_words(clause->set->relation)));
}

/*
 * Do links on the way to some things say how many of each there are?  The most
 * products are the most kinds, or the most pieces.
 */
bool
allm_way_has_pieces(const List *steps, const AllmRelation *to)
{
	ListCell   *cell;

	foreach(cell, steps)
	{
		const AllmStep *step = lfirst(cell);

		if (!step->up && step->key->from != to &&
			allm_column_has_quantity(step->key->from))
			return true;
	}
	return false;
}

/*
 * The ways from one relation to another that a clause can mean.  Where there
 * are several, the verb may tell: of a relation between things of one kind,
 * the key that is called as the verb leads to the object.
 */
List *
allm_way_find(const AllmChart *chart, const AllmClause *clause,
			  const AllmRelation *from, const AllmRelation *to)
{
	List	   *paths = allm_tree_paths(from, to);
	List	   *named = NIL;
	ListCell   *cell;

	/* Things of one kind belong together in a way that the verb says. */
	if (from == to && clause->verb == NULL)
		return NIL;
	if (clause->verb == NULL)
		return paths;
	if (allm_way_names_schema(chart, clause->verb))
	{
		foreach(cell, paths)
		{
			if (!allm_way_passes(lfirst(cell), clause->verb))
				paths = foreach_delete_current(paths, cell);
		}
	}
	if (list_length(paths) < 2 && from != to)
		return paths;
	foreach(cell, paths)
	{
		List	   *steps = lfirst(cell);
		AllmStep   *step = clause->passive && from == to ?
		linitial(steps) : llast(steps);

		if (names_key(step, clause->verb))
			named = lappend(named, steps);
	}
	if (named == NIL && from != to)
	{
		foreach(cell, paths)
		{
			if (names_step(linitial(lfirst(cell)), clause->verb))
				named = lappend(named, lfirst(cell));
		}
	}
	return named != NIL || from == to ? named : paths;
}
