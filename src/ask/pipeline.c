/*
 * pipeline.c
 *		The order of things: admit, walk the tiers, conclude, settle.
 *
 * Whatever happens between admission and the end, the request is settled: an
 * error that passes through here, a cancel among them, is recorded and goes
 * on its way.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "ask/answer.h"
#include "ask/pipeline.h"
#include "ask/tiers.h"
#include "base/errcodes.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "schema/snapshot.h"
#include "semantic/match.h"

/* Questions that would work, in the hint of one that does not. */
#define HINTED_QUESTIONS	3

/* How a degraded answer is put: one row a reason, the first that applies. */
typedef struct DegradedRow
{
	AllmReason	reason;
	int			error_code;
	char	   *(*message) (const AllmRequest *request);
	char	   *(*hint) (void);
} DegradedRow;

static char *say_unanswerable(const AllmRequest *request);
static char *say_no_answer(const AllmRequest *request);
static char *hint_questions(void);
static char *hint_log(void);

static const DegradedRow degraded_rows[] =
{
	{
		ALLM_REASON_FAILED, ERRCODE_ALLM_NO_ANSWER,
		say_no_answer, hint_log
	},
	{
		ALLM_REASON_NOT_UNDERSTOOD, ERRCODE_ALLM_UNANSWERABLE,
		say_unanswerable, hint_questions
	},
};

static void conclude_answer(AllmRequest *request);
static void conclude_degraded(AllmRequest *request);
static bool has_reason(const AllmRequest *request, AllmReason reason);
static char *say_attempts(const AllmRequest *request);
static char *add_support(char *hint);

/*
 * Answers a question, as far as it is wanted.  Returns the settled request,
 * in a context below the current one; its answer may be degraded.  Raises for
 * a question or options that are not admitted, for a cancel, and for what is
 * not the question's: out of memory, a shutdown.
 */
AllmRequest *
allm_pipeline_run(const char *question, Jsonb *options, AllmWant want)
{
	AllmRequest *request;
	MemoryContext caller;

	allm_require_loaded();
	request = allm_request_begin(question, options, want);
	caller = MemoryContextSwitchTo(request->context);
	PG_TRY();
	{
		if (allm_tiers_walk(request))
			conclude_answer(request);
		else
			conclude_degraded(request);
		allm_request_settle(request);
	}
	PG_CATCH();
	{
		ErrorData  *edata;

		MemoryContextSwitchTo(request->context);
		edata = CopyErrorData();
		allm_request_abort(request, edata->sqlerrcode, edata->message);
		MemoryContextSwitchTo(caller);
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	return request;
}

/* A tier answered: is it sure enough to be shown? */
static void
conclude_answer(AllmRequest *request)
{
	AllmAnswer *answer = &request->answer;
	bool		too_low = answer->confidence < request->options.min_confidence;

	if (allm_confidence_is_low(answer->confidence))
		answer->warnings = lappend(answer->warnings,
								   psprintf("its confidence is %.2f",
											answer->confidence));
	if (too_low || (answer->warnings != NIL &&
					allm_on_doubt == ALLM_ON_DOUBT_ERROR))
	{
		answer->status = "needs_review";
		answer->error_code = ERRCODE_ALLM_UNCERTAIN;
		answer->message = pstrdup("the answer is not certain enough");
		if (too_low)
			answer->detail = psprintf("Its confidence is %.2f; %.2f was asked for.",
									  answer->confidence,
									  request->options.min_confidence);
		else
			answer->detail = allm_answer_doubt_line(answer);
		answer->hint = add_support(pstrdup("llm_answer() shows the rows with their warnings."));
	}
}

/* No tier answered: say what each said, and what can be done. */
static void
conclude_degraded(AllmRequest *request)
{
	AllmAnswer *answer = &request->answer;
	const DegradedRow *row = &degraded_rows[0];

	for (int i = 0; i < lengthof(degraded_rows); i++)
	{
		if (has_reason(request, degraded_rows[i].reason))
		{
			row = &degraded_rows[i];
			break;
		}
	}
	answer->status = "degraded";
	answer->tier = ALLM_TIER_DEGRADED;
	answer->error_code = row->error_code;
	answer->message = row->message(request);
	answer->detail = say_attempts(request);
	answer->hint = add_support(row->hint());
}

/* Did a tier stop for that reason? */
static bool
has_reason(const AllmRequest *request, AllmReason reason)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
	{
		if (((AllmAttempt *) lfirst(cell))->reason == reason)
			return true;
	}
	return false;
}

/* One line a tier that has something to say, or NULL. */
static char *
say_attempts(const AllmRequest *request)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, request->attempts)
	{
		AllmAttempt *attempt = lfirst(cell);

		if (attempt->sentence != NULL)
			appendStringInfo(&out, "%s%s: %s", out.len > 0 ? "\n" : "",
							 attempt->name, attempt->sentence);
	}
	return out.len > 0 ? out.data : NULL;
}

/* The message of LLM08: names the role, never a table. */
static char *
say_unanswerable(const AllmRequest *request)
{
	return psprintf("the question cannot be answered from the tables that role \"%s\" can read",
					request->user_name);
}

/* The message of LLM01: the cause lies outside the question. */
static char *
say_no_answer(const AllmRequest *request)
{
	return pstrdup("the question cannot be answered right now");
}

/* Questions that this role could ask here. */
static char *
hint_questions(void)
{
	List	   *questions = allm_match_suggest(allm_snapshot_get(),
											   HINTED_QUESTIONS);
	StringInfoData out;
	ListCell   *cell;

	if (questions == NIL)
		return pstrdup("Ask for SELECT on the tables that the question is about.");
	initStringInfo(&out);
	foreach(cell, questions)
		appendStringInfo(&out, "%s\"%s\"",
						 out.len > 0 ? ", " : "Questions that work here: ",
						 (char *) lfirst(cell));
	appendStringInfoChar(&out, '.');
	return out.data;
}

/* Where the reason is. */
static char *
hint_log(void)
{
	return pstrdup("The table analytics_llm.log says more.");
}

/* The address of who can help, where the setting names one. */
static char *
add_support(char *hint)
{
	if (allm_support_url[0] == '\0')
		return hint;
	return psprintf("%s\nSupport: %s", hint, allm_support_url);
}
