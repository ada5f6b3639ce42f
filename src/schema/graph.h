/*
 * graph.h
 *		The foreign-key graph: ways from many to one.
 */
#ifndef ALLM_SCHEMA_GRAPH_H
#define ALLM_SCHEMA_GRAPH_H

#include "postgres.h"

#include "utils/hsearch.h"

#include "schema/snapshot.h"

/* All that one relation reaches. */
typedef struct AllmReach
{
	const AllmRelation *from;
	bool		likely;			/* by likely keys as well */
	List	   *relations;		/* of AllmRelation, nearest first, with itself */
	HTAB	   *places;			/* by relation; private to graph.c */
} AllmReach;

/* What a search for a way found. */
typedef struct AllmWay
{
	bool		found;
	List	   *keys;			/* of AllmForeignKey, the first leaves "from" */
	List	   *rival;			/* another way of the same length, or NIL */
} AllmWay;

extern AllmReach *allm_graph_walk(const AllmRelation *from, bool likely);
extern AllmWay allm_graph_find_way(const AllmReach *reach,
								   const AllmRelation *to);
extern const List *allm_graph_referrers(const AllmRelation *relation);
extern char *allm_graph_describe(const List *keys);

#endif							/* ALLM_SCHEMA_GRAPH_H */
