/*
 * pipeline.c
 *		The order of things: recall, walk the tiers, conclude.
 *
 * A question goes through them in steps that do not wait, so that several can
 * be under way: drive.c admits them before, makes them step, and settles and
 * keeps what came of each.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"

#include "ask/answer.h"
#include "ask/conversation.h"
#include "ask/spend.h"
#include "ask/pipeline.h"
#include "ask/recall.h"
#include "ask/rules.h"
#include "ask/tiers.h"
#include "base/errcodes.h"
#include "base/settings.h"
#include "guard/sanity.h"
#include "schema/snapshot.h"

/* The tier whose answer is said to be the second choice. */
#define SECONDARY_TIER		2

/* Questions that would work, in the hint of one that does not. */
#define HINTED_QUESTIONS	3

/*
 * How a degraded answer is put: one row a reason, the first that applies.  The
 * rules know few words, so that what they do not understand comes last: it is
 * the reason only where no model could have understood it.
 */
typedef struct DegradedRow
{
	AllmReason	reason;
	int			error_code;
	const char *status;
	char	   *(*message) (const AllmRequest *request);
	char	   *(*hint) (const AllmRequest *request);
} DegradedRow;

static char *say_used_up(const AllmRequest *request);
static char *say_unanswerable(const AllmRequest *request);
static char *say_no_safe_query(const AllmRequest *request);
static char *say_nothing_before(const AllmRequest *request);
static char *say_no_room(const AllmRequest *request);
static char *say_no_answer(const AllmRequest *request);
static char *say_other_columns(const AllmRequest *request);
static char *hint_quota(const AllmRequest *request);
static char *hint_questions(const AllmRequest *request);
static char *hint_whole(const AllmRequest *request);
static char *hint_columns(const AllmRequest *request);
static char *hint_log(const AllmRequest *request);
static char *hint_when(const AllmRequest *request);
static char *hint_status(const AllmRequest *request);

static const DegradedRow degraded_rows[] =
{
	{
		ALLM_REASON_USED_UP, ERRCODE_ALLM_USED_UP,
		"blocked", say_used_up, hint_quota
	},
	{
		ALLM_REASON_NOTHING_BEFORE, ERRCODE_ALLM_UNANSWERABLE,
		"degraded", say_nothing_before, hint_whole
	},
	{
		ALLM_REASON_UNANSWERABLE, ERRCODE_ALLM_UNANSWERABLE,
		"degraded", say_unanswerable, hint_questions
	},
	{
		ALLM_REASON_REFUSED, ERRCODE_ALLM_NO_SAFE_QUERY,
		"degraded", say_no_safe_query, hint_log
	},
	{
		ALLM_REASON_NO_ROOM, ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
		"degraded", say_no_room, hint_status
	},
	{
		ALLM_REASON_FAILED, ERRCODE_ALLM_NO_ANSWER,
		"degraded", say_no_answer, hint_when
	},
	{
		ALLM_REASON_OTHER_COLUMNS, ERRCODE_ALLM_OTHER_COLUMNS,
		"degraded", say_other_columns, hint_columns
	},
	{
		ALLM_REASON_NOT_UNDERSTOOD, ERRCODE_ALLM_UNANSWERABLE,
		"degraded", say_unanswerable, hint_questions
	},
};

static bool take_uncertain(AllmRequest *request);
static void conclude_answer(AllmRequest *request);
static void conclude_degraded(AllmRequest *request);
static bool has_reason(const AllmRequest *request, AllmReason reason);
static char *say_attempts(const AllmRequest *request);
static bool was_tried_again(const AllmRequest *request, int n);
static char *add_support(char *hint);

/*
 * Goes on with a question, in its own memory context.  False: it waits, as
 * long as its "wait" says.  True: it has an answer, which may be degraded.
 * Raises what is not the question's: a cancel, out of memory, a shutdown.
 */
bool
allm_pipeline_step(AllmRequest *request)
{
	bool		answered = false;

	request->wait.until.at = DT_NOEND;
	request->wait.changed = NULL;
	if (request->stage == ALLM_STAGE_BEGUN &&
		!allm_conversation_begin(request))
	{
		conclude_degraded(request);
		return true;
	}
	if (request->stage != ALLM_STAGE_TIERS)
	{
		AllmRecalled recalled = allm_recall_try(request);

		if (recalled == ALLM_RECALLED_WAITS)
			return false;
		answered = recalled == ALLM_RECALLED_ANSWER;
		if (recalled == ALLM_RECALLED_NOTHING)
			request->stage = ALLM_STAGE_TIERS;
	}
	if (request->stage == ALLM_STAGE_TIERS)
	{
		AllmStep	step = allm_tiers_walk(request);

		if (step == ALLM_STEP_WAITS)
			return false;
		answered = step == ALLM_STEP_YES;
	}
	if (answered || take_uncertain(request))
		conclude_answer(request);
	else
		conclude_degraded(request);
	return true;
}

/*
 * No tier answered, but one had an answer below its bound: that is the answer,
 * and conclude_answer says that it is not certain enough.  A schema that
 * cannot answer the question goes before it.
 */
static bool
take_uncertain(AllmRequest *request)
{
	if (request->uncertain == NULL ||
		has_reason(request, ALLM_REASON_UNANSWERABLE))
		return false;
	request->answer = *request->uncertain;
	return true;
}

/* A tier answered: is it sure enough to be shown? */
static void
conclude_answer(AllmRequest *request)
{
	AllmAnswer *answer = &request->answer;
	float4		wanted = request->options.min_confidence;
	bool		too_low = (request->uncertain != NULL &&
						   request->uncertain->sql == answer->sql);

	if (answer->tier == SECONDARY_TIER)
		answer->notices = lcons(psprintf("the secondary model \"%s\" answered",
										 answer->model_used),
								answer->notices);
	if (request->begins_anew)
		request->own_notices = lappend(request->own_notices,
									   pstrdup("understood by itself, without the questions before"));
	if (request->earlier != NIL && answer->interpretation != NULL)
		request->own_notices = lappend(request->own_notices,
									   psprintf("understood after the questions before: %s",
												answer->interpretation));
	answer->notices = list_concat(answer->notices, request->own_notices);
	if (allm_confidence_is_low(answer->confidence))
		answer->warnings = lappend(answer->warnings,
								   psprintf("its confidence is %.2f",
											answer->confidence));
	if (answer->confidence < wanted)
		answer->detail = psprintf("Its confidence is %.2f; %.2f was asked for.",
								  answer->confidence, wanted);
	else if (too_low)
		answer->detail = say_attempts(request);
	else if (answer->warnings != NIL && allm_on_doubt == ALLM_ON_DOUBT_ERROR)
		answer->detail = allm_sanity_doubt_line(answer->warnings);
	else
		return;
	answer->status = "needs_review";
	answer->error_code = ERRCODE_ALLM_UNCERTAIN;
	answer->message = pstrdup("the answer is not certain enough");
	answer->hint = add_support(pstrdup("llm_answer() shows the rows with their warnings."));
}

/* No tier answered: say what each said, and what can be done. */
static void
conclude_degraded(AllmRequest *request)
{
	AllmAnswer *answer = &request->answer;
	const DegradedRow *row = NULL;

	for (int i = 0; i < lengthof(degraded_rows); i++)
	{
		if (has_reason(request, degraded_rows[i].reason))
		{
			row = &degraded_rows[i];
			break;
		}
	}
	if (row == NULL)
		row = &degraded_rows[lengthof(degraded_rows) - 1];
	answer->status = row->status;
	answer->tier = ALLM_TIER_DEGRADED;
	answer->error_code = row->error_code;
	answer->message = row->message(request);
	answer->detail = say_attempts(request);
	if (row->reason == ALLM_REASON_OTHER_COLUMNS)
		answer->detail = psprintf("Asked for: %s.\n%s",
								  allm_contract_say(request->options.contract),
								  answer->detail);
	answer->hint = add_support(row->hint(request));
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

/*
 * One line for each model, or other tier, that has something to say; of several
 * attempts the last one speaks.  NULL when nobody has.
 */
static char *
say_attempts(const AllmRequest *request)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < list_length(request->attempts); i++)
	{
		AllmAttempt *attempt = list_nth(request->attempts, i);

		if (attempt->sentence != NULL && !was_tried_again(request, i))
			appendStringInfo(&out, "%s%s: %s", out.len > 0 ? "\n" : "",
							 attempt->name, attempt->sentence);
	}
	return out.len > 0 ? out.data : NULL;
}

/* Is there a later attempt of the same model in the same tier? */
static bool
was_tried_again(const AllmRequest *request, int n)
{
	const AllmAttempt *attempt = list_nth(request->attempts, n);

	for (int i = n + 1; i < list_length(request->attempts); i++)
	{
		AllmAttempt *later = list_nth(request->attempts, i);

		if (later->tier == attempt->tier &&
			strcmp(later->name, attempt->name) == 0)
			return true;
	}
	return false;
}

/* The message of LLM02: whose quota, and until when. */
static char *
say_used_up(const AllmRequest *request)
{
	return allm_spend_say_used_up(request->used_up);
}

/* The message of LLM08: names the role, never a table. */
static char *
say_unanswerable(const AllmRequest *request)
{
	return psprintf("the question cannot be answered from the tables that role \"%s\" can read",
					request->user_name);
}

/* The message of LLM08 where there is nothing to go on from. */
static char *
say_nothing_before(const AllmRequest *request)
{
	return pstrdup("the question goes on from an earlier one that is not known");
}

/* The message of LLM03: models wrote queries that may not run. */
static char *
say_no_safe_query(const AllmRequest *request)
{
	return pstrdup("no safe query was found for the question");
}

/* The message of 53400: what cannot be recorded is not bought. */
static char *
say_no_room(const AllmRequest *request)
{
	return pstrdup("no room is left to record a call of a model");
}

/* The message of LLM01: the cause lies outside the question. */
static char *
say_no_answer(const AllmRequest *request)
{
	return pstrdup("the question cannot be answered right now");
}

/* The message of LLM07; the detail has the columns. */
static char *
say_other_columns(const AllmRequest *request)
{
	return pstrdup("the answer has other columns than those asked for");
}

/* Where the figures are. */
static char *
hint_quota(const AllmRequest *request)
{
	return pstrdup("The view analytics_llm.quota_status shows what is used of each quota.");
}

/*
 * Questions that this role could ask here.  Where there is nothing to ask about,
 * the search path is told: it is not the session's own in a function that sets
 * another, nor, since 17, while a materialized view is filled.
 */
static char *
hint_questions(const AllmRequest *request)
{
	List	   *questions = allm_rules_suggest(HINTED_QUESTIONS);
	StringInfoData out;
	ListCell   *cell;

	if (allm_snapshot_get()->relations == NIL)
		return psprintf("No table in the schemas of search_path (%s) may be read by this role: set search_path, or ask for SELECT.",
						namespace_search_path);
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

/* How it can be asked all the same, and why it may have been forgotten. */
static char *
hint_whole(const AllmRequest *request)
{
	return pstrdup("Ask for the whole of it. A conversation is that of one role and end user; it ends after a day of silence, with a restart, and where its questions have more than 2 kB.");
}

/* How the rows can be had. */
static char *
hint_columns(const AllmRequest *request)
{
	return pstrdup("llm_ask() returns the rows as they are.");
}

/* Where the reason is. */
static char *
hint_log(const AllmRequest *request)
{
	return pstrdup("The table analytics_llm.log says more.");
}

/* When a model can be asked again, where that is known. */
static char *
hint_when(const AllmRequest *request)
{
	if (request->try_again_at == 0)
		return hint_log(request);
	return psprintf("Try again after %s.",
					allm_deadline_say(request->try_again_at));
}

/* Where a DBA sees why the records do not go away. */
static char *
hint_status(const AllmRequest *request)
{
	return pstrdup("llm_status() shows the queue of records and its writers.");
}

/* The address of who can help, where the setting names one. */
static char *
add_support(char *hint)
{
	if (allm_support_url[0] == '\0')
		return hint;
	return psprintf("%s\nSupport: %s", hint, allm_support_url);
}
