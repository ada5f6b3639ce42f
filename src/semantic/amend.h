/*
 * amend.h
 *		The form of a question, changed by what a later one says.
 */
#ifndef ALLM_SEMANTIC_AMEND_H
#define ALLM_SEMANTIC_AMEND_H

#include "postgres.h"

#include "semantic/search.h"
#include "semantic/sketch.h"

/* How a question goes on from an earlier one. */
typedef enum AllmManner
{
	ALLM_MANNER_BARE,			/* "by month" */
	ALLM_MANNER_AND,			/* "and by month" */
	ALLM_MANNER_ABOUT,			/* "what about 2023" */
	ALLM_MANNER_ONLY,			/* "only West" */
	ALLM_MANNER_INSTEAD			/* "by month instead" */
} AllmManner;

/* What a question says that goes on from another. */
typedef struct AllmAmendment
{
	AllmManner	manner;
	bool		asks;			/* "and in 2023?" asks about it alone */
	bool		points;			/* "those in West": of what there was */
	bool		lists;			/* "which ...": it asks for things */
	int			limit;			/* "top 5"; 0: none */
	bool		descending;
	AllmItem   *subject;		/* of it, or NULL */
	List	   *functions;		/* of AllmTarget without a name: "the average" */
	AllmSketch *sketch;			/* all that has a form of its own */
} AllmAmendment;

/* A question that was read, and can be gone on from. */
typedef struct AllmAmended
{
	const AllmSketch *sketch;
	const AllmPlan *plan;
} AllmAmended;

extern bool allm_amend_read(AllmItem **items, int nitems, AllmManner manner,
							AllmAmendment *amendment, char **problem);
extern bool allm_amend_names(const AllmAmendment *amendment);
extern void allm_amend_weigh(AllmSearch *search, const AllmAmended *before,
							 const AllmAmendment *amendment);

#endif							/* ALLM_SEMANTIC_AMEND_H */
