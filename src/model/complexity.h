/*
 * complexity.h
 *		How hard a question is, and of which class: by rules, without a model.
 */
#ifndef ALLM_MODEL_COMPLEXITY_H
#define ALLM_MODEL_COMPLEXITY_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "model/touch.h"

/* The hardest that a question can be. */
#define ALLM_MAX_COMPLEXITY 10

/* One reason of a score. */
typedef struct AllmComplexityReason
{
	const char *name;			/* of the trait: "filters" */
	const char *text;			/* what it stands for, in words */
	int			count;			/* how often it was found, at most its cap */
	float4		adds;			/* to the score */
	char	   *found;			/* the words that were found, or NULL */
} AllmComplexityReason;

typedef struct AllmComplexity
{
	float4		score;			/* 0 to ALLM_MAX_COMPLEXITY */
	List	   *reasons;		/* of AllmComplexityReason */
	const char *question_class;
	const char *class_reason;
} AllmComplexity;

extern AllmComplexity *allm_complexity_estimate(const List *words,
												const AllmTouch *touch);

#endif							/* ALLM_MODEL_COMPLEXITY_H */
