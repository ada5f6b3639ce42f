/*
 * background.c
 *		The pool of workers that answer submitted questions.
 *
 * The launcher of the ledger starts a worker for each job, as many at once as
 * analytics_llm.background_workers allows.  A worker answers one question and
 * ends, so that nothing of one asker is left for the next: no setting, no
 * connection to a provider, no state of a procedural language.
 *
 * A worker connects as the bootstrap superuser, since a role that asks may
 * have no LOGIN, and becomes the asker: first its session's settings and
 * session_user, then current_user, in a restricted context that no code of
 * the asker's leaves, not even by SET SESSION AUTHORIZATION.  It goes back to
 * keep the answer, in a transaction of its own.  While it waits for a model it
 * holds no snapshot.
 *
 * What is shared is in jobs.c, under its lock.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "ask/background.h"
#include "ask/jobs.h"
#include "ask/drive.h"
#include "ask/record.h"
#include "ask/result.h"
#include "ask/shadow.h"
#include "base/deadline.h"
#include "base/json.h"
#include "base/settings.h"
#include "ledger/launcher.h"
#include "ledger/writer.h"

/* To connect, a worker has so long: its place may be needed for another. */
#define START_PATIENCE		5000	/* ms */

/* As the setting's own bound. */
#define MOST_WORKERS		64

/* A worker slot can become free at any time, and nobody tells. */
#define NO_WORKER_BACK_OFF	500 /* ms */

/* A worker that the launcher has asked for. */
typedef struct StartedWorker
{
	BackgroundWorkerHandle *handle; /* NULL: a free entry */
	AllmJobStart start;
	AllmDeadline patience;		/* for it to claim the job */
} StartedWorker;

static StartedWorker started[MOST_WORKERS]; /* in the launcher */

extern PGDLLEXPORT void analytics_llm_background_main(Datum main_arg);

static long start_workers(void);
static bool is_one_starting(void);
static void note_workers(void);
static void note_end(StartedWorker *worker);
static void note_failure(const AllmJobStart *start, AllmStartFailure why);
static StartedWorker *find_free_entry(void);
static bool start_worker(StartedWorker *entry);
static void keep_answer(AllmJobOrder *order, const char *answer);
static void end_at_exit(int code, Datum arg);
static char *answer_job(AllmJobOrder *order);
static void find_name(AllmJobOrder *order, MemoryContext keep);
static void take_settings(const AllmJobOrder *order);
static void become_asker(const AllmJobOrder *order);
static void become_nobody(void);
static char *run_question(AllmJobOrder *order);
static char *describe_error(const AllmJobOrder *order, const ErrorData *edata);

/* Registers the shared memory and the launcher's chore; from _PG_init. */
void
allm_background_install(void)
{
	allm_jobs_install();
	allm_launcher_add_chore(start_workers);
}

/* Raises 55000 when this server answers no submitted questions. */
void
allm_background_require(void)
{
	if (allm_background_workers == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this server answers no submitted questions"),
				 errdetail("The setting \"%s\" is 0.",
						   "analytics_llm.background_workers")));
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("a question cannot be submitted during recovery"),
				 errhint("Ask it with llm_ask() or llm_answer(), or submit it to the primary server.")));
}

/* All settings that this session does not have from the server's start. */
void *
allm_background_settings(Size *len)
{
	void	   *settings;

	*len = EstimateGUCStateSpace();
	settings = palloc0(*len);
	SerializeGUCState(*len, settings);
	return settings;
}

/* One line for llm_status: the pool. */
void
allm_background_status(AllmStatusLine line, void *state)
{
	AllmJobCounts counts = allm_jobs_count();
	const char *status = "idle";
	AllmJsonWriter w;

	if (allm_background_workers == 0)
		status = "off";
	else if (counts.failed_starts > 0)
		status = "cannot start workers";
	else if (counts.running > 0 || counts.waiting > 0)
		status = "answering";
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_int(&w, "workers", allm_background_workers);
	allm_json_int(&w, "running", counts.running);
	allm_json_int(&w, "waiting", counts.waiting);
	allm_json_close(&w, '}');
	line(state, "background", "submitted questions", status, w.buf.data);
}

/*
 * The launcher's chore: looks after the workers that it has asked for, and
 * asks for more.  Returns the milliseconds until it has something to do again,
 * -1 when somebody will set the latch.
 */
static long
start_workers(void)
{
	static bool is_new = true;
	long		wait_ms = -1;
	StartedWorker *entry;

	if (is_new)
		allm_jobs_start_anew();
	is_new = false;
	note_workers();
	while ((entry = find_free_entry()) != NULL &&
		   allm_jobs_start_next(allm_background_workers, &entry->start,
								&wait_ms))
	{
		/* A worker could only fail, and so could those of all its others. */
		if (!allm_launcher_finds(entry->start.database))
			note_failure(&entry->start, ALLM_START_NO_DATABASE);
		else if (!start_worker(entry))
		{
			entry->handle = NULL;
			note_failure(&entry->start, ALLM_START_NO_SLOT);
			return NO_WORKER_BACK_OFF;
		}
	}
	/* One that never connects is ended by this process alone. */
	return wait_ms < 0 && is_one_starting() ? START_PATIENCE : wait_ms;
}

/* Has a worker that was asked for not claimed its job yet? */
static bool
is_one_starting(void)
{
	for (int i = 0; i < MOST_WORKERS; i++)
	{
		if (started[i].handle != NULL &&
			allm_jobs_is_starting(&started[i].start))
			return true;
	}
	return false;
}

/* Forgets workers that have ended, and ends those that do not connect. */
static void
note_workers(void)
{
	for (int i = 0; i < MOST_WORKERS; i++)
	{
		StartedWorker *worker = &started[i];
		pid_t		pid;

		if (worker->handle == NULL)
			continue;
		if (GetBackgroundWorkerPid(worker->handle, &pid) == BGWH_STOPPED)
			note_end(worker);
		else if (allm_deadline_left(worker->patience) <= 0 &&
				 allm_jobs_is_starting(&worker->start))
			TerminateBackgroundWorker(worker->handle);
	}
}

/* A worker has ended; if it had not claimed its job, another is to come. */
static void
note_end(StartedWorker *worker)
{
	pfree(worker->handle);
	worker->handle = NULL;
	note_failure(&worker->start, ALLM_START_NO_CONNECTION);
}

/* No worker has come for a job; says so when it is given up. */
static void
note_failure(const AllmJobStart *start, AllmStartFailure why)
{
	if (!allm_jobs_not_started(start, why))
		ereport(LOG,
				(errmsg("submitted question %s was given up: no worker could connect to its database",
						allm_record_uuid_text(&start->id))));
}

/* A place for a handle, or NULL while too many workers are still exiting. */
static StartedWorker *
find_free_entry(void)
{
	for (int i = 0; i < MOST_WORKERS; i++)
	{
		if (started[i].handle == NULL)
			return &started[i];
	}
	return NULL;
}

/* Asks the postmaster for the worker of a job; false when no slot is free. */
static bool
start_worker(StartedWorker *entry)
{
	BackgroundWorker worker = {0};

	StaticAssertStmt(sizeof(AllmJobStart) <= BGW_EXTRALEN,
					 "a start fits into the arguments of a worker");
	strlcpy(worker.bgw_name, "analytics_llm question", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "analytics_llm question", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "analytics_llm",
			sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "analytics_llm_background_main",
			BGW_MAXLEN);
	memcpy(worker.bgw_extra, &entry->start, sizeof(AllmJobStart));
	worker.bgw_notify_pid = MyProcPid;
	entry->patience = allm_deadline_in(START_PATIENCE);
	return RegisterDynamicBackgroundWorker(&worker, &entry->handle);
}

/*
 * analytics_llm_background_main
 *		Entry point of a worker: one question, and the end.
 */
void
analytics_llm_background_main(Datum main_arg)
{
	static AllmJobStart start;
	AllmJobOrder order;
	char	   *answer;

	memcpy(&start, MyBgworkerEntry->bgw_extra, sizeof(AllmJobStart));
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	/* The default one raises in the handler, wherever that is. */
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(start.database, InvalidOid, 0);

	MemoryContextSwitchTo(AllocSetContextCreate(TopMemoryContext,
												"analytics_llm job",
												ALLOCSET_DEFAULT_SIZES));
	before_shmem_exit(end_at_exit, PointerGetDatum(&start));
	if (!allm_jobs_claim(&start, &order))
		proc_exit(0);
	pgstat_report_activity(STATE_RUNNING, order.shadow != NULL ?
						   "asking a shadow model" :
						   psprintf("answering submitted question %s",
									allm_record_uuid_text(&order.id)));
	answer = answer_job(&order);

	/* A cancel that comes now would be too late, and must not hit this. */
	allm_jobs_close(&start);
	QueryCancelPending = false;
	allm_writer_pin_settings("analytics_llm question", PGC_S_SESSION);
	if (order.user_name != NULL && order.shadow == NULL)
		keep_answer(&order, answer);
	allm_jobs_end(&start, true);
	proc_exit(0);
}

/* Keeps the answer; where that cannot be, one that says so. */
static void
keep_answer(AllmJobOrder *order, const char *answer)
{
	ErrorData	error = {.message = "the answer could not be kept"};

	error.sqlerrcode = allm_result_keep(order, answer);
	if (error.sqlerrcode == 0)
		return;
	order->origin = NULL;
	(void) allm_result_keep(order, describe_error(order, &error));
}

/* However it ends, the worker has no job afterwards. */
static void
end_at_exit(int code, Datum arg)
{
	allm_jobs_end((AllmJobStart *) DatumGetPointer(arg), false);
	/* It may be another one than the one that asked for this worker. */
	allm_launcher_wake();
}

/*
 * Answers a question as its asker.  Returns the envelope as JSON, in the
 * current memory context; what llm_answer would have raised is one, too.
 */
static char *
answer_job(AllmJobOrder *order)
{
	MemoryContext caller = CurrentMemoryContext;
	char	   *volatile answer = NULL;

	PG_TRY();
	{
		find_name(order, caller);
		if (order->is_lost)
			ereport(ERROR,
					(errcode(ERRCODE_ADMIN_SHUTDOWN),
					 errmsg("the worker that was answering the question has been terminated")));
		take_settings(order);
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		MemoryContextSwitchTo(caller);
		order->search_path = pstrdup(namespace_search_path);
		become_asker(order);
		answer = run_question(order);
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		ErrorData  *edata;

		HOLD_INTERRUPTS();
		MemoryContextSwitchTo(caller);
		edata = CopyErrorData();
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
		if (order->shadow == NULL)
			answer = describe_error(order, edata);
		else if (order->user_name != NULL)
			allm_shadow_note_failure(order);
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	become_nobody();
	return answer;
}

/* The name of the asker, for who fetches the answer; NULL when it is gone. */
static void
find_name(AllmJobOrder *order, MemoryContext keep)
{
	char	   *name;

	StartTransactionCommand();
	name = GetUserNameFromId(order->user_id, true);
	if (name != NULL)
		order->user_name = MemoryContextStrdup(keep, name);
	CommitTransactionCommand();
}

/*
 * Takes over the settings of the session that submitted the question, and its
 * session_user.  In a transaction of its own, since settings are looked up in
 * catalogs; raises where one is not valid any more.
 */
static void
take_settings(const AllmJobOrder *order)
{
	StartTransactionCommand();
	RestoreGUCState(unconstify(void *, order->settings));
	CommitTransactionCommand();
	/* What the server's files say is of now; what the session set stays. */
	ProcessConfigFile(PGC_SIGHUP);
	/* Either would hold a snapshot while a model is waited for. */
	SetConfigOption("default_transaction_isolation", "read committed",
					PGC_SUSET, PGC_S_SESSION);
	SetConfigOption("default_transaction_deferrable", "off",
					PGC_SUSET, PGC_S_SESSION);
	/* Since 17; it would end the process, not the question. */
	if (GetConfigOption("transaction_timeout", true, false) != NULL)
		SetConfigOption("transaction_timeout", "0", PGC_SUSET, PGC_S_SESSION);
}

/*
 * From here to the end of the transaction this is the asker, in a context that
 * refuses to become anybody else.
 */
static void
become_asker(const AllmJobOrder *order)
{
	SetSessionAuthorization(order->session_user_id,
							superuser_arg(order->session_user_id));
	SetUserIdAndSecContext(order->user_id,
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/* Between transactions: the worker is the one that it connected as. */
static void
become_nobody(void)
{
	SetSessionAuthorization(BOOTSTRAP_SUPERUSERID, true);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, 0);
}

/* The walk of the question, and its answer; NULL for a shadow. */
static char *
run_question(AllmJobOrder *order)
{
	Jsonb	   *options;
	AllmRequest *request;

	if (order->shadow != NULL)
	{
		allm_shadow_ask(order);
		return NULL;
	}
	options = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
												 CStringGetDatum(order->options)));
	allm_request_name_next(&order->id);
	request = allm_drive_one(order->question, options, ALLM_WANT_ROWS);
	if (request->answer.rows != NULL)
		order->origin = &request->answer.origin;
	return allm_result_text(request);
}

/* The envelope of a question that an error has ended. */
static char *
describe_error(const AllmJobOrder *order, const ErrorData *edata)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "request_id", allm_record_uuid_text(&order->id));
	allm_json_text(&w, "status", "degraded");
	allm_json_int(&w, "tier", 4);
	allm_json_raw(&w, "warnings", "[]");
	allm_json_text(&w, "message", edata->message);
	allm_json_text(&w, "error_code", unpack_sql_state(edata->sqlerrcode));
	allm_json_time(&w, "answered_at", GetCurrentTimestamp());
	allm_json_close(&w, '}');
	return w.buf.data;
}
