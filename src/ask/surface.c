/*
 * surface.c
 *		The functions that people ask with.
 *
 * Unpack arguments, run the pipeline, pack the result.  Within one statement
 * the same question is asked once: "(llm_answer('...')).*" calls the function
 * for each column, and a person means one question by it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "ask/answer.h"
#include "ask/drive.h"
#include "ask/key.h"
#include "ask/meta.h"
#include "ask/rules.h"
#include "base/settings.h"
#include "base/shmem.h"

/* More suggestions than these help nobody. */
#define MAX_SUGGESTIONS 100

/*
 * The last answer of the statement under way.  It is the same question only if
 * nothing that could change the answer differs: the text, the options, the
 * role, what is visible, and the settings that decide what is shown.
 *
 * An answer that depends on more than that, on a setting that a policy reads
 * for instance, is another one as soon as the session has gone on.  It is
 * shared by the copies of one and the same call in one row, and dies with the
 * memory of that row.
 */
typedef struct LastAnswer
{
	AllmRequest *request;
	TimestampTz statement_time;
	Oid			user_id;
	CommandId	command;
	TransactionId xmin;
	TransactionId xmax;
	uint32		running;		/* transactions that are not visible */
	int32		running_inside; /* the same of subtransactions */
	uint64		settings;
	int			on_doubt;
	MemoryContext executor;		/* these two: of the call */
	int			location;
} LastAnswer;

static LastAnswer last_answer;

PG_FUNCTION_INFO_V1(analytics_llm_answer);
PG_FUNCTION_INFO_V1(analytics_llm_ask);
PG_FUNCTION_INFO_V1(analytics_llm_sql);
PG_FUNCTION_INFO_V1(analytics_llm_suggest);

static AllmRequest *ask_from_args(FunctionCallInfo fcinfo, AllmWant want);
static AllmRequest *find_last_answer(FunctionCallInfo fcinfo);
static void keep_last_answer(AllmRequest *request, FunctionCallInfo fcinfo);
static void forget_last_answer(void *arg);
static void stamp(LastAnswer *answer, AllmRequest *request,
				  FunctionCallInfo fcinfo);

/*
 * The question and the options of a call, answered.  A question of NULL has no
 * words, which the admission says.
 */
static AllmRequest *
ask_from_args(FunctionCallInfo fcinfo, AllmWant want)
{
	const char *question = "";
	Jsonb	   *options = NULL;

	allm_require_loaded();
	if (!PG_ARGISNULL(0))
		question = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		options = PG_GETARG_JSONB_P(1);
	return allm_drive_one(question, options, want);
}

/* The answer of this statement to the same question, or NULL. */
static AllmRequest *
find_last_answer(FunctionCallInfo fcinfo)
{
	AllmRequest *request = last_answer.request;
	LastAnswer	now;
	Jsonb	   *options;

	if (request == NULL || PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return NULL;
	options = PG_GETARG_JSONB_P(1);
	if (strcmp(request->question,
			   text_to_cstring(PG_GETARG_TEXT_PP(0))) != 0 ||
		strcmp(request->search_path, namespace_search_path) != 0 ||
		strcmp(request->options.text,
			   JsonbToCString(NULL, &options->root, VARSIZE(options))) != 0)
		return NULL;
	stamp(&now, request, fcinfo);
	return memcmp(&now, &last_answer, sizeof(LastAnswer)) == 0 ? request : NULL;
}

/*
 * Keeps an answer until the next one comes, and at most until the transaction
 * ends, or, if it depends on the session, the memory of this row goes.
 */
static void
keep_last_answer(AllmRequest *request, FunctionCallInfo fcinfo)
{
	MemoryContextCallback *callback;

	if (last_answer.request != NULL)
		MemoryContextDelete(last_answer.request->context);

	if (request->answer.repeatable)
		MemoryContextSetParent(request->context, TopTransactionContext);
	callback = MemoryContextAllocZero(request->context,
									  sizeof(MemoryContextCallback));
	callback->func = forget_last_answer;
	callback->arg = request;
	MemoryContextRegisterResetCallback(request->context, callback);
	stamp(&last_answer, request, fcinfo);
}

/* The memory of the kept answer goes. */
static void
forget_last_answer(void *arg)
{
	if (last_answer.request == arg)
		last_answer.request = NULL;
}

/* What must be the same for two calls to be one question. */
static void
stamp(LastAnswer *answer, AllmRequest *request, FunctionCallInfo fcinfo)
{
	Snapshot	snapshot = GetActiveSnapshot();

	/* Compared byte by byte. */
	memset(answer, 0, sizeof(LastAnswer));
	answer->request = request;
	answer->statement_time = GetCurrentStatementStartTimestamp();
	answer->user_id = GetUserId();
	answer->command = snapshot->curcid;
	answer->xmin = snapshot->xmin;
	answer->xmax = snapshot->xmax;
	answer->running = snapshot->xcnt;
	answer->running_inside = snapshot->subxcnt;
	answer->settings = allm_key_settings();
	answer->on_doubt = allm_on_doubt;
	if (!request->answer.repeatable)
	{
		answer->executor = fcinfo->flinfo->fn_mcxt;
		answer->location = exprLocation(fcinfo->flinfo->fn_expr);
	}
}

/*
 * analytics_llm_ask
 *		Answer a question; one JSON object for each row.
 *
 * SQL: llm_ask(question text, options jsonb) returns setof json
 *
 * Raises LLM01, LLM04 or LLM08 when there is no answer that may be shown, and
 * 22023 for a question or options that are not admitted.
 */
Datum
analytics_llm_ask(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	AllmRequest *request = ask_from_args(fcinfo, ALLM_WANT_ROWS);
	AllmRows   *rows = request->answer.rows;
	const char *meta = NULL;

	allm_answer_announce(request);
	if (request->options.meta)
		meta = allm_meta_of_request(request);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int64 i = 0; i < rows->count; i++)
	{
		Datum		value = CStringGetTextDatum(meta == NULL ? rows->rows[i] :
												allm_meta_add(rows->rows[i],
															  meta));
		bool		null = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value,
							 &null);
		pfree(DatumGetPointer(value));
	}
	MemoryContextDelete(request->context);
	return (Datum) 0;
}

/*
 * analytics_llm_answer
 *		Answer a question; the envelope.
 *
 * SQL: llm_answer(question text, options jsonb) returns analytics_llm.answer
 *
 * A degraded or doubtful answer is a row like any other.  Raises only 22023,
 * for a question or options that are not admitted.
 */
Datum
analytics_llm_answer(PG_FUNCTION_ARGS)
{
	AllmRequest *request;
	TupleDesc	tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	request = find_last_answer(fcinfo);
	if (request == NULL)
	{
		request = ask_from_args(fcinfo, ALLM_WANT_ROWS);
		keep_last_answer(request, fcinfo);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(allm_answer_tuple(request,
														BlessTupleDesc(tupdesc))));
}

/*
 * analytics_llm_sql
 *		Write the query of a question and check it, without running it.
 *
 * SQL: llm_sql(question text, options jsonb) returns text
 *
 * Whoever runs the text runs it by their own hand, outside the fence.
 */
Datum
analytics_llm_sql(PG_FUNCTION_ARGS)
{
	AllmRequest *request = ask_from_args(fcinfo, ALLM_WANT_SQL);
	text	   *sql;

	allm_answer_announce(request);
	sql = cstring_to_text(request->answer.sql);
	MemoryContextDelete(request->context);
	PG_RETURN_TEXT_P(sql);
}

/*
 * analytics_llm_suggest
 *		Questions that the built-in rules can answer for this role.
 *
 * SQL: llm_suggest(n int) returns setof text
 */
Datum
analytics_llm_suggest(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			n = PG_GETARG_INT32(0);
	ListCell   *cell;

	allm_require_loaded();
	allm_request_require_none();
	if (n < 1 || n > MAX_SUGGESTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the number of suggestions must be between 1 and %d",
						MAX_SUGGESTIONS)));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach(cell, allm_rules_suggest(n))
	{
		Datum		value = CStringGetTextDatum(lfirst(cell));
		bool		null = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value,
							 &null);
	}
	return (Datum) 0;
}
