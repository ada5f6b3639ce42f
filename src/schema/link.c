/*
 * link.c
 *		Which part of a schema a question is about.
 *
 * The most relevant columns (see relevance.c) are taken, with their relations,
 * until the room is full.  The room is always filled: a column too many costs
 * little, a missing one costs the answer.  What a column costs is what its line
 * becomes longer: a short name, one that shares a word with others that are there,
 * and one of a relation that is there come before what is as likely.  A part of
 * the room is kept for the columns that join relations which were taken, on both
 * sides of each foreign key.
 *
 * What a query most likely needs is told in full, all else by its names: a model
 * that knows what is there can say more with a name than with three types.  Room
 * that nothing asks for is spent on the rest.
 *
 * Works on a snapshot, so nothing hidden is in the result.
 */
#include "postgres.h"

#include <math.h>

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

/*
 * The scores of columns are about logarithms of how likely they are needed: one
 * that takes twice the room has to be twice as likely.
 */
#define ROOM_WEIGHT		1.0f

/* The wishes for one relation, and the best of those for which there is room. */
typedef struct Choice
{
	const AllmWish *wishes;
	int			nwishes;
	const AllmWish *best;		/* or NULL */
	float		value;			/* its score, less what its room is worth */
} Choice;

/* Room that is being filled. */
typedef struct Filling
{
	AllmLine   *lines;			/* by relation */
	Size		left;
	Choice	   *choices;		/* by candidate */
	int			nchoices;
} Filling;

static void read_wishes(Filling *filling, const AllmRelevance *relevance);
static void take_columns(Filling *filling);
static void choose_best(const Filling *filling, Choice *choice);
static void take_column(Filling *filling, const AllmColumn *column);
static void take_join_columns(Filling *filling, const AllmIndex *index);
static void expand_lines(Filling *filling);

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

	if (snapshot->relations == NIL)
		return linked;
	scratch = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm linking",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(scratch);
	relevance = allm_relevance_find(snapshot, question);
	read_wishes(&filling, relevance);
	/* Joins come when it is known what is joined, from room kept for them. */
	max_bytes -= Min(max_bytes, strlen("Schema:\n"));
	filling.left = max_bytes - max_bytes / JOINS_SHARE;
	take_columns(&filling);
	filling.left += max_bytes / JOINS_SHARE;
	take_join_columns(&filling, relevance->index);
	take_columns(&filling);
	expand_lines(&filling);

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

/* What is wished for, and in which form: the best relations are told in full. */
static void
read_wishes(Filling *filling, const AllmRelevance *relevance)
{
	filling->lines = palloc0(relevance->index->nrelations * sizeof(AllmLine));
	for (int i = 0; i < relevance->index->nrelations; i++)
		filling->lines[i].part.brief = true;
	filling->nchoices = relevance->ncandidates;
	filling->choices = palloc0(Max(filling->nchoices, 1) * sizeof(Choice));
	for (int i = 0; i < filling->nchoices; i++)
	{
		Choice	   *choice = &filling->choices[i];

		CHECK_FOR_INTERRUPTS();
		choice->wishes = allm_relevance_wishes(relevance, i, &choice->nwishes);
		if (i < FULL_RELATIONS)
			filling->lines[relevance->candidates[i]].part.brief = false;
	}
}

/* Takes the best column each time, until there is room for none. */
static void
take_columns(Filling *filling)
{
	for (int i = 0; i < filling->nchoices; i++)
		choose_best(filling, &filling->choices[i]);
	for (;;)
	{
		Choice	   *best = NULL;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < filling->nchoices; i++)
		{
			Choice	   *choice = &filling->choices[i];

			if (choice->best != NULL &&
				(best == NULL || choice->value > best->value))
				best = choice;
		}
		if (best == NULL)
			return;
		/* Others may have taken its room since, and then it is passed over. */
		take_column(filling, best->best->column);
		choose_best(filling, best);
	}
}

/*
 * Finds the best column of a relation that is not taken and fits.  What each of
 * them costs changes with what is taken of the relation, and with nothing else.
 */
static void
choose_best(const Filling *filling, Choice *choice)
{
	AllmLine   *line =
	&filling->lines[choice->wishes[0].column->relation->number];

	choice->best = NULL;
	for (int i = 0; i < choice->nwishes; i++)
	{
		const AllmWish *wish = &choice->wishes[i];
		Size		bytes;
		float		value;

		/* Most of them could not be the best if they took next to nothing. */
		if ((choice->best != NULL && wish->score <= choice->value) ||
			bms_is_member(wish->column->attnum, line->part.columns))
			continue;
		bytes = allm_outline_measure(line, wish->column);
		value = wish->score - ROOM_WEIGHT * logf(bytes);
		if (bytes > filling->left ||
			(choice->best != NULL && value <= choice->value))
			continue;
		choice->best = wish;
		choice->value = value;
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
expand_lines(Filling *filling)
{
	for (int i = 0; i < filling->nchoices; i++)
	{
		AllmLine   *line =
		&filling->lines[filling->choices[i].wishes[0].column->relation->number];

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
