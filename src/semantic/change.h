/*
 * change.h
 *		Whether a plan changes no more of an earlier one than was said.
 */
#ifndef ALLM_SEMANTIC_CHANGE_H
#define ALLM_SEMANTIC_CHANGE_H

#include "postgres.h"

#include "semantic/amend.h"

/* A changed form, and what of the earlier one is not in it any more. */
typedef struct AllmChange
{
	AllmSketch	sketch;			/* MUST BE FIRST */
	const AllmAmended *before;
	const AllmFilter *dropped;	/* for one on the same column, or NULL */
	const AllmComparison *lifted;	/* likewise */
	bool		keeps_groups;
	bool		keeps_measures;
	bool		keeps_moment;
} AllmChange;

extern char *allm_change_object(const AllmSketch *sketch,
								const AllmPlan *plan, void *state);

#endif							/* ALLM_SEMANTIC_CHANGE_H */
