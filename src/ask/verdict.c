/*
 * verdict.c
 *		What models have said to one question, for another one that asks the
 *		same at that time.
 *
 * Functions of a request's tries; another session's word is a try like any
 * other.
 */
#include "postgres.h"

#include "ask/verdict.h"

/* What models have said of a question that has no answer; NONE: nothing. */
AllmReason
allm_verdict_find(const AllmRequest *request)
{
	AllmReason	verdict = ALLM_REASON_NONE;
	ListCell   *cell;

	foreach(cell, request->attempts)
	{
		AllmAttempt *attempt = lfirst(cell);

		if (attempt->reason == ALLM_REASON_UNANSWERABLE ||
			(attempt->reason == ALLM_REASON_REFUSED &&
			 verdict == ALLM_REASON_NONE))
			verdict = attempt->reason;
	}
	return verdict;
}

/* Another session that asks the same was too slow for this one. */
void
allm_verdict_note_late(AllmRequest *request)
{
	AllmAttempt *attempt = allm_request_attempt(request, 0,
												"Another session", "cache");

	attempt->reason = ALLM_REASON_FAILED;
	attempt->fallback_reason = "flight_timeout";
	attempt->sentence = psprintf("asks the same, and had no answer within %.3g s.",
								 request->options.timeout_ms / 1000.0);
	allm_request_attempt_end(attempt, "timeout");
}

/* What models have said to another session, which asked the same just now. */
void
allm_verdict_note(AllmRequest *request, AllmReason verdict)
{
	AllmAttempt *attempt = allm_request_attempt(request, 0,
												"Another session", "cache");

	attempt->reason = verdict;
	attempt->fallback_reason = "flight_verdict";
	attempt->sentence = pstrdup(verdict == ALLM_REASON_UNANSWERABLE ?
								"has asked the same, and the tables cannot answer it." :
								"has asked the same, and the check refused each query.");
	allm_request_attempt_end(attempt, "skipped");
}

/* Did no model have a say, for reasons outside the question? */
bool
allm_verdict_is_open(const AllmRequest *request)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
	{
		AllmAttempt *attempt = lfirst(cell);

		if (attempt->reason == ALLM_REASON_UNANSWERABLE ||
			attempt->reason == ALLM_REASON_REFUSED ||
			attempt->reason == ALLM_REASON_UNCERTAIN)
			return false;
	}
	return true;
}
