/*
 * index.h
 *		The words of a schema, and which relations hang together.
 */
#ifndef ALLM_SCHEMA_INDEX_H
#define ALLM_SCHEMA_INDEX_H

#include "postgres.h"

#include "schema/snapshot.h"
#include "schema/term.h"

/* Where a word stands. */
typedef enum AllmPlace
{
	ALLM_PLACE_RELATION,		/* in the name of a relation */
	ALLM_PLACE_COLUMN,			/* in the name of a column, the relation's off */
	ALLM_PLACE_COMMENT,			/* in a comment, or a label of an enum */
	ALLM_PLACE_VALUE			/* in a value that may be shown */
} AllmPlace;

typedef struct AllmPosting
{
	int			relation;		/* its number */
	int			column;			/* its number, or -1: the relation itself */
	uint8		place;			/* an AllmPlace */
	uint8		width;			/* words of the name, or of the value */
} AllmPosting;

/* One word of the schema, as a stem. */
typedef struct AllmTerm
{
	const char *text;
	uint32		letters;		/* one bit for each letter that is in it */
	AllmKin		kin;			/* see allm_term_kin */
	int			first;			/* its postings: from, and how many */
	int			count;
	float		weight;			/* the rarer, the more it says */
} AllmTerm;

/* Relations that can be joined, and how sure that is. */
typedef struct AllmEdge
{
	int			relation;
	float		strength;		/* 1: a foreign key */
} AllmEdge;

/* What a column is good for: bits of AllmIndexColumn.traits. */
#define ALLM_TRAIT_JOINS	(1 << 0)	/* relations are joined by it */
#define ALLM_TRAIT_LABEL	(1 << 1)	/* names the row */
#define ALLM_TRAIT_TIME		(1 << 2)
#define ALLM_TRAIT_NUMBER	(1 << 3)	/* a figure, not a key */
#define ALLM_TRAIT_TEXT		(1 << 4)	/* and no label */
#define ALLM_TRAIT_NAMES	(1 << 5)	/* the relation's first label, or text */
#define ALLM_TRAIT_LONELY	(1 << 6)	/* a key that nothing refers to */

typedef struct AllmIndexColumn
{
	AllmColumn *column;
	uint8		traits;
	uint8		nwords;			/* of its name, the relation's off */
	int			njoins;
	int		   *joins;			/* relations that are joined by it */
} AllmIndexColumn;

typedef struct AllmIndexRelation
{
	AllmRelation *relation;
	int			first;			/* its columns: from that number on, and how
								 * many */
	int			ncolumns;
	AllmEdge   *edges;
	int			nedges;
	int			nreferring;		/* foreign keys that lead here */
	float		centrality;		/* how much leads here, beside the relation to
								 * which most does */
	bool		has_time;		/* any column is one */
} AllmIndexRelation;

/* Numbers are those of the snapshot. */
typedef struct AllmIndex
{
	AllmIndexRelation *relations;
	int			nrelations;
	AllmIndexColumn *columns;
	int			ncolumns;
	AllmTerm   *terms;
	int			nterms;
	AllmPosting *postings;		/* by term, then by relation */
} AllmIndex;

extern const AllmIndex *allm_index_get(const AllmSnapshot *snapshot);
extern uint32 allm_index_letters(const char *word);

#endif							/* ALLM_SCHEMA_INDEX_H */
