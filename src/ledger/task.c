/*
 * task.c
 *		What a writer does for its database beside writing records.
 *
 * Rooms of a higher rank register what they want done.  A writer runs it after
 * it has written records, now and then while there are more, and once more
 * before it leaves: so whatever was recorded is looked at, and a database that
 * nobody asks anything in is left alone.
 *
 * Nothing is shared: the table of tasks is filled before the postmaster forks.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "portability/instr_time.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/deadline.h"
#include "ledger/task.h"

#define MAX_TASKS		8

/* Tasks run at most so often, */
#define INTERVAL_MS		1000

/* and take at most this part of a writer's time. */
#define TIME_FRACTION	20

/* Within this, a task is cancelled: sessions may wait for the writer. */
#define TASK_TIMEOUT	3000	/* ms */

static const AllmTask *tasks[MAX_TASKS];
static int	ntasks = 0;

/* Of this process: records were written since the tasks have last run. */
static bool has_records = false;
static AllmDeadline next_run = {0};

static void run_task(const AllmTask *task);
static Oid	find_owner(const char *table);

/* Has a task run by every writer.  Called from _PG_init. */
void
allm_task_register(const AllmTask *task)
{
	if (ntasks >= MAX_TASKS)
		elog(ERROR, "too many tasks");
	tasks[ntasks++] = task;
}

/* There is something new to look at. */
void
allm_task_note_records(void)
{
	has_records = true;
}

/*
 * Runs the tasks, if there is something to look at and it is time to, which it
 * is at the end.
 */
void
allm_task_run_due(bool at_the_end)
{
	instr_time	began;
	instr_time	took;

	if (!has_records || (!at_the_end && allm_deadline_left(next_run) > 0))
		return;
	has_records = false;
	INSTR_TIME_SET_CURRENT(began);
	for (int i = 0; i < ntasks; i++)
		run_task(tasks[i]);
	INSTR_TIME_SET_CURRENT(took);
	INSTR_TIME_SUBTRACT(took, began);
	next_run = allm_deadline_in(Max(INTERVAL_MS,
									(int) Min(INSTR_TIME_GET_MILLISEC(took),
											  TASK_TIMEOUT) * TIME_FRACTION));
}

/* One task, in its transaction. */
static void
run_task(const AllmTask *task)
{
	MemoryContext caller = CurrentMemoryContext;

	allm_deadline_arm(allm_deadline_in(TASK_TIMEOUT));
	PG_TRY();
	{
		Oid			owner;

		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		owner = find_owner(task->table);
		if (OidIsValid(owner))
		{
			Oid			user;
			int			context;

			GetUserIdAndSecContext(&user, &context);
			SetUserIdAndSecContext(owner,
								   context | SECURITY_RESTRICTED_OPERATION);
			SPI_connect();
			task->run();
			SPI_finish();
			SetUserIdAndSecContext(user, context);
		}
		PopActiveSnapshot();
		(void) allm_deadline_disarm();
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		(void) allm_deadline_disarm();
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		AbortOutOfAnyTransaction();
		ereport(LOG,
				(errcode(error->sqlerrcode),
				 errmsg("task \"%s\" of analytics_llm failed: %s", task->name,
						error->message),
				 errhidestmt(true), errhidecontext(true)));
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
}

/*
 * The owner of a table of the extension, which is locked so that it stays;
 * invalid when there is none.
 */
static Oid
find_owner(const char *table)
{
	Oid			extension = get_extension_oid("analytics_llm", true);
	RangeVar   *range;
	Oid			relid;
	Oid			owner = InvalidOid;
	HeapTuple	tuple;

	if (!OidIsValid(extension))
		return InvalidOid;
	range = makeRangeVar("analytics_llm", pstrdup(table), -1);
	relid = RangeVarGetRelid(range, AccessShareLock, true);
	if (!OidIsValid(relid) ||
		getExtensionOfObject(RelationRelationId, relid) != extension)
		return InvalidOid;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}
