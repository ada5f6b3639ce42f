/*
 * retention.c
 *		Deleting records that are older than they are to be kept.
 *
 * A writer does it beside its work, in steps: each is one transaction with a
 * bounded number of rows, the oldest ones, found by an index on their time.  So
 * no lock is held for long, and it does not matter whether somebody vacuums.  A
 * sweep is as many steps as it takes to go through all tables once.  How far it
 * is stands in the slot of the database, since writers come and go.
 *
 * Rows that somebody has locked are left for the next sweep.
 *
 * Locking: what is shared is in the slot, under the queue lock.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/settings.h"
#include "ledger/retention.h"
#include "ledger/slots.h"
#include "ledger/transaction.h"

/* Rows of one step: some ten milliseconds. */
#define STEP_ROWS		1000

/*
 * Seconds from a sweep to the next, unless records are kept for less; and from
 * one that failed, since a table was locked, to the next.
 */
#define SWEEP_INTERVAL	3600
#define RETRY_INTERVAL	60

/* What counts is kept for so long, whatever analytics_llm.log_retention is. */
#define USAGE_DAYS		400

/* Answers to submitted questions are for whoever waits for them. */
#define RESULT_HOURS	24

/* One step. */
typedef struct Step
{
	AllmSlot   *slot;
	AllmSweep	sweep;			/* as it was, and then as it is */
	TimestampTz now;
	int64		rows;			/* deleted in this step */
} Step;

static bool is_due(const Step *step);
static void delete_some(void *state);
static bool find_limit(const Step *step, TimestampTz *limit);
static void note_step(void *state);
static void note_failure(Step *step, const ErrorData *error);

/*
 * Deletes some of what is too old, for the writer of that slot; false when there
 * is nothing to do for now.  Errors are printed to the server log.
 */
bool
allm_retention_step(int slot)
{
	Step		step = {&allm_queue->slots[slot]};
	ErrorData  *error = NULL;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	step.sweep = step.slot->sweep;
	LWLockRelease(allm_queue_lock);
	step.now = GetCurrentTimestamp();
	if (!is_due(&step))
		return false;
	if (!step.sweep.running)
	{
		step.sweep.running = true;
		step.sweep.kind = 0;
		step.sweep.rows = 0;
		step.sweep.steps = 0;
	}
	if (allm_transaction_run(delete_some, note_step, &step, &error))
		return step.sweep.running;
	note_failure(&step, error);
	FreeErrorData(error);
	return false;
}

/* Seconds from one sweep of a database to the next. */
int
allm_retention_interval(void)
{
	if (allm_log_retention == 0)
		return SWEEP_INTERVAL;
	return Min(SWEEP_INTERVAL, allm_log_retention);
}

/* Is a sweep under way, or is it time for the next one? */
static bool
is_due(const Step *step)
{
	const AllmSweep *sweep = &step->sweep;

	if (step->now < sweep->not_before)
		return false;
	return sweep->running || sweep->ended_at == 0 ||
		step->now - sweep->ended_at >=
		allm_retention_interval() * USECS_PER_SEC;
}

/* AllmTransactionWork: goes on where the last step has stopped. */
static void
delete_some(void *state)
{
	Step	   *step = state;

	if (!allm_transaction_lock_tables())
		step->sweep.kind = ALLM_RECORD_KINDS;
	while (step->sweep.kind < ALLM_RECORD_KINDS && step->rows < STEP_ROWS)
	{
		AllmRecordKind kind = step->sweep.kind;
		Oid			types[2] = {TIMESTAMPTZOID, INT8OID};
		Datum		values[2];
		int64		wanted = STEP_ROWS - step->rows;
		TimestampTz limit;

		if (find_limit(step, &limit))
		{
			values[0] = TimestampTzGetDatum(limit);
			values[1] = Int64GetDatum(wanted);
			allm_transaction_execute(kind, allm_record_delete_old(kind), 2,
									 types, values);
			if (kind != ALLM_RECORD_RESOLVED)
				step->rows += SPI_processed;
			if (SPI_processed == wanted)
				break;
		}
		step->sweep.kind++;
	}
}

/* What is older, of the table at hand, is dealt with; false: nothing is. */
static bool
find_limit(const Step *step, TimestampTz *limit)
{
	int64		seconds = allm_log_retention;

	if (step->sweep.kind == ALLM_RECORD_USAGE)
		seconds = USAGE_DAYS * (int64) SECS_PER_DAY;
	else if (step->sweep.kind == ALLM_RECORD_RESULT)
		seconds = RESULT_HOURS * SECS_PER_HOUR;
	*limit = step->now;
	/* What is over, is over now; kept answers say themselves until when. */
	if (step->sweep.kind == ALLM_RECORD_RESOLVED ||
		step->sweep.kind == ALLM_RECORD_CACHE)
		return true;
	*limit -= seconds * USECS_PER_SEC;
	return seconds > 0 &&
		allm_record_delete_old(step->sweep.kind) != NULL;
}

/* AllmTransactionWork: the step is committed. */
static void
note_step(void *state)
{
	Step	   *step = state;

	step->sweep.rows += step->rows;
	step->sweep.steps++;
	if (step->sweep.kind >= ALLM_RECORD_KINDS)
	{
		step->sweep.running = false;
		step->sweep.ended_at = step->now;
	}
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	step->slot->sweep = step->sweep;
	LWLockRelease(allm_queue_lock);
}

/* The step failed, most often since somebody has locked a table for long. */
static void
note_failure(Step *step, const ErrorData *error)
{
	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	step->slot->sweep.not_before = step->now + RETRY_INTERVAL * USECS_PER_SEC;
	LWLockRelease(allm_queue_lock);
	ereport(LOG,
			(errcode(error->sqlerrcode),
			 errmsg("analytics_llm could not delete old records: %s",
					error->message),
			 errdetail("That is tried again in %d seconds.", RETRY_INTERVAL)));
}
