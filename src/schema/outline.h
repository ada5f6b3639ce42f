/*
 * outline.h
 *		A part of a schema in few words.
 */
#ifndef ALLM_SCHEMA_OUTLINE_H
#define ALLM_SCHEMA_OUTLINE_H

#include "postgres.h"

#include "nodes/bitmapset.h"

#include "schema/snapshot.h"

/* What of a relation is told. */
typedef struct AllmLinkedRelation
{
	const AllmRelation *relation;
	Bitmapset  *columns;		/* by attnum */
	bool		brief;			/* by their names alone */
} AllmLinkedRelation;

/* A part of a schema, in the order of the snapshot. */
typedef struct AllmLinked
{
	List	   *relations;		/* of AllmLinkedRelation */
} AllmLinked;

/* The line of a relation while columns are chosen for it. */
typedef struct AllmLine
{
	AllmLinkedRelation part;	/* its relation is NULL before the first one */
	struct AllmForms *forms;	/* see outline.c */
	Size		bytes;			/* at most so many does it take */
} AllmLine;

extern Size allm_outline_measure(AllmLine *line, const AllmColumn *column);
extern bool allm_outline_take(AllmLine *line, const AllmColumn *column,
							  Size *left);
extern bool allm_outline_expand(AllmLine *line, Size *left);
extern char *allm_outline_write(const AllmLinked *linked);

#endif							/* ALLM_SCHEMA_OUTLINE_H */
