/*
 * sketch.h
 *		The form of a question, before its names are settled.
 */
#ifndef ALLM_SEMANTIC_SKETCH_H
#define ALLM_SEMANTIC_SKETCH_H

#include "postgres.h"

#include "semantic/lexicon.h"

/* A figure that is asked for: a count of things, or a function of a column. */
typedef struct AllmTarget
{
	AllmFunction function;
	bool		superlative;	/* said as "highest", not as "maximum" */
	bool		distinct;
	AllmItem   *name;
} AllmTarget;

/* What a figure is broken down by: a name, or a unit of time. */
typedef struct AllmDimension
{
	AllmItem   *name;			/* NULL: the grain */
	AllmItem   *qualifier;		/* "by name OF CUSTOMER", or NULL */
	AllmGrain	grain;
} AllmDimension;

/* "category Furniture or Toys": one of these values. */
typedef struct AllmFilter
{
	AllmItem   *qualifier;		/* the column or thing named, or NULL */
	List	   *values;			/* of AllmItem */
	int			place;			/* role of the word before it, or -1 */
} AllmFilter;

/* "price over 10". */
typedef struct AllmComparison
{
	AllmItem   *name;
	AllmCompare compare;
	const char *low;			/* the number */
	const char *high;			/* of a between */
} AllmComparison;

/* A name that stands by itself. */
typedef struct AllmHead
{
	AllmItem   *name;
	AllmItem   *before;			/* the name or value before it, or NULL */
	int			place;			/* role of the word before it, or -1 */
	bool		joined;			/* "and" stands before it */
} AllmHead;

typedef struct AllmSketch
{
	List	   *targets;		/* of AllmTarget */
	List	   *dimensions;		/* of AllmDimension */
	List	   *filters;		/* of AllmFilter */
	List	   *comparisons;	/* of AllmComparison */
	List	   *heads;			/* of AllmHead */
	bool		has_period;
	AllmPeriod	period;
	AllmItem   *period_name;	/* the date that is meant, or NULL */
	AllmItem   *period_item;
	AllmItem   *subject;		/* of a ranking: "top 3 PRODUCTS", or NULL */
	AllmTarget *measure;		/* that it goes by */
	bool		descending;
	int			limit;
	bool		superlative;	/* said as "with the highest", not as "top" */
	bool		distinct;
	bool		per;			/* "per" was said, rather than "by" */
	int			cost;			/* fewer and longer names are a better form */
} AllmSketch;

extern AllmSketch *allm_sketch_make(AllmItem **items, int count,
									char **problem);

#endif							/* ALLM_SEMANTIC_SKETCH_H */
