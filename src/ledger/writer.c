/*
 * writer.c
 *		The background worker that inserts records into the state tables of
 *		one database.
 *
 * It takes the blocks of its database from the queue in batches, one
 * transaction a batch.  It leaves when it has been idle for a moment, since a
 * worker that is connected stands in the way of DROP DATABASE; after a while
 * when other databases wait for a writer; and when it cannot write, in which
 * case the launcher starts another one later.
 *
 * A slot has one writer at most: the one that has claimed it under the queue
 * lock.  It leaves under that lock too, so that no record comes unseen.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/deadline.h"
#include "ledger/batch.h"
#include "ledger/launcher.h"
#include "ledger/retention.h"
#include "ledger/slots.h"
#include "ledger/task.h"
#include "ledger/writer.h"

/*
 * One transaction takes at most this much: enough that its commit costs
 * little, not so much that a failure costs a lot.
 */
#define BATCH_RECORDS		500
#define BATCH_BYTES			(1024 * 1024)

/* Without records for so long, a writer leaves. */
#define IDLE_TIMEOUT		1000	/* ms */

/* After so long, it leaves when other databases wait for a writer. */
#define SLICE				500 /* ms */

/*
 * At a shutdown, sessions hand over their last records while they are being
 * terminated, at the same time as this worker.  It waits so long for them.
 */
#define LAST_CALL			2000	/* ms */
#define LAST_CALL_POLL		20	/* ms */

typedef struct WriterOption
{
	const char *name;
	const char *value;
} WriterOption;

/*
 * What may be set for the database or the server, and must not decide over
 * records.  A commit is flushed, since a crash of one backend loses what is
 * not, and does not wait for standbys, which may be away.  Triggers and rules
 * fire only where the owner of the table has said ENABLE ALWAYS.  A time in a
 * record that names no zone is in UTC.
 */
static const WriterOption options[] =
{
	{"client_min_messages", "error"},
	{"DateStyle", "ISO, YMD"},
	{"default_transaction_deferrable", "off"},
	{"default_transaction_isolation", "read committed"},
	{"default_transaction_read_only", "off"},
	{"jit", "off"},
	{"lock_timeout", "1000"},
	{"row_security", "on"},
	{"search_path", "pg_catalog, pg_temp"},
	{"session_replication_role", "replica"},
	{"synchronous_commit", "local"},
	{"TimeZone", "UTC"},
};

static bool has_written = false;

extern PGDLLEXPORT void analytics_llm_writer_main(Datum main_arg);

static bool claim_slot(int slot, Oid database);
static bool leave_slot(int slot, bool even_with_records);
static void leave_at_exit(int code, Datum arg);
static bool write_batches(int slot, TimestampTz start);
static void serve_signals(void);
static bool wait_for_records(int slot, bool others_wait);
static bool wait_for_last_records(int slot);

/* Registers the launcher.  Called once, from _PG_init. */
void
allm_writer_install(void)
{
	allm_launcher_install();
}

/*
 * Asks the postmaster to start a writer; false when no background worker slot
 * is free.  The caller is told of its start and end by its latch.
 */
bool
allm_writer_start(int slot, Oid database, BackgroundWorkerHandle **handle)
{
	BackgroundWorker worker = {0};

	strlcpy(worker.bgw_name, "analytics_llm writer", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "analytics_llm writer", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "analytics_llm",
			sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "analytics_llm_writer_main",
			BGW_MAXLEN);
	worker.bgw_main_arg = Int32GetDatum(slot);
	memcpy(worker.bgw_extra, &database, sizeof(database));
	worker.bgw_notify_pid = MyProcPid;
	return RegisterDynamicBackgroundWorker(&worker, handle);
}

/*
 * analytics_llm_writer_main
 *		Entry point of a writer; the argument is the slot.
 *
 * Until it is connected, SIGTERM ends it at once.  Later that lets it finish
 * what is queued, if that is quick.
 */
void
analytics_llm_writer_main(Datum main_arg)
{
	int			slot = DatumGetInt32(main_arg);
	TimestampTz start = GetCurrentTimestamp();
	Oid			database;

	memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof(database));
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);

	allm_writer_pin_settings("analytics_llm writer", PGC_S_OVERRIDE);
	if (claim_slot(slot, database))
	{
		while (write_batches(slot, start))
			;
	}
	proc_exit(0);
}

/*
 * Pins what the settings of the database, the server or a session must not
 * change for a worker that writes.  The source says over which of them.
 */
void
allm_writer_pin_settings(const char *application_name, GucSource source)
{
	SetConfigOption("application_name", application_name, PGC_SUSET, source);
	for (int i = 0; i < lengthof(options); i++)
		SetConfigOption(options[i].name, options[i].value, PGC_SUSET, source);
	/* Since 17; it would end the process, and we have deadlines of our own. */
	if (GetConfigOption("transaction_timeout", true, false) != NULL)
		SetConfigOption("transaction_timeout", "0", PGC_SUSET, source);
}

/*
 * Makes this process the writer of a slot, until it leaves or exits; false
 * when another one is, or there is nothing left to do for that database.
 */
static bool
claim_slot(int slot_no, Oid database)
{
	AllmSlot   *slot = &allm_queue->slots[slot_no];
	bool		claimed = false;

	allm_slots_attach();
	on_shmem_exit(leave_at_exit, Int32GetDatum(slot_no));
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	if (slot->database == database && slot->writer == 0 && !allm_queue->closed)
	{
		slot->writer = MyProcPid;
		slot->writer_latch = MyLatch;
		allm_slots_mark(slot, ALLM_WRITER_RUNNING);
		claimed = true;
	}
	LWLockRelease(allm_queue_lock);
	return claimed;
}

/*
 * Ends this process's being the writer of a slot.  With "even_with_records"
 * unset, false when records have come in the meantime: the writer goes on.
 */
static bool
leave_slot(int slot_no, bool even_with_records)
{
	AllmSlot   *slot = &allm_queue->slots[slot_no];
	Latch	   *latch;

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	if (DsaPointerIsValid(slot->head) && !even_with_records)
	{
		LWLockRelease(allm_queue_lock);
		return false;
	}
	allm_slots_vacate(slot);
	latch = allm_queue->launcher_latch;
	LWLockRelease(allm_queue_lock);
	if (latch != NULL)
		SetLatch(latch);
	return true;
}

/*
 * A writer exits.  Without having left its slot, it was terminated, or failed
 * where it should not.  When the launcher has gone before it, nobody else will
 * look at what is still there.
 */
static void
leave_at_exit(int code, Datum arg)
{
	int			slot_no = DatumGetInt32(arg);
	AllmSlot   *slot = &allm_queue->slots[slot_no];
	pid_t		writer;
	bool		last;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	writer = slot->writer;
	last = allm_queue->closed && allm_queue->launcher == 0;
	LWLockRelease(allm_queue_lock);
	if (last && (writer == MyProcPid || writer == 0))
		allm_slots_print_all(slot_no);
	if (writer != MyProcPid)
		return;
	if (code == 0)
		(void) leave_slot(slot_no, true);
	else
		allm_slots_fail(slot_no, slot->database, ALLM_WRITER_BLOCKED,
						ERRCODE_INTERNAL_ERROR,
						"the writer ended unexpectedly");
}

/*
 * One batch, or one wait for records.  False when the writer has left its
 * slot, and has to end.
 */
static bool
write_batches(int slot, TimestampTz start)
{
	AllmBatch	batch;
	AllmBatchResult result;
	ErrorData  *error = NULL;

	serve_signals();
	allm_slots_peek(slot, BATCH_RECORDS, BATCH_BYTES, &batch);
	if (batch.nblock == 0)
		return wait_for_records(slot, batch.others_wait);

	has_written = true;
	pgstat_report_activity(STATE_RUNNING, "writing records");
	result = allm_batch_write(slot, &batch, &error);
	pgstat_report_activity(STATE_IDLE, NULL);
	pgstat_report_stat(false);

	if (result == ALLM_BATCH_NO_TABLES)
		allm_slots_print_all(slot);
	if (result == ALLM_BATCH_TROUBLE)
	{
		allm_slots_fail(slot, MyDatabaseId, ALLM_WRITER_BLOCKED,
						error->sqlerrcode, error->message);
		return false;
	}
	if (result == ALLM_BATCH_WRITTEN)
	{
		allm_task_note_records();
		allm_task_run_due(false);
		(void) allm_retention_step(slot);
	}
	if (batch.others_wait &&
		TimestampDifferenceExceeds(start, GetCurrentTimestamp(), SLICE))
		return !leave_slot(slot, true);
	return true;
}

/*
 * Waits for records until it is time to leave; false when it is, and the slot
 * has been left without any.  A writer that has found none when it came was
 * started to delete old ones, and leaves after that.
 */
static bool
wait_for_records(int slot, bool others_wait)
{
	AllmDeadline idle = allm_deadline_in(has_written ? IDLE_TIMEOUT : 0);
	AllmBatch	batch = {.others_wait = others_wait};
	bool		sweeping = !has_written;

	while (batch.nblock == 0)
	{
		long		left = allm_deadline_left(idle);

		if (ShutdownRequestPending)
			return wait_for_last_records(slot);
		if ((left <= 0 && !sweeping) || batch.others_wait)
		{
			allm_task_run_due(true);
			return !leave_slot(slot, false);
		}
		/* Nothing else is to do: what is old can go, to the last row. */
		sweeping = allm_retention_step(slot);
		if (!sweeping && left > 0)
			(void) WaitLatch(MyLatch,
							 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
							 left, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		serve_signals();
		allm_slots_peek(slot, 1, 1, &batch);
	}
	return true;
}

/* Acts on an interrupt, or on changed settings. */
static void
serve_signals(void)
{
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

/*
 * The same after a request to end: waits for sessions that are ending too.
 * When it was this worker alone that was to end, that costs a moment.
 */
static bool
wait_for_last_records(int slot)
{
	static AllmDeadline last_call = {0};
	AllmBatch	batch = {0};

	if (last_call.at == 0)
		last_call = allm_deadline_in(LAST_CALL);
	while (batch.nblock == 0)
	{
		if (allm_deadline_left(last_call) <= 0 ||
			CountDBBackends(MyDatabaseId) <= 1)
			return !leave_slot(slot, false);
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 LAST_CALL_POLL, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		allm_slots_peek(slot, 1, 1, &batch);
	}
	return true;
}
