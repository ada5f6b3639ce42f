/*
 * tree.c
 *		Making the pieces of a tree, and finding ways between relations.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "schema/graph.h"
#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/tree.h"

/*
 * Relations further apart say nothing of each other: three steps lead through
 * two link tables or a link table and what refers to it.
 */
#define MAX_STEPS	3

/* A way in progress. */
typedef struct Way
{
	const AllmRelation *at;
	List	   *steps;
} Way;

static void add_ways(const Way *way, List **next);

/* A set of all rows of a relation. */
AllmSet *
allm_tree_set(const AllmRelation *relation, int cost)
{
	AllmSet    *set = palloc0(sizeof(AllmSet));

	set->relation = relation;
	set->cost = cost;
	return set;
}

/* A copy of a set with one more test; NULL test: only the cost grows. */
AllmSet *
allm_tree_with(const AllmSet *set, AllmTest *test, int cost)
{
	AllmSet    *copy = palloc(sizeof(AllmSet));

	*copy = *set;
	copy->cost += cost;
	if (test != NULL)
		copy->tests = lappend(list_copy(set->tests), test);
	return copy;
}

/* A column as it is. */
AllmTerm *
allm_tree_column(const AllmColumn *column, List *steps)
{
	AllmTerm   *term = palloc0(sizeof(AllmTerm));

	term->column = column;
	term->steps = steps;
	term->name = column->name;
	return term;
}

/* There are such rows at the end of these steps, or there are none. */
AllmTest *
allm_tree_exists(List *steps, AllmSet *set, bool negated)
{
	AllmTest   *test = palloc0(sizeof(AllmTest));

	test->kind = ALLM_TEST_EXISTS;
	test->steps = steps;
	test->set = set;
	test->negated = negated;
	return test;
}

/*
 * All shortest ways from a relation to another, over keys in both directions:
 * a list of lists of AllmStep.  The way of a relation to itself has steps too.
 */
List *
allm_tree_paths(const AllmRelation *from, const AllmRelation *to)
{
	Way		   *start = palloc0(sizeof(Way));
	List	   *ways;

	start->at = from;
	ways = list_make1(start);
	for (int length = 0; length < MAX_STEPS; length++)
	{
		List	   *next = NIL;
		List	   *found = NIL;
		ListCell   *cell;

		CHECK_FOR_INTERRUPTS();
		foreach(cell, ways)
			add_ways(lfirst(cell), &next);
		foreach(cell, next)
		{
			Way		   *way = lfirst(cell);

			if (way->at == to)
				found = lappend(found, way->steps);
		}
		if (found != NIL)
			return found;
		ways = next;
	}
	return NIL;
}

/* Does at most one row refer to each row over this key? */
static bool
is_single(const AllmForeignKey *key)
{
	const AllmColumn *column = linitial(key->from_columns);

	return list_length(key->from_columns) == 1 &&
		(column->unique ||
		 (column->in_key && list_length(key->from->primary_key) == 1));
}

/* Adds a way over one more key, unless it only goes back where it came from. */
static void
add_way(const Way *way, const AllmForeignKey *key, bool up, List **next)
{
	Way		   *longer;
	AllmStep   *step;

	if (way->steps != NIL)
	{
		AllmStep   *last = llast(way->steps);

		/* Up and down the same key are other rows of the same kind. */
		if (last->key == key)
			return;

		/*
		 * What refers to the same thing has nothing to do with each other for
		 * that alone.
		 */
		if (last->up && !up && !is_single(key))
			return;
	}
	step = palloc(sizeof(AllmStep));
	step->key = key;
	step->up = up;
	longer = palloc(sizeof(Way));
	longer->at = up ? key->to : key->from;
	longer->steps = lappend(list_copy(way->steps), step);
	*next = lappend(*next, longer);
}

/* Adds all ways that are one step longer than this one. */
static void
add_ways(const Way *way, List **next)
{
	ListCell   *cell;

	foreach(cell, way->at->foreign_keys)
		add_way(way, lfirst(cell), true, next);
	foreach(cell, way->at->likely_keys)
		add_way(way, lfirst(cell), true, next);
	foreach(cell, allm_graph_referrers(way->at))
		add_way(way, lfirst(cell), false, next);
}

/* Do the steps lead to one row at most, all the way? */
bool
allm_tree_is_up(const List *steps)
{
	ListCell   *cell;

	foreach(cell, steps)
	{
		AllmStep   *step = lfirst(cell);

		if (!step->up && !is_single(step->key))
			return false;
	}
	return true;
}

/*
 * The columns by which a thing of this relation is one thing.  A relation
 * whose key is a name together with a reference has several rows for one
 * thing: a river in each state that it runs through.
 */
List *
allm_tree_identity(const AllmRelation *relation)
{
	List	   *labels = allm_naming_labels(relation);
	ListCell   *cell;
	bool		refers = false;

	if (relation->primary_key == NIL && list_length(labels) == 1 &&
		relation->foreign_keys != NIL)
		return NIL;
	foreach(cell, relation->primary_key)
		refers |= ((AllmColumn *) lfirst(cell))->in_foreign_key;
	if (list_length(labels) == 1 && list_length(relation->primary_key) > 1 &&
		refers && list_member_ptr(relation->primary_key, linitial(labels)))
		return labels;
	return relation->primary_key;
}

/* All steps but the last. */
List *
allm_tree_drop_last(const List *steps)
{
	return list_truncate(list_copy(steps), list_length(steps) - 1);
}

/* Are the things said to be of several kinds: "x and y"? */
bool
allm_tree_is_listed(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		if (((AllmTest *) lfirst(cell))->listed)
			return true;
	}
	return false;
}
