/*
 * evidence.c
 *		Is one model worse than another, as far as what was seen of them tells?
 *
 * A guard looks again and again while the figures grow.  A test that is right
 * one time in twenty when it is done once is wrong far more often when it is
 * done after each question, so this one is valid at any time: the mixture
 * sequential probability ratio test (Johari, Koomen, Pekelis and Walsh, "Always
 * valid inference").  Its ratio exceeds 1/alpha at some time, for two models
 * that do not differ, with a probability of at most alpha.
 *
 * Pure functions; what SQL calls of them stands at the end.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/jsonb.h"

#include "base/json.h"
#include "watch/evidence.h"

/* The chance that a guard ends a rollout that is no worse, over all metrics. */
#define ALPHA			0.05

/*
 * What is worth ending a rollout for is beyond the limit: differences are looked
 * for that are about so many times as large.  Any number makes a valid test;
 * this one finds plain faults in the smallest sample.
 */
#define SPREAD			2.0

/* Without one in the guard. */
#define MIN_SAMPLE		100

/* How a metric is called, and whether its limit is a ratio of the means. */
typedef struct MetricRow
{
	const char *name;
	bool		is_ratio;
	bool		is_rate;		/* its numbers are 0 and 1 */
} MetricRow;

/* By AllmMetric; the names are the keys of a guard. */
static const MetricRow metrics[ALLM_METRICS] =
{
	[ALLM_METRIC_ERROR] = {"error_rate", false, true},
	[ALLM_METRIC_INVALID] = {"validation_failures", false, true},
	[ALLM_METRIC_LATENCY] = {"latency", true, false},
	[ALLM_METRIC_COST] = {"cost", true, false},
	[ALLM_METRIC_FEEDBACK] = {"negative_feedback", false, true},
};

PG_FUNCTION_INFO_V1(analytics_llm_guard_verdict);

static bool is_worse(const MetricRow *row, double limit, double alpha,
					 const AllmFigures *control, const AllmFigures *treatment);
static double find_variance(const MetricRow *row, const AllmFigures *figures);
static void read_figures(ArrayType *array, AllmFigures *figures);

/* The name of a metric, as guards spell it. */
const char *
allm_evidence_metric(AllmMetric metric)
{
	return metrics[metric].name;
}

/*
 * The likelihood of what was seen if the means differ, by about the effect that
 * matters, against that if they do not.  Where nothing varies, any difference is
 * certain.
 */
double
allm_evidence_ratio(const AllmFigures *control, const AllmFigures *treatment,
					double effect)
{
	double		v = control->variance / control->n +
	treatment->variance / treatment->n;
	double		t = effect * effect;
	double		d = treatment->mean - control->mean;

	if (!(t > 0))
		return 0;
	if (!(v > 0))
		return d != 0 ? get_float8_infinity() : 0;
	return sqrt(v / (v + t)) * exp(t * d * d / (2 * v * (v + t)));
}

/*
 * The metric in which the treatment is worse than the guard allows, or -1.
 * Both arms need the guard's sample.
 */
int
allm_evidence_judge(const AllmGuard *guard, const AllmFigures *control,
					const AllmFigures *treatment)
{
	int			watched = 0;

	for (int i = 0; i < ALLM_METRICS; i++)
		watched += guard->limit[i] > 0 ? 1 : 0;
	for (int i = 0; i < ALLM_METRICS; i++)
	{
		if (guard->limit[i] > 0 && control[i].n >= guard->min_sample &&
			treatment[i].n >= guard->min_sample &&
			is_worse(&metrics[i], guard->limit[i], ALPHA / watched,
					 &control[i], &treatment[i]))
			return i;
	}
	return -1;
}

/* Worse by the limit, as it looks, and beyond chance. */
static bool
is_worse(const MetricRow *row, double limit, double alpha,
		 const AllmFigures *control, const AllmFigures *treatment)
{
	AllmFigures a = *control;
	AllmFigures b = *treatment;
	double		effect = row->is_ratio ? (limit - 1) * a.mean : limit;

	if (b.mean - a.mean < effect)
		return false;
	/* Of nothing, everything is more than so many times as much. */
	if (effect == 0)
		effect = b.mean;
	a.variance = find_variance(row, &a);
	b.variance = find_variance(row, &b);
	return allm_evidence_ratio(&a, &b, SPREAD * effect) >= 1 / alpha;
}

/*
 * The variance of one number.  A rate of 0 or 1 has none in what was seen, which
 * is no certainty: two more questions, one of each kind, are taken into account.
 */
static double
find_variance(const MetricRow *row, const AllmFigures *figures)
{
	double		rate;

	if (!row->is_rate)
		return figures->variance;
	rate = (figures->mean * figures->n + 1) / (figures->n + 2);
	return rate * (1 - rate);
}

/*
 * analytics_llm_guard_verdict
 *		In what is the treatment worse than a guard allows?
 *
 * SQL: analytics_llm.guard_verdict(guard jsonb, control float8[],
 *		treatment float8[]) returns text
 *
 * The arrays hold n, mean and variance of each metric, in order.  NULL: it is
 * not.
 */
Datum
analytics_llm_guard_verdict(PG_FUNCTION_ARGS)
{
	Jsonb	   *given = PG_GETARG_JSONB_P(0);
	char	   *text = JsonbToCString(NULL, &given->root, VARSIZE(given));
	AllmJson   *json = allm_json_parse(text, strlen(text));
	AllmFigures control[ALLM_METRICS];
	AllmFigures treatment[ALLM_METRICS];
	AllmGuard	guard = {0};
	int			found;

	guard.min_sample = (int) allm_json_get_int(json, "min_sample", MIN_SAMPLE);
	for (int i = 0; i < ALLM_METRICS; i++)
	{
		const char *limit = allm_json_get_text(json, metrics[i].name);

		guard.limit[i] = limit != NULL ? strtod(limit, NULL) : 0;
	}
	read_figures(PG_GETARG_ARRAYTYPE_P(1), control);
	read_figures(PG_GETARG_ARRAYTYPE_P(2), treatment);
	found = allm_evidence_judge(&guard, control, treatment);
	if (found < 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s %.4g against %.4g",
											  metrics[found].name,
											  treatment[found].mean,
											  control[found].mean)));
}

/* The figures of an arm; raises 22023 for another number of them. */
static void
read_figures(ArrayType *array, AllmFigures *figures)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &values, &nulls, &n);
	if (n != 3 * ALLM_METRICS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an arm has %d figures, not %d", 3 * ALLM_METRICS, n)));
	for (int i = 0; i < ALLM_METRICS; i++)
	{
		figures[i].n = nulls[3 * i] ? 0 : DatumGetFloat8(values[3 * i]);
		figures[i].mean = nulls[3 * i + 1] ? 0 :
			DatumGetFloat8(values[3 * i + 1]);
		figures[i].variance = nulls[3 * i + 2] ? 0 :
			DatumGetFloat8(values[3 * i + 2]);
	}
}
