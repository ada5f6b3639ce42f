/*
 * touch.h
 *		Which part of a schema the words of a question name.
 */
#ifndef ALLM_MODEL_TOUCH_H
#define ALLM_MODEL_TOUCH_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/snapshot.h"

typedef struct AllmTouch
{
	List	   *relations;		/* of AllmRelation, at most ALLM_MAX_TOUCHED */
	int			joins;			/* between them, those on the way included */
} AllmTouch;

/* More than these make a question no harder, and cost time. */
#define ALLM_MAX_TOUCHED	8

extern AllmTouch *allm_touch_find(const List *words,
								  const AllmSnapshot *snapshot);

#endif							/* ALLM_MODEL_TOUCH_H */
