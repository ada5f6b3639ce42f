/*
 * link.c
 *		Which part of a schema a question is about.
 *
 * The most relevant columns (see relevance.c) are taken, with their relations,
 * until the room is full.  The room is always filled: a column too many costs
 * little, a missing one costs the answer.  A part of it is kept for the columns
 * that join relations which were taken, on both sides of each foreign key.
 *
 * Works on a snapshot, so nothing hidden is in the result.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "schema/describe.h"
#include "schema/link.h"
#include "schema/relevance.h"

/* Of the room, one in so many is kept for columns that joins need. */
#define JOINS_SHARE		12

/* A relation of which something was taken. */
typedef struct Taken
{
	AllmLinkedRelation *part;
	List	   *types;			/* see allm_describe_column_bytes */
} Taken;

/* Room that is being filled. */
typedef struct Filling
{
	Taken	   *taken;			/* by relation */
	Size		left;
} Filling;

static void take_columns(Filling *filling, const AllmWish *wishes, int nwishes);
static void take_column(Filling *filling, const AllmColumn *column);
static void take_join_columns(Filling *filling, const AllmIndex *index);

/*
 * The part of the schema that a question needs, which as allm_describe_linked
 * writes it takes at most max_bytes; in the current memory context.
 */
AllmLinked *
allm_link_choose(const AllmSnapshot *snapshot, const char *question,
				 Size max_bytes)
{
	AllmLinked *linked = palloc0(sizeof(AllmLinked));
	MemoryContext scratch;
	MemoryContext caller;
	Filling		filling = {0};
	AllmRelevance *relevance;
	AllmWish   *wishes;
	int			nwishes;

	if (snapshot->relations == NIL)
		return linked;
	scratch = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm linking",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(scratch);
	relevance = allm_relevance_find(snapshot, question);
	wishes = allm_relevance_wishes(relevance, &nwishes);
	filling.taken = palloc0(relevance->index->nrelations * sizeof(Taken));
	/* Joins come when it is known what is joined, from room kept for them. */
	max_bytes -= Min(max_bytes, strlen("Schema:\n"));
	filling.left = max_bytes - max_bytes / JOINS_SHARE;
	take_columns(&filling, wishes, nwishes);
	filling.left += max_bytes / JOINS_SHARE;
	take_join_columns(&filling, relevance->index);
	take_columns(&filling, wishes, nwishes);

	MemoryContextSwitchTo(caller);
	for (int i = 0; i < relevance->index->nrelations; i++)
	{
		AllmLinkedRelation *part = filling.taken[i].part;
		AllmLinkedRelation *copy;

		if (part == NULL)
			continue;
		copy = palloc(sizeof(AllmLinkedRelation));
		copy->relation = part->relation;
		copy->columns = bms_copy(part->columns);
		linked->relations = lappend(linked->relations, copy);
	}
	MemoryContextDelete(scratch);
	return linked;
}

/* Takes columns in their order; what does not fit is passed over. */
static void
take_columns(Filling *filling, const AllmWish *wishes, int nwishes)
{
	for (int i = 0; i < nwishes; i++)
		take_column(filling, wishes[i].column);
}

/* Takes a column, and its relation with it, if there is room for them. */
static void
take_column(Filling *filling, const AllmColumn *column)
{
	const AllmRelation *relation = column->relation;
	Taken	   *taken = &filling->taken[relation->number];
	List	   *types = list_copy(taken->types);
	Size		bytes = allm_describe_column_bytes(column, &types);

	if (taken->part == NULL)
		bytes += allm_describe_relation_bytes(relation);
	else if (bms_is_member(column->attnum, taken->part->columns))
		return;
	if (bytes > filling->left)
		return;
	if (taken->part == NULL)
	{
		taken->part = palloc0(sizeof(AllmLinkedRelation));
		taken->part->relation = relation;
	}
	filling->left -= bytes;
	taken->types = types;
	taken->part->columns = bms_add_member(taken->part->columns,
										  column->attnum);
}

/* Takes both sides of each foreign key between relations that were taken. */
static void
take_join_columns(Filling *filling, const AllmIndex *index)
{
	for (int i = 0; i < index->nrelations; i++)
	{
		ListCell   *cell;
		ListCell   *column;

		if (filling->taken[i].part == NULL)
			continue;
		foreach(cell, index->relations[i].relation->foreign_keys)
		{
			AllmForeignKey *key = lfirst(cell);

			if (filling->taken[key->to->number].part == NULL)
				continue;
			foreach(column, key->from_columns)
				take_column(filling, lfirst(column));
			foreach(column, key->to_columns)
				take_column(filling, lfirst(column));
		}
	}
}
