/*
 * report.c
 *		What llm_status() and errors say of the queue, its writers, and the
 *		deletion of old records.
 *
 * Works on a copy of the shared state, which is made under the queue lock.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "base/settings.h"
#include "ledger/record.h"
#include "ledger/report.h"
#include "ledger/slots.h"

/* What llm_status and errors say of a writer; by AllmWriterState. */
static const char *const state_names[] =
{
	[ALLM_WRITER_IDLE] = "idle",
	[ALLM_WRITER_WAITING] = "waiting",
	[ALLM_WRITER_NO_WORKER] = "waiting: no worker slot",
	[ALLM_WRITER_NO_CONNECTION] = "cannot connect",
	[ALLM_WRITER_BLOCKED] = "blocked",
	[ALLM_WRITER_STARTING] = "starting",
	[ALLM_WRITER_RUNNING] = "running",
};

static AllmQueue *copy_queue(void);
static const AllmSlot *find_own_slot(const AllmQueue *copy);
static void report_queue(const AllmQueue *copy, AllmStatusLine line,
						 void *state);
static void report_launcher(const AllmQueue *copy, AllmStatusLine line,
							void *state);
static bool is_over(const AllmSlot *slot);
static void report_database(const AllmSlot *slot, AllmStatusLine line,
							void *state);
static void report_writer(const AllmSlot *slot, const char *name,
						  AllmStatusLine line, void *state);
static char *say_error(const AllmSlot *slot);
static void report_sweep(const AllmSlot *slot, const char *name,
						 AllmStatusLine line, void *state);

/*
 * Tells llm_status about the queue, the launcher and the writers.  Members of
 * pg_read_all_stats see every database; others see the one that they are in.
 */
void
allm_report_status(AllmStatusLine line, void *state)
{
	AllmQueue  *copy = copy_queue();
	bool		sees_all = has_privs_of_role(GetUserId(),
											 ROLE_PG_READ_ALL_STATS);

	report_queue(copy, line, state);
	report_launcher(copy, line, state);
	report_database(find_own_slot(copy), line, state);
	for (int i = 0; sees_all && i < ALLM_SLOTS; i++)
	{
		const AllmSlot *slot = &copy->slots[i];

		if (OidIsValid(slot->database) && slot->database != MyDatabaseId &&
			!is_over(slot))
			report_database(slot, line, state);
	}
	pfree(copy);
}

/* The shared state at one moment. */
static AllmQueue *
copy_queue(void)
{
	AllmQueue  *copy = palloc(sizeof(AllmQueue));

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	memcpy(copy, allm_queue, sizeof(AllmQueue));
	LWLockRelease(allm_queue_lock);
	return copy;
}

/* The slot of the current database in a copy, an idle one if it has none. */
static const AllmSlot *
find_own_slot(const AllmQueue *copy)
{
	AllmSlot   *none = palloc0(sizeof(AllmSlot));

	for (int i = 0; i < ALLM_SLOTS; i++)
	{
		if (copy->slots[i].database == MyDatabaseId)
			return &copy->slots[i];
	}
	none->database = MyDatabaseId;
	return none;
}

/* One line: how full the queue is, and what did not go through it. */
static void
report_queue(const AllmQueue *copy, AllmStatusLine line, void *state)
{
	AllmJsonWriter detail;
	const char *status = "open";

	if (RecoveryInProgress())
		status = "standby: records go to the server log";
	else if (copy->closed)
		status = "shutting down";

	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "bytes", copy->bytes);
	allm_json_int(&detail, "reserved", copy->reserved);
	allm_json_int(&detail, "limit", allm_slots_limit());
	allm_json_int(&detail, "printed_to_server_log", pg_atomic_read_u64(&allm_queue->printed));
	allm_json_int(&detail, "copied_to_server_log", pg_atomic_read_u64(&allm_queue->copied));
	allm_json_close(&detail, '}');
	line(state, "queue", "records", status, detail.buf.data);
}

/* One line: is there anybody who starts writers? */
static void
report_launcher(const AllmQueue *copy, AllmStatusLine line, void *state)
{
	AllmJsonWriter detail;
	const char *status = copy->launcher != 0 ? "running" : "not running";

	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "max_writers", allm_max_writers);
	allm_json_close(&detail, '}');
	line(state, "writer", "launcher",
		 RecoveryInProgress() ? "idle" : status, detail.buf.data);
}

/* Is it of a database that was dropped, with nothing left to do for it? */
static bool
is_over(const AllmSlot *slot)
{
	return slot->bytes == 0 && get_database_name(slot->database) == NULL;
}

/* Two lines: one database; by number when it has been dropped since. */
static void
report_database(const AllmSlot *slot, AllmStatusLine line, void *state)
{
	char	   *name = get_database_name(slot->database);

	if (name == NULL)
		name = psprintf("%u", slot->database);
	report_writer(slot, name, line, state);
	report_sweep(slot, name, line, state);
}

/* One line: the records of a database, and who writes them. */
static void
report_writer(const AllmSlot *slot, const char *name, AllmStatusLine line,
			  void *state)
{
	AllmJsonWriter detail;
	bool		failed = slot->error_code != 0;

	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "pending", slot->pending);
	allm_json_int(&detail, "bytes", slot->bytes);
	allm_json_text(&detail, "last_error", failed ? say_error(slot) : NULL);
	allm_json_text(&detail, "last_error_code",
				   failed ? unpack_sql_state(slot->error_code) : NULL);
	allm_json_text(&detail, "since", slot->since != 0 ?
				   timestamptz_to_str(slot->since) : NULL);
	allm_json_close(&detail, '}');
	line(state, "writer", name, state_names[slot->state], detail.buf.data);
}

/*
 * The message of a writer's failure.  That of another database may be in an
 * encoding that means nothing here: its letters beyond ASCII are left out then.
 */
static char *
say_error(const AllmSlot *slot)
{
	char	   *text = pstrdup(slot->error);

	if (slot->encoding == GetDatabaseEncoding())
		return text;
	for (char *c = text; *c != '\0'; c++)
	{
		if (IS_HIGHBIT_SET(*c))
			*c = '?';
	}
	return text;
}

/* One line: what was deleted of the records of a database, and when. */
static void
report_sweep(const AllmSlot *slot, const char *name, AllmStatusLine line,
			 void *state)
{
	const AllmSweep *sweep = &slot->sweep;
	AllmJsonWriter detail;
	const char *status = "not yet";

	if (sweep->not_before > GetCurrentTimestamp())
		status = "failed, will be tried again";
	else if (sweep->running)
		status = "running";
	else if (sweep->ended_at != 0)
		status = "done";

	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "rows", sweep->rows);
	allm_json_int(&detail, "steps", sweep->steps);
	allm_json_text(&detail, "table", sweep->running ?
				   allm_record_table(sweep->kind) : NULL);
	allm_json_text(&detail, "last_run", sweep->ended_at != 0 ?
				   timestamptz_to_str(sweep->ended_at) : NULL);
	allm_json_close(&detail, '}');
	line(state, "retention", name, status, detail.buf.data);
}

/* Raises what llm_flush() says when its time is up, with the cause. */
void
allm_report_not_written(void)
{
	AllmQueue  *copy = copy_queue();
	const AllmSlot *own = find_own_slot(copy);

	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("records of this session are not written yet"),
			 copy->launcher == 0 ?
			 errdetail("The launcher of the writers is not running.") :
			 own->error_code == 0 ?
			 errdetail("State of the writer: %s.", state_names[own->state]) :
			 errdetail("State of the writer: %s (%s).",
					   state_names[own->state], own->error),
			 errhint("They stay in the queue and are written as soon as that is possible; llm_status() shows the state of the writer.")));
}
