/*
 * ledger_probe.c
 *		SQL functions for benchmarks that call the room ledger/ directly, on
 *		the shared memory of the server's own analytics_llm.
 *
 * No part of the product: it spends what it likes.
 */
#include "postgres.h"

#include <time.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "ledger/budget.h"
#include "ledger/queue.h"
#include "ledger/quota.h"
#include "ledger/slots.h"
#include "ledger/usage.h"

PG_MODULE_MAGIC;

/* How often a pair takes the lock: to reserve, to settle, to release. */
#define LOCKS_OF_A_PAIR		3

#define PROBE(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

PROBE(probe_pairs);
PROBE(probe_locks);
PROBE(probe_quotas);
PROBE(probe_hand_over);
PROBE(probe_copy);

/* The areas are there: they were made when the server started. */
void
allm_shmem_register(const AllmShmemArea *area)
{
	bool		found;
	void	   *place;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	place = ShmemInitStruct(area->name, area->size(), &found);
	LWLockRelease(AddinShmemInitLock);
	if (!found)
		elog(ERROR, "analytics_llm is not preloaded");
	area->attach(place, true);
}

bool
allm_loaded(void)
{
	return true;
}

void
allm_require_loaded(void)
{
}

/* Attaches to the areas, once in a session. */
static void
attach(void)
{
	static bool attached = false;

	if (attached)
		return;
	allm_queue_memory = atoi(GetConfigOption("analytics_llm.queue_memory",
											 false, false));
	allm_queue_install();
	allm_usage_install();
	attached = true;
}

/*
 * Microseconds that this process has worked: what others do at the same time on
 * the machine is not in it.
 */
static double
worked_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000.0 + now.tv_nsec / 1000.0;
}

/* A context that a loop resets for each turn, made the current one. */
static MemoryContext
begin_loop(void)
{
	return MemoryContextSwitchTo(AllocSetContextCreate(CurrentMemoryContext,
													   "probe",
													   ALLOCSET_DEFAULT_SIZES));
}

Datum
probe_pairs(PG_FUNCTION_ARGS)
{
	List	   *quotas = allm_quota_apply(allm_quota_read(), GetUserId(),
										  GetSessionUserId());
	AllmAmount	need = {5000, 50000};
	AllmAmount	used = {3, 30};
	int			n = PG_GETARG_INT32(0);
	MemoryContext caller;
	double		began;

	attach();
	caller = begin_loop();
	began = worked_us();
	for (int i = 0; i < n; i++)
	{
		AllmReservation *wanted = allm_usage_want_in(quotas);
		AllmGrantReply reply;

		/* The first one finds out what was used, and the others wait. */
		while ((reply = allm_usage_reserve(wanted, need,
										   allm_deadline_in(60000))).grant == ALLM_GRANT_NOT_YET)
			(void) ConditionVariableTimedSleep(allm_usage_changed(), 1000,
											   PG_WAIT_EXTENSION);
		ConditionVariableCancelSleep();
		if (reply.reservation == NULL)
			elog(ERROR, "not granted");
		allm_usage_settle(reply.reservation, used, true);
		allm_usage_release(reply.reservation);
		MemoryContextReset(CurrentMemoryContext);
	}
	MemoryContextSwitchTo(caller);
	PG_RETURN_FLOAT8((worked_us() - began) / n);
}

Datum
probe_locks(PG_FUNCTION_ARGS)
{
	int			n = PG_GETARG_INT32(0);
	double		began;

	attach();
	began = worked_us();
	for (int i = n * LOCKS_OF_A_PAIR; i > 0; i--)
	{
		LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
		LWLockRelease(allm_budget_lock);
	}
	PG_RETURN_FLOAT8((worked_us() - began) / n);
}

Datum
probe_quotas(PG_FUNCTION_ARGS)
{
	MemoryContext caller = begin_loop();
	int			n = PG_GETARG_INT32(0);
	double		began = worked_us();

	for (int i = 0; i < n; i++)
	{
		(void) allm_quota_apply(allm_quota_read(), GetUserId(),
								GetSessionUserId());
		MemoryContextReset(CurrentMemoryContext);
	}
	MemoryContextSwitchTo(caller);
	PG_RETURN_FLOAT8((worked_us() - began) / n);
}

Datum
probe_hand_over(PG_FUNCTION_ARGS)
{
	AllmRecord	record = {ALLM_RECORD_LOG, text_to_cstring(PG_GETARG_TEXT_PP(1))};
	int			n = PG_GETARG_INT32(0);
	MemoryContext caller;
	double		began;

	attach();
	caller = begin_loop();
	began = worked_us();
	for (int i = 0; i < n; i++)
	{
		AllmRoom   *room = allm_queue_reserve(strlen(record.json),
											  allm_deadline_in(1000));

		if (room == NULL)
			elog(ERROR, "no room");
		allm_queue_put(room, &record, 1);
		MemoryContextReset(CurrentMemoryContext);
	}
	MemoryContextSwitchTo(caller);
	PG_RETURN_FLOAT8((worked_us() - began) / n);
}

Datum
probe_copy(PG_FUNCTION_ARGS)
{
	char	   *json = text_to_cstring(PG_GETARG_TEXT_PP(1));
	int			n = PG_GETARG_INT32(0);
	double		began = worked_us();

	for (int i = 0; i < n; i++)
		pfree(pstrdup(json));
	PG_RETURN_FLOAT8((worked_us() - began) / n);
}
