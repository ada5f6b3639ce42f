/*
 * pairs.c
 *		What refers to things, shown beside them or as a figure over it.
 *
 * A column of what refers to a thing has many values for it.  The base of such a
 * query is moved to where each row has one value, so that no join multiplies.
 */
#include "postgres.h"

#include "semantic/bare.h"
#include "semantic/column.h"
#include "semantic/pairs.h"

/* The relation where a way first turns from many to one. */
static const AllmRelation *
find_bottom(const List *steps, List **down)
{
	const AllmRelation *bottom = NULL;
	ListCell   *cell;

	*down = NIL;
	foreach(cell, steps)
	{
		AllmStep   *step = lfirst(cell);

		if (step->up)
			break;
		*down = lappend(*down, step);
		bottom = step->key->from;
	}
	return bottom;
}

/* The same way from its end. */
static List *
reverse_steps(const List *steps)
{
	List	   *reversed = NIL;
	ListCell   *cell;

	foreach(cell, steps)
	{
		AllmStep   *step = palloc(sizeof(AllmStep));

		step->key = ((AllmStep *) lfirst(cell))->key;
		step->up = !((AllmStep *) lfirst(cell))->up;
		reversed = lcons(step, reversed);
	}
	return reversed;
}

/* Does each row have what the steps lead to? */
static bool
are_mandatory(const List *steps)
{
	ListCell   *cell;

	foreach(cell, steps)
	{
		const AllmStep *step = lfirst(cell);

		if (!step->up || !step->key->mandatory)
			return false;
	}
	return true;
}

/* Are the things of a set several, of each of which a total can be made? */
static bool
is_of_several(const AllmSet *set)
{
	return !set->named && !set->singular &&
		(set->best == NULL || set->limit > 1);
}

/*
 * Columns of things and of what refers to them: a row for each of the latter.
 * All ways to many must be the same one; then its bottom is the base, and
 * everything is reached from many to one.
 */
AllmQuery *
allm_pairs_list(const AllmQuery *query)
{
	AllmQuery  *pairs = palloc(sizeof(AllmQuery));
	List	   *down = NIL;
	List	   *back;
	const AllmRelation *bottom = NULL;
	List	   *outputs = NIL;
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);

		if (bottom == NULL)
			bottom = find_bottom(term->steps, &down);

		/* "customers and their revenue": of each, or its total? */
		if (!allm_tree_is_up(term->steps) && is_of_several(query->set) &&
			allm_column_is_measure(term->column))
			return NULL;
	}
	back = reverse_steps(down);
	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);
		AllmTerm   *moved = palloc(sizeof(AllmTerm));
		List	   *own_down = NIL;
		const AllmRelation *own = find_bottom(term->steps, &own_down);

		*moved = *term;
		if (own == NULL)
			moved->steps = list_concat_copy(back, term->steps);
		else if (own == bottom && list_length(own_down) == list_length(down) &&
				 ((AllmStep *) linitial(own_down))->key ==
				 ((AllmStep *) linitial(down))->key)
			moved->steps = list_copy_tail(term->steps, list_length(down));
		else
			return NULL;
		if (!allm_tree_is_up(moved->steps))
			return NULL;
		outputs = lappend(outputs, moved);
	}
	*pairs = *query;
	if (allm_bare_are_amounts(bottom, outputs))
		pairs->doubt = ALLM_BARE_DOUBT;
	pairs->outputs = outputs;
	pairs->set = allm_tree_set(bottom, query->set->cost);
	if (query->set->tests != NIL || query->set->best != NULL ||
		!are_mandatory(back))
		pairs->set->tests = list_make1(allm_tree_exists(back, query->set,
														false));
	return pairs;
}

/*
 * Figures over what refers to the things of a set: over all of them together.
 */
AllmQuery *
allm_pairs_figure(const AllmQuery *query)
{
	AllmTerm   *first = linitial(query->outputs);
	AllmQuery  *moved;
	AllmTerm   *copy;
	AllmStep   *last;

	/*
	 * A column of the things themselves is no figure over what refers to
	 * them.
	 */
	if (list_length(query->outputs) != 1 || first->steps == NIL)
		return NULL;

	/* "average revenue of customers": of all rows, or of each one's total? */
	if (first->function != ALLM_FUNCTION_SUM &&
		first->function != ALLM_FUNCTION_COUNT && is_of_several(query->set))
		return NULL;
	last = llast(first->steps);
	moved = palloc(sizeof(AllmQuery));
	copy = palloc(sizeof(AllmTerm));
	*moved = *query;
	*copy = *first;
	copy->steps = NIL;
	moved->outputs = list_make1(copy);
	moved->set = allm_tree_set(last->up ? last->key->to : last->key->from,
							   query->set->cost);
	moved->set->tests = list_make1(allm_tree_exists(reverse_steps(first->steps),
													query->set, false));
	return moved;
}
