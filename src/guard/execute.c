/*
 * execute.c
 *		The fence: a read-only subtransaction with a deadline, around the check
 *		and the run of a generated query.
 *
 * What is done in the fence leaves nothing behind: it is always rolled back.
 * A query that is only read needs no more, and settings that it changed, locks
 * that it took and subtransactions that it left open go with it.  The rows are
 * copied out by rows.c.
 *
 * The fence is for a backend that may have subtransactions: in a parallel
 * worker, and in a leader while it runs one, the server refuses.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/settings.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "guard/rows.h"
#include "guard/subxact.h"

/* What the fence needs while the work is done. */
typedef struct Fence
{
	AllmFenced	work;
	void	   *arg;
	AllmDeadline deadline;
	bool		keeps_locks;	/* for the caller's transaction */
	volatile bool rang;			/* the deadline came */
} Fence;

/* There is one alarm in a backend, and one question at a time. */
static bool in_fence = false;

static ErrorData *run_fence(Fence *fence);
static void enter_fence(void *arg);
static void leave_fence(void *arg);
static void refuse_nesting(void);
static void raise_timeout(void);
static ErrorData *make_timeout(long ms);

/*
 * Does the work in the fence, in the caller's memory context.  NULL when it
 * ended well; else a copy of the error, which speaks of the query: with
 * ERRCODE_QUERY_CANCELED, of its deadline.  What speaks of the server or of the
 * session is raised again: another's cancel, a shutdown, want of memory,
 * damage.  Raises an error when work of another fence comes here.
 */
ErrorData *
allm_execute_fenced(AllmFenced work, void *arg, AllmDeadline deadline)
{
	Fence		fence = {.work = work,.arg = arg,.deadline = deadline};

	return run_fence(&fence);
}

/*
 * The same for a check whose query will be run by the caller's own statement:
 * the locks of its relations are left to the caller's transaction.
 */
ErrorData *
allm_execute_checked_here(AllmFenced work, void *arg, AllmDeadline deadline)
{
	Fence		fence = {
		.work = work,.arg = arg,.deadline = deadline,.keeps_locks = true
	};

	return run_fence(&fence);
}

/* Does the work in a subtransaction, and tells its deadline from a cancel. */
static ErrorData *
run_fence(Fence *fence)
{
	long		ms = allm_deadline_left(fence->deadline);
	ErrorData  *edata;

	refuse_nesting();
	if (ms <= 0)
		return make_timeout(0);

	edata = allm_subxact_run(enter_fence, leave_fence, fence,
							 fence->keeps_locks);
	if (edata == NULL)
		return NULL;
	if (edata->sqlerrcode == ERRCODE_QUERY_CANCELED && fence->rang)
		return make_timeout(ms);
	if (!allm_finding_is_verdict(edata))
		ReThrowError(edata);
	return edata;
}

/* One question at a time: its query may not come to ask another. */
static void
refuse_nesting(void)
{
	if (in_fence)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a question cannot be asked by the query of another")));
}

/* Is what this backend does now done in a fence? */
bool
allm_execute_in_fence(void)
{
	return in_fence;
}

/*
 * Does a part of the run of a query that stands in its caller's own statement:
 * read-only, and with a deadline.  There is no subtransaction, since what is
 * run lives on after it; so errors go on their way, that of the deadline in its
 * own words.
 */
void
allm_execute_in_portal(AllmFenced work, void *arg, AllmDeadline deadline)
{
	MemoryContext caller = CurrentMemoryContext;
	bool		read_only = XactReadOnly;
	bool		rang;

	refuse_nesting();
	if (allm_deadline_left(deadline) <= 0)
		raise_timeout();
	in_fence = true;
	XactReadOnly = true;
	allm_deadline_arm(deadline);
	PG_TRY();
	{
		work(arg);
	}
	PG_CATCH();
	{
		rang = allm_deadline_disarm();
		in_fence = false;
		XactReadOnly = read_only;
		if (!rang || geterrcode() != ERRCODE_QUERY_CANCELED)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		raise_timeout();
	}
	PG_END_TRY();
	(void) allm_deadline_disarm();
	in_fence = false;
	XactReadOnly = read_only;
}

/* The same deadline for a caller's own statement. */
static void
raise_timeout(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_QUERY_CANCELED),
			 errmsg("the query took longer than %d ms", allm_query_timeout)));
}

/*
 * The work, inside the subtransaction.  Its end puts XactReadOnly back;
 * the setting cannot be turned off from inside.
 */
static void
enter_fence(void *arg)
{
	Fence	   *fence = arg;

	allm_deadline_arm(fence->deadline);
	in_fence = true;
	XactReadOnly = true;
	PushActiveSnapshot(GetTransactionSnapshot());
	fence->work(fence->arg);
	PopActiveSnapshot();
	leave_fence(fence);
}

/* Stops the alarm, before anything else, on each way out. */
static void
leave_fence(void *arg)
{
	Fence	   *fence = arg;

	if (in_fence)
		fence->rang = allm_deadline_disarm();
	in_fence = false;
}

/*
 * Runs a query that was checked in this same fence: the analysed statement,
 * never its text.  Returns its rows in the context "keep", as many as the caps
 * allow.  Raises what the query raises.
 */
AllmRows *
allm_execute_query(AllmChecked *checked, AllmCaps caps, MemoryContext keep)
{
	if (checked->plan == NULL)
		checked->plan = pg_plan_query(checked->query, checked->sql,
									  CURSOR_OPT_PARALLEL_OK, NULL);
	return allm_execute_plan(checked->plan, checked->sql, NULL, caps, keep);
}

/* The same for the plan of such a query, which may have parameters. */
AllmRows *
allm_execute_plan(PlannedStmt *plan, const char *sql, ParamListInfo params,
				  AllmCaps caps, MemoryContext keep)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(CurTransactionContext,
											   "analytics_llm query",
											   ALLOCSET_DEFAULT_SIZES);
	DestReceiver *receiver;
	AllmRows   *rows;
	QueryDesc  *desc;

	MemoryContextSwitchTo(work);
	receiver = allm_rows_receiver(caps, keep, &rows);
	desc = CreateQueryDesc(plan, sql, GetActiveSnapshot(), InvalidSnapshot,
						   receiver, params, NULL, 0);
	ExecutorStart(desc, 0);
	/* One row more than is kept tells whether there are more. */
	allm_executor_run(desc, (uint64) caps.rows + 1);
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return rows;
}

/* The error of a deadline, as a value. */
static ErrorData *
make_timeout(long ms)
{
	ErrorData  *edata = palloc0(sizeof(ErrorData));

	edata->elevel = ERROR;
	edata->sqlerrcode = ERRCODE_QUERY_CANCELED;
	edata->assoc_context = CurrentMemoryContext;
	edata->message = ms > 0 ?
		psprintf("the query took longer than %ld ms", ms) :
		pstrdup("no time was left for the query");
	return edata;
}
