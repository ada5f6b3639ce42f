/*
 * graph.c
 *		The foreign-key graph: ways from many to one.
 *
 * Each step follows a foreign key from the referencing row to the one row that
 * it refers to.  A chain of such steps finds at most one row for each row that
 * it starts from, so a sum over the start is never counted twice.  Nothing
 * here goes the other way.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "schema/graph.h"

/*
 * No question that people ask joins further than this; a longer way says
 * nothing that the asker could have meant.
 */
#define MAX_STEPS	6

/* A relation that was reached, and how. */
typedef struct Place
{
	const AllmRelation *relation;	/* hash key; MUST BE FIRST */
	List	   *keys;			/* the way here */
	List	   *rival;			/* another one, as short */
} Place;

static void take_steps(AllmReach *reach, const Place *place);
static void take_step(AllmReach *reach, const Place *place,
					  AllmForeignKey *key);
static Place *enter_place(AllmReach *reach, const AllmRelation *relation);
static Place *find_place(const AllmReach *reach,
						 const AllmRelation *relation);

/*
 * Finds all that a relation reaches, in the current memory context, by declared
 * keys and, if wanted, by likely ones.  Breadth first, so that the first way to
 * a relation is a shortest one.
 */
AllmReach *
allm_graph_walk(const AllmRelation *from, bool likely)
{
	AllmReach  *reach = palloc0(sizeof(AllmReach));
	HASHCTL		control = {0};

	control.keysize = sizeof(AllmRelation *);
	control.entrysize = sizeof(Place);
	control.hcxt = CurrentMemoryContext;
	reach->from = from;
	reach->likely = likely;
	reach->places = hash_create("analytics_llm places", 16, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	enter_place(reach, from);
	for (int next = 0; next < list_length(reach->relations); next++)
	{
		CHECK_FOR_INTERRUPTS();
		take_steps(reach, find_place(reach, list_nth(reach->relations, next)));
	}
	return reach;
}

/*
 * The shortest way to a relation.  When there are two of that length the
 * second is given as well, and it is the caller's duty to refuse: they mean
 * different things.  A relation reaches itself by an empty way.
 */
AllmWay
allm_graph_find_way(const AllmReach *reach, const AllmRelation *to)
{
	AllmWay		way = {0};
	Place	   *place = find_place(reach, to);

	if (place != NULL)
	{
		way.found = true;
		way.keys = place->keys;
		way.rival = place->rival;
	}
	return way;
}

/* Finds which keys refer to each relation, once for a snapshot. */
static void
find_referrers(AllmDerived *derived)
{
	const List *relations = derived->snapshot->relations;
	MemoryContext caller = MemoryContextSwitchTo(derived->context);
	List	  **referrers;
	ListCell   *cell;
	ListCell   *inner;

	referrers = palloc0_array(List *, list_length(relations));
	foreach(cell, relations)
	{
		const AllmRelation *relation = lfirst(cell);

		foreach(inner, relation->foreign_keys)
		{
			AllmForeignKey *key = lfirst(inner);
			List	  **list = &referrers[key->to->number];

			*list = lappend(*list, key);
		}
		foreach(inner, relation->likely_keys)
		{
			AllmForeignKey *key = lfirst(inner);
			List	  **list = &referrers[key->to->number];

			*list = lappend(*list, key);
		}
	}
	MemoryContextSwitchTo(caller);
	derived->referrers = referrers;
}

/*
 * The keys that refer to a relation, the likely ones among them, as a list of
 * AllmForeignKey in the order of where they are from.  It is the snapshot's.
 */
const List *
allm_graph_referrers(const AllmRelation *relation)
{
	AllmDerived *derived = allm_snapshot_derived(relation);

	if (derived->referrers == NULL)
		find_referrers(derived);
	return derived->referrers[relation->number];
}

/* A way in words: "orders.ship_via, shippers.parent_id". */
char *
allm_graph_describe(const List *keys)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, keys)
	{
		AllmForeignKey *key = lfirst(cell);
		AllmColumn *column = linitial(key->from_columns);

		appendStringInfo(&text, "%s%s.%s", text.len > 0 ? ", " : "",
						 key->from->name, column->name);
	}
	return text.data;
}

/*
 * Adds what one step from a place reaches.  A row may refer to nothing by a
 * likely key, which is not mandatory.
 */
static void
take_steps(AllmReach *reach, const Place *place)
{
	ListCell   *cell;

	if (list_length(place->keys) >= MAX_STEPS)
		return;
	foreach(cell, place->relation->foreign_keys)
		take_step(reach, place, lfirst(cell));
	foreach(cell, reach->likely ? place->relation->likely_keys : NIL)
		take_step(reach, place, lfirst(cell));
}

/*
 * Adds what a key reaches.  A relation that was reached by a way as long as this
 * one gets a rival; so does one whose way leads over a place that has a rival.
 */
static void
take_step(AllmReach *reach, const Place *place, AllmForeignKey *key)
{
	Place	   *known = find_place(reach, key->to);
	List	   *keys;

	if (known != NULL && (known->rival != NIL ||
						  list_length(known->keys) !=
						  list_length(place->keys) + 1))
		return;
	keys = lappend(list_copy(place->keys), key);
	if (known != NULL)
	{
		known->rival = keys;
		return;
	}
	known = enter_place(reach, key->to);
	known->keys = keys;
	if (place->rival != NIL)
		known->rival = lappend(list_copy(place->rival), key);
}

/* A new place, without a way yet. */
static Place *
enter_place(AllmReach *reach, const AllmRelation *relation)
{
	Place	   *place = hash_search(reach->places, &relation, HASH_ENTER, NULL);

	place->keys = NIL;
	place->rival = NIL;
	reach->relations = lappend(reach->relations,
							   unconstify(AllmRelation *, relation));
	return place;
}

/* The place of a relation, or NULL. */
static Place *
find_place(const AllmReach *reach, const AllmRelation *relation)
{
	return hash_search(reach->places, &relation, HASH_FIND, NULL);
}
