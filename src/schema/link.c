/*
 * link.c
 *		Which part of a schema a question is about.
 *
 * The most relevant columns (see relevance.c) are taken, with their relations,
 * until the room is full.  The room is always filled: a column too many costs
 * little, a missing one costs the answer.  A part of it is kept for the columns
 * that join relations which were taken, on both sides of each foreign key.
 *
 * What a query most likely needs is told in full, all else by its names: a model
 * that knows what is there can say more with a name than with three types.  Room
 * that nothing asks for is spent on the rest.
 *
 * Works on a snapshot, so nothing hidden is in the result.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "schema/link.h"
#include "schema/relevance.h"

/* Of the room, one in so many is kept for columns that joins need. */
#define JOINS_SHARE		12

/*
 * So many relations are told in full before all else: that which a question is
 * about.  More of them would cost names of others, which a query needs more.
 */
#define FULL_RELATIONS	1

/* Room that is being filled. */
typedef struct Filling
{
	AllmLine   *lines;			/* by relation */
	Size		left;
} Filling;

static void choose_form(Filling *filling, const AllmRelevance *relevance);
static void take_columns(Filling *filling, const AllmWish *wishes, int nwishes);
static void take_column(Filling *filling, const AllmColumn *column);
static void take_join_columns(Filling *filling, const AllmIndex *index);
static void expand_lines(Filling *filling, const AllmWish *wishes, int nwishes);

/*
 * The part of the schema that a question needs, which as allm_outline_write
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
	filling.lines = palloc0(relevance->index->nrelations * sizeof(AllmLine));
	choose_form(&filling, relevance);
	/* Joins come when it is known what is joined, from room kept for them. */
	max_bytes -= Min(max_bytes, strlen("Schema:\n"));
	filling.left = max_bytes - max_bytes / JOINS_SHARE;
	take_columns(&filling, wishes, nwishes);
	filling.left += max_bytes / JOINS_SHARE;
	take_join_columns(&filling, relevance->index);
	take_columns(&filling, wishes, nwishes);
	expand_lines(&filling, wishes, nwishes);

	MemoryContextSwitchTo(caller);
	for (int i = 0; i < relevance->index->nrelations; i++)
	{
		const AllmLinkedRelation *part = &filling.lines[i].part;
		AllmLinkedRelation *copy;

		if (part->relation == NULL)
			continue;
		copy = palloc(sizeof(AllmLinkedRelation));
		*copy = *part;
		copy->columns = bms_copy(part->columns);
		linked->relations = lappend(linked->relations, copy);
	}
	MemoryContextDelete(scratch);
	return linked;
}

/* The best relations are told in full. */
static void
choose_form(Filling *filling, const AllmRelevance *relevance)
{
	for (int i = 0; i < relevance->index->nrelations; i++)
		filling->lines[i].part.brief = true;
	for (int i = 0; i < Min(relevance->ncandidates, FULL_RELATIONS); i++)
		filling->lines[relevance->candidates[i]].part.brief = false;
}

/* Takes columns in their order; what does not fit is passed over. */
static void
take_columns(Filling *filling, const AllmWish *wishes, int nwishes)
{
	for (int i = 0; i < nwishes; i++)
	{
		CHECK_FOR_INTERRUPTS();
		take_column(filling, wishes[i].column);
	}
}

/* Takes a column, and its relation with it, if there is room for them. */
static void
take_column(Filling *filling, const AllmColumn *column)
{
	AllmLine   *line = &filling->lines[column->relation->number];

	if (!bms_is_member(column->attnum, line->part.columns))
		allm_outline_take(line, column, &filling->left);
}

/* Tells more of what was taken, the most relevant first. */
static void
expand_lines(Filling *filling, const AllmWish *wishes, int nwishes)
{
	for (int i = 0; i < nwishes; i++)
	{
		AllmLine   *line = &filling->lines[wishes[i].column->relation->number];

		if (line->part.relation != NULL && line->part.brief &&
			!allm_outline_expand(line, &filling->left))
			return;
	}
}

/* Takes both sides of each foreign key between relations that were taken. */
static void
take_join_columns(Filling *filling, const AllmIndex *index)
{
	for (int i = 0; i < index->nrelations; i++)
	{
		ListCell   *cell;
		ListCell   *column;

		if (filling->lines[i].part.relation == NULL)
			continue;
		foreach(cell, index->relations[i].relation->foreign_keys)
		{
			AllmForeignKey *key = lfirst(cell);

			if (filling->lines[key->to->number].part.relation == NULL)
				continue;
			foreach(column, key->from_columns)
				take_column(filling, lfirst(column));
			foreach(column, key->to_columns)
				take_column(filling, lfirst(column));
		}
	}
}
