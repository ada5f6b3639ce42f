/*
 * layer.c
 *		What data engineers define: here, the verified examples.
 *
 * The table is read by an index probe with the caller's rights and under the
 * caller's snapshot, without SPI, so it costs microseconds and works on a
 * standby.  Whoever may not read the table finds nothing in it.  An example's
 * SQL is text like any other: it is checked at each use, by the caller.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/text.h"
#include "schema/layer.h"

extern PGDLLEXPORT Datum analytics_llm_normal_form(PG_FUNCTION_ARGS);

static Oid	find_readable_table(const char *name);
static AllmExample *find_example(Relation table, const char *normal_form);
static AllmExample *make_example(HeapTuple tuple, Relation table);
static char *get_text(HeapTuple tuple, Relation table, const char *column);
static bool is_usable(HeapTuple tuple, Relation table);

/*
 * The enabled example, without parameters, whose question has this normal
 * form; NULL when there is none that the role may read.  It is made in the
 * current memory context.
 */
AllmExample *
allm_layer_find_example(const char *normal_form)
{
	AllmExample *example;
	Relation	table;
	Oid			relid;

	if (!IsTransactionState())
		return NULL;
	relid = find_readable_table("example");
	if (!OidIsValid(relid))
		return NULL;
	table = try_table_open(relid, AccessShareLock);
	if (table == NULL)
		return NULL;
	example = find_example(table, normal_form);
	table_close(table, AccessShareLock);
	return example;
}

/*
 * A table of ours that the role may read, or InvalidOid.  We read past the
 * executor, so a table that was given row security is not read at all.
 */
static Oid
find_readable_table(const char *name)
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

/* The row with that normal form, if it is in force. */
static AllmExample *
find_example(Relation table, const char *normal_form)
{
	Oid			index = get_relname_relid("example_same_question_twice",
										  RelationGetNamespace(table));
	AttrNumber	attnum = get_attnum(RelationGetRelid(table), "normal_form");
	Snapshot	snapshot;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	AllmExample *example = NULL;

	if (attnum == InvalidAttrNumber)
		return NULL;

	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	PushActiveSnapshot(snapshot);
	ScanKeyInit(&key, attnum, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(normal_form));
	scan = systable_beginscan(table, index, OidIsValid(index), snapshot,
							  1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (is_usable(tuple, table))
		{
			example = make_example(tuple, table);
			break;
		}
	}
	systable_endscan(scan);
	PopActiveSnapshot();
	UnregisterSnapshot(snapshot);
	return example;
}

/* A copy of the row's texts; NULL when somebody took the SQL's column away. */
static AllmExample *
make_example(HeapTuple tuple, Relation table)
{
	AllmExample *example = palloc0(sizeof(AllmExample));

	example->name = get_text(tuple, table, "name");
	example->question = get_text(tuple, table, "question");
	example->sql = get_text(tuple, table, "sql");
	return example->sql != NULL ? example : NULL;
}

/* The text in a column, or NULL. */
static char *
get_text(HeapTuple tuple, Relation table, const char *column)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(table), column);
	bool		isnull = true;
	Datum		value = (Datum) 0;

	if (attnum != InvalidAttrNumber)
		value = heap_getattr(tuple, attnum, RelationGetDescr(table), &isnull);
	return isnull ? NULL : TextDatumGetCString(value);
}

/* Is it enabled, and no template? */
static bool
is_usable(HeapTuple tuple, Relation table)
{
	AttrNumber	enabled = get_attnum(RelationGetRelid(table), "enabled");
	AttrNumber	parameters = get_attnum(RelationGetRelid(table),
										"parameters");
	bool		isnull;
	Datum		value;

	if (enabled == InvalidAttrNumber || parameters == InvalidAttrNumber ||
		!heap_attisnull(tuple, parameters, RelationGetDescr(table)))
		return false;
	value = heap_getattr(tuple, enabled, RelationGetDescr(table), &isnull);
	return !isnull && DatumGetBool(value);
}

PG_FUNCTION_INFO_V1(analytics_llm_normal_form);

/*
 * analytics_llm_normal_form
 *		The form of a question that two askers share.
 *
 * SQL: analytics_llm.normal_form(question text) returns text
 *
 * A pure function; it works without preloading, so that a restore does.
 */
Datum
analytics_llm_normal_form(PG_FUNCTION_ARGS)
{
	char	   *question = text_to_cstring(PG_GETARG_TEXT_PP(0));

	PG_RETURN_TEXT_P(cstring_to_text(allm_text_normal_form(question)));
}
