/*
 * origin.h
 *		What the rows of a checked query come from.
 */
#ifndef ALLM_ASK_ORIGIN_H
#define ALLM_ASK_ORIGIN_H

#include "postgres.h"

#include "guard/analyze.h"

typedef struct AllmOrigin
{
	bool		shareable;		/* the rows depend on the data alone */
	uint64		version[2];		/* of the query and all that it is made of */
	uint64		tree;			/* of the query with its views and policies */
} AllmOrigin;

extern void allm_origin_read(const AllmChecked *checked, bool repeatable,
							 AllmOrigin *origin);

#endif							/* ALLM_ASK_ORIGIN_H */
