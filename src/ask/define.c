/*
 * define.c
 *		Checks a definition when it is written.
 *
 * A definition that cannot run is kept, marked and reported: what it is about
 * may come later, in a restore for instance.  The columns status and problem
 * are written here alone.  Whoever asks is checked again at each use, with
 * rights of their own.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"

PG_FUNCTION_INFO_V1(analytics_llm_example_check);

/* A query that is checked inside the fence. */
typedef struct FencedCheck
{
	const char *sql;
	AllmChecked *checked;
} FencedCheck;

static bool has_search_path(void);
static void check_only(void *arg);
static char *find_problem(const char *sql);
static HeapTuple set_columns(Relation relation, HeapTuple tuple,
							 const char *status, const char *problem);

/*
 * analytics_llm_example_check
 *		Set status and problem of a verified example.
 *
 * SQL: analytics_llm.example_check() returns trigger
 *
 * status becomes "ok", "broken" with the problem beside it, or "unchecked"
 * where it cannot be told: the library is not preloaded, or the session has no
 * search path, as that of a restore, and names are not found for that reason.
 */
Datum
analytics_llm_example_check(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	tuple;
	TupleDesc	tupdesc;
	char	   *name;
	char	   *problem;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is a trigger before each row")));
	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newtuple : trigger->tg_trigtuple;
	tupdesc = RelationGetDescr(trigger->tg_relation);

	if (!allm_loaded())
		return PointerGetDatum(set_columns(trigger->tg_relation, tuple,
										   "unchecked", NULL));

	name = SPI_getvalue(tuple, tupdesc, SPI_fnumber(tupdesc, "name"));
	problem = find_problem(SPI_getvalue(tuple, tupdesc,
										SPI_fnumber(tupdesc, "sql")));
	if (problem != NULL && !has_search_path())
		return PointerGetDatum(set_columns(trigger->tg_relation, tuple,
										   "unchecked", NULL));
	if (problem != NULL)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("example \"%s\" cannot run", name ? name : ""),
				 errdetail_internal("%s", problem)));
	return PointerGetDatum(set_columns(trigger->tg_relation, tuple,
									   problem ? "broken" : "ok", problem));
}

/* Can names without a schema mean anything but the server's own objects? */
static bool
has_search_path(void)
{
	Oid			path[2] = {PG_CATALOG_NAMESPACE, PG_CATALOG_NAMESPACE};

	(void) fetch_search_path_array(path, lengthof(path));
	return path[0] != PG_CATALOG_NAMESPACE || path[1] != PG_CATALOG_NAMESPACE;
}

/* Inside the fence. */
static void
check_only(void *arg)
{
	FencedCheck *check = arg;

	check->checked = allm_analyze_check(check->sql);
}

/* What is wrong with a query, one line a finding; NULL when nothing is. */
static char *
find_problem(const char *sql)
{
	FencedCheck check = {0};
	StringInfoData out;
	ErrorData  *edata;
	ListCell   *cell;

	if (sql == NULL)
		return pstrdup("the query is null");
	check.sql = sql;
	edata = allm_execute_fenced(check_only, &check,
								allm_deadline_in(allm_query_timeout));
	if (edata != NULL)
		return pstrdup(edata->message);

	initStringInfo(&out);
	foreach(cell, check.checked->findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (finding->is_error)
			appendStringInfo(&out, "%s%s: %s", out.len > 0 ? "\n" : "",
							 finding->code, finding->message);
	}
	return out.len > 0 ? out.data : NULL;
}

/* The tuple with its two columns set. */
static HeapTuple
set_columns(Relation relation, HeapTuple tuple, const char *status,
			const char *problem)
{
	TupleDesc	tupdesc = RelationGetDescr(relation);
	int			columns[2];
	Datum		values[2] = {0};
	bool		nulls[2] = {0};

	columns[0] = SPI_fnumber(tupdesc, "status");
	columns[1] = SPI_fnumber(tupdesc, "problem");
	values[0] = CStringGetTextDatum(status);
	nulls[1] = (problem == NULL);
	if (problem != NULL)
		values[1] = CStringGetTextDatum(problem);
	return heap_modify_tuple_by_cols(tuple, tupdesc, lengthof(columns),
									 columns, values, nulls);
}
