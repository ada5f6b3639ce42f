/*
 * rollout_probe.c
 *		SQL functions for tests of who is in which arm, and of guards.
 */
#include "postgres.h"

#include <math.h>

#include "common/pg_prng.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "model/rollout.h"
#include "watch/evidence.h"

#define PROBE(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

PROBE(probe_hash);
PROBE(probe_bucket);
PROBE(probe_treated);
PROBE(probe_guard_run);
PROBE(probe_feedback_run);

/* What was seen of one arm so far. */
typedef struct Seen
{
	double		n[ALLM_METRICS];
	double		sum[ALLM_METRICS];
	double		squares[ALLM_METRICS];
} Seen;

Datum
probe_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(allm_rollout_hash(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									  text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

Datum
probe_bucket(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(allm_rollout_bucket(text_to_cstring(PG_GETARG_TEXT_PP(0)),
										text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

/* name, share, sticky_by, end user, role, request */
Datum
probe_treated(PG_FUNCTION_ARGS)
{
	AllmRollout rollout = {0};
	AllmSubject subject;

	rollout.name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	rollout.share = PG_GETARG_FLOAT4(1);
	rollout.sticky_by = text_to_cstring(PG_GETARG_TEXT_PP(2));
	subject.end_user = text_to_cstring(PG_GETARG_TEXT_PP(3));
	subject.role = text_to_cstring(PG_GETARG_TEXT_PP(4));
	subject.request = text_to_cstring(PG_GETARG_TEXT_PP(5));
	PG_RETURN_BOOL(allm_rollout_is_treated(&rollout, &subject));
}

/* A positive number around 1, with a long tail. */
static double
long_tailed(pg_prng_state *state)
{
	double		u = 1 - pg_prng_double(state);
	double		v = pg_prng_double(state);

	return exp(0.5 * sqrt(-2 * log(u)) * cos(2 * M_PI * v));
}

/* Not a number: of this question nothing was seen. */
static void
note(Seen *seen, const double *values)
{
	for (int i = 0; i < ALLM_METRICS; i++)
	{
		if (isnan(values[i]))
			continue;
		seen->n[i]++;
		seen->sum[i] += values[i];
		seen->squares[i] += values[i] * values[i];
	}
}

static void
make_figures(const Seen *seen, AllmFigures *figures)
{
	for (int i = 0; i < ALLM_METRICS; i++)
	{
		figures[i].n = seen->n[i];
		figures[i].mean = seen->n[i] > 0 ? seen->sum[i] / seen->n[i] : 0;
		figures[i].variance = seen->n[i] > 1 ?
			(seen->squares[i] - seen->sum[i] * figures[i].mean) / (seen->n[i] - 1) : 0;
	}
}

/* Is question i of this run in the treatment arm? */
static int
deal(int seed, double share, int i)
{
	AllmRollout rollout = {0};
	AllmSubject subject = {"", "role", psprintf("question %d", i)};

	rollout.name = psprintf("run %d", seed);
	rollout.share = share;
	rollout.sticky_by = "request";
	return allm_rollout_is_treated(&rollout, &subject) ? 1 : 0;
}

/* Has the guard reason to end it, as things are? */
static bool
trips(const AllmGuard *guard, const Seen *seen)
{
	AllmFigures figures[2][ALLM_METRICS];

	make_figures(&seen[0], figures[0]);
	make_figures(&seen[1], figures[1]);
	return allm_evidence_judge(guard, figures[0], figures[1]) >= 0;
}

/*
 * Questions one after the other, each dealt into an arm, and a look of the
 * guard after each.  Returns how many the smaller arm had when the guard
 * tripped; 0: it never did.
 *
 * seed, questions, share, error rates of control and treatment, rates of
 * refused queries, factors of the treatment's latency and cost, min_sample
 */
Datum
probe_guard_run(PG_FUNCTION_ARGS)
{
	int			seed = PG_GETARG_INT32(0);
	int			questions = PG_GETARG_INT32(1);
	AllmGuard	guard = {PG_GETARG_INT32(9), {0.05, 0.05, 1.5, 2, 0.1}};
	Seen		seen[2] = {0};
	pg_prng_state state;

	pg_prng_seed(&state, seed);
	for (int i = 0; i < questions; i++)
	{
		int			arm = deal(seed, PG_GETARG_FLOAT8(2), i);
		double		values[ALLM_METRICS];

		values[0] = pg_prng_double(&state) < PG_GETARG_FLOAT8(3 + arm);
		values[1] = pg_prng_double(&state) < PG_GETARG_FLOAT8(5 + arm);
		values[2] = 1500 * long_tailed(&state) * (arm ? PG_GETARG_FLOAT8(7) : 1);
		values[3] = 0.01 * long_tailed(&state) * (arm ? PG_GETARG_FLOAT8(8) : 1);
		values[4] = NAN;
		note(&seen[arm], values);
		if (trips(&guard, seen))
			PG_RETURN_INT32((int) Min(seen[0].n[0], seen[1].n[0]));
	}
	PG_RETURN_INT32(0);
}

/*
 * The same, of what people say: all else is equal in both arms.  Returns how
 * many answers of the smaller arm had been spoken of.
 *
 * seed, questions, share, how many answers are spoken of, how many of those are
 * called wrong in control and treatment, min_sample
 */
Datum
probe_feedback_run(PG_FUNCTION_ARGS)
{
	int			seed = PG_GETARG_INT32(0);
	int			questions = PG_GETARG_INT32(1);
	AllmGuard	guard = {PG_GETARG_INT32(6), {0.05, 0.05, 1.5, 2, 0.1}};
	Seen		seen[2] = {0};
	pg_prng_state state;

	pg_prng_seed(&state, seed);
	for (int i = 0; i < questions; i++)
	{
		int			arm = deal(seed, PG_GETARG_FLOAT8(2), i);
		double		values[ALLM_METRICS];

		values[0] = pg_prng_double(&state) < 0.03;
		values[1] = pg_prng_double(&state) < 0.05;
		values[2] = 1500 * long_tailed(&state);
		values[3] = 0.01 * long_tailed(&state);
		values[4] = pg_prng_double(&state) < PG_GETARG_FLOAT8(3) ?
			pg_prng_double(&state) < PG_GETARG_FLOAT8(4 + arm) : NAN;
		note(&seen[arm], values);
		if (trips(&guard, seen))
			PG_RETURN_INT32((int) Min(seen[0].n[4], seen[1].n[4]));
	}
	PG_RETURN_INT32(0);
}
