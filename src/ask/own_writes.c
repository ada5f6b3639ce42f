/*
 * own_writes.c
 *		When this session has last committed something: rows that were read
 *		before lack it, and are not given to it.
 *
 * A transaction that was prepared is committed by whoever says so, maybe by
 * another session than the one that wrote: it counts for both.
 *
 * Nothing is shared.
 */
#include "postgres.h"

#include "access/xact.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/timestamp.h"

#include "ask/own_writes.h"

static TimestampTz last_write = 0;
static ProcessUtility_hook_type previous_hook = NULL;

static void note_commit(XactEvent event, void *arg);
static void process_utility(PlannedStmt *pstmt, const char *query_string,
							bool read_only_tree,
							ProcessUtilityContext context,
							ParamListInfo params, QueryEnvironment *environment,
							DestReceiver *dest, QueryCompletion *completion);

/* Begins to watch.  Called once, while preloading. */
void
allm_own_writes_install(void)
{
	RegisterXactCallback(note_commit, NULL);
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

/* Is all that this session has committed older? */
bool
allm_own_writes_are_before(TimestampTz time)
{
	return last_write < time;
}

/* A transaction ends; it counts if it has written. */
static void
note_commit(XactEvent event, void *arg)
{
	if ((event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE) &&
		TransactionIdIsValid(GetTopTransactionIdIfAny()))
		last_write = GetCurrentTimestamp();
}

/*
 * Runs the statement.  COMMIT PREPARED ends a transaction that is not the
 * session's own, of which no callback tells; its tree may be gone afterwards.
 */
static void
process_utility(PlannedStmt *pstmt, const char *query_string,
				bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment,
				DestReceiver *dest, QueryCompletion *completion)
{
	ProcessUtility_hook_type next = previous_hook != NULL ?
	previous_hook : standard_ProcessUtility;
	Node	   *statement = pstmt->utilityStmt;
	bool		commits = IsA(statement, TransactionStmt) &&
	((TransactionStmt *) statement)->kind == TRANS_STMT_COMMIT_PREPARED;

	next(pstmt, query_string, read_only_tree, context, params, environment,
		 dest, completion);
	if (commits)
		last_write = GetCurrentTimestamp();
}
