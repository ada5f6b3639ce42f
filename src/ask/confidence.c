/*
 * confidence.c
 *		How sure an answer is: signals, their weights, and the bands.
 *
 * The one place where these numbers stand.  They are weights that were chosen,
 * not frequencies that were measured: they order answers by the evidence that
 * there is for each, and decide which of them a person must look at.
 */
#include "postgres.h"

#include <math.h>

#include "ask/confidence.h"

/* What one occurrence adds, in hundredths, and at most all of them together. */
typedef struct SignalWeight
{
	int			each;
	int			most;
} SignalWeight;

static const SignalWeight weights[ALLM_SIGNALS] =
{
	[ALLM_SIGNAL_MODEL] = {90, 90},
	[ALLM_SIGNAL_RULES] = {95, 95},
	[ALLM_SIGNAL_EXAMPLE] = {99, 99},
	[ALLM_SIGNAL_AGREES] = {7, 7},
	[ALLM_SIGNAL_DISAGREES] = {-40, -40},
	[ALLM_SIGNAL_WARNING] = {-10, -100},
	[ALLM_SIGNAL_ASSUMPTION] = {-3, -9},
	[ALLM_SIGNAL_REPAIR] = {-10, -100},
	[ALLM_SIGNAL_EXPIRED] = {-15, -15},
};

/* A band reaches from here, in hundredths, up to the one above it. */
typedef struct ConfidenceBand
{
	int			from;
	const char *name;
} ConfidenceBand;

/* Nothing is certain. */
#define MAX_CONFIDENCE	99

/* The bands, from the top; a sum belongs to the first that it reaches. */
static const ConfidenceBand bands[] =
{
	{85, "high"},
	{70, "medium"},
	{0, "low"},
};

/* The confidence of an answer, from 0 to 0.99. */
float4
allm_confidence_sum(const AllmTally *tally)
{
	int			sum = 0;

	for (int i = 0; i < ALLM_SIGNALS; i++)
	{
		int			part = tally->count[i] * weights[i].each;

		if (abs(part) > abs(weights[i].most))
			part = weights[i].most;
		sum += part;
	}
	return Max(0, Min(sum, MAX_CONFIDENCE)) / 100.0f;
}

/* The name of the band that a confidence lies in. */
const char *
allm_confidence_band(float4 confidence)
{
	int			hundredths = (int) rintf(confidence * 100);

	for (int i = 0; i < lengthof(bands) - 1; i++)
	{
		if (hundredths >= bands[i].from)
			return bands[i].name;
	}
	return bands[lengthof(bands) - 1].name;
}

/* Is it in the lowest band, which alone is a doubt? */
bool
allm_confidence_is_low(float4 confidence)
{
	return allm_confidence_band(confidence) == bands[lengthof(bands) - 1].name;
}
