/*
 * rest.c
 *		Models that are not to be called for a while, as a question meets them.
 *
 * A call that the breakers do not let out is a row of the log, like one that a
 * quota does not.  When nobody answers, the person is told when to ask again:
 * the earliest moment at which a model that rests can be asked.
 */
#include "postgres.h"

#include "ask/rest.h"
#include "model/wire_error.h"

static void refuse_call(AllmRequest *request, AllmAttempt *attempt,
						const AllmGateRefusal *refusal);
static char *say_refusal(const AllmGateRefusal *refusal);
static void try_again_at(AllmRequest *request, TimestampTz at);

/*
 * Takes the place of a call in its breakers.  False when it may not be made;
 * the attempt then says why.
 */
bool
allm_rest_admit(AllmRequest *request, AllmAttempt *attempt,
				const AllmGatePass *pass, AllmDeadline deadline)
{
	AllmGateRefusal refusal;

	attempt->pass = *pass;
	if (allm_gate_admit(&attempt->pass, deadline, &refusal))
		return true;
	refuse_call(request, attempt, &refusal);
	return false;
}

/* Notes why a call is not made. */
static void
refuse_call(AllmRequest *request, AllmAttempt *attempt,
			const AllmGateRefusal *refusal)
{
	MemoryContext caller = MemoryContextSwitchTo(request->context);
	bool		slow = refusal->judged == ALLM_JUDGED_GO;
	bool		waits = refusal->judged == ALLM_JUDGED_WAITS;

	attempt->reason = ALLM_REASON_FAILED;
	attempt->fallback_reason = slow ? "too_slow" :
		waits ? "rate_limited" : "breaker_open";
	attempt->sentence = say_refusal(refusal);
	if (!slow && !waits)
		attempt->error_message =
			psprintf("the breaker of the %s is open after \"%s\"",
					 refusal->level == ALLM_GATE_MODEL ? "model" : "key",
					 allm_wire_error_code(refusal->cause));
	if (!slow)
		try_again_at(request, refusal->until);
	allm_request_attempt_end(attempt, "skipped");
	MemoryContextSwitchTo(caller);
}

/* The same for a person: what it is, and until when. */
static char *
say_refusal(const AllmGateRefusal *refusal)
{
	const char *clock = allm_deadline_say(refusal->until);

	if (refusal->judged == ALLM_JUDGED_GO)
		return psprintf("it usually takes %.1f s, which are not left.",
						refusal->usual_ms / 1000.0);
	if (refusal->judged == ALLM_JUDGED_WAITS)
		return psprintf("the provider takes no call before %s.", clock);
	if (refusal->judged == ALLM_JUDGED_PROBED)
		return pstrdup("it failed, and one call is finding out whether it works again.");
	if (refusal->level != ALLM_GATE_MODEL)
		return psprintf("its key was not accepted; it is not tried again before %s.",
						clock);
	return psprintf("it failed, and is not tried again before %s.", clock);
}

/*
 * Tells the breakers what came of a call.  Returns whether another one may
 * follow in this tier.
 */
bool
allm_rest_report(AllmRequest *request, AllmAttempt *attempt,
				 const AllmFailure *failure)
{
	TimestampTz until;
	bool		again = allm_gate_report(&attempt->pass, failure,
										 attempt->latency_ms, &until);

	try_again_at(request, until);
	return again;
}

/* Some model can be asked from then on; 0: nothing is known. */
static void
try_again_at(AllmRequest *request, TimestampTz at)
{
	if (at != 0 &&
		(request->try_again_at == 0 || at < request->try_again_at))
		request->try_again_at = at;
}
