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
 * The caller owns the slot.  No lock of ours is held here.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "ledger/batch.h"
#include "ledger/record.h"
#include "ledger/transaction.h"

/* What is listened to for alerts. */
#define ALERT_CHANNEL		"analytics_llm_alert"

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

/* One attempt to write a batch. */
typedef struct Attempt
{
	int			slot;
	const AllmBatch *batch;
	bool		singly;			/* a record at a time, each on its own */
	AllmBatchResult result;
	List	   *unwritten;		/* of AllmBlockRecord: those that failed alone */
} Attempt;

static bool write_once(Attempt *attempt, ErrorData **error);
static void insert_batch(void *state);
static void take_out(void *state);
static bool is_trouble(const ErrorData *error);
static void insert_together(const AllmBatch *batch);
static List *insert_singly(const AllmBatch *batch);
static bool insert_one(AllmRecordKind kind, const char *json);
static void insert_array(AllmRecordKind kind, const char *array);
static void announce_rows(void);
static void print_unwritten(List *records);

/*
 * Writes a batch and takes it out of the queue.  With trouble, the error comes
 * back in the current memory context.
 */
AllmBatchResult
allm_batch_write(int slot, const AllmBatch *batch, ErrorData **error)
{
	Attempt		attempt = {slot, batch};

	if (write_once(&attempt, error))
		return attempt.result;
	if (!is_trouble(*error))
	{
		FreeErrorData(*error);
		attempt.singly = true;
		if (write_once(&attempt, error))
			return attempt.result;
	}
	return ALLM_BATCH_TROUBLE;
}

/*
 * One attempt in one transaction.  Singly: records that fail alone are printed
 * instead.  False when there was an error, which has ended the transaction.
 */
static bool
write_once(Attempt *attempt, ErrorData **error)
{
	attempt->result = ALLM_BATCH_WRITTEN;
	attempt->unwritten = NIL;
	return allm_transaction_run(insert_batch, take_out, attempt, error);
}

/* AllmTransactionWork: inserts the records. */
static void
insert_batch(void *state)
{
	Attempt    *attempt = state;

	if (!allm_transaction_lock_tables())
		attempt->result = ALLM_BATCH_NO_TABLES;
	else if (attempt->singly)
		attempt->unwritten = insert_singly(attempt->batch);
	else
		insert_together(attempt->batch);
}

/* AllmTransactionWork: the records are committed. */
static void
take_out(void *state)
{
	Attempt    *attempt = state;

	if (attempt->result != ALLM_BATCH_WRITTEN)
		return;
	print_unwritten(attempt->unwritten);
	allm_slots_pop(attempt->slot, attempt->batch->nblock);
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

/* Inserts a JSON array of records.  In an SPI connection. */
static void
insert_array(AllmRecordKind kind, const char *array)
{
	Oid			types[1] = {JSONOID};
	Datum		values[1] = {CStringGetTextDatum(array)};

	allm_transaction_execute(kind, allm_record_insert(kind), 1, types, values);
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

/* Prints the records that failed alone.  With interrupts held. */
static void
print_unwritten(List *records)
{
	ListCell   *cell;

	pg_atomic_fetch_add_u64(&allm_queue->printed, list_length(records));
	foreach(cell, records)
	{
		AllmBlockRecord *record = lfirst(cell);

		allm_record_print(record->kind, (char *) (record + 1), false);
	}
	list_free(records);
}
