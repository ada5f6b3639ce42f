/*
 * plan.h
 *		What a question asks for, with every name settled.
 */
#ifndef ALLM_SEMANTIC_PLAN_H
#define ALLM_SEMANTIC_PLAN_H

#include "postgres.h"

#include "schema/graph.h"
#include "semantic/match.h"
#include "semantic/sketch.h"

/* A column as seen from the base: over these keys, each from many to one. */
typedef struct AllmRef
{
	const AllmColumn *column;
	List	   *keys;			/* of AllmForeignKey */
} AllmRef;

/* One column of the answer. */
typedef struct AllmOutput
{
	AllmRef    *ref;			/* NULL: count of rows */
	AllmFunction function;		/* ALLM_FUNCTION_DEFAULT: the column itself */
	bool		distinct;
	bool		has_grain;
	AllmGrain	grain;
	char	   *name;			/* wanted; made unique later */
} AllmOutput;

/* One condition: values, a comparison, or a stretch of time. */
typedef struct AllmCondition
{
	AllmRef    *ref;
	const AllmColumn *named;	/* that the values were found in */
	const AllmFilter *filter;	/* NULL: no filter */
	List	   *values;			/* of char *, any of them */
	const AllmComparison *comparison;
	const AllmPeriod *period;
} AllmCondition;

typedef struct AllmPlan
{
	const AllmRelation *base;
	List	   *groups;			/* of AllmOutput: columns to group by or list */
	List	   *measures;		/* of AllmOutput; NIL: a list */
	List	   *conditions;		/* of AllmCondition */
	AllmRef    *order;			/* a list is ranked by this column */
	bool		ranked;
	bool		descending;
	int			limit;
	bool		distinct;
	bool		assumed;		/* a total, which the question does not say */
	int			dimensions;		/* that were named; a thing may be two groups */
	bool		spoken;			/* what the figures do was said: "total" */
	char	   *words;			/* the plan, as a person would say it */
	int			cost;
	char	   *problem;		/* why there is no plan; a sentence */
	bool		doubtful;		/* the problem is that there are two ways */
	bool		senseless;		/* it is that the figures would mean nothing */
	bool		rival;			/* and whatever is asked, both are there */
} AllmPlan;

extern List *allm_plan_bases(const AllmSketch *sketch);
extern AllmPlan *allm_plan_make(const AllmSketch *sketch,
								const AllmReach *reach,
								const AllmReadInput *input);

#endif							/* ALLM_SEMANTIC_PLAN_H */
