/*
 * allowed.c
 *		Functions that a DBA lets queries use: analytics_llm.allowed_function.
 *
 * A row names a function by its signature, with all schemas written out, so
 * that no search_path decides which function it is; a trigger brings it into
 * that form.  No OID is kept, which would stop pg_upgrade: a function that is
 * dropped and made again under the same signature is listed still.
 *
 * The table is read past the executor and whatever the asking role may read:
 * it is asked only for a function that would be refused.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/table.h"
#include "guard/allowed.h"

/* The first column of the table. */
#define SIGNATURE_COLUMN	1

PG_FUNCTION_INFO_V1(analytics_llm_allowed_function_check);

extern PGDLLEXPORT Datum analytics_llm_allowed_function_check(PG_FUNCTION_ARGS);

static char *full_signature(Oid function);
static Oid	resolve(const char *signature);

/* Is a function listed, under whatever the reason? */
bool
allm_allowed_lists(Oid function)
{
	Oid			schema = get_namespace_oid("analytics_llm", true);
	Oid			relid = OidIsValid(schema) ?
	get_relname_relid("allowed_function", schema) : InvalidOid;
	char	   *signature = full_signature(function);
	Relation	table;
	SysScanDesc scan;
	ScanKeyData key;
	bool		found;

	if (!OidIsValid(relid) || signature == NULL ||
		get_rel_relkind(relid) != RELKIND_RELATION)
		return false;
	table = try_table_open(relid, AccessShareLock);
	if (table == NULL)
		return false;
	ScanKeyInit(&key, SIGNATURE_COLUMN, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(signature));
	scan = systable_beginscan(table, InvalidOid, false, GetActiveSnapshot(),
							  1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	return found;
}

/* A function's signature with every schema written out; NULL: it is gone. */
static char *
full_signature(Oid function)
{
	return format_procedure_extended(function,
									 FORMAT_PROC_FORCE_QUALIFY |
									 FORMAT_PROC_INVALID_AS_NULL);
}

/* The function that a signature names under the search_path in force. */
static Oid
resolve(const char *signature)
{
	return DatumGetObjectId(DirectFunctionCall1(regprocedurein,
												CStringGetDatum(signature)));
}

/*
 * analytics_llm_allowed_function_check
 *		Write the signature of an allowed function out in full.
 *
 * SQL: analytics_llm.allowed_function_check() returns trigger
 *
 * Raises 42883 for a function that is not there, and 22P02 for a name without
 * its arguments.
 */
Datum
analytics_llm_allowed_function_check(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	tuple = allm_table_trigger_row(fcinfo, TRIGGER_EVENT_BEFORE,
											   "allowed_function");
	char	   *signature;
	int			column = SIGNATURE_COLUMN;
	Datum		value;
	bool		isnull = false;

	signature = SPI_getvalue(tuple, RelationGetDescr(trigger->tg_relation),
							 SIGNATURE_COLUMN);
	if (signature == NULL)
		return PointerGetDatum(tuple);
	signature = full_signature(resolve(signature));
	if (signature == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("the function to allow does not exist")));
	value = CStringGetTextDatum(signature);
	return PointerGetDatum(heap_modify_tuple_by_cols(tuple,
													 RelationGetDescr(trigger->tg_relation),
													 1, &column, &value,
													 &isnull));
}
