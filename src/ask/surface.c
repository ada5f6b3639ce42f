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
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "ask/answer.h"
#include "ask/pipeline.h"
#include "base/shmem.h"
#include "schema/snapshot.h"
#include "semantic/match.h"

/* More suggestions than these help nobody. */
#define MAX_SUGGESTIONS 100

/*
 * The last answer of the statement under way.  It is the same question only if
 * nothing that could change the answer differs: the text, the options, the
 * role, and what is visible.
 */
typedef struct LastAnswer
{
	AllmRequest *request;
	TimestampTz statement_time;
	Oid			user_id;
	CommandId	command;
	TransactionId xmin;
	TransactionId xmax;
} LastAnswer;

static LastAnswer last_answer;

PG_FUNCTION_INFO_V1(analytics_llm_answer);
PG_FUNCTION_INFO_V1(analytics_llm_ask);
PG_FUNCTION_INFO_V1(analytics_llm_sql);
PG_FUNCTION_INFO_V1(analytics_llm_suggest);

static AllmRequest *ask_from_args(FunctionCallInfo fcinfo, AllmWant want);
static AllmRequest *find_last_answer(const char *question, Jsonb *options);
static void keep_last_answer(AllmRequest *request);
static void forget_last_answer(void *arg);
static void stamp(LastAnswer *answer);

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
	return allm_pipeline_run(question, options, want);
}

/* The answer of this statement to the same question, or NULL. */
static AllmRequest *
find_last_answer(const char *question, Jsonb *options)
{
	AllmRequest *request = last_answer.request;
	LastAnswer	now;

	if (request == NULL || strcmp(request->question, question) != 0 ||
		strcmp(request->search_path, namespace_search_path) != 0 ||
		strcmp(request->options.text,
			   JsonbToCString(NULL, &options->root, VARSIZE(options))) != 0)
		return NULL;
	memset(&now, 0, sizeof(LastAnswer));
	now.request = request;
	stamp(&now);
	return memcmp(&now, &last_answer, sizeof(LastAnswer)) == 0 ? request : NULL;
}

/* Keeps an answer until the transaction ends or the next one comes. */
static void
keep_last_answer(AllmRequest *request)
{
	MemoryContextCallback *callback;

	if (last_answer.request != NULL)
		MemoryContextDelete(last_answer.request->context);

	MemoryContextSetParent(request->context, TopTransactionContext);
	callback = MemoryContextAllocZero(request->context,
									  sizeof(MemoryContextCallback));
	callback->func = forget_last_answer;
	callback->arg = request;
	MemoryContextRegisterResetCallback(request->context, callback);
	memset(&last_answer, 0, sizeof(LastAnswer));
	last_answer.request = request;
	stamp(&last_answer);
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
stamp(LastAnswer *answer)
{
	Snapshot	snapshot = GetActiveSnapshot();

	answer->statement_time = GetCurrentStatementStartTimestamp();
	answer->user_id = GetUserId();
	answer->command = snapshot->curcid;
	answer->xmin = snapshot->xmin;
	answer->xmax = snapshot->xmax;
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

	allm_answer_announce(request);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int64 i = 0; i < rows->count; i++)
	{
		Datum		value = CStringGetTextDatum(rows->rows[i]);
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
	AllmRequest *request = NULL;
	TupleDesc	tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		request = find_last_answer(text_to_cstring(PG_GETARG_TEXT_PP(0)),
								   PG_GETARG_JSONB_P(1));
	if (request == NULL)
	{
		request = ask_from_args(fcinfo, ALLM_WANT_ROWS);
		keep_last_answer(request);
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
	if (n < 1 || n > MAX_SUGGESTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the number of suggestions must be between 1 and %d",
						MAX_SUGGESTIONS)));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach(cell, allm_match_suggest(allm_snapshot_get(), n))
	{
		Datum		value = CStringGetTextDatum(lfirst(cell));
		bool		null = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value,
							 &null);
	}
	return (Datum) 0;
}
