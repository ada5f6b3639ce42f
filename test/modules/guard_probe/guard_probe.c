/*
 * guard_probe.c
 *		SQL functions for tests that call the room guard/ directly.
 *
 * No part of the product.  The objects are the product's own, compiled again:
 * the library itself exports none of them.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "base/settings.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "guard/names.h"
#include "guard/subxact.h"
#include "guard/tree.h"

PG_MODULE_MAGIC;

/* More than any text under test takes. */
#define DEADLINE_MS		60000

#define PROBE(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

PROBE(probe_names);
PROBE(probe_run);
PROBE(probe_server);
PROBE(probe_cost);
PROBE(probe_checked);

/* Work in the fence or in a subtransaction. */
typedef struct Work
{
	const char *sql;
	List	   *findings;
	AllmChecked *checked;
	AllmRows   *rows;
	double		us;
} Work;

/* The settings that the objects look at, which are another copy's here. */
static void
take_settings(void)
{
	allm_allow_system_catalogs =
		strcmp(GetConfigOption("analytics_llm.allow_system_catalogs",
							   false, false), "on") == 0;
	allm_max_sql_length = 32 * 1024;
	allm_max_plan_cost = -1;
}

/* The microseconds since a moment. */
static double
since(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return INSTR_TIME_GET_DOUBLE(now) * 1000000.0;
}

static void
read_names(void *arg)
{
	Work	   *work = arg;
	AllmTree	tree;

	work->findings = allm_tree_parse(work->sql, &tree);
	if (work->findings == NIL && tree.statements->first != NULL)
		work->findings = allm_names_check(&tree);
}

static void
check(void *arg)
{
	Work	   *work = arg;

	work->checked = allm_analyze_check(work->sql);
}

static void
ask_server(void *arg)
{
	Work	   *work = arg;
	instr_time	start;
	List	   *parsed;

	INSTR_TIME_SET_CURRENT(start);
	parsed = raw_parser(work->sql, RAW_PARSE_DEFAULT);
	if (list_length(parsed) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the text is not one statement")));
	(void) parse_analyze_fixedparams(linitial(parsed), work->sql, NULL, 0,
									 NULL);
	work->us = since(start);
}

Datum
probe_names(PG_FUNCTION_ARGS)
{
	Work		work = {0};
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ErrorData  *edata;
	ListCell   *cell;

	take_settings();
	InitMaterializedSRF(fcinfo, 0);
	work.sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	edata = allm_subxact_run(read_names, NULL, &work, true);
	if (edata != NULL)
		ReThrowError(edata);
	foreach(cell, work.findings)
	{
		AllmFinding *finding = lfirst(cell);
		Datum		values[4] = {0};
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(finding->code);
		values[1] = CStringGetTextDatum(finding->message);
		nulls[2] = finding->hint == NULL;
		if (finding->hint != NULL)
			values[2] = CStringGetTextDatum(finding->hint);
		nulls[3] = finding->pos == 0;
		values[3] = Int32GetDatum(finding->pos);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}

/* The check, and the run of what passed it, as for a candidate. */
static void
check_and_run(void *arg)
{
	Work	   *work = arg;
	AllmCaps	caps = {.rows = 10000,.bytes = 16 * 1024 * 1024};

	check(work);
	if (!allm_finding_any_error(work->checked->findings))
		work->rows = allm_execute_query(work->checked, caps,
										CurrentMemoryContext);
}

/* Rows of a query that passes and runs in one fence; null when refused. */
Datum
probe_run(PG_FUNCTION_ARGS)
{
	Work		work = {.sql = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	ErrorData  *edata;

	take_settings();
	edata = allm_execute_fenced(check_and_run, &work,
								allm_deadline_in(DEADLINE_MS));
	if (edata != NULL)
		ReThrowError(edata);
	if (work.rows == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(work.rows->count);
}

/* What the server says of a text; as superuser, as which tests ask. */
Datum
probe_server(PG_FUNCTION_ARGS)
{
	Work		work = {.sql = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	ErrorData  *edata = allm_subxact_run(ask_server, NULL, &work, false);
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	TupleDesc	desc;

	if (edata == NULL)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "probe_server is not called as it is declared");
	values[0] = CStringGetTextDatum(unpack_sql_state(edata->sqlerrcode));
	values[1] = CStringGetTextDatum(edata->message);
	values[2] = Int32GetDatum(edata->cursorpos);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

static int
compare_doubles(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return left < right ? -1 : left > right;
}

static double
median(double *values, int n)
{
	qsort(values, n, sizeof(double), compare_doubles);
	return values[n / 2];
}

Datum
probe_cost(PG_FUNCTION_ARGS)
{
	int			runs = PG_GETARG_INT32(1);
	double	   *check_us = palloc(runs * sizeof(double));
	double	   *server_us = palloc(runs * sizeof(double));
	Work		work = {.sql = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "probe",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(scratch);
	Datum		values[2];
	bool		nulls[2] = {false, false};
	TupleDesc	desc;

	take_settings();
	for (int i = 0; i < runs; i++)
	{
		instr_time	start;
		ErrorData  *edata;

		INSTR_TIME_SET_CURRENT(start);
		edata = allm_execute_fenced(check, &work,
									allm_deadline_in(DEADLINE_MS));
		check_us[i] = since(start);
		if (edata == NULL)
			edata = allm_subxact_run(ask_server, NULL, &work, false);
		if (edata != NULL)
			ReThrowError(edata);
		server_us[i] = work.us;
		MemoryContextReset(scratch);
	}
	MemoryContextSwitchTo(caller);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "probe_cost is not called as it is declared");
	values[0] = Float8GetDatum(median(check_us, runs));
	values[1] = Float8GetDatum(median(server_us, runs));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

Datum
probe_checked(PG_FUNCTION_ARGS)
{
	Work		work = {.sql = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	ErrorData  *edata;
	AllmChecked *checked;

	take_settings();
	edata = allm_execute_fenced(check, &work, allm_deadline_in(DEADLINE_MS));
	if (edata != NULL)
		ReThrowError(edata);
	checked = work.checked;
	if (checked->query == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("{\"relations\": %d, \"row_security\": %s, \"foreign_tables\": %d, \"column_privileges\": %s, \"depends\": %d}",
											  list_length(checked->relations),
											  checked->row_security ? "true" : "false",
											  list_length(checked->foreign_tables),
											  checked->column_privileges ? "true" : "false",
											  checked->depends)));
}
