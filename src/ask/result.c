/*
 * result.c
 *		Answers to submitted questions, kept until they are fetched.
 *
 * An answer with its rows may be larger than the queue of records, so the
 * worker that has it writes it, in a transaction of its own.  The table is
 * nobody's to read: llm_result() reads it for the role and the end user that
 * submitted the question, and asks anew whether they may see the rows.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/wait_event.h"

#include "ask/answer.h"
#include "ask/conversation.h"
#include "ask/background.h"
#include "ask/options.h"
#include "ask/record.h"
#include "ask/result.h"
#include "ask/session.h"
#include "base/deadline.h"
#include "base/json.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "base/table.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "ledger/launcher.h"
#include "ledger/transaction.h"

/* So often a worker tries to keep an answer, and so long it waits between. */
#define KEEP_ATTEMPTS		5
#define KEEP_PAUSE			1000	/* ms */

/* An answer that is being kept. */
typedef struct Keeping
{
	const AllmJobOrder *order;
	const char *row;			/* JSON */
} Keeping;

/* What is kept of an answer beside it. */
typedef struct Kept
{
	char	   *answer;			/* JSON */
	char	   *search_path;	/* of its query */
	int64		query_hash;		/* with the views and policies of then */
	char	   *session;		/* that its rows depend on; NULL: on none */
} Kept;

/* A check of the query of a kept answer. */
typedef struct FencedCheck
{
	const char *sql;
	const char *search_path;
	bool		passed;
	AllmOrigin	origin;
} FencedCheck;

extern PGDLLEXPORT Datum analytics_llm_submit(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum analytics_llm_result(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum analytics_llm_cancel(PG_FUNCTION_ARGS);

static char *build_row(const AllmJobOrder *order, const char *answer);
static void insert_answer(void *state);
static void end_keeping(void *state);
static void pause_keeping(void);
static bool find_kept(const pg_uuid_t *id, Kept *kept);
static Oid	find_asker(void);
static bool may_fetch(const AllmTableScan *scan);
static char *describe_wait(const pg_uuid_t *id, const AllmJobView *view);
static Datum populate(Oid row_type, const char *json);
static char *why_withheld(const pg_uuid_t *id, const char *sql,
						  const Kept *kept, int *error_code);
static void check_again(void *arg);

/* The envelope of an answer as JSON, in the current memory context. */
char *
allm_result_text(const AllmRequest *request)
{
	Oid			namespace = get_namespace_oid("analytics_llm", false);
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									   CStringGetDatum("answer"),
									   ObjectIdGetDatum(namespace));
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, -1);
	HeapTuple	tuple = allm_answer_tuple(request, BlessTupleDesc(desc));
	Datum		json = DirectFunctionCall1(row_to_json,
										   heap_copy_tuple_as_datum(tuple,
																	desc));

	return TextDatumGetCString(json);
}

/*
 * Keeps the answer of a job, in transactions of its own, as the user that the
 * worker has connected as; 0.  When that is not possible for a while, the server
 * log says so, and the SQLSTATE is returned; the record of the question is
 * another one, and not lost.
 */
int
allm_result_keep(const AllmJobOrder *order, const char *answer)
{
	Keeping		keeping = {order, build_row(order, answer)};
	ErrorData  *error = NULL;

	for (int attempt = 1;; attempt++)
	{
		if (allm_transaction_run(insert_answer, end_keeping, &keeping,
								 &error))
			return 0;
		if (attempt == KEEP_ATTEMPTS)
			break;
		pause_keeping();
	}
	ereport(LOG,
			(errmsg("the answer to submitted question %s could not be kept: %s",
					allm_record_uuid_text(&order->id), error->message)));
	return error->sqlerrcode;
}

/* The row of analytics_llm.result, as an array of one record. */
static char *
build_row(const AllmJobOrder *order, const char *answer)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '[');
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "request_id", allm_record_uuid_text(&order->id));
	allm_json_text(&w, "user_name", order->user_name);
	allm_json_int(&w, "user_id", order->user_id);
	allm_json_text(&w, "end_user", order->end_user);
	allm_json_text(&w, "search_path",
				   order->search_path != NULL ? order->search_path : "");
	allm_json_time(&w, "submitted_at", order->submitted_at);
	allm_json_time(&w, "started_at", order->started_at);
	allm_json_time(&w, "finished_at", GetCurrentTimestamp());
	allm_json_raw(&w, "answer", answer);
	if (order->origin != NULL)
	{
		allm_json_int(&w, "query_hash", (int64) order->origin->tree);
		if (!order->origin->shareable)
			allm_json_text(&w, "session", order->session);
	}
	allm_json_close(&w, '}');
	allm_json_close(&w, ']');
	return w.buf.data;
}

/*
 * AllmTransactionWork: inserts the answer, and tells who listens.  Without the
 * table there is nobody to tell.
 */
static void
insert_answer(void *state)
{
	Keeping    *keeping = state;
	Oid			types[1] = {JSONOID};
	Datum		values[1] = {CStringGetTextDatum(keeping->row)};

	if (!allm_transaction_lock_tables())
		return;
	allm_transaction_execute(ALLM_RECORD_RESULT,
							 allm_record_insert(ALLM_RECORD_RESULT), 1, types,
							 values);
	Async_Notify(ALLM_RESULT_CHANNEL,
				 allm_record_uuid_text(&keeping->order->id));
}

/* AllmTransactionWork: it is committed, and there is nothing more to do. */
static void
end_keeping(void *state)
{
}

/* Waits before the next attempt. */
static void
pause_keeping(void)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 KEEP_PAUSE, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

PG_FUNCTION_INFO_V1(analytics_llm_submit);

/*
 * analytics_llm_submit
 *		Ask a question in the background.
 *
 * SQL: llm_submit(question text, options jsonb) returns uuid
 *
 * Returns the id by which to fetch the answer.  The question is asked as the
 * current role with the settings of this session, and whatever becomes of the
 * transaction.  Raises 22023 for a question or options that are not admitted,
 * 53400 when there is no room, 55000 when this server answers no submitted
 * questions, and 25006 during recovery.
 */
Datum
analytics_llm_submit(PG_FUNCTION_ARGS)
{
	const char *question = "";
	Jsonb	   *options = NULL;
	AllmOptions read_options;
	AllmJobOrder order = {0};
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	allm_require_loaded();
	allm_background_require();
	if (!PG_ARGISNULL(0))
		question = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		options = PG_GETARG_JSONB_P(1);
	allm_request_admit(question);
	allm_options_read(options, &read_options);
	allm_conversation_require_none(&read_options);

	allm_request_make_id(id);
	order.id = *id;
	order.database = MyDatabaseId;
	order.user_id = GetUserId();
	order.session_user_id = GetSessionUserId();
	order.end_user = allm_end_user;
	order.question = question;
	order.options = read_options.text;
	order.session = allm_session_describe(id);
	order.settings = allm_background_settings(&order.settings_len);
	order.submitted_at = GetCurrentTimestamp();
	allm_jobs_add(&order);
	allm_launcher_wake();
	PG_RETURN_UUID_P(id);
}

PG_FUNCTION_INFO_V1(analytics_llm_result);

/*
 * analytics_llm_result
 *		Fetch the answer to a submitted question, or how far it is.
 *
 * SQL: llm_result(request_id uuid) returns analytics_llm.answer
 *
 * Does not wait.  Only the role that submitted the question, for the same end
 * user, and superusers get it; rows are left out when the role may not read
 * them any more, or its session would be given others.  Raises 42704 when there
 * is no such question.
 */
Datum
analytics_llm_result(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *id = PG_GETARG_UUID_P(0);
	AllmJobView view;
	Kept		kept = {0};
	TupleDesc	desc;
	HeapTupleHeader answer;
	Datum		value;
	char	   *sql;
	char	   *reason = NULL;
	int			error_code;

	allm_require_loaded();
	allm_request_require_none();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	/* In this order: it may be answered in between. */
	if (allm_jobs_look(id, find_asker(), allm_end_user, &view))
		kept.answer = describe_wait(id, &view);
	else if (!find_kept(id, &kept))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role \"%s\" has no submitted question %s",
						GetUserNameFromId(GetUserId(), false),
						allm_record_uuid_text(id)),
				 errhint("Answers are kept for 24 hours; a restart of the server loses questions that wait.")));
	value = populate(desc->tdtypeid, kept.answer);
	answer = DatumGetHeapTupleHeader(value);
	sql = allm_answer_sql(answer, desc);
	if (sql != NULL)
		reason = why_withheld(id, sql, &kept, &error_code);
	if (reason == NULL)
		PG_RETURN_DATUM(value);
	PG_RETURN_DATUM(HeapTupleGetDatum(allm_answer_withhold(answer, desc,
														   error_code,
														   reason)));
}

/* The kept answer of that id, if there is one and the caller may have it. */
static bool
find_kept(const pg_uuid_t *id, Kept *kept)
{
	AllmTableScan scan;

	if (!allm_table_begin_own(&scan, "result", "result_pkey", "request_id",
							  F_UUID_EQ, UUIDPGetDatum(id)))
		return false;
	if (allm_table_next(&scan) && may_fetch(&scan))
	{
		kept->answer = allm_table_text(&scan, "answer");
		kept->search_path = allm_table_text(&scan, "search_path");
		kept->query_hash = allm_table_bigint(&scan, "query_hash", 0);
		kept->session = allm_table_text(&scan, "session");
	}
	allm_table_end(&scan);
	return kept->answer != NULL;
}

/* Whose questions the caller may have: a superuser, those of any role. */
static Oid
find_asker(void)
{
	return superuser() ? InvalidOid : GetUserId();
}

/*
 * Is the row at which the scan is the caller's own?  The number of a role tells:
 * it keeps it when it is renamed, and in the time that rows are kept no other one
 * gets it.
 */
static bool
may_fetch(const AllmTableScan *scan)
{
	const char *end_user = allm_table_text(scan, "end_user");

	if (!OidIsValid(find_asker()))
		return true;
	return allm_table_oid(scan, "user_id") == GetUserId() &&
		end_user != NULL && strcmp(end_user, allm_end_user) == 0;
}

/* The envelope of a question that is not answered yet. */
static char *
describe_wait(const pg_uuid_t *id, const AllmJobView *view)
{
	AllmJsonWriter w;
	const char *message = "the question is being answered";

	if (!view->is_running)
		message = psprintf("the question waits for a worker, and so do %d of the same role that were submitted before it",
						   view->before);
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "request_id", allm_record_uuid_text(id));
	allm_json_text(&w, "status", "running");
	allm_json_raw(&w, "warnings", "[]");
	allm_json_text(&w, "message", message);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* A value of a row type, of the members of a JSON object. */
static Datum
populate(Oid row_type, const char *json)
{
	LOCAL_FCINFO(fcinfo, 3);
	FmgrInfo	flinfo;
	List	   *args;
	Datum		value;

	/* The function learns the type from the expression that it stands in. */
	args = list_make3(makeNullConst(row_type, -1, InvalidOid),
					  makeNullConst(JSONOID, -1, InvalidOid),
					  makeBoolConst(false, false));
	fmgr_info(F_JSON_POPULATE_RECORD, &flinfo);
	fmgr_info_set_expr((Node *) makeFuncExpr(F_JSON_POPULATE_RECORD, row_type,
											 args, InvalidOid, InvalidOid,
											 COERCE_EXPLICIT_CALL), &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, 3, InvalidOid, NULL, NULL);
	memset(fcinfo->args, 0, 3 * sizeof(NullableDatum));
	fcinfo->args[0].isnull = true;
	fcinfo->args[1].value = CStringGetTextDatum(json);
	value = FunctionCallInvoke(fcinfo);
	Assert(!fcinfo->isnull);
	return value;
}

/*
 * Why the caller does not get the rows of an answer; NULL when it does.  A
 * privilege may be gone since, or a view or a policy be another one.  Rows that
 * depend on the session that submitted the question are for one that is like
 * it.  Names are those of the search_path of then, not of the one that the
 * caller has now.
 */
static char *
why_withheld(const pg_uuid_t *id, const char *sql, const Kept *kept,
			 int *error_code)
{
	const char *role = GetUserNameFromId(GetUserId(), false);
	FencedCheck check = {.sql = sql,.search_path = kept->search_path};
	ErrorData  *edata = allm_execute_fenced(check_again, &check,
											allm_deadline_in(allm_request_timeout));
	char	   *difference = NULL;

	*error_code = ERRCODE_INSUFFICIENT_PRIVILEGE;
	if (edata != NULL || !check.passed)
		return psprintf("role \"%s\" may not read the rows of this answer any more",
						role);
	*error_code = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
	if ((int64) check.origin.tree != kept->query_hash)
		return psprintf("the rows of this answer are not what role \"%s\" would read: a view or a policy has changed, or they are another role's",
						role);
	if (kept->session != NULL)
		difference = allm_session_difference(kept->session,
											 allm_session_describe(id));
	if (difference != NULL)
		return psprintf("the rows of this answer are of a session that differs from this one in %s",
						difference);
	return NULL;
}

/* Inside the fence, which puts the setting back. */
static void
check_again(void *arg)
{
	FencedCheck *check = arg;
	AllmChecked *checked;

	(void) set_config_option("search_path", check->search_path, PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	checked = allm_analyze_check(check->sql);
	check->passed = !allm_finding_any_error(checked->findings);
	if (check->passed)
		allm_origin_read(checked,
						 !contain_mutable_functions((Node *) checked->query),
						 &check->origin);
}

PG_FUNCTION_INFO_V1(analytics_llm_cancel);

/*
 * analytics_llm_cancel
 *		Cancel a submitted question of the current role; a superuser, of any.
 *
 * SQL: llm_cancel(request_id uuid) returns boolean
 *
 * False when there is none, or it is answered.  One that was under way has an
 * answer, which says that it was cancelled; one that waited has none.
 */
Datum
analytics_llm_cancel(PG_FUNCTION_ARGS)
{
	allm_require_loaded();
	PG_RETURN_BOOL(allm_jobs_cancel(PG_GETARG_UUID_P(0), find_asker(),
									allm_end_user));
}
