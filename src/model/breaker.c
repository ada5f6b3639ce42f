/*
 * breaker.c
 *		When to leave a provider alone: the decisions of one breaker.
 *
 *	            enough faults, or one that lasts
 *	  CLOSED ──────────────────────────────────────► OPEN ◄───────────┐
 *	    ▲                                             │ the rest is   │ the probe
 *	    │                                             │ over: one     │ failed: a
 *	    │ the probe got a response                    ▼ call goes out │ longer rest
 *	    └───────────────────────────────────── HALF_OPEN ─────────────┘
 *
 * A probe that comes to no result gives its place back: OPEN, with its rest
 * over.  One that is not heard of any more loses it when its time is up.
 *
 * Beside that, a breaker keeps the moment before which the provider does not
 * want to see us again.  That opens nothing, and nothing has to be probed
 * afterwards.
 *
 * Pure functions of a breaker, the time and a random number.  Where breakers
 * live, and their locking, is gate.c's.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "model/breaker.h"

/*
 * It opens at so many faults in a row, or when so many of a hundred calls of
 * the window failed; of fewer calls than that, nothing can be said.
 */
#define FAULTS_IN_A_ROW		3
#define MIN_CALLS			5
#define FAILED_PERCENT		50

/* The first rest after faults that may pass; each one after it is doubled. */
#define FIRST_REST_MS		(30 * 1000)
#define MAX_REST_MS			(300 * 1000)

/* The same for a fault that a person has to mend: a call rarely helps. */
#define FIRST_LONG_REST_MS	(300 * 1000)
#define MAX_LONG_REST_MS	(600 * 1000)

/* At most this share of a rest is taken off at random. */
#define JITTER				0.25

/* A provider that asks for a longer pause is asked again after so long. */
#define MAX_HOLD_MS			(60 * 60 * 1000)

static bool lies_ahead(TimestampTz moment, TimestampTz now, int64 longest_ms);
static void remember_call(AllmBreaker *breaker, bool failed, TimestampTz now);
static bool has_failed_enough(const AllmBreaker *breaker, TimestampTz now);
static void open_breaker(AllmBreaker *breaker, bool lasting,
						 AllmFailureKind kind, TimestampTz now, double random);
static void close_breaker(AllmBreaker *breaker, TimestampTz now);

/*
 * May a call go out at this moment?  If not, "until" is when to ask again: of
 * a probe that is under way, when it will have come to a result.
 */
AllmBreakerJudgement
allm_breaker_judge(const AllmBreaker *breaker, TimestampTz now,
				   TimestampTz *until)
{
	*until = breaker->until;
	if (breaker->phase == ALLM_BREAKER_OPEN &&
		lies_ahead(breaker->until, now, MAX_LONG_REST_MS))
		return ALLM_JUDGED_RESTS;
	if (breaker->phase == ALLM_BREAKER_HALF_OPEN &&
		lies_ahead(breaker->until, now, MAX_HOLD_MS))
		return ALLM_JUDGED_PROBED;
	*until = breaker->not_before;
	if (lies_ahead(breaker->not_before, now, MAX_HOLD_MS))
		return ALLM_JUDGED_WAITS;
	return breaker->phase == ALLM_BREAKER_CLOSED ?
		ALLM_JUDGED_GO : ALLM_JUDGED_PROBE;
}

/*
 * Is a moment still to come?  One that is further off than it was ever set is
 * not: the clock was set back.
 */
static bool
lies_ahead(TimestampTz moment, TimestampTz now, int64 longest_ms)
{
	return now < moment &&
		moment <= TimestampTzPlusMilliseconds(now, longest_ms);
}

/* A probe goes out, and must have come to a result by "until". */
void
allm_breaker_probe(AllmBreaker *breaker, uint32 probe, TimestampTz until,
				   TimestampTz now)
{
	breaker->phase = ALLM_BREAKER_HALF_OPEN;
	breaker->since = now;
	breaker->until = until;
	breaker->probe = probe;
}

/*
 * What came of a call.  "probe" is its number if it was one, else 0.  While the
 * breaker is not closed only its probe counts: other calls were under way
 * before it opened.
 */
void
allm_breaker_note(AllmBreaker *breaker, AllmBreakerSign sign,
				  AllmFailureKind kind, uint32 probe,
				  TimestampTz now, double random)
{
	bool		is_probe = breaker->phase == ALLM_BREAKER_HALF_OPEN &&
	probe != 0 && probe == breaker->probe;
	bool		fault = sign == ALLM_SIGN_FAILED || sign == ALLM_SIGN_BROKEN;

	if (sign == ALLM_SIGN_WORKS || sign == ALLM_SIGN_FAILED)
		remember_call(breaker, fault, now);
	if (is_probe && fault)
		open_breaker(breaker, sign == ALLM_SIGN_BROKEN, kind, now, random);
	else if (is_probe && sign == ALLM_SIGN_NOTHING)
	{
		breaker->phase = ALLM_BREAKER_OPEN;
		breaker->until = now;
	}
	else if (is_probe)
		close_breaker(breaker, now);
	else if (breaker->phase == ALLM_BREAKER_CLOSED &&
			 (sign == ALLM_SIGN_BROKEN ||
			  (fault && has_failed_enough(breaker, now))))
		open_breaker(breaker, sign == ALLM_SIGN_BROKEN, kind, now, random);
}

/* The provider does not want to see us for so long. */
void
allm_breaker_hold(AllmBreaker *breaker, int64 wait_ms, TimestampTz now)
{
	TimestampTz until;

	until = TimestampTzPlusMilliseconds(now, Min(wait_ms, MAX_HOLD_MS));
	breaker->not_before = Max(breaker->not_before, until);
}

/* The calls of the window, and how many of them failed. */
void
allm_breaker_count(const AllmBreaker *breaker, TimestampTz now,
				   int *calls, int *failures)
{
	TimestampTz from = now - ALLM_BREAKER_WINDOW_S * USECS_PER_SEC;

	*calls = *failures = 0;
	for (int i = 0; i < ALLM_BREAKER_CALLS; i++)
	{
		if (breaker->called_at[i] == 0 || breaker->called_at[i] < from)
			continue;
		*calls += 1;
		*failures += breaker->failed[i] ? 1 : 0;
	}
}

/* Takes the place of the oldest call. */
static void
remember_call(AllmBreaker *breaker, bool failed, TimestampTz now)
{
	breaker->newest = (breaker->newest + 1) % ALLM_BREAKER_CALLS;
	breaker->called_at[breaker->newest] = now;
	breaker->failed[breaker->newest] = failed;
	breaker->in_a_row = failed ? breaker->in_a_row + 1 : 0;
}

/* Is it time to open? */
static bool
has_failed_enough(const AllmBreaker *breaker, TimestampTz now)
{
	int			calls;
	int			failures;

	allm_breaker_count(breaker, now, &calls, &failures);
	return breaker->in_a_row >= FAULTS_IN_A_ROW ||
		(calls >= MIN_CALLS && failures * 100 >= calls * FAILED_PERCENT);
}

/* Begins a rest: the first one, or twice the last one. */
static void
open_breaker(AllmBreaker *breaker, bool lasting, AllmFailureKind kind,
			 TimestampTz now, double random)
{
	int			first = lasting ? FIRST_LONG_REST_MS : FIRST_REST_MS;
	int			longest = lasting ? MAX_LONG_REST_MS : MAX_REST_MS;
	int			rest = breaker->rest_ms > 0 ? breaker->rest_ms * 2 : first;

	rest = Min(Max(rest, first), longest);
	breaker->rest_ms = rest;
	breaker->phase = ALLM_BREAKER_OPEN;
	breaker->cause = kind;
	breaker->since = now;
	breaker->until =
		TimestampTzPlusMilliseconds(now, (int64) (rest * (1 - JITTER * random)));
}

/* All is well again: what was before is no sign of what comes. */
static void
close_breaker(AllmBreaker *breaker, TimestampTz now)
{
	TimestampTz not_before = breaker->not_before;

	memset(breaker, 0, sizeof(AllmBreaker));
	breaker->phase = ALLM_BREAKER_CLOSED;
	breaker->since = now;
	breaker->not_before = not_before;
}
