/*
 * link.h
 *		Which part of a schema a question is about.
 */
#ifndef ALLM_SCHEMA_LINK_H
#define ALLM_SCHEMA_LINK_H

#include "postgres.h"

#include "nodes/bitmapset.h"

#include "schema/precedent.h"
#include "schema/snapshot.h"

/* A relation that a question needs, and what of it. */
typedef struct AllmLinkedRelation
{
	const AllmRelation *relation;
	Bitmapset  *columns;		/* by attnum */
} AllmLinkedRelation;

/* A part of a schema, in the order of the snapshot. */
typedef struct AllmLinked
{
	List	   *relations;		/* of AllmLinkedRelation */
} AllmLinked;

extern AllmLinked *allm_link_choose(const AllmSnapshot *snapshot,
									const char *question, Size max_bytes);

#endif							/* ALLM_SCHEMA_LINK_H */
