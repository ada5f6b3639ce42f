/*
 * held.c
 *		Which column of a set holds the values that a clause names.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"
#include "semantic/rival.h"
#include "semantic/stored.h"
#include "semantic/thing.h"
#include "semantic/way.h"

/* What a value costs that is found over a key, over many, or by its place. */
#define COST_UP			3
#define COST_DOWN		5
#define COST_NO_LABEL	2

/* The value of an item as that column stores it, or NIL. */
static List *
stored_values(const AllmItem *item, const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->column == column)
			return sense->values;
	}
	if (item->kind == ALLM_ITEM_NUMBER && allm_column_is_text(column))
		return list_make1(item->text);
	return NIL;
}

/* A test that a column has one of these values; NULL if one is not in it. */
static AllmTest *
test_of_values(const List *items, const AllmColumn *column)
{
	AllmTest   *test = allm_attach_make_test(ALLM_TEST_VALUES,
											 allm_tree_column(column, NIL));
	ListCell   *cell;

	foreach(cell, items)
	{
		AllmItem   *item = lfirst(cell);
		List	   *values = stored_values(item, column);

		/* "in x or 2023": a year is no second x. */
		if (item->kind == ALLM_ITEM_NUMBER && list_length(items) > 1 &&
			((AllmItem *) linitial(items))->kind != ALLM_ITEM_NUMBER)
			return NULL;
		if (values == NIL && item->kind == ALLM_ITEM_NUMBER &&
			allm_column_is_number(column) && list_length(items) == 1)
		{
			test->kind = ALLM_TEST_COMPARE;
			test->compare = ALLM_COMPARE_EQ;
			test->low = item->text;
			return test;
		}
		if (values == NIL)
			return NULL;
		test->values = list_concat(test->values, list_copy(values));
	}
	return test;
}

/* Is the column held to some values already? */
static bool
tests_column(const AllmSet *set, const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		AllmTest   *test = lfirst(cell);

		if (test->kind == ALLM_TEST_VALUES && test->term->steps == NIL &&
			test->term->column == column && !test->negated)
			return true;
	}
	return false;
}

/* Adds the set with values tested in a column at the end of some steps. */
static void
add_values(const AllmSet *set, const AllmClause *clause,
		   const AllmColumn *column, List *steps, int cost, List **sets)
{
	AllmSet    *result;
	AllmTest   *test;

	/* That a reference to a thing is a reference to it says nothing. */
	if (steps != NIL && !((AllmStep *) llast(steps))->up &&
		list_member_ptr(((AllmStep *) llast(steps))->key->from_columns, column))
		return;
	if (steps == NIL && !clause->negated && tests_column(set, column))
		return;
	if (clause->values->all)
	{
		ListCell   *cell;

		/* One row has one value: only over many it can be both. */
		if (allm_tree_is_up(steps) || clause->negated)
			return;
		result = allm_tree_with(set, NULL, cost);
		foreach(cell, clause->values->items)
		{
			test = test_of_values(list_make1(lfirst(cell)), column);
			if (test == NULL)
				return;
			result = allm_tree_with(result, allm_attach_move_test(test, steps, false), 0);
		}
		*sets = lappend(*sets, result);
		return;
	}
	/* "bought x and y": both, or either? */
	if (clause->values->listed && list_length(clause->values->items) > 1 &&
		!allm_tree_is_up(steps))
		return;
	test = test_of_values(clause->values->items, column);
	if (test == NULL)
		return;

	/* Of many, is there one of either kind, or one of each? */
	test->listed = clause->values->listed && !clause->negated;
	if (test->listed && !allm_tree_is_up(steps))
		return;
	test = allm_attach_move_test(test, steps, clause->negated);
	test->loose = clause->placed && clause->verb == NULL;
	test->passing = clause->placed || clause->passive;
	*sets = lappend(*sets, allm_tree_with(set, test, cost));
}

/* Is the column what the property is called? */
static bool
is_called(const AllmColumn *column, const AllmAttribute *attribute)
{
	ListCell   *cell;

	if (attribute->owner != NULL && attribute->owner != column->relation)
		return false;
	foreach(cell, attribute->item != NULL ? attribute->item->senses : NIL)
	{
		if (((AllmSense *) lfirst(cell))->column == column)
			return true;
	}
	return false;
}

/*
 * Values of a column that is said, of which a row may have many: "living in the
 * city x".  The value tells that this column is meant.
 */
static List *
attach_many_values(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	const AllmItem *first = linitial(clause->values->items);
	List	   *sets = NIL;
	ListCell   *cell;
	ListCell   *inner;

	if (clause->attribute->function != ALLM_FUNCTION_DEFAULT)
		return NIL;
	foreach(cell, first->kind == ALLM_ITEM_VALUE ? first->senses : NIL)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->relation == set->relation ||
			!is_called(sense->column, clause->attribute))
			continue;
		foreach(inner, allm_way_find(chart, clause, set->relation,
									 sense->relation))
			add_values(set, clause, sense->column, lfirst(inner),
					   list_length(lfirst(inner)) * COST_DOWN, &sets);
	}
	return sets;
}

/* Values whose column is said. */
static List *
attach_said_values(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *found = allm_resolve_attribute(chart, clause->attribute,
											   set->relation);
	ListCell   *cell;
	ListCell   *inner;

	if (found == NIL)
		return attach_many_values(chart, set, clause);
	foreach(cell, found)
	{
		AllmResolved *resolved = lfirst(cell);

		foreach(inner, resolved->terms)
		{
			AllmTerm   *term = lfirst(inner);

			if (clause->verb != NULL && allm_way_names_schema(chart, clause->verb) &&
				!allm_way_passes(term->steps, clause->verb))
				continue;
			/* A number is rarely a name: "department 80". */
			if ((resolved->label ||
				 (resolved->cost > 0 && allm_column_is_text(term->column))) &&
				((AllmItem *) linitial(clause->values->items))->kind ==
				ALLM_ITEM_NUMBER)
				continue;
			add_values(set, clause, term->column, term->steps, resolved->cost,
					   &sets);
		}
	}
	return sets;
}

/* Is a thing of that relation called so? */
static bool
names_one(const AllmItem *item, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->relation == relation &&
			list_member_ptr(allm_naming_labels(relation), sense->column))
			return true;
	}
	return false;
}

/* Does a value name a thing of that relation, there or in a reference? */
static bool
names_kind(const AllmSense *sense, const AllmRelation *relation)
{
	ListCell   *cell;

	if (sense->relation == relation)
		return list_member_ptr(allm_naming_labels(relation), sense->column);
	foreach(cell, sense->relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (key->to == relation &&
			list_member_ptr(key->from_columns, sense->column))
			return true;
	}
	return false;
}

/*
 * Has the name an article, and is something else than these things called so?
 * Then which is meant is not clear.
 */
static bool
is_said_of_others(const AllmChart *chart, const AllmItem *item,
				  const AllmRelation *relation)
{
	ListCell   *cell;

	if (chart->lexicon->tokens[item->start].article < 0)
		return false;
	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (!names_kind(sense, relation) &&
			list_member_ptr(allm_naming_labels(sense->relation), sense->column))
			return true;
	}
	return false;
}

/* Do two names have a word in common? */
static bool
share_word(const List *words, const List *others)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, words)
	{
		foreach(inner, others)
		{
			if (strcmp(lfirst(cell), lfirst(inner)) == 0)
				return true;
		}
	}
	return false;
}

/*
 * Does a thing that the rows of a column refer to have the value too, as its
 * name or in a column of which this one is a kind: a track's composer and its
 * artist, an order's ship_country and its customer's country?  What is called
 * as that thing says the same.
 */
static bool
is_rival(const AllmSense *own, const List *words, const AllmSense *other)
{
	List	   *others;
	ListCell   *cell;

	if (other->relation == own->relation || other->column == NULL)
		return false;
	others = allm_naming_column_words(other->column);
	if (share_word(words, allm_naming_relation_words(other->relation)) ||
		(!list_member_ptr(allm_naming_labels(other->relation), other->column) &&
		 (list_length(words) != 2 || list_length(others) != 1 ||
		  strcmp(llast(words), llast(others)) != 0)))
		return false;
	foreach(cell, allm_tree_paths(own->relation, other->relation))
	{
		if (list_length(lfirst(cell)) <= 2 && allm_tree_is_up(lfirst(cell)))
			return true;
	}
	return false;
}

/*
 * Could a value that no verb and no name of a column goes with be that of the
 * rows themselves or of what they refer to?
 */
static bool
has_rival(const AllmItem *item, const AllmSet *set, const AllmClause *clause)
{
	bool		is_own = false;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, item->senses)
		is_own |= ((AllmSense *) lfirst(cell))->relation == set->relation;
	foreach(cell, item->senses)
	{
		const AllmSense *own = lfirst(cell);
		List	   *words;

		if (own->column == NULL || own->column->in_foreign_key ||
			own->column->unique ||
			(is_own ? own->relation != set->relation :
			 allm_tree_paths(set->relation, own->relation) == NIL))
			continue;
		words = allm_naming_column_words(own->column);
		if (clause->verb != NULL && allm_way_names_words(words, clause->verb))
			continue;
		if (list_member_ptr(allm_naming_labels(own->relation), own->column) &&
			(list_length(words) == 1 ||
			 share_word(words, allm_naming_relation_words(own->relation))))
			continue;
		foreach(inner, item->senses)
		{
			if (is_rival(own, words, lfirst(inner)))
				return true;
		}
	}
	return false;
}

/* Values in whichever column has them. */
List *
allm_attach_values(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	AllmItem   *first = linitial(clause->values->items);
	ListCell   *cell;
	ListCell   *inner;

	if (clause->attribute != NULL)
		return attach_said_values(chart, set, clause);
	if (has_rival(first, set, clause))
		return NIL;
	foreach(cell, first->senses)
	{
		AllmSense  *sense = lfirst(cell);
		bool		label = list_member_ptr(allm_naming_labels(sense->relation),
											sense->column);
		int			cost = label ? 0 : COST_NO_LABEL;
		int			count;
		List	   *paths = list_make1(NIL);

		if (clause->naming && (!label || sense->relation != set->relation))
			continue;

		/* "the capital of x" is whose capital it is, not what it is called. */
		if (set->role && label && sense->relation == set->relation)
			continue;
		if (clause->placed)
			cost = label && sense->relation == set->relation ?
				2 * COST_NO_LABEL : 0;
		if (clause->owned && label && sense->relation == set->relation)
			cost = 0;

		/* "the city of New York" is the city of that name. */
		else if (clause->owned && names_one(first, set->relation))
			cost++;

		/* "the Mississippi" beside states is no state. */
		if (clause->verb != NULL && names_kind(sense, set->relation) &&
			is_said_of_others(chart, first, set->relation))
			continue;

		/* "states that border Texas", not one that is called so */
		if (sense->relation != set->relation ||
			(label && clause->verb != NULL))
			paths = allm_way_find(chart, clause, set->relation, sense->relation);
		foreach(inner, paths)
		{
			List	   *steps = lfirst(inner);

			if (clause->near && (list_length(steps) > 1 ||
								 !allm_tree_is_up(steps)))
				continue;
			if (steps == NIL && clause->verb != NULL &&
				allm_way_names_schema(chart, clause->verb) &&
				!allm_way_names_words(allm_naming_column_words(sense->column),
									  clause->verb))
				continue;
			count = list_length(sets);
			add_values(set, clause, sense->column, steps, cost +
					   list_length(steps) *
					   (allm_tree_is_up(steps) ? COST_UP : COST_DOWN), &sets);
			if (list_length(sets) > count)
				((AllmTest *) llast(((AllmSet *) llast(sets))->tests))->rivalled =
					allm_rival_of_clause(chart, clause, set->relation, steps);
		}
	}
	return sets;
}
