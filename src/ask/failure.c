/*
 * failure.c
 *		A call of a model that failed, in the words of the log and of a person.
 */
#include "postgres.h"

#include "ask/failure.h"

/* From here on, a person is told whole seconds. */
#define WHOLE_SECONDS_MS	10000

/* What a failed exchange is called in the log, and in a DETAIL. */
typedef struct FailureRow
{
	AllmFailureKind kind;
	const char *status;
	const char *sentence;		/* NULL: said with the time */
} FailureRow;

/* Each kind but NONE has a row, in the order of the enum. */
static const FailureRow failure_rows[] =
{
	{ALLM_FAILURE_CONFIG, "error", "the call could not be sent."},
	{ALLM_FAILURE_TIMEOUT, "timeout", NULL},
	{ALLM_FAILURE_NETWORK, "error", "the provider could not be reached."},
	{ALLM_FAILURE_TLS, "error", "the provider's certificate was not accepted."},
	{ALLM_FAILURE_RATE_LIMIT, "error", "the provider limits the rate of calls."},
	{ALLM_FAILURE_OVERLOADED, "error", "the provider is overloaded."},
	{ALLM_FAILURE_SERVER, "error", "the provider reports an error of its own."},
	{ALLM_FAILURE_GARBLED, "error", "the provider's answer could not be read."},
	{ALLM_FAILURE_TOO_LARGE, "error", "the provider's answer was too large."},
	{ALLM_FAILURE_PROMPT_TOO_LONG, "error", "the schema is too large for this model."},
	{ALLM_FAILURE_BAD_REQUEST, "error", "the provider did not accept the call."},
	{ALLM_FAILURE_UNSUPPORTED, "error", "the model does not support the call."},
	{ALLM_FAILURE_MODEL_GONE, "error", "the model is retired or unknown."},
	{ALLM_FAILURE_CREDENTIAL, "error", "the key was not accepted."},
	{ALLM_FAILURE_PERMISSION, "error", "the key may not use this model."},
	{ALLM_FAILURE_UNPAID, "error", "the provider's account has no credit left."},
	{ALLM_FAILURE_EMPTY, "invalid", "the answer was empty."},
	{ALLM_FAILURE_TRUNCATED, "invalid", "the answer was cut off."},
	{ALLM_FAILURE_REFUSED, "refused", "the model refused the question."},
	{ALLM_FAILURE_STOPPED, "error", "model calls were turned off."},
};

StaticAssertDecl(lengthof(failure_rows) == ALLM_FAILURE_STOPPED,
				 "each kind of failure has a row");

/*
 * Ends the attempt of a call that failed: what went wrong, for the log and for a
 * person, who is told the time that the tier had.
 */
void
allm_failure_note(AllmAttempt *attempt, const AllmFailure *failure,
				  int timeout_ms)
{
	const FailureRow *row = &failure_rows[failure->kind - 1];

	Assert(row->kind == failure->kind);
	attempt->reason = ALLM_REASON_FAILED;
	attempt->fallback_reason = failure->code;
	attempt->error_message = failure->message;
	if (row->sentence != NULL)
		attempt->sentence = pstrdup(row->sentence);
	else
		attempt->sentence = psprintf(timeout_ms < WHOLE_SECONDS_MS ?
									 "no answer within %.2g s." :
									 "no answer within %.0f s.",
									 timeout_ms / 1000.0);
	allm_request_attempt_end(attempt, row->status);
}
