/*
 * launcher.c
 *		The background worker that starts a writer for each database that has
 *		records, a few at a time, in turns; and the other workers there are.
 *
 * It is connected to no database, so that it stands in nobody's way, and reads
 * pg_database only to learn why a writer cannot start, and which databases
 * there are to sweep.  It sleeps until somebody sets its latch: a session that
 * hands records over, a writer that leaves, the postmaster when a worker starts
 * or ends.
 *
 * At a shutdown the postmaster terminates sessions and workers together, and
 * starts no new worker.  The launcher then closes the queue, prints what no
 * running writer will write, and stays until the writers have ended.
 *
 * What is shared is in slots.c, under its lock.
 */
#include "postgres.h"

#include <signal.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/pidfile.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/deadline.h"
#include "base/settings.h"
#include "ledger/hits.h"
#include "ledger/launcher.h"
#include "ledger/slots.h"
#include "ledger/sweeper.h"
#include "ledger/writer.h"

/* After an unexpected end, the postmaster starts it again. */
#define RESTART_SECONDS		1

/*
 * To connect, a writer has so long: it waits while its database is being
 * copied or moved, and others may need its place.
 */
#define START_PATIENCE		5000	/* ms */

/* As the setting's own bound. */
#define MOST_WRITERS		64

/*
 * At a shutdown, writers have so long: more than the longest that one waits
 * for a statement and for the last records together.
 */
#define SHUTDOWN_PATIENCE	15000	/* ms */
#define SHUTDOWN_POLL		20	/* ms */

/* A writer that this process has asked for. */
typedef struct StartedWriter
{
	BackgroundWorkerHandle *handle; /* NULL: a free entry */
	int			slot;
	Oid			database;
	bool		sweeps;			/* there were no records when it was started */
	AllmDeadline patience;		/* for it to claim the slot */
} StartedWriter;

/* A database that has records and no writer. */
typedef struct WaitingSlot
{
	int			slot;
	Oid			database;
	TimestampTz retry_at;
} WaitingSlot;

typedef enum DatabaseVerdict
{
	DATABASE_READY,
	DATABASE_CLOSED,			/* takes no connections */
	DATABASE_DROPPED
} DatabaseVerdict;

/* One room more asks for workers. */
static AllmLauncherChore other_chore = NULL;

static StartedWriter started[MOST_WRITERS];
static int	last_served = -1;	/* slot */

extern PGDLLEXPORT void analytics_llm_launcher_main(Datum main_arg);

static long sooner_of(long a, long b);
static void note_writers(void);
static void note_end(StartedWriter *writer);
static void note_failure(int slot, Oid database, bool sweeps,
						 AllmWriterState state, int error_code,
						 const char *error);
static bool has_started_another(int slot);
static long start_writers(void);
static long start_sweep(void);
static bool serve_slot(const WaitingSlot *waiting, bool sweeps);
static StartedWriter *find_free_entry(void);
static DatabaseVerdict look_at_database(Oid database);
static bool is_server_stopping(void);
static void finish_queue(void);
static void print_unserved(void);
static void open_queue(void);
static void close_queue(void);
static void leave_launcher(int code, Datum arg);
static int	list_waiting(WaitingSlot *waiting, int *nwriter);
static void set_waiting(int n);
static bool is_in_state(int slot, Oid database, AllmWriterState state);
static void set_slot_state(int slot, Oid database, AllmWriterState state);

/* Registers the background worker.  Called once, from _PG_init. */
void
allm_launcher_install(void)
{
	BackgroundWorker worker = {0};

	strlcpy(worker.bgw_name, "analytics_llm launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "analytics_llm launcher", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = RESTART_SECONDS;
	strlcpy(worker.bgw_library_name, "analytics_llm",
			sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "analytics_llm_launcher_main",
			BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/* Gives the launcher one more thing to do.  Called once, from _PG_init. */
void
allm_launcher_add_chore(AllmLauncherChore chore)
{
	Assert(other_chore == NULL);
	other_chore = chore;
}

/* Makes the launcher look whether there is something to do. */
void
allm_launcher_wake(void)
{
	Latch	   *latch;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	latch = allm_queue->launcher_latch;
	LWLockRelease(allm_queue_lock);
	if (latch != NULL)
		SetLatch(latch);
}

/* Is there a database of that number, whether it takes connections or not? */
bool
allm_launcher_finds(Oid database)
{
	return look_at_database(database) != DATABASE_DROPPED;
}

/*
 * analytics_llm_launcher_main
 *		Entry point of the launcher.
 *
 * It never ends with 0, which would tell the postmaster not to start it again.
 */
void
analytics_llm_launcher_main(Datum main_arg)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	MemoryContextSwitchTo(TopMemoryContext);
	open_queue();

	while (!ShutdownRequestPending)
	{
		long		timeout;
		long		hits;

		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		note_writers();
		hits = allm_hits_settle(false);
		timeout = sooner_of(start_writers(), hits);
		if (other_chore != NULL)
			timeout = sooner_of(timeout, other_chore());
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_EXIT_ON_PM_DEATH |
						 (timeout >= 0 ? WL_TIMEOUT : 0),
						 timeout, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	(void) allm_hits_settle(true);
	if (is_server_stopping())
		finish_queue();
	proc_exit(1);
}

/* The sooner of two times in milliseconds, of which -1 is never. */
static long
sooner_of(long a, long b)
{
	if (a < 0 || b < 0)
		return Max(a, b);
	return Min(a, b);
}

/*
 * Looks after the writers that were started: forgets those that have ended,
 * and ends those that take too long to connect.
 */
static void
note_writers(void)
{
	for (int i = 0; i < MOST_WRITERS; i++)
	{
		StartedWriter *writer = &started[i];
		pid_t		pid;

		if (writer->handle == NULL)
			continue;
		if (GetBackgroundWorkerPid(writer->handle, &pid) == BGWH_STOPPED)
			note_end(writer);
		else if (allm_deadline_left(writer->patience) <= 0 &&
				 is_in_state(writer->slot, writer->database,
							 ALLM_WRITER_STARTING))
			TerminateBackgroundWorker(writer->handle);
	}
}

/*
 * A writer has ended.  Before it had claimed its slot, that is because it could
 * not connect, for a reason that the server log has.
 */
static void
note_end(StartedWriter *writer)
{
	pfree(writer->handle);
	writer->handle = NULL;
	if (!has_started_another(writer->slot) &&
		is_in_state(writer->slot, writer->database, ALLM_WRITER_STARTING))
		note_failure(writer->slot, writer->database, writer->sweeps,
					 ALLM_WRITER_NO_CONNECTION, ERRCODE_CONNECTION_FAILURE,
					 "the writer ended before it was connected; see the server log");
}

/*
 * No writer could be started for a slot.  One that was to sweep leaves nothing
 * that would wait for it: the database is looked at again in the next round.
 */
static void
note_failure(int slot, Oid database, bool sweeps, AllmWriterState state,
			 int error_code, const char *error)
{
	if (sweeps)
		set_slot_state(slot, database, ALLM_WRITER_IDLE);
	else
		allm_slots_fail(slot, database, state, error_code, error);
}

/* Is there a later writer for that slot, which may be starting? */
static bool
has_started_another(int slot)
{
	for (int i = 0; i < MOST_WRITERS; i++)
	{
		if (started[i].handle != NULL && started[i].slot == slot)
			return true;
	}
	return false;
}

/*
 * Starts writers for the databases that are due, beginning behind the one that
 * was served last.  Returns the milliseconds until something is due, -1 when
 * that depends on somebody setting the latch.
 */
static long
start_writers(void)
{
	WaitingSlot waiting[ALLM_SLOTS];
	int			nwriter;
	int			n = list_waiting(waiting, &nwriter);
	int			unserved = 0;
	int			first = 0;
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = 0;
	long		timeout = -1;

	while (first < n && waiting[first].slot <= last_served)
		first++;
	for (int i = 0; i < n; i++)
	{
		const WaitingSlot *slot = &waiting[(first + i) % n];

		if (slot->retry_at > now)
		{
			if (next == 0 || slot->retry_at < next)
				next = slot->retry_at;
		}
		else if (nwriter >= allm_max_writers)
			unserved++;
		else if (serve_slot(slot, false))
		{
			last_served = slot->slot;
			nwriter++;
		}
	}
	if (nwriter > 0 && next == 0)
		next = TimestampTzPlusMilliseconds(now, START_PATIENCE);
	set_waiting(unserved);
	/* With a place that nobody needs for records. */
	if (unserved == 0 && nwriter < allm_max_writers)
		timeout = start_sweep();
	if (next != 0)
		timeout = sooner_of(timeout,
							TimestampDifferenceMilliseconds(now, next));
	return timeout;
}

/*
 * Has a writer delete the old records of a database that gets no new ones, one
 * database at a time.  Returns the milliseconds until one is due.
 */
static long
start_sweep(void)
{
	WaitingSlot slot = {0};

	for (int i = 0; i < MOST_WRITERS; i++)
	{
		/* Its end sets the latch. */
		if (started[i].handle != NULL && started[i].sweeps)
			return -1;
	}
	while (allm_sweeper_next(&slot.slot, &slot.database))
	{
		if (serve_slot(&slot, true))
			return START_PATIENCE;
	}
	return allm_sweeper_due_in();
}

/*
 * Starts a writer; false when there is none.  The reason and the time of the
 * next attempt are then in the slot, and the own latch is set.
 */
static bool
serve_slot(const WaitingSlot *waiting, bool sweeps)
{
	StartedWriter *entry = find_free_entry();

	/* The latch is set when one of the writers there has exited. */
	if (entry == NULL)
		return false;
	switch (look_at_database(waiting->database))
	{
		case DATABASE_DROPPED:
			allm_slots_print_all(waiting->slot);
			set_slot_state(waiting->slot, waiting->database,
						   ALLM_WRITER_IDLE);
			return false;
		case DATABASE_CLOSED:
			note_failure(waiting->slot, waiting->database, sweeps,
						 ALLM_WRITER_NO_CONNECTION,
						 ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
						 "the database allows no connections");
			return false;
		case DATABASE_READY:
			break;
	}

	/* Before the worker can run: it overwrites this. */
	set_slot_state(waiting->slot, waiting->database,
				   ALLM_WRITER_STARTING);
	if (!allm_writer_start(waiting->slot, waiting->database, &entry->handle))
	{
		entry->handle = NULL;
		note_failure(waiting->slot, waiting->database, sweeps,
					 ALLM_WRITER_NO_WORKER,
					 ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
					 "no background worker slot is free; max_worker_processes may be too small");
		return false;
	}
	entry->slot = waiting->slot;
	entry->database = waiting->database;
	entry->sweeps = sweeps;
	entry->patience = allm_deadline_in(START_PATIENCE);
	return true;
}

/*
 * A place for a handle, or NULL while too many writers that have left their
 * slots are still exiting.
 */
static StartedWriter *
find_free_entry(void)
{
	for (int i = 0; i < MOST_WRITERS; i++)
	{
		if (started[i].handle == NULL)
			return &started[i];
	}
	return NULL;
}

/* Looks a database up in the shared catalog. */
static DatabaseVerdict
look_at_database(Oid database)
{
	DatabaseVerdict verdict = DATABASE_DROPPED;
	Relation	catalog;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	ScanKeyInit(&key, Anum_pg_database_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	catalog = table_open(DatabaseRelationId, AccessShareLock);
	/* Without a database, the index is there only if its cache file was. */
	scan = systable_beginscan(catalog, DatabaseOidIndexId,
							  criticalSharedRelcachesBuilt, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);

		/* A DROP DATABASE that was cut short leaves an invalid one. */
		if (!database_is_invalid_form(form))
			verdict = form->datallowconn ? DATABASE_READY : DATABASE_CLOSED;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	CommitTransactionCommand();
	return verdict;
}

/*
 * Is the whole server stopping, or only this worker?  The postmaster says that
 * in its lock file alone, for pg_ctl.  When the file cannot be read it is
 * taken for a stop: records are then printed rather than lost.
 */
static bool
is_server_stopping(void)
{
	FILE	   *file = AllocateFile("postmaster.pid", "r");
	char		text[MAXPGPATH + 2];
	bool		stopping = true;

	if (file == NULL)
		return true;
	for (int line = 1; line <= LOCK_FILE_LINE_PM_STATUS; line++)
	{
		if (fgets(text, sizeof(text), file) == NULL)
			break;
		if (line == LOCK_FILE_LINE_PM_STATUS)
			stopping = strncmp(text, PM_STATUS_STOPPING,
							   strlen(PM_STATUS_STOPPING)) == 0;
	}
	FreeFile(file);
	return stopping;
}

/*
 * Lets running writers write what is theirs, and prints the rest.  Sessions
 * that end after this process print their records themselves.
 */
static void
finish_queue(void)
{
	AllmDeadline patience = allm_deadline_in(SHUTDOWN_PATIENCE);
	WaitingSlot waiting[ALLM_SLOTS];
	int			nwriter = 1;

	close_queue();
	while (nwriter > 0 && allm_deadline_left(patience) > 0)
	{
		print_unserved();
		(void) list_waiting(waiting, &nwriter);
		if (nwriter == 0)
			break;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 SHUTDOWN_POLL, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	print_unserved();
}

/* Prints the records of all databases that have no writer. */
static void
print_unserved(void)
{
	WaitingSlot waiting[ALLM_SLOTS];
	int			nwriter;
	int			n = list_waiting(waiting, &nwriter);

	for (int i = 0; i < n; i++)
		allm_slots_print_all(waiting[i].slot);
}

/*
 * Makes this process the launcher.  What its predecessor was starting may come
 * or not: it is counted as waiting again, and a second writer finds the slot
 * claimed.
 */
static void
open_queue(void)
{
	allm_slots_attach();
	on_shmem_exit(leave_launcher, (Datum) 0);
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	allm_queue->launcher = MyProcPid;
	allm_queue->launcher_latch = MyLatch;
	allm_queue->closed = false;
	for (int i = 0; i < ALLM_SLOTS; i++)
	{
		AllmSlot   *slot = &allm_queue->slots[i];

		if (slot->state == ALLM_WRITER_STARTING)
			allm_slots_mark(slot, DsaPointerIsValid(slot->head) ?
							ALLM_WRITER_WAITING : ALLM_WRITER_IDLE);
	}
	LWLockRelease(allm_queue_lock);
}

/*
 * From now on no writer starts, and records of databases without a running one
 * are not taken any more: the server is shutting down.
 */
static void
close_queue(void)
{
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	allm_queue->closed = true;
	LWLockRelease(allm_queue_lock);
}

/*
 * The slots that have records and no writer, into an array of ALLM_SLOTS, and
 * how many slots have a writer, or one that is being started.
 */
static int
list_waiting(WaitingSlot *waiting, int *nwriter)
{
	int			n = 0;

	*nwriter = 0;
	LWLockAcquire(allm_queue_lock, LW_SHARED);
	for (int i = 0; i < ALLM_SLOTS; i++)
	{
		AllmSlot   *slot = &allm_queue->slots[i];

		if (slot->writer != 0 ||
			(slot->state == ALLM_WRITER_STARTING && !allm_queue->closed))
			(*nwriter)++;
		else if (DsaPointerIsValid(slot->head))
		{
			waiting[n].slot = i;
			waiting[n].database = slot->database;
			waiting[n].retry_at = slot->retry_at;
			n++;
		}
	}
	LWLockRelease(allm_queue_lock);
	return n;
}

/* Tells the writers how many databases want one, so that they take turns. */
static void
set_waiting(int n)
{
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	allm_queue->waiting = n;
	LWLockRelease(allm_queue_lock);
}

/* Is that slot still that database's, and in that state? */
static bool
is_in_state(int slot, Oid database, AllmWriterState state)
{
	bool		is;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	is = allm_queue->slots[slot].database == database &&
		allm_queue->slots[slot].state == state;
	LWLockRelease(allm_queue_lock);
	return is;
}

/* Sets the state of a slot that no writer has claimed. */
static void
set_slot_state(int slot_no, Oid database, AllmWriterState state)
{
	AllmSlot   *slot = &allm_queue->slots[slot_no];

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	if (slot->database == database && slot->writer == 0)
		allm_slots_mark(slot, state);
	LWLockRelease(allm_queue_lock);
}

/* This process is the launcher no more; runs when it exits. */
static void
leave_launcher(int code, Datum arg)
{
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	allm_queue->launcher = 0;
	allm_queue->launcher_latch = NULL;
	LWLockRelease(allm_queue_lock);
}
