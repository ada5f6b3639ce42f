/*
 * batch.c
 *		One transaction of a writer: records from the queue into their tables.
 *
 * Blocks are taken out of the queue after the commit, with interrupts held in
 * between: none is written twice, none is lost.
 *
 * Errors are of two kinds.  Trouble (a lock, a full disk, a shutdown) passes,
 * or a person ends it: the records stay in the queue.  Anything else is the
 * fault of a record: the batch is written again record by record, and those
 * that fail alone are printed to the server log.
 *
 * The worker is connected as the bootstrap superuser, and inserts as the owner
 * of the table in a restricted context: constraints and defaults that somebody
 * added to a table run with no more rights than its owner has.  Tables that
 * only bear the names, after DROP EXTENSION, get nothing.
 *
 * The caller owns the slot.  No lock of ours is held here.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/deadline.h"
#include "ledger/batch.h"
#include "ledger/record.h"

/* Within this, an insert is cancelled: nothing here may hang for good. */
#define BATCH_TIMEOUT		10000	/* ms */

/* What is listened to for alerts. */
#define ALERT_CHANNEL		"analytics_llm_alert"

/* Old rows are deleted by a writer's first batch, and then so often. */
#define DELETE_INTERVAL		(6 * 60 * 60 * 1000)	/* ms */

/* Classes of SQLSTATE that are trouble. */
static const char *const trouble_classes[] =
{
	"08",						/* connection exception */
	"25",						/* invalid transaction state: read only */
	"3D",						/* invalid catalog name */
	"3F",						/* invalid schema name: being dropped */
	"40",						/* transaction rollback */
	"42",						/* undefined table: being dropped */
	"53",						/* insufficient resources: disk full */
	"55",						/* object not in prerequisite state: locked */
	"57",						/* operator intervention */
	"58",						/* system error: input or output */
	"XX",						/* internal error: a damaged index */
};

/* Of the tables, by AllmRecordKind; valid while they are locked. */
static Oid	owners[ALLM_RECORD_KINDS];

static bool write_once(int slot, const AllmBatch *batch, bool singly,
					   AllmBatchResult *result, ErrorData **error);
static bool is_trouble(const ErrorData *error);
static bool lock_tables(void);
static void insert_together(const AllmBatch *batch);
static List *insert_singly(const AllmBatch *batch);
static bool insert_one(AllmRecordKind kind, const char *json);
static void insert_array(AllmRecordKind kind, const char *array);
static void announce_rows(void);
static void delete_old_rows(void);
static void print_unwritten(List *records);

/*
 * Writes a batch and takes it out of the queue.  With trouble, the error comes
 * back in the current memory context.
 */
AllmBatchResult
allm_batch_write(int slot, const AllmBatch *batch, ErrorData **error)
{
	AllmBatchResult result;

	if (write_once(slot, batch, false, &result, error))
		return result;
	if (!is_trouble(*error))
	{
		FreeErrorData(*error);
		if (write_once(slot, batch, true, &result, error))
			return result;
	}
	return ALLM_BATCH_TROUBLE;
}

/*
 * One attempt in one transaction.  Singly: records that fail alone are printed
 * instead.  False when there was an error, which has ended the transaction.
 */
static bool
write_once(int slot, const AllmBatch *batch, bool singly,
		   AllmBatchResult *result, ErrorData **error)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool done = false;

	allm_deadline_arm(allm_deadline_in(BATCH_TIMEOUT));
	PG_TRY();
	{
		List	   *unwritten = NIL;

		*result = ALLM_BATCH_WRITTEN;
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		SPI_connect();
		PushActiveSnapshot(GetTransactionSnapshot());
		if (!lock_tables())
			*result = ALLM_BATCH_NO_TABLES;
		else if (singly)
			unwritten = insert_singly(batch);
		else
			insert_together(batch);
		PopActiveSnapshot();
		SPI_finish();

		HOLD_INTERRUPTS();
		CommitTransactionCommand();
		if (*result == ALLM_BATCH_WRITTEN)
		{
			print_unwritten(unwritten);
			allm_slots_pop(slot, batch->nblock);
		}
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
		AbortCurrentTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	return done;
}

/* Does an error pass, or is it the fault of a record? */
static bool
is_trouble(const ErrorData *error)
{
	const char *sqlstate = unpack_sql_state(error->sqlerrcode);

	for (int i = 0; i < lengthof(trouble_classes); i++)
	{
		if (strncmp(sqlstate, trouble_classes[i], 2) == 0)
			return true;
	}
	return false;
}

/*
 * Locks the tables and learns their owners; false when the extension is not in
 * this database.  It can be dropped at any time but while they are locked.
 */
static bool
lock_tables(void)
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

/* One INSERT for each kind of record in the batch.  In an SPI connection. */
static void
insert_together(const AllmBatch *batch)
{
	StringInfoData arrays[ALLM_RECORD_KINDS];
	AllmBatchWalk walk = {0};
	AllmBlockRecord *record;

	for (int kind = 0; kind < ALLM_RECORD_KINDS; kind++)
		initStringInfo(&arrays[kind]);
	while ((record = allm_slots_walk(batch, &walk)) != NULL)
	{
		StringInfo	array = &arrays[record->kind];

		appendStringInfoChar(array, array->len == 0 ? '[' : ',');
		appendBinaryStringInfo(array, (char *) (record + 1), record->length);
	}
	for (int kind = 0; kind < ALLM_RECORD_KINDS; kind++)
	{
		if (arrays[kind].len == 0)
			continue;
		appendStringInfoChar(&arrays[kind], ']');
		insert_array(kind, arrays[kind].data);
	}
	delete_old_rows();
}

/*
 * Each record in a subtransaction of its own.  Returns those that failed, as
 * pointers into the queue, in a list that outlives the transaction; errors that
 * are no fault of the record are raised.
 */
static List *
insert_singly(const AllmBatch *batch)
{
	List	   *unwritten = NIL;
	AllmBatchWalk walk = {0};
	AllmBlockRecord *record;

	while ((record = allm_slots_walk(batch, &walk)) != NULL)
	{
		MemoryContext caller;

		if (insert_one(record->kind, (char *) (record + 1)))
			continue;
		caller = MemoryContextSwitchTo(TopMemoryContext);
		unwritten = lappend(unwritten, record);
		MemoryContextSwitchTo(caller);
	}
	return unwritten;
}

/* Inserts one record; false, with its error in the log, when that fails. */
static bool
insert_one(AllmRecordKind kind, const char *json)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool inserted = true;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		insert_array(kind, psprintf("[%s]", json));
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		if (is_trouble(error))
			PG_RE_THROW();
		EmitErrorReport();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		inserted = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	return inserted;
}

/*
 * Inserts a JSON array of records, as the owner of the table.  In an SPI
 * connection; an error leaves it to the transaction to restore the role.
 */
static void
insert_array(AllmRecordKind kind, const char *array)
{
	Oid			types[1] = {JSONOID};
	Datum		values[1] = {CStringGetTextDatum(array)};
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owners[kind],
						   context | SECURITY_RESTRICTED_OPERATION);
	if (SPI_execute_with_args(allm_record_insert(kind), 1, types, values,
							  NULL, false, 0) < 0)
		elog(ERROR, "records of \"%s\" were not inserted",
			 allm_record_table(kind));
	SetUserIdAndSecContext(user, context);
	if (SPI_tuptable != NULL)
		announce_rows();
}

/* Tells who listens, and the server log, of the rows that were inserted. */
static void
announce_rows(void)
{
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Async_Notify(ALERT_CHANNEL,
					 SPI_getvalue(rows->vals[i], rows->tupdesc, 1));
		ereport(LOG,
				(errmsg("analytics_llm alert: %s",
						SPI_getvalue(rows->vals[i], rows->tupdesc, 2)),
				 errhidestmt(true), errhidecontext(true)));
	}
}

/* Deletes what is too old, now and then.  As insert_array. */
static void
delete_old_rows(void)
{
	static TimestampTz last = 0;
	TimestampTz now = GetCurrentTimestamp();
	Oid			user;
	int			context;

	if (last != 0 && !TimestampDifferenceExceeds(last, now, DELETE_INTERVAL))
		return;
	last = now;
	GetUserIdAndSecContext(&user, &context);
	for (int kind = 0; kind < ALLM_RECORD_KINDS; kind++)
	{
		if (allm_record_delete_old(kind) == NULL)
			continue;
		SetUserIdAndSecContext(owners[kind],
							   context | SECURITY_RESTRICTED_OPERATION);
		(void) SPI_execute(allm_record_delete_old(kind), false, 0);
		SetUserIdAndSecContext(user, context);
	}
}

/* Prints the records that failed alone.  With interrupts held. */
static void
print_unwritten(List *records)
{
	ListCell   *cell;

	pg_atomic_fetch_add_u64(&allm_queue->printed, list_length(records));
	foreach(cell, records)
	{
		AllmBlockRecord *record = lfirst(cell);

		allm_record_print(record->kind, (char *) (record + 1));
	}
	list_free(records);
}
