/*
 * analyze.c
 *		The whole check of one SQL text: gate, names, policy, and the server's
 *		own analysis.
 *
 * The parser library and the server must both take the text for one statement.
 * The policy looks at what the server parsed, before it is analysed.  Once
 * something is wrong, the library's tree gives all wrong names at once, in
 * words that tell a role nothing of what it may not read.  The server's
 * analysis has the last word in both directions: it finds what the names pass
 * does not look for, and where it accepts a query that the names pass refused,
 * the names pass was wrong and is silent.  When both refuse, only the names
 * pass is heard, because the server's words could offer a name that is not for
 * this role.
 *
 * Runs inside the fence of execute.c.  The server's analysis locks the
 * relations of the query; a subtransaction that succeeds leaves these locks to
 * the fence, so that what was checked is still true when it is run.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/tuplestore.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "guard/analyze.h"
#include "guard/early.h"
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
	bool		keeps_written;	/* a copy of the query before it is rewritten */
	List	   *parsed;			/* of the server's RawStmt */
	bool		text_read;		/* and the server may be asked */
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

static void run_both_halves(Check *check);
static void read_and_ask(void *arg);
static void read_text(Check *check);
static bool needs_names(const Check *check);
static void read_names(void *arg);
static void ask_server(Check *check);
static void weigh_plan(AllmChecked *checked);
static int	find_count(const Query *query);
static Query *analyse_statement(Check *check);
static AllmFinding *refuse_statement(void);
static List *run_half(AllmSubxactWork work, Check *check);
static bool names_text_search(const char *funcname);
static bool names_object_by_string(const ErrorData *edata, const Check *check);
static AllmFinding *make_string_refusal(void);
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

	run_both_halves(&check);
	return check.checked;
}

/*
 * The same for a query that takes a place in another one, which the server
 * rewrites as a whole: "written" is the query before it was rewritten, NULL
 * when a finding is an error.
 */
AllmChecked *
allm_analyze_written(const char *sql)
{
	Check		check = {.sql = sql,.keeps_written = true};

	run_both_halves(&check);
	if (check.checked->query == NULL)
		check.checked->written = NULL;
	return check.checked;
}

/* What the text tells, what the server says, and which names are wrong. */
static void
run_both_halves(Check *check)
{
	List	   *errors;

	check->checked = palloc0(sizeof(AllmChecked));
	check->checked->sql = check->sql;

	errors = run_half(read_and_ask, check);
	if (check->text_read)
		check->checked->findings = list_concat(check->checked->findings,
											   errors);
	else
		check->refusals = list_concat(check->refusals, errors);
	if (needs_names(check))
	{
		errors = run_half(read_names, check);
		check->wrong_names = list_concat(check->wrong_names, errors);
	}
	check->checked->findings = merge_findings(check);
	if (allm_finding_any_error(check->checked->findings))
		check->checked->query = NULL;
}

/*
 * Runs one half in a subtransaction; an error that speaks of the text is a
 * finding, any other is raised again.
 */
static List *
run_half(AllmSubxactWork work, Check *check)
{
	ErrorData  *edata = allm_subxact_run(work, NULL, check, true);
	Oid			early = allm_early_unwatch();

	if (edata == NULL)
		return NIL;
	if (!allm_finding_is_verdict(edata))
		ReThrowError(edata);
	if (OidIsValid(early) && edata->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return list_make1(allm_judge_refusal(early, edata->cursorpos));
	if (!allm_allow_system_catalogs && names_object_by_string(edata, check))
		return list_make1(make_string_refusal());
	return list_make1(allm_finding_from_error(edata));
}

/*
 * Is this function of the server's one that looks up a text search
 * configuration or dictionary?  The input functions say so themselves since 16.
 */
static bool
names_text_search(const char *funcname)
{
	return funcname != NULL &&
		(strncmp(funcname, "get_ts_", 7) == 0 ||
		 strcmp(funcname, "regconfigin") == 0 ||
		 strcmp(funcname, "regdictionaryin") == 0);
}

/*
 * Was a string looked up in the catalog when it became a regclass, regproc,
 * regtype or their like?  Then the error stands at that string, where nothing
 * else is looked up.  The names of text search configurations are no secret.
 */
static bool
names_object_by_string(const ErrorData *edata, const Check *check)
{
	const char *at = check->sql;

	switch (edata->sqlerrcode)
	{
		case ERRCODE_AMBIGUOUS_FUNCTION:
		case ERRCODE_INVALID_NAME:
		case ERRCODE_INVALID_SCHEMA_NAME:
		case ERRCODE_INVALID_TEXT_REPRESENTATION:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_TABLE:
			break;
		default:
			return false;
	}
	if (edata->sqlerrcode == ERRCODE_INVALID_TEXT_REPRESENTATION &&
		(edata->funcname == NULL || strncmp(edata->funcname, "reg", 3) != 0))
		return false;
	if (names_text_search(edata->funcname))
		return false;
	for (int i = 1; i < edata->cursorpos && *at != '\0'; i++)
		at += pg_mblen(at);
	return edata->cursorpos > 0 &&
		(*at == '\'' || *at == '$' || (*at != '\0' && at[1] == '\'') ||
		 pg_strncasecmp(at, "U&'", 3) == 0);
}

/*
 * What is said of a string that became the name of a catalog's object.  It is
 * the same where there is such an object and where there is none, so that
 * nobody learns which it is.
 */
static AllmFinding *
make_string_refusal(void)
{
	AllmFinding *finding = allm_finding_make(true, "policy_catalog", 0,
											 "a query may not use names of catalog objects as values");

	finding->detail = pstrdup(allm_functions_refuse_type(REGCLASSOID));
	return finding;
}

/*
 * The first half: what the text tells.  The library refuses first, since its
 * gate holds off what is too deep for a parser.  When the settings of the
 * session make the server see another number of statements, it is the library
 * that read what was meant.
 */
static void
read_text(Check *check)
{
	int			statements;

	check->refusals = allm_tree_accept(check->sql, &statements);
	if (check->refusals != NIL)
		return;
	check->parsed = raw_parser(check->sql, RAW_PARSE_DEFAULT);
	check->refusals = allm_policy_check(check->parsed, check->sql);
	if (check->refusals == NIL && statements != 1)
		check->refusals = list_make1(allm_finding_make(true, "policy_statement", 0,
													   "only one statement may be run at a time"));
}

/* Both halves: the server is asked about a text that nothing speaks against. */
static void
read_and_ask(void *arg)
{
	Check	   *check = arg;

	read_text(check);
	check->text_read = (check->refusals == NIL);
	if (check->text_read)
		ask_server(check);
}

/*
 * Are the names of the text to be looked up one by one?  Where the server
 * found all of them and the role may read all there is, none is wrong.
 */
static bool
needs_names(const Check *check)
{
	if (check->refusals != NIL)
		return check->parsed != NIL;
	return check->checked->findings != NIL ||
		check->checked->column_privileges;
}

/* All wrong names, once something is known to be wrong. */
static void
read_names(void *arg)
{
	Check	   *check = arg;
	AllmTree	tree;

	check->wrong_names = allm_tree_parse(check->sql, &tree);
	if (check->wrong_names == NIL)
		check->wrong_names = allm_names_check(&tree);
}

/* The second half: what the server makes of it. */
static void
ask_server(Check *check)
{
	AllmChecked *checked = check->checked;
	Query	   *query;
	List	   *rewritten;
	Oid			early;

	allm_early_watch();
	query = analyse_statement(check);
	if (query == NULL)
		return;
	allm_judge_written(checked, query);
	if (allm_finding_any_error(checked->findings))
		return;

	if (check->keeps_written)
		checked->written = copyObject(query);
	rewritten = QueryRewrite(query);
	if (list_length(rewritten) != 1)
		elog(ERROR, "a query was rewritten into %d", list_length(rewritten));
	query = linitial_node(Query, rewritten);
	if (checked->expands)
		allm_judge_expanded(checked, query);
	early = allm_early_unwatch();
	/* A function that catches the refusal of another has not run it. */
	if (OidIsValid(early))
	{
		checked->findings = lappend(checked->findings,
									allm_judge_refusal(early, 0));
		return;
	}

	checked->query = query;
	if (allm_max_plan_cost >= 0)
		weigh_plan(checked);
	checked->is_ordered = query->sortClause != NIL;
	checked->is_aggregate = query->hasAggs && query->groupClause == NIL &&
		query->groupingSets == NIL && query->setOperations == NULL;
	checked->count_column = checked->is_aggregate ? find_count(query) : -1;
}

/*
 * Refuses a query that the planner expects to be dear.  The plan is kept, and
 * is what runs; planning uses up the copy of the query that it is made of.
 */
static void
weigh_plan(AllmChecked *checked)
{
	AllmFinding *finding;
	double		cost;

	checked->plan = pg_plan_query(copyObject(checked->query), checked->sql,
								  CURSOR_OPT_PARALLEL_OK, NULL);
	cost = checked->plan->planTree->total_cost;
	if (cost <= allm_max_plan_cost)
		return;
	finding = allm_finding_make(true, "policy_cost", 0,
								"the plan of the query is too dear");
	finding->detail = psprintf("Its cost is %.0f, and the setting \"%s\" allows %.0f.",
							   cost, "analytics_llm.max_plan_cost",
							   allm_max_plan_cost);
	checked->findings = lappend(checked->findings, finding);
}

/* The number of an output that counts all rows of the query, or -1. */
static int
find_count(const Query *query)
{
	ListCell   *cell;

	foreach(cell, query->targetList)
	{
		TargetEntry *target = lfirst_node(TargetEntry, cell);
		Aggref	   *count = (Aggref *) target->expr;

		if (!target->resjunk && IsA(count, Aggref) &&
			count->aggfnoid == F_COUNT_ && count->aggfilter == NULL &&
			query->havingQual == NULL)
			return target->resno - 1;
	}
	return -1;
}

/*
 * The server's analysis of what it parsed, which must be a query to it; NULL
 * and a finding when it is none.
 */
static Query *
analyse_statement(Check *check)
{
	RawStmt    *raw = linitial_node(RawStmt, check->parsed);
	Query	   *query = parse_analyze_fixedparams(raw, check->sql, NULL, 0,
												  NULL);

	if (query->commandType == CMD_SELECT)
		return query;
	check->checked->findings = lappend(check->checked->findings,
									   refuse_statement());
	return NULL;
}

/* The finding for what is not one query. */
static AllmFinding *
refuse_statement(void)
{
	return allm_finding_make(true, "policy_statement", 0,
							 "only one SELECT, VALUES or TABLE may be run at a time");
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
	{
		merged = check->refusals;
		foreach(cell, check->wrong_names)
			allm_finding_add(&merged, lfirst(cell));
		return merged;
	}
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
 * When a string became a regclass, the refusal of that is all that is said.  A
 * string that names no relation ends the analysis, so anything else that is
 * found tells that it does name one.
 */
static List *
hide_type_refusals(List *findings)
{
	ListCell   *cell;

	foreach(cell, findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (has_code(finding, "policy_catalog") && finding->detail != NULL)
			return list_make1(make_string_refusal());
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
	/* A deadline was never raised: nobody has decided yet who hears of it. */
	if (edata != NULL)
		ThrowErrorData(edata);
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
