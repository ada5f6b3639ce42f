/*
 * bond.c
 *		How the relations of an index hang together.
 *
 * Ways to join two relations are edges between them, and each column knows
 * which relations it joins.  Foreign keys are sure; what names suggest is less
 * so, see index.c.  All belongs to the index, in its memory.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "schema/bond.h"

/*
 * A relation with more neighbours than these is the hub of everything, and
 * being near to it says nothing.
 */
#define MAX_EDGES		64

/* Relations that one column joins, at most: more say nothing, either. */
#define MAX_JOINS		16

/* All of a relation with so few columns may be its key. */
#define FEW_COLUMNS		2

/*
 * Centrality is where one is who goes from relation to relation along the ways
 * to join them, and begins anew anywhere after some six steps.  It hardly
 * changes after so many rounds.
 */
#define ROUNDS			20
#define GO_ON			0.85f

static void add_half_edge(AllmIndex *index, int from, int to, float strength);
static void go_on(const AllmIndex *index, const float *here, float *next);

/* Two relations hang together, both ways, at least as surely as that. */
void
allm_bond_add_edge(AllmIndex *index, int one, int other, float strength)
{
	if (one == other)
		return;
	add_half_edge(index, one, other, strength);
	add_half_edge(index, other, one, strength);
}

/* One way of it.  The array grows by doubling. */
static void
add_half_edge(AllmIndex *index, int one, int to, float strength)
{
	AllmIndexRelation *from = &index->relations[one];

	for (int i = 0; i < from->nedges; i++)
	{
		if (from->edges[i].relation == to)
		{
			from->edges[i].strength = Max(from->edges[i].strength, strength);
			return;
		}
	}
	if (from->nedges == MAX_EDGES)
		return;
	if (from->nedges == 0)
		from->edges = MemoryContextAlloc(GetMemoryChunkContext(index),
										 4 * sizeof(AllmEdge));
	else if (from->nedges >= 4 && (from->nedges & (from->nedges - 1)) == 0)
		from->edges = repalloc(from->edges,
							   2 * from->nedges * sizeof(AllmEdge));
	from->edges[from->nedges].relation = to;
	from->edges[from->nedges++].strength = strength;
}

/* Another relation is joined by that column; each is noted once. */
void
allm_bond_add_join(AllmIndex *index, const AllmColumn *column, int relation)
{
	AllmIndexColumn *entry = &index->columns[column->number];

	if (relation == column->relation->number || entry->njoins == MAX_JOINS)
		return;
	for (int i = 0; i < entry->njoins; i++)
	{
		if (entry->joins[i] == relation)
			return;
	}
	if (entry->njoins == 0)
		entry->joins = MemoryContextAlloc(GetMemoryChunkContext(index),
										  2 * sizeof(int));
	else if (entry->njoins >= 2 && (entry->njoins & (entry->njoins - 1)) == 0)
		entry->joins = repalloc(entry->joins,
								2 * entry->njoins * sizeof(int));
	entry->joins[entry->njoins++] = relation;
}

/* Relations hang together by their foreign keys. */
void
allm_bond_add_keys(AllmIndex *index)
{
	for (int i = 0; i < index->nrelations; i++)
	{
		ListCell   *cell;
		ListCell   *column;

		foreach(cell, index->relations[i].relation->foreign_keys)
		{
			AllmForeignKey *key = lfirst(cell);

			allm_bond_add_edge(index, i, key->to->number, 1.0);
			index->relations[key->to->number].nreferring++;
			foreach(column, key->from_columns)
				allm_bond_add_join(index, lfirst(column), key->to->number);
			foreach(column, key->to_columns)
			{
				index->columns[((AllmColumn *) lfirst(column))->number].traits |=
					ALLM_TRAIT_JOINS;
				allm_bond_add_join(index, lfirst(column), i);
			}
		}
	}
}

/* Columns of one name, if all of them may join, join each other's relations. */
void
allm_bond_add_namesakes(AllmIndex *index, const List *numbers)
{
	AllmIndexColumn *columns = index->columns;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, numbers)
	{
		if ((columns[lfirst_int(cell)].traits & ALLM_TRAIT_JOINS) == 0)
			return;
	}
	foreach(cell, numbers)
	{
		foreach(inner, numbers)
			allm_bond_add_join(index, columns[lfirst_int(cell)].column,
							   columns[lfirst_int(inner)].column->relation->number);
	}
}

/*
 * A column whose name ends as a relation is called refers to one of its rows,
 * declared or not, if it can hold a key.
 */
void
allm_bond_add_role(AllmIndex *index, const AllmColumn *column)
{
	AllmIndexColumn *entry = &index->columns[column->number];

	if (column->in_key || (column->category != TYPCATEGORY_NUMERIC &&
						   column->category != TYPCATEGORY_STRING))
		return;
	entry->traits |= ALLM_TRAIT_JOINS;
	entry->traits &= ~(ALLM_TRAIT_LABEL | ALLM_TRAIT_TEXT);
}

/* Finds what names the rows of a relation, and keys that nothing refers to. */
void
allm_bond_find_names(AllmIndex *index)
{
	for (int i = 0; i < index->nrelations; i++)
	{
		const AllmIndexRelation *relation = &index->relations[i];
		AllmIndexColumn *label = NULL;
		AllmIndexColumn *text = NULL;

		for (int at = relation->first;
			 at < relation->first + relation->ncolumns; at++)
		{
			AllmIndexColumn *entry = &index->columns[at];
			bool		joins = (entry->traits & ALLM_TRAIT_JOINS) != 0;

			if (label == NULL && (entry->traits & ALLM_TRAIT_LABEL))
				label = entry;
			if (text == NULL && !joins &&
				entry->column->category == TYPCATEGORY_STRING)
				text = entry;
			/* A part of a key tells rows apart, and need not lead anywhere. */
			if (entry->column->in_key && entry->njoins == 0 &&
				list_length(relation->relation->primary_key) == 1 &&
				relation->ncolumns > FEW_COLUMNS)
				entry->traits |= ALLM_TRAIT_LONELY;
		}
		if (label != NULL || text != NULL)
			(label != NULL ? label : text)->traits |= ALLM_TRAIT_NAMES;
	}
}

/* Finds how central each relation is, beside the one that is most. */
void
allm_bond_find_centrality(AllmIndex *index)
{
	int			n = index->nrelations;
	float	   *here = palloc(Max(n, 1) * sizeof(float));
	float	   *next = palloc(Max(n, 1) * sizeof(float));
	float		most = 0;

	for (int i = 0; i < n; i++)
		here[i] = 1.0f / n;
	for (int round = 0; round < ROUNDS; round++)
	{
		CHECK_FOR_INTERRUPTS();
		go_on(index, here, next);
		memcpy(here, next, n * sizeof(float));
	}
	for (int i = 0; i < n; i++)
		most = Max(most, here[i]);
	for (int i = 0; i < n; i++)
		index->relations[i].centrality = here[i] / most;
	pfree(here);
	pfree(next);
}

/* One step from everywhere, in proportion to how sure the ways are. */
static void
go_on(const AllmIndex *index, const float *here, float *next)
{
	int			n = index->nrelations;

	for (int i = 0; i < n; i++)
		next[i] = (1 - GO_ON) / n;
	for (int i = 0; i < n; i++)
	{
		const AllmIndexRelation *from = &index->relations[i];
		float		sum = 0;

		for (int j = 0; j < from->nedges; j++)
			sum += from->edges[j].strength;
		for (int j = 0; j < from->nedges; j++)
			next[from->edges[j].relation] +=
				GO_ON * here[i] * from->edges[j].strength / sum;
	}
}
