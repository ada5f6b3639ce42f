/*
 * confidence.h
 *		How sure an answer is: signals, their weights, and the bands.
 */
#ifndef ALLM_ASK_CONFIDENCE_H
#define ALLM_ASK_CONFIDENCE_H

#include "postgres.h"

/* What speaks for an answer or against it.  The first three start the sum. */
typedef enum AllmSignal
{
	ALLM_SIGNAL_MODEL,			/* a model wrote the query */
	ALLM_SIGNAL_RULES,			/* a complete reading by the built-in rules */
	ALLM_SIGNAL_EXAMPLE,		/* a verified example */
	ALLM_SIGNAL_AGREES,			/* another way gave the same rows */
	ALLM_SIGNAL_DISAGREES,		/* another way gave other rows */
	ALLM_SIGNAL_WARNING,		/* a warning of the guard */
	ALLM_SIGNAL_ASSUMPTION,		/* an assumption that the model names */
	ALLM_SIGNAL_REPAIR,			/* the query was written anew after findings */
	ALLM_SIGNAL_EXPIRED			/* an expired entry stands in */
} AllmSignal;

#define ALLM_SIGNALS	(ALLM_SIGNAL_EXPIRED + 1)

/* How often each signal was seen for one answer. */
typedef struct AllmTally
{
	int			count[ALLM_SIGNALS];
} AllmTally;

extern float4 allm_confidence_sum(const AllmTally *tally);
extern const char *allm_confidence_band(float4 confidence);
extern bool allm_confidence_is_low(float4 confidence);

#endif							/* ALLM_ASK_CONFIDENCE_H */
