/*
 * breaker.h
 *		When to leave a provider alone: the decisions of one breaker.
 */
#ifndef ALLM_MODEL_BREAKER_H
#define ALLM_MODEL_BREAKER_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "model/wire.h"

/* The calls that a breaker looks back on, if they are not older than this. */
#define ALLM_BREAKER_CALLS		20
#define ALLM_BREAKER_WINDOW_S	60

/* What one call tells a breaker. */
typedef enum AllmBreakerSign
{
	ALLM_SIGN_NOTHING,			/* no word on what the breaker is about */
	ALLM_SIGN_WORKS,			/* a whole answer */
	ALLM_SIGN_RESPONDS,			/* an answer that is no success and no fault */
	ALLM_SIGN_FAILED,			/* a fault that may pass */
	ALLM_SIGN_BROKEN			/* a fault that somebody has to mend */
} AllmBreakerSign;

typedef enum AllmBreakerPhase
{
	ALLM_BREAKER_CLOSED,		/* calls go out */
	ALLM_BREAKER_OPEN,			/* none does */
	ALLM_BREAKER_HALF_OPEN		/* one is out to see whether they may again */
} AllmBreakerPhase;

/* May a call go out? */
typedef enum AllmBreakerJudgement
{
	ALLM_JUDGED_GO,
	ALLM_JUDGED_PROBE,			/* as the one that finds out */
	ALLM_JUDGED_WAITS,			/* no: the provider said when to come back */
	ALLM_JUDGED_RESTS,			/* no: it is open */
	ALLM_JUDGED_PROBED			/* no: somebody is finding out */
} AllmBreakerJudgement;

/* One breaker.  All zeroes is one that is closed and knows nothing. */
typedef struct AllmBreaker
{
	AllmBreakerPhase phase;
	AllmFailureKind cause;		/* of the last opening */
	TimestampTz since;			/* of the phase */
	TimestampTz until;			/* OPEN: of the rest; HALF_OPEN: of the probe */
	TimestampTz not_before;		/* as the provider said; may be past */
	int			rest_ms;		/* the last rest, unshortened; 0: none yet */
	uint32		probe;			/* HALF_OPEN: number of the call that is out */
	int			in_a_row;		/* faults since the last success */
	int			newest;			/* place of the last call in what follows */
	TimestampTz called_at[ALLM_BREAKER_CALLS];	/* 0: no call yet */
	bool		failed[ALLM_BREAKER_CALLS];
} AllmBreaker;

extern AllmBreakerJudgement allm_breaker_judge(const AllmBreaker *breaker,
											   TimestampTz now,
											   TimestampTz *until);
extern void allm_breaker_probe(AllmBreaker *breaker, uint32 probe,
							   TimestampTz until, TimestampTz now);
extern void allm_breaker_note(AllmBreaker *breaker, AllmBreakerSign sign,
							  AllmFailureKind kind, uint32 probe,
							  TimestampTz now, double random);
extern void allm_breaker_hold(AllmBreaker *breaker, int64 wait_ms,
							  TimestampTz now);
extern void allm_breaker_count(const AllmBreaker *breaker, TimestampTz now,
							   int *calls, int *failures);

#endif							/* ALLM_MODEL_BREAKER_H */
