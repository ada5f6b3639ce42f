/*
 * analyze.c
 *		The whole check of one SQL text: gate, names, policy, and the server's
 *		own analysis.
 *
 * The parser library's tree gives all wrong names at once, in words that tell
 * a role nothing of what it may not read.  The server's analysis then has the
 * last word in both directions: it finds what the names pass does not look
 * for, and where it accepts a query that the names pass refused, the names
 * pass was wrong and is silent.  When both refuse, only the names pass is
 * heard, because the server's words could offer a name that is not for this
 * role.
 *
 * Runs inside the fence of execute.c.  The server's analysis locks the
 * relations of the query; a subtransaction that succeeds leaves these locks to
 * the fence, so that what was checked is still true when it is run.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "guard/functions.h"
#include "guard/judge.h"
#include "guard/names.h"
#include "guard/policy.h"
#include "guard/subxact.h"
#include "guard/tree.h"

PG_FUNCTION_INFO_V1(analytics_llm_check);

extern PGDLLEXPORT Datum analytics_llm_check(PG_FUNCTION_ARGS);

/* One check, in two halves. */
typedef struct Check
{
	const char *sql;
	List	   *refusals;		/* of the text: no need to ask the server */
	List	   *wrong_names;	/* to be confirmed by the server */
	AllmChecked *checked;		/* the server's verdict */
} Check;

/* A check that is run in the fence. */
typedef struct FencedCheck
{
	const char *sql;
	AllmChecked *checked;
} FencedCheck;

/* analytics_llm.finding */
#define FINDING_COLUMNS		6

static void read_text(void *arg);
static void ask_server(void *arg);
static Query *analyse_statement(const char *sql, AllmChecked *checked);
static List *run_half(AllmSubxactWork work, Check *check);
static AllmFinding *make_reg_refusal(const ErrorData *edata);
static List *merge_findings(const Check *check);
static List *hide_type_refusals(List *findings);
static bool has_code(const AllmFinding *finding, const char *code);
static void run_check(void *arg);
static void put_finding(const AllmFinding *finding, ReturnSetInfo *result);

/*
 * Checks one SQL text as the current role with its search_path.  The result
 * and all that hangs on it live in the current memory context.  Whatever the
 * text is, it ends in findings; what is raised speaks of the server and not of
 * the text: a cancel, want of memory, damage.
 */
AllmChecked *
allm_analyze_check(const char *sql)
{
	Check		check = {.sql = sql};
	List	   *errors;

	check.checked = palloc0(sizeof(AllmChecked));
	check.checked->sql = sql;

	errors = run_half(read_text, &check);
	check.refusals = list_concat(check.refusals, errors);
	if (check.refusals == NIL)
	{
		errors = run_half(ask_server, &check);
		check.checked->findings = list_concat(check.checked->findings, errors);
	}
	check.checked->findings = merge_findings(&check);
	if (allm_finding_any_error(check.checked->findings))
		check.checked->query = NULL;
	return check.checked;
}

/*
 * Runs one half in a subtransaction; an error that speaks of the text is a
 * finding, any other is raised again.
 */
static List *
run_half(AllmSubxactWork work, Check *check)
{
	ErrorData  *edata = allm_subxact_run(work, NULL, check, true);

	if (edata == NULL)
		return NIL;
	if (!allm_finding_is_verdict(edata))
		ReThrowError(edata);
	if (edata->sqlerrcode == ERRCODE_UNDEFINED_TABLE &&
		check->wrong_names == NIL && !allm_allow_system_catalogs)
		return list_make1(make_reg_refusal(edata));
	return list_make1(allm_finding_from_error(edata));
}

/*
 * A relation that is missing though all names of the text are right was named
 * by a string that became a regclass.  Were it there, the type would be
 * refused: the same is said, so that nobody learns which it is.
 */
static AllmFinding *
make_reg_refusal(const ErrorData *edata)
{
	AllmFinding *finding = allm_finding_make(true, "policy_catalog",
											 edata->cursorpos,
											 "type %s may not be used in a query",
											 format_type_be(REGCLASSOID));

	finding->detail = pstrdup(allm_functions_refuse_type(REGCLASSOID));
	return finding;
}

/* The first half: what the text tells. */
static void
read_text(void *arg)
{
	Check	   *check = arg;
	AllmTree	tree;

	check->refusals = allm_tree_parse(check->sql, &tree);
	if (check->refusals != NIL)
		return;
	check->refusals = allm_policy_check(&tree);
	if (tree.statements->first != NULL)
		check->wrong_names = allm_names_check(&tree);
}

/* The second half: what the server makes of it. */
static void
ask_server(void *arg)
{
	Check	   *check = arg;
	AllmChecked *checked = check->checked;
	Query	   *query = analyse_statement(check->sql, checked);
	List	   *rewritten;

	if (query == NULL)
		return;
	allm_judge_written(checked, query);
	if (allm_finding_any_error(checked->findings))
		return;

	rewritten = QueryRewrite(query);
	if (list_length(rewritten) != 1)
		elog(ERROR, "a query was rewritten into %d", list_length(rewritten));
	query = linitial_node(Query, rewritten);
	allm_judge_expanded(checked, query);

	checked->query = query;
	checked->is_ordered = query->sortClause != NIL;
	checked->is_aggregate = query->hasAggs && query->groupClause == NIL &&
		query->groupingSets == NIL && query->setOperations == NULL;
}

/*
 * The server's parse and analysis of exactly that text, which must be one
 * query to the server as well: its settings may make it read strings in
 * another way than the parser library does.
 */
static Query *
analyse_statement(const char *sql, AllmChecked *checked)
{
	List	   *parsed = raw_parser(sql, RAW_PARSE_DEFAULT);
	RawStmt    *raw;
	Query	   *query = NULL;

	if (list_length(parsed) == 1)
	{
		raw = linitial_node(RawStmt, parsed);
		if (IsA(raw->stmt, SelectStmt))
			query = parse_analyze_fixedparams(raw, sql, NULL, 0, NULL);
	}
	if (query != NULL && query->commandType == CMD_SELECT)
		return query;
	checked->findings = lappend(checked->findings,
								allm_finding_make(true, "policy_statement", 0,
												  "only one SELECT, VALUES or TABLE may be run at a time"));
	return NULL;
}

/*
 * What is reported.  A text that was refused is not the server's to judge.
 * Wrong names count when something other than a function is wrong for the
 * server, too, and stand for its findings about names then; what it says of
 * functions is added.  That a whole row may not be read counts always.
 */
static List *
merge_findings(const Check *check)
{
	List	   *found = hide_type_refusals(check->checked->findings);
	List	   *merged = NIL;
	bool		confirmed = false;
	ListCell   *cell;

	if (check->refusals != NIL)
		return list_concat_copy(check->refusals, check->wrong_names);
	foreach(cell, found)
	{
		if (!has_code(lfirst(cell), "policy_function"))
			confirmed = true;
	}
	foreach(cell, check->wrong_names)
	{
		if (confirmed || has_code(lfirst(cell), "policy_privilege"))
			merged = lappend(merged, lfirst(cell));
	}
	if (merged == NIL)
		return found;
	foreach(cell, found)
	{
		if (has_code(lfirst(cell), "policy_function"))
			merged = lappend(merged, lfirst(cell));
	}
	return merged;
}

/*
 * When a string became a regclass, the refusal of that type is all that is
 * said.  A string that names no relation ends the analysis, so anything else
 * that is found tells that it does name one.
 */
static List *
hide_type_refusals(List *findings)
{
	ListCell   *cell;

	foreach(cell, findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (has_code(finding, "policy_catalog") && finding->detail != NULL)
		{
			finding->pos = 0;
			return list_make1(finding);
		}
	}
	return findings;
}

/* Is a finding of that kind? */
static bool
has_code(const AllmFinding *finding, const char *code)
{
	return strcmp(finding->code, code) == 0;
}

/* The work of llm_check in the fence. */
static void
run_check(void *arg)
{
	FencedCheck *fenced = arg;

	fenced->checked = allm_analyze_check(fenced->sql);
}

/*
 * analytics_llm_check
 *		Check one SQL text against the query policy in force.
 *
 * SQL: llm_check(sql text) returns setof analytics_llm.finding
 *
 * One row for each thing that is wrong; no row of severity error means that
 * the text may run.  It is never executed.  Raises 22023 for no text and for
 * one over analytics_llm.max_sql_length, and 57014 when the check does not end
 * within analytics_llm.request_timeout.
 */
Datum
analytics_llm_check(PG_FUNCTION_ARGS)
{
	FencedCheck fenced = {0};
	ErrorData  *edata;
	ListCell   *cell;

	allm_require_loaded();
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query to check must not be null")));
	if (VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(0)) > allm_max_sql_length)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query to check is longer than %d bytes",
						allm_max_sql_length),
				 errdetail("The limit is the setting \"%s\".",
						   "analytics_llm.max_sql_length")));
	InitMaterializedSRF(fcinfo, 0);

	fenced.sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	edata = allm_execute_fenced(run_check, &fenced,
								allm_deadline_in(allm_request_timeout));
	if (edata != NULL)
		ReThrowError(edata);
	foreach(cell, fenced.checked->findings)
		put_finding(lfirst(cell), (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}

/* One row of the result. */
static void
put_finding(const AllmFinding *finding, ReturnSetInfo *result)
{
	Datum		values[FINDING_COLUMNS] = {0};
	bool		nulls[FINDING_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(finding->is_error ? "error" : "warning");
	values[1] = CStringGetTextDatum(finding->code);
	values[2] = CStringGetTextDatum(finding->message);
	if (finding->detail != NULL)
		values[3] = CStringGetTextDatum(finding->detail);
	if (finding->hint != NULL)
		values[4] = CStringGetTextDatum(finding->hint);
	values[5] = Int32GetDatum(finding->pos);
	nulls[3] = finding->detail == NULL;
	nulls[4] = finding->hint == NULL;
	nulls[5] = finding->pos == 0;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}
