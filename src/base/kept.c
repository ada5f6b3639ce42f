/*
 * kept.c
 *		Rows of small tables of ours, kept between questions.
 *
 * A question looks at half a dozen tables that have a few rows each and hardly
 * ever change.  A backend reads such a table once, and again after a change
 * was committed: a trigger on the table makes each change invalidate the
 * table's relcache entry, which reaches all backends, those of a standby
 * included, and is undone with the change.  Rows are read as of now, never as
 * of an older snapshot, or a change that was told before they were read could
 * be missing for good.
 *
 * Nothing is kept of a table whose trigger was taken away or does not fire
 * always, nor of one that is large: it is read anew each time.  Who may read a
 * table is decided at each look, as for a table that is not kept.
 *
 * Owns its copies, below CacheMemoryContext.  A scan works on a copy of them in
 * the caller's context, so that a change in the middle takes nothing away.
 * Shares nothing and locks nothing.
 */
#include "postgres.h"

#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"

#include "base/kept.h"

/* The trigger that tells of changes: see src/base/schema.sql. */
#define TRIGGER_NAME	"rows_changed"
#define TRIGGER_TYPE	(TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | \
						 TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | \
						 TRIGGER_TYPE_DELETE)

/* A table with more than this is read anew each time. */
#define MAX_ROWS		1000
#define MAX_BYTES		(256 * 1024)

/* What is kept of one table. */
typedef struct KeptTable
{
	const char *name;
	Oid			relid;
	uint64		changes;		/* that we were told of */
	uint64		read_at;		/* count of changes when it was read */
	uint64		version;		/* no other reading has the same */
	MemoryContext context;		/* of the rows; NULL: none are kept */
	TupleDesc	desc;
	HeapTuple  *rows;
	int			nrows;
} KeptTable;

/* The tables whose rows may be kept. */
static KeptTable kept_tables[] = {
	{"model"},
	{"price"},
	{"quota"},
	{"rollout"},
	{"route"},
	{"tier"},
};

extern PGDLLEXPORT Datum analytics_llm_rows_changed(PG_FUNCTION_ARGS);

static KeptTable *find_kept(const char *name);
static bool is_current(const KeptTable *kept, Oid relid);
static bool read_again(KeptTable *kept);
static bool is_told_of(Relation table);
static bool copy_rows(KeptTable *fresh, AllmTableScan *scan);
static void hand_out(const KeptTable *kept, AllmTableScan *scan);
static void note_relation(Datum arg, Oid relid);

/*
 * Begins a scan of all rows of one of the tables above, with the caller's
 * rights, as allm_table_begin does, but as of now.
 */
bool
allm_kept_begin(AllmTableScan *scan, const char *table)
{
	KeptTable  *kept = find_kept(table);
	Oid			relid;

	memset(scan, 0, sizeof(AllmTableScan));
	if (!IsTransactionState())
		return false;
	AcceptInvalidationMessages();
	relid = allm_table_find(table);
	if (!OidIsValid(relid))
		return false;
	if (!is_current(kept, relid) && !read_again(kept))
		return allm_table_begin(scan, table, NULL, NULL, NULL);
	hand_out(kept, scan);
	return true;
}

/* Likewise whatever the role may read, as allm_table_begin_own does. */
bool
allm_kept_begin_own(AllmTableScan *scan, const char *table)
{
	KeptTable  *kept = find_kept(table);
	Oid			namespace = get_namespace_oid("analytics_llm", true);

	memset(scan, 0, sizeof(AllmTableScan));
	AcceptInvalidationMessages();
	if (!is_current(kept, get_relname_relid(table, namespace)) &&
		!read_again(kept))
		return allm_table_begin_own(scan, table, NULL, NULL, InvalidOid,
									(Datum) 0);
	hand_out(kept, scan);
	return true;
}

/* The entry of a table; it has to have one. */
static KeptTable *
find_kept(const char *name)
{
	static bool is_listening = false;

	if (!is_listening)
		CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	is_listening = true;
	for (int i = 0; i < lengthof(kept_tables); i++)
		if (strcmp(kept_tables[i].name, name) == 0)
			return &kept_tables[i];
	elog(ERROR, "table \"%s\" is not among those that are kept", name);
}

/* Are the rows there, and as the table has them? */
static bool
is_current(const KeptTable *kept, Oid relid)
{
	return kept->context != NULL && OidIsValid(relid) &&
		kept->relid == relid && kept->read_at == kept->changes;
}

/*
 * Reads a table, and keeps its rows if that may be done.  What changes from
 * here on is told, so the count of changes is taken first.
 */
static bool
read_again(KeptTable *kept)
{
	static uint64 readings = 0;
	KeptTable	fresh = {kept->name};
	AllmTableScan scan;
	bool		is_whole;

	if (kept->context != NULL)
		MemoryContextDelete(kept->context);
	kept->context = NULL;
	kept->relid = allm_table_find_own(kept->name);
	fresh.read_at = kept->changes;
	if (!allm_table_begin_own(&scan, kept->name, NULL, NULL, InvalidOid,
							  (Datum) 0))
		return false;
	fresh.context = AllocSetContextCreate(CurrentMemoryContext,
										  "analytics_llm kept rows",
										  ALLOCSET_SMALL_SIZES);
	is_whole = is_told_of(scan.table) && copy_rows(&fresh, &scan);
	allm_table_end(&scan);
	if (!is_whole)
	{
		MemoryContextDelete(fresh.context);
		return false;
	}
	MemoryContextSetParent(fresh.context, CacheMemoryContext);
	kept->context = fresh.context;
	kept->desc = fresh.desc;
	kept->rows = fresh.rows;
	kept->nrows = fresh.nrows;
	kept->read_at = fresh.read_at;
	kept->version = ++readings;
	return kept->read_at == kept->changes;
}

/* Does the table's trigger tell of each change of a row? */
static bool
is_told_of(Relation table)
{
	const TriggerDesc *triggers = table->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (strcmp(trigger->tgname, TRIGGER_NAME) == 0 &&
			trigger->tgenabled == TRIGGER_FIRES_ALWAYS &&
			trigger->tgtype == TRIGGER_TYPE && trigger->tgqual == NULL &&
			trigger->tgnattr == 0)
			return true;
	}
	return false;
}

/* The rows of a scan into an entry's context; false when they are too many. */
static bool
copy_rows(KeptTable *fresh, AllmTableScan *scan)
{
	MemoryContext caller = MemoryContextSwitchTo(fresh->context);
	Size		bytes = 0;

	fresh->desc = CreateTupleDescCopy(scan->desc);
	fresh->rows = palloc(MAX_ROWS * sizeof(HeapTuple));
	while (fresh->nrows < MAX_ROWS && bytes <= MAX_BYTES &&
		   allm_table_next(scan))
	{
		HeapTuple	row = HeapTupleHasExternal(scan->tuple) ?
		toast_flatten_tuple(scan->tuple, scan->desc) :
		heap_copytuple(scan->tuple);

		bytes += row->t_len;
		fresh->rows[fresh->nrows++] = row;
	}
	MemoryContextSwitchTo(caller);
	return fresh->nrows < MAX_ROWS && bytes <= MAX_BYTES;
}

/* Makes a scan of a copy of the kept rows. */
static void
hand_out(const KeptTable *kept, AllmTableScan *scan)
{
	scan->desc = CreateTupleDescCopy(kept->desc);
	scan->rows = palloc(Max(kept->nrows, 1) * sizeof(HeapTuple));
	scan->nrows = kept->nrows;
	scan->version = kept->version;
	for (int i = 0; i < kept->nrows; i++)
		scan->rows[i] = heap_copytuple(kept->rows[i]);
}

/* Counts a change; an invalid relid stands for all tables. */
static void
note_relation(Datum arg, Oid relid)
{
	for (int i = 0; i < lengthof(kept_tables); i++)
		if (!OidIsValid(relid) || kept_tables[i].relid == relid)
			kept_tables[i].changes++;
}

PG_FUNCTION_INFO_V1(analytics_llm_rows_changed);

/*
 * analytics_llm_rows_changed
 *		Tell all backends that rows of a table changed.
 *
 * SQL: analytics_llm.rows_changed() returns trigger
 *
 * They are told when the transaction commits.  Works without preloading.
 */
Datum
analytics_llm_rows_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is a trigger after a change")));
	CacheInvalidateRelcache(trigger->tg_relation);
	return PointerGetDatum(NULL);
}
