/*
 * transaction.c
 *		A transaction of a writer: with an end in time, on the tables of the
 *		extension alone, as their owner.
 *
 * The worker is connected as the bootstrap superuser, and works on a table as
 * its owner in a restricted context: constraints and defaults that somebody
 * added to it run with no more rights than its owner has.  Tables that only
 * bear the names, after DROP EXTENSION, get nothing.
 *
 * No lock of ours is held here.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/deadline.h"
#include "ledger/transaction.h"

/* Within this, a statement is cancelled: nothing here may hang for good. */
#define TRANSACTION_TIMEOUT		10000	/* ms */

/* Of the tables, by AllmRecordKind; valid while they are locked. */
static Oid	owners[ALLM_RECORD_KINDS];

/*
 * Does some work in a transaction, and something else once it is committed,
 * with interrupts held in between.  False when there was an error, which has
 * ended the transaction, and comes back in the current memory context.
 */
bool
allm_transaction_run(AllmTransactionWork work, AllmTransactionWork committed,
					 void *state, ErrorData **error)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool done = false;

	allm_deadline_arm(allm_deadline_in(TRANSACTION_TIMEOUT));
	PG_TRY();
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		SPI_connect();
		PushActiveSnapshot(GetTransactionSnapshot());
		work(state);
		PopActiveSnapshot();
		SPI_finish();

		HOLD_INTERRUPTS();
		CommitTransactionCommand();
		committed(state);
		(void) allm_deadline_disarm();
		RESUME_INTERRUPTS();
		done = true;
	}
	PG_CATCH();
	{
		bool		late = allm_deadline_disarm();

		MemoryContextSwitchTo(caller);
		*error = CopyErrorData();
		if (late)
			(*error)->message = pstrdup("the transaction took too long");
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	return done;
}

/*
 * Locks the tables and learns their owners; false when the extension is not in
 * this database.  It can be dropped at any time but while they are locked.
 */
bool
allm_transaction_lock_tables(void)
{
	Oid			extension = get_extension_oid("analytics_llm", true);

	if (!OidIsValid(extension))
		return false;
	for (int kind = 0; kind < ALLM_RECORD_KINDS; kind++)
	{
		char	   *name = pstrdup(allm_record_table(kind));
		RangeVar   *range = makeRangeVar("analytics_llm", name, -1);
		Oid			table = RangeVarGetRelid(range, RowExclusiveLock, true);
		HeapTuple	tuple;

		if (!OidIsValid(table) ||
			getExtensionOfObject(RelationRelationId, table) != extension)
			return false;
		tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
		if (!HeapTupleIsValid(tuple))
			return false;
		owners[kind] = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return true;
}

/*
 * Runs a statement on a table that was locked, as its owner.  An error leaves
 * it to the transaction to restore the role.
 */
void
allm_transaction_execute(AllmRecordKind kind, const char *sql, int nargs,
						 Oid *types, Datum *values)
{
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owners[kind],
						   context | SECURITY_RESTRICTED_OPERATION);
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0) < 0)
		elog(ERROR, "a statement on \"%s\" was not run",
			 allm_record_table(kind));
	SetUserIdAndSecContext(user, context);
}
