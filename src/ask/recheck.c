/*
 * recheck.c
 *		Checks definitions again when what they name may have changed.
 *
 * An event trigger calls this after DDL.  The rows are read and written with
 * the rights of their table's owner, with nothing but the server's own objects
 * on the search path; each definition is checked as the role that wrote it,
 * under the search path of that time.  Rows whose status is the same are not touched, rows that
 * somebody else is writing are left to that one, and an error ends in a warning:
 * no definition keeps a table from being changed.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "ask/define.h"
#include "base/shmem.h"
#include "guard/finding.h"
#include "guard/subxact.h"

/* So many rows of a table are looked at. */
#define MAX_ROWS	1000

PG_FUNCTION_INFO_V1(analytics_llm_definitions_recheck);

/* One event. */
typedef struct Recheck
{
	bool		is_drop;
	bool		is_creation;	/* what works goes on working */
} Recheck;

static void recheck_all(void *arg);
static void stop_letting_through(void *arg);
static Oid	find_owner(void);
static void set_path(const char *path);
static bool dropped_something(void);
static void recheck_table(const AllmDefineTable *table, bool all);
static char *check_as_author(const AllmDefineTable *table, HeapTuple tuple,
							 TupleDesc tupdesc);
static void write_status(const AllmDefineTable *table, const char *key,
						 const char *problem);

/*
 * analytics_llm_definitions_recheck
 *		Set the status of definitions after DDL.
 *
 * SQL: analytics_llm.definitions_recheck() returns event_trigger
 */
Datum
analytics_llm_definitions_recheck(PG_FUNCTION_ARGS)
{
	EventTriggerData *event;
	Recheck		recheck = {0};
	ErrorData  *edata;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is an event trigger")));
	event = (EventTriggerData *) fcinfo->context;
	/* A restore, which has no search path, writes what was right before. */
	if (!allm_loaded() || creating_extension || !allm_define_has_path() ||
		!OidIsValid(get_namespace_oid("analytics_llm", true)))
		return PointerGetDatum(NULL);
	recheck.is_drop = strcmp(event->event, "sql_drop") == 0;
	recheck.is_creation = strncmp(GetCommandTagName(event->tag),
								  "CREATE ", 7) == 0 &&
		strcmp(GetCommandTagName(event->tag), "CREATE FUNCTION") != 0 &&
		strcmp(GetCommandTagName(event->tag), "CREATE VIEW") != 0;
	edata = allm_subxact_run(recheck_all, stop_letting_through, &recheck, true);
	if (edata != NULL)
	{
		if (!allm_finding_is_verdict(edata))
			ReThrowError(edata);
		ereport(WARNING,
				(errcode(edata->sqlerrcode),
				 errmsg("definitions of analytics_llm could not be checked again"),
				 errdetail_internal("%s", edata->message)));
	}
	return PointerGetDatum(NULL);
}

/* On each way out. */
static void
stop_letting_through(void *arg)
{
	allm_define_let_through(false);
}

/* All tables, if the event can matter. */
static void
recheck_all(void *arg)
{
	Recheck    *recheck = arg;
	int			level = NewGUCNestLevel();
	Oid			caller;
	int			context;

	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(find_owner(), context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	set_path("pg_catalog, pg_temp");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to the executor");
	if (!recheck->is_drop || dropped_something())
	{
		for (int i = 0; i < allm_define_ntables; i++)
			recheck_table(&allm_define_tables[i], !recheck->is_creation);
	}
	SPI_finish();
	AtEOXact_GUC(true, level);
	SetUserIdAndSecContext(caller, context);
}

/* Whose tables the definitions are in. */
static Oid
find_owner(void)
{
	Oid			relid = get_relname_relid(allm_define_tables[0].name,
										  get_namespace_oid("analytics_llm",
															false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* For as long as the level of settings lasts. */
static void
set_path(const char *path)
{
	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* Was anything dropped that a definition can name? */
static bool
dropped_something(void)
{
	SPI_execute("SELECT 1 FROM pg_catalog.pg_event_trigger_dropped_objects()"
				" WHERE NOT is_temporary AND object_type IN ('table',"
				" 'table column', 'view', 'materialized view',"
				" 'foreign table', 'function', 'aggregate', 'operator',"
				" 'type', 'schema') LIMIT 1", true, 1);
	return SPI_processed > 0;
}

/*
 * Looks at the rows of a table; those that are right already only when "all" is
 * said.
 */
static void
recheck_table(const AllmDefineTable *table, bool all)
{
	SPITupleTable *rows;
	uint64		count;

	SPI_execute(psprintf("SELECT * FROM analytics_llm.%s WHERE enabled%s",
						 table->name, all ? "" : " AND status <> 'ok'"),
				true, MAX_ROWS);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		HeapTuple	tuple = rows->vals[i];
		char	   *status = SPI_getvalue(tuple, rows->tupdesc,
										  SPI_fnumber(rows->tupdesc, "status"));
		char	   *before = SPI_getvalue(tuple, rows->tupdesc,
										  SPI_fnumber(rows->tupdesc, "problem"));
		char	   *problem = check_as_author(table, tuple, rows->tupdesc);

		CHECK_FOR_INTERRUPTS();
		if (strcmp(status, problem != NULL ? "broken" : "ok") != 0 ||
			(problem != NULL &&
			 (before == NULL || strcmp(before, problem) != 0)))
			write_status(table, SPI_getvalue(tuple, rows->tupdesc,
											 SPI_fnumber(rows->tupdesc,
														 table->key)),
						 problem);
	}
}

/* What is wrong with a row for who wrote it, under the path of that time. */
static char *
check_as_author(const AllmDefineTable *table, HeapTuple tuple,
				TupleDesc tupdesc)
{
	int			column = SPI_fnumber(tupdesc, "defined_by");
	char	   *author = SPI_getvalue(tuple, tupdesc, column > 0 ? column :
									  SPI_fnumber(tupdesc, "verified_by"));
	char	   *path = SPI_getvalue(tuple, tupdesc,
									SPI_fnumber(tupdesc, "search_path"));
	Oid			role = author != NULL ? get_role_oid(author, true) : InvalidOid;
	int			level = NewGUCNestLevel();
	char	   *problem;
	Oid			caller;
	int			context;

	GetUserIdAndSecContext(&caller, &context);
	if (path != NULL)
		set_path(path);
	if (OidIsValid(role))
		SetUserIdAndSecContext(role, context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
	problem = table->find_problem(tuple, tupdesc);
	SetUserIdAndSecContext(caller, context);
	AtEOXact_GUC(true, level);
	return problem;
}

/* Writes what was found, unless somebody else is writing that row. */
static void
write_status(const AllmDefineTable *table, const char *key,
			 const char *problem)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID};
	Datum		values[lengthof(types)];
	char		nulls[] = {' ', problem != NULL ? ' ' : 'n', ' '};

	values[0] = CStringGetTextDatum(problem != NULL ? "broken" : "ok");
	values[1] = problem != NULL ? CStringGetTextDatum(problem) : (Datum) 0;
	values[2] = CStringGetTextDatum(key);
	allm_define_let_through(true);
	SPI_execute_with_args(psprintf("UPDATE analytics_llm.%s AS t SET status = $1, problem = $2"
								   " FROM (SELECT %s FROM analytics_llm.%s WHERE %s = $3"
								   " FOR UPDATE SKIP LOCKED) AS free"
								   " WHERE t.%s = free.%s",
								   table->name, table->key, table->name,
								   table->key, table->key, table->key),
						  lengthof(types), types, values, nulls, false, 0);
	allm_define_let_through(false);
}
