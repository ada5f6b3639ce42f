/*
 * shadow.c
 *		A second model, asked beside the one that answered, and never shown.
 *
 * When a question has its answer, a share of the questions is handed to the pool
 * of workers as well, for another model.  The asker waits for nothing, and is
 * told nothing: where there is no room, or no worker, the model is not asked.
 *
 * A worker asks as the role that asked, with its settings and its key, and at
 * the cost of its quotas.  Then it runs both queries, the one that was shown
 * and the shadow's, one after the other, so that they read the same data; a
 * difference counts only when it is there a second time.  What it finds is one
 * record.  A question of a transaction that has written something, or of a
 * session that has temporary objects, is not handed on: another session would
 * read other rows.  Nor is one that goes on from others: alone, it is another.
 *
 * Locking: that of jobs.c.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "ask/background.h"
#include "ask/candidate.h"
#include "ask/drive.h"
#include "ask/record.h"
#include "ask/shadow.h"
#include "ask/verify.h"
#include "base/json.h"
#include "base/settings.h"
#include "ledger/launcher.h"
#include "ledger/queue.h"
#include "model/cost.h"

/* By AllmVerdict, as the table spells them. */
static const char *const verdicts[] =
{
	[ALLM_VERDICT_NONE] = "not_comparable",
	[ALLM_VERDICT_SAME] = "same",
	[ALLM_VERDICT_OTHER] = "other",
};

static bool may_differ_elsewhere(void);
static void offer(const AllmRequest *request, const AllmRollout *rollout);
static char *write_options(const AllmRequest *request,
						   const AllmRollout *rollout);
static char *write_shadow(const AllmRequest *request,
						  const AllmRollout *rollout);
static AllmVerdict compare(AllmRequest *request, const char *shown);
static AllmVerdict compare_once(AllmRequest *request, const char *shown,
								const AllmRows *rows);
static void note(const AllmJobOrder *order, const char *verdict,
				 const AllmRequest *request);

/*
 * Hands the question to the shadows of the model that answered it.  Never
 * waits, and raises for nothing but want of memory.
 */
void
allm_shadow_offer(const AllmRequest *request)
{
	const AllmAnswer *answer = &request->answer;
	ListCell   *cell;

	if (request->is_shadow || request->earlier != NIL ||
		request->routing == NULL ||
		request->routing->shadows == NIL || answer->rows == NULL ||
		answer->rows->truncated || strcmp(answer->status, "ok") != 0 ||
		may_differ_elsewhere())
		return;
	foreach(cell, request->routing->shadows)
	{
		const AllmRollout *rollout = lfirst(cell);

		if (rollout->tier == answer->tier &&
			strcmp(rollout->instead_of, answer->model_used) == 0)
			offer(request, rollout);
	}
}

/*
 * May this session read other rows than a new one, or is there nobody to ask?
 * Who has written something has a transaction id; who has temporary objects
 * has a schema for them.
 */
static bool
may_differ_elsewhere(void)
{
	Oid			temporary;
	Oid			temporary_toast;

	GetTempNamespaceState(&temporary, &temporary_toast);
	return OidIsValid(temporary) ||
		TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
		allm_background_workers == 0 || RecoveryInProgress();
}

/* Hands it to one. */
static void
offer(const AllmRequest *request, const AllmRollout *rollout)
{
	AllmJobOrder order = {0};

	order.id = request->id;
	order.database = MyDatabaseId;
	order.user_id = request->user_id;
	order.session_user_id = request->session_user_id;
	order.end_user = allm_end_user;
	order.question = request->question;
	order.options = write_options(request, rollout);
	order.session = "";
	order.shadow = write_shadow(request, rollout);
	order.settings = allm_background_settings(&order.settings_len);
	order.submitted_at = GetCurrentTimestamp();
	if (allm_jobs_offer(&order))
		allm_launcher_wake();
}

/* The options under which the other model is asked. */
static char *
write_options(const AllmRequest *request, const AllmRollout *rollout)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "model", rollout->model);
	allm_json_bool(&w, "cache", false);
	allm_json_text(&w, "verify", "off");
	allm_json_int(&w, "row_limit", request->options.row_limit);
	if (request->options.feature != NULL)
		allm_json_text(&w, "feature", request->options.feature);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* What the worker has to know beside that. */
static char *
write_shadow(const AllmRequest *request, const AllmRollout *rollout)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "rollout", rollout->name);
	allm_json_text(&w, "model", rollout->model);
	allm_json_text(&w, "shown_model", request->answer.model_used);
	allm_json_text(&w, "sql", request->answer.sql);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* In the worker, as the asker: the question, and the comparison. */
void
allm_shadow_ask(const AllmJobOrder *order)
{
	AllmJson   *shadow = allm_json_parse(order->shadow,
										 strlen(order->shadow));
	Jsonb	   *options = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
															 CStringGetDatum(order->options)));
	const char *verdict = "no_answer";
	AllmRequest *request;

	allm_request_name_next(&order->id);
	allm_request_shadow_next();
	request = allm_drive_one(order->question, options, ALLM_WANT_ROWS);
	if (request->answer.rows != NULL)
		verdict = verdicts[compare(request, allm_json_get_text(shadow, "sql"))];
	else if (strcmp(request->answer.status, "blocked") == 0)
		verdict = "not_asked";
	note(order, verdict, request);
}

/*
 * Do both queries give the same rows?  The data may change between the two: a
 * difference has to be there twice.
 */
static AllmVerdict
compare(AllmRequest *request, const char *shown)
{
	AllmVerdict verdict = compare_once(request, shown, request->answer.rows);
	AllmRows   *again;

	if (verdict != ALLM_VERDICT_OTHER)
		return verdict;
	again = allm_candidate_rows(request, request->answer.sql);
	return again != NULL ? compare_once(request, shown, again) :
		ALLM_VERDICT_NONE;
}

/* Runs the query that was shown, and compares. */
static AllmVerdict
compare_once(AllmRequest *request, const char *shown, const AllmRows *rows)
{
	AllmRows   *theirs = allm_candidate_rows(request, shown);

	return theirs != NULL ? allm_verify_compare(theirs, rows) :
		ALLM_VERDICT_NONE;
}

/* An error has ended it: the shadow has no answer. */
void
allm_shadow_note_failure(const AllmJobOrder *order)
{
	note(order, "no_answer", NULL);
}

/*
 * Records what became of it, without the query and without rows.  When there is
 * no room for the record, that is one comparison less.
 */
static void
note(const AllmJobOrder *order, const char *verdict,
	 const AllmRequest *request)
{
	AllmJson   *shadow = allm_json_parse(order->shadow,
										 strlen(order->shadow));
	AllmRecord	record = {ALLM_RECORD_SHADOW};
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "request_id", allm_record_uuid_text(&order->id));
	allm_json_text(&w, "rollout", allm_json_get_text(shadow, "rollout"));
	allm_json_time(&w, "answered_at", GetCurrentTimestamp());
	allm_json_text(&w, "user_name", order->user_name);
	allm_json_int(&w, "user_id", order->user_id);
	allm_json_text(&w, "model", allm_json_get_text(shadow, "model"));
	allm_json_text(&w, "shown_model",
				   allm_json_get_text(shadow, "shown_model"));
	allm_json_text(&w, "verdict", verdict);
	if (request != NULL)
	{
		allm_json_real(&w, "latency_ms", request->answer.latency_ms);
		allm_json_raw(&w, "cost",
					  numeric_normalize(allm_cost_numeric(allm_request_cost(request))));
	}
	allm_json_close(&w, '}');
	record.json = w.buf.data;
	(void) allm_queue_offer(&record, NULL);
}
