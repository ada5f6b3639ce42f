/*
 * table.c
 *		Reading the extension's own tables, past the executor.
 *
 * A scan costs microseconds, works on a standby and in a read-only
 * transaction, and needs no SPI.  It has the caller's rights: whoever may not
 * read the table finds nothing in it, and a table that was given row security
 * is not read at all.  A column that is not there reads as null.
 *
 * What decides over a role, such as its quota, is read without that role's
 * rights, by allm_table_begin_own.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/table.h"

static void start_scan(AllmTableScan *scan, Snapshot snapshot, Oid index_id,
					   ScanKey key, int nkeys);
static Datum read_column(const AllmTableScan *scan, const char *column,
						 bool *isnull);

/*
 * A table of ours that the role may read, or InvalidOid.  We read past the
 * executor, so a table that was given row security is not read at all.
 */
Oid
allm_table_find(const char *name)
{
	Oid			namespace = get_namespace_oid("analytics_llm", true);
	Oid			relid;

	if (!OidIsValid(namespace) ||
		allm_schema_aclcheck(namespace, GetUserId()) != ACLCHECK_OK)
		return InvalidOid;
	relid = get_relname_relid(name, namespace);
	if (!OidIsValid(relid) ||
		get_rel_relkind(relid) != RELKIND_RELATION ||
		pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK ||
		check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		return InvalidOid;
	return relid;
}

/* A table that belongs to the extension, whoever may read it, or InvalidOid. */
Oid
allm_table_find_own(const char *name)
{
	Oid			namespace = get_namespace_oid("analytics_llm", true);
	Oid			extension = get_extension_oid("analytics_llm", true);
	Oid			relid;

	if (!OidIsValid(namespace) || !OidIsValid(extension))
		return InvalidOid;
	relid = get_relname_relid(name, namespace);
	if (!OidIsValid(relid) || get_rel_relkind(relid) != RELKIND_RELATION ||
		getExtensionOfObject(RelationRelationId, relid) != extension)
		return InvalidOid;
	return relid;
}

/*
 * The row that a trigger function of ours is called for: the new one, if there
 * is one.  Raises unless it is called as it expects, which is with the timing
 * TRIGGER_EVENT_BEFORE or TRIGGER_EVENT_AFTER, for each row, and on a table of
 * the extension, of that name if one is given: whoever may make triggers can
 * put the function on a table whose columns are of other types.
 */
HeapTuple
allm_table_trigger_row(FunctionCallInfo fcinfo, TriggerEvent timing,
					   const char *table)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		before = timing == TRIGGER_EVENT_BEFORE;
	char	   *name;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		(trigger->tg_event & TRIGGER_EVENT_TIMINGMASK) != timing)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is a trigger %s each row",
						before ? "before" : "after")));
	name = RelationGetRelationName(trigger->tg_relation);
	if ((table != NULL && strcmp(name, table) != 0) ||
		allm_table_find_own(name) != RelationGetRelid(trigger->tg_relation))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is no trigger for table \"%s\"", name)));
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newtuple : trigger->tg_trigtuple;
}

/*
 * Begins a scan: of the rows whose text column has that value, by that index
 * where it is there; of all rows when no column is given.  Returns false when
 * there is nothing that this role may read; then there is nothing to end.
 */
bool
allm_table_begin(AllmTableScan *scan, const char *table, const char *index,
				 const char *column, const char *value)
{
	ScanKeyData key;
	AttrNumber	attnum;
	Oid			index_id = InvalidOid;
	Oid			relid;

	memset(scan, 0, sizeof(AllmTableScan));
	relid = IsTransactionState() ? allm_table_find(table) : InvalidOid;
	if (!OidIsValid(relid))
		return false;
	scan->table = try_table_open(relid, AccessShareLock);
	if (scan->table == NULL)
		return false;
	if (column != NULL)
	{
		attnum = get_attnum(relid, column);
		if (attnum == InvalidAttrNumber)
		{
			table_close(scan->table, AccessShareLock);
			return false;
		}
		ScanKeyInit(&key, attnum, BTEqualStrategyNumber, F_TEXTEQ,
					CStringGetTextDatum(value));
		index_id = get_relname_relid(index,
									 RelationGetNamespace(scan->table));
	}
	start_scan(scan, GetTransactionSnapshot(), index_id, &key,
			   column != NULL ? 1 : 0);
	return true;
}

/*
 * Begins a scan whatever the current role may read: of the rows whose column
 * has that value, by that index; of all rows when no column is given.  As of now, not as
 * of the transaction's snapshot: a change that was committed acts.  Only a table that belongs to
 * the extension is read, and nothing of it is executed; false when there is
 * none.  The caller answers for what becomes of the rows.
 */
bool
allm_table_begin_own(AllmTableScan *scan, const char *table,
					 const char *index, const char *column,
					 RegProcedure equal, Datum value)
{
	ScanKeyData key;
	Oid			index_id = InvalidOid;
	Oid			relid = allm_table_find_own(table);

	memset(scan, 0, sizeof(AllmTableScan));
	if (!OidIsValid(relid))
		return false;
	scan->table = try_table_open(relid, AccessShareLock);
	if (scan->table == NULL)
		return false;
	if (column != NULL)
	{
		ScanKeyInit(&key, get_attnum(relid, column), BTEqualStrategyNumber,
					equal, value);
		index_id = get_relname_relid(index,
									 RelationGetNamespace(scan->table));
	}
	start_scan(scan, GetLatestSnapshot(), index_id, &key,
			   column != NULL ? 1 : 0);
	return true;
}

/* Begins to read the table that the scan has opened. */
static void
start_scan(AllmTableScan *scan, Snapshot snapshot, Oid index_id, ScanKey key,
		   int nkeys)
{
	scan->desc = RelationGetDescr(scan->table);
	scan->snapshot = RegisterSnapshot(snapshot);
	PushActiveSnapshot(scan->snapshot);
	scan->scan = systable_beginscan(scan->table, index_id,
									OidIsValid(index_id), scan->snapshot,
									nkeys, key);
}

/* Goes to the next row; false when there is none. */
bool
allm_table_next(AllmTableScan *scan)
{
	if (scan->table == NULL)
		scan->tuple = scan->nread < scan->nrows ?
			scan->rows[scan->nread++] : NULL;
	else
		scan->tuple = systable_getnext(scan->scan);
	return HeapTupleIsValid(scan->tuple);
}

/* Ends a scan that was begun.  An error on the way ends it, too. */
void
allm_table_end(AllmTableScan *scan)
{
	if (scan->table == NULL)
		return;
	systable_endscan(scan->scan);
	PopActiveSnapshot();
	UnregisterSnapshot(scan->snapshot);
	table_close(scan->table, AccessShareLock);
}

/* Is a column of the row null, or not there? */
bool
allm_table_is_null(const AllmTableScan *scan, const char *column)
{
	bool		isnull;

	(void) read_column(scan, column, &isnull);
	return isnull;
}

/* The text of a column of the row, in the current memory context, or NULL. */
char *
allm_table_text(const AllmTableScan *scan, const char *column)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

/* The bytes of a bytea column, in the current memory context, or NULL. */
char *
allm_table_bytes(const AllmTableScan *scan, const char *column, Size *length)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);
	bytea	   *bytes;

	if (isnull)
		return NULL;
	bytes = DatumGetByteaPCopy(value);
	*length = VARSIZE_ANY_EXHDR(bytes);
	return VARDATA_ANY(bytes);
}

/* A boolean column of the row; false for null. */
bool
allm_table_bool(const AllmTableScan *scan, const char *column)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	return !isnull && DatumGetBool(value);
}

/* An integer column of the row; "missing" for null. */
int
allm_table_int(const AllmTableScan *scan, const char *column, int missing)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	return isnull ? missing : DatumGetInt32(value);
}

/* A bigint column of the row; "missing" for null. */
int64
allm_table_bigint(const AllmTableScan *scan, const char *column,
				  int64 missing)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	return isnull ? missing : DatumGetInt64(value);
}

/* A column of the row that holds an OID; invalid for null. */
Oid
allm_table_oid(const AllmTableScan *scan, const char *column)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

/* A real column of the row; 0 for null. */
float4
allm_table_real(const AllmTableScan *scan, const char *column)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	return isnull ? 0 : DatumGetFloat4(value);
}

/* A numeric column of the row in millionths, rounded; 0 for null. */
int64
allm_table_micros(const AllmTableScan *scan, const char *column)
{
	bool		isnull;
	Datum		value = read_column(scan, column, &isnull);

	if (isnull)
		return 0;
	value = DirectFunctionCall2(numeric_mul, value,
								DirectFunctionCall1(int4_numeric,
													Int32GetDatum(1000000)));
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, value));
}

/* A column of the row by its name. */
static Datum
read_column(const AllmTableScan *scan, const char *column, bool *isnull)
{
	TupleDesc	desc = scan->desc;

	/* A few names are compared faster than one is looked up. */
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped &&
			strcmp(NameStr(attribute->attname), column) == 0)
			return heap_getattr(scan->tuple, i + 1, desc, isnull);
	}
	*isnull = true;
	return (Datum) 0;
}
