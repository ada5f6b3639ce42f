/*
 * columns.c
 *		Real columns for SELECT * FROM llm_ask('...').
 *
 * After the server has analysed such a statement, and before anything is done
 * with it, the query that answers the question takes the place of the call, as
 * a sub-select.  From then on it is an ordinary statement: it can be described,
 * explained, prepared, run fetch by fetch, or stored.  What the fence of
 * guard/execute does for other questions, guard/portal does for its run.  A
 * statement that is stored, in a view, is stored as it would be written by
 * hand, without a mark or a cap.
 *
 * The query is analysed by the guard in the caller's transaction, so that the
 * locks of what was checked are held on.  It goes through the text form that
 * the server stores rules in, which takes its positions away: they are those
 * of another text.
 *
 * Owns the hook after parse analysis, and one of utility statements, which
 * tells a view's query from one that is run.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "ask/answer.h"
#include "ask/columns.h"
#include "ask/conversation.h"
#include "ask/decided.h"
#include "ask/drive.h"
#include "ask/meta.h"
#include "ask/record.h"
#include "ask/shape.h"
#include "base/compat.h"
#include "base/errcodes.h"
#include "base/settings.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "guard/portal.h"
#include "guard/rows.h"

/* A view that is being defined: its statement, by its text and place. */
typedef struct Definition
{
	const char *source;
	int			location;
} Definition;

/* A statement that is looked at. */
typedef struct Statement
{
	const char *source;
	bool		is_stored;		/* it becomes the query of a view */
	bool		is_explained;
} Statement;

/* The question of a call, answered by a query. */
typedef struct Answer
{
	AllmShapeCall call;
	AllmOptions options;
	AllmDecided *decided;
	AllmChecked *checked;
} Answer;

static post_parse_analyze_hook_type previous_analyze = NULL;
static ProcessUtility_hook_type previous_utility = NULL;

/* The innermost view that is being defined, or NULL. */
static const Definition *definition = NULL;

static void after_analysis(ParseState *pstate, Query *query,
						   JumbleState *jstate);
static bool may_act(const ParseState *pstate);
static bool look_at(Query *query, Statement *statement);
static void look_into(Node *utility, Statement *statement);
static void look_into_table(CreateTableAsStmt *stmt, Statement *statement);
static void replace_call(Query *query, const Statement *statement,
						 const AllmShapeCall *call);
static void check_privilege(Oid function);
static void answer_call(Answer *answer);
static ErrorData *check_again(Answer *answer);
static void ask(Answer *answer);
static void analyse(void *arg);
static void refuse(const Answer *answer);
static void take_place(Query *query, const Answer *answer);
static void add_meta(Query *query, const AllmDecided *decided);
static Node *cap_rows(Node *limit, int64 rows);
static AllmPortalNote *make_note(const Query *query, const Answer *answer);
static void tell_source(const AllmDecided *decided);
static void process_utility(PlannedStmt *pstmt, const char *query_string,
							bool read_only_tree,
							ProcessUtilityContext context,
							ParamListInfo params, QueryEnvironment *environment,
							DestReceiver *dest, QueryCompletion *completion);
static void forget_plans(const DiscardStmt *stmt);

/* Takes the hooks.  Called once, from _PG_init. */
void
allm_columns_install(void)
{
	previous_analyze = post_parse_analyze_hook;
	post_parse_analyze_hook = after_analysis;
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

/* The hook: every statement that the server has analysed. */
static void
after_analysis(ParseState *pstate, Query *query, JumbleState *jstate)
{
	Statement	statement = {.source = pstate->p_sourcetext};

	if (previous_analyze != NULL)
		previous_analyze(pstate, query, jstate);
	if (!allm_real_columns || !may_act(pstate))
		return;
	statement.is_stored = definition != NULL &&
		definition->source == pstate->p_sourcetext &&
		definition->location == query->stmt_location;
	(void) look_at(query, &statement);
}

/*
 * Not for the query of another question, nor in a parallel operation.  The body
 * of an SQL function is analysed when it is created as well, and its result has
 * a declared type: it is known by how it resolves names, after the query's own
 * columns and never before them.
 */
static bool
may_act(const ParseState *pstate)
{
	if (pstate->p_post_columnref_hook != NULL &&
		pstate->p_pre_columnref_hook == NULL)
		return false;
	return !allm_execute_in_fence() && !IsInParallelMode() &&
		IsTransactionState();
}

/*
 * A query, or a statement that has one in it.  Returns whether it is another
 * query now.
 */
static bool
look_at(Query *query, Statement *statement)
{
	AllmShapeCall call;

	if (query->commandType == CMD_UTILITY)
	{
		look_into(query->utilityStmt, statement);
		return false;
	}
	if (allm_shape_is_inserted(query, statement->source))
		ereport(NOTICE,
				(errmsg("the rows of the answer are JSON, since the question stands in another statement"),
				 errhint("Use llm_rows('...') AS t(name type, ...).")));
	switch (allm_shape_find(query, statement->source, &call))
	{
		case ALLM_SHAPE_OTHER:
			break;
		case ALLM_SHAPE_NOT_CONSTANT:
			ereport(NOTICE,
					(errmsg("the rows of the answer are JSON, since the question is not a constant")));
			break;
		case ALLM_SHAPE_CALL:
			replace_call(query, statement, &call);
			return true;
	}
	return false;
}

/* The statements whose query the server analyses with them. */
static void
look_into(Node *utility, Statement *statement)
{
	switch (nodeTag(utility))
	{
		case T_ExplainStmt:
			statement->is_explained = true;
			(void) look_at(castNode(Query, castNode(ExplainStmt, utility)->query),
						   statement);
			break;
		case T_CreateTableAsStmt:
			look_into_table(castNode(CreateTableAsStmt, utility), statement);
			break;
		case T_DeclareCursorStmt:
			(void) look_at(castNode(Query, castNode(DeclareCursorStmt, utility)->query),
						   statement);
			break;
		default:
			break;
	}
}

/*
 * A materialized view has its query twice: to be run now, and to be stored.
 * What the server has checked of the call, it would have checked of the query.
 */
static void
look_into_table(CreateTableAsStmt *stmt, Statement *statement)
{
	Query	   *query = castNode(Query, stmt->query);
	bool		is_stored = stmt->objtype == OBJECT_MATVIEW;

	statement->is_stored = is_stored;
	if (!look_at(query, statement) || !is_stored)
		return;
	if (isQueryUsingTempRelation(query))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("materialized views must not use temporary tables or views")));
	allm_view_query(stmt->into) = copyObject(query);
}

/*
 * The query of the answer takes the place of the call.  Raises what llm_ask
 * raises when there is no answer that may be shown.
 */
static void
replace_call(Query *query, const Statement *statement,
			 const AllmShapeCall *call)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller,
											   "analytics_llm columns",
											   ALLOCSET_DEFAULT_SIZES);
	uint64		query_id = pgstat_get_my_query_id();
	bool		needs_snapshot = !ActiveSnapshotSet();
	Answer		answer = {.call = *call};
	AllmPortalNote *note;

	MemoryContextSwitchTo(work);
	check_privilege(call->function);
	if (needs_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	answer_call(&answer);
	if (needs_snapshot)
		PopActiveSnapshot();
	/* The analysis of the query has reported it as this statement's own. */
	pgstat_report_query_id(query_id, true);

	note = make_note(query, &answer);
	MemoryContextSwitchTo(caller);
	take_place(query, &answer);
	if (statement->is_stored)
	{
		if (answer.options.limits_rows)
			query->limitCount = cap_rows(query->limitCount, note->row_cap);
		allm_portal_announce(note);
	}
	else
	{
		query->limitCount = cap_rows(query->limitCount, note->row_cap + 1);
		allm_portal_mark(linitial(query->rtable), note);
	}
	if (statement->is_explained)
		tell_source(answer.decided);
	MemoryContextDelete(work);
}

/* As the executor would check it for the call, which is not there any more. */
static void
check_privilege(Oid function)
{
	AclResult	result = allm_function_aclcheck(function, GetUserId());

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FUNCTION, get_func_name(function));
	InvokeFunctionExecuteHook(function);
}

/*
 * Finds the query: the one that this session was given for the question, if it
 * may still run, else a new one.
 */
static void
answer_call(Answer *answer)
{
	allm_request_require_none();
	allm_options_read(answer->call.options, &answer->options);
	answer->decided = allm_decided_find(answer->call.question,
										answer->call.options,
										allm_conversation_state(&answer->options));
	if (answer->decided != NULL)
	{
		if (check_again(answer) == NULL && answer->checked->written != NULL)
			return;
		allm_decided_forget(answer->decided);
	}
	ask(answer);
}

/* Asks the question, as far as a query. */
static void
ask(Answer *answer)
{
	AllmRequest *request = allm_drive_one(answer->call.question,
										  answer->call.options,
										  ALLM_WANT_SQL);
	ErrorData  *edata;

	if (request->answer.error_code != 0)
		allm_answer_announce(request);
	answer->decided =
		allm_decided_keep(request, answer->call.options,
						  allm_conversation_state(&answer->options));
	edata = check_again(answer);
	if (edata != NULL)
		ReThrowError(edata);
	if (answer->checked->written == NULL)
		refuse(answer);
}

/* Checks the query where it will stand.  NULL, or an error that speaks of it. */
static ErrorData *
check_again(Answer *answer)
{
	return allm_execute_checked_here(analyse, answer,
									 allm_deadline_in(answer->options.timeout_ms));
}

/* Inside the fence. */
static void
analyse(void *arg)
{
	Answer	   *answer = arg;

	answer->checked = allm_analyze_written(answer->decided->sql);
}

/* It was checked a moment ago; somebody has changed what it uses since. */
static void
refuse(const Answer *answer)
{
	AllmFinding *finding = linitial(answer->checked->findings);

	ereport(ERROR,
			(errcode(ERRCODE_ALLM_NO_SAFE_QUERY),
			 errmsg("no safe query was found for the question"),
			 errdetail_internal("%s: %s", finding->code, finding->message)));
}

/*
 * Puts the query where the call stands, in the current memory context.  The
 * statement's only source is its first, and its columns are those of that.
 */
static void
take_place(Query *query, const Answer *answer)
{
	RangeTblEntry *rte = linitial_node(RangeTblEntry, query->rtable);
	Query	   *sub = stringToNode(nodeToString(answer->checked->written));
	TupleDesc	desc = ExecCleanTypeFromTL(sub->targetList);
	const char *name = rte->alias != NULL ? rte->alias->aliasname : "llm_ask";
	List	   *names = NIL;
	List	   *targets = NIL;
	ListCell   *cell;

	allm_rows_name_uniquely(desc);
	foreach(cell, sub->targetList)
	{
		TargetEntry *from = lfirst_node(TargetEntry, cell);
		TargetEntry *target;
		char	   *column;

		if (from->resjunk)
			continue;
		column = NameStr(TupleDescAttr(desc, from->resno - 1)->attname);
		target = makeTargetEntry((Expr *) makeVar(1, from->resno,
												  exprType((Node *) from->expr),
												  exprTypmod((Node *) from->expr),
												  exprCollation((Node *) from->expr),
												  0),
								 from->resno, pstrdup(column), false);
		target->resorigtbl = from->resorigtbl;
		target->resorigcol = from->resorigcol;
		targets = lappend(targets, target);
		names = lappend(names, makeString(pstrdup(column)));
	}
	query->targetList = targets;
	if (answer->options.meta)
		add_meta(query, answer->decided);
	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = sub;
	rte->functions = NIL;
	rte->lateral = false;
	rte->alias = makeAlias(name, NIL);
	rte->eref = makeAlias(name, names);
}

/* One more column, the same in each row: where the query is from. */
static void
add_meta(Query *query, const AllmDecided *decided)
{
	Datum		meta = CStringGetTextDatum(allm_meta_of_decided(decided));
	Const	   *value = makeConst(JSONOID, -1, InvalidOid, -1, meta, false,
								  false);

	query->targetList =
		lappend(query->targetList,
				makeTargetEntry((Expr *) value,
								list_length(query->targetList) + 1,
								pstrdup(ALLM_META_KEY), false));
}

/*
 * The limit of a statement: its own, but at most that many rows.  Of one that is
 * run, one more than may be sent tells whether there are more.
 */
static Node *
cap_rows(Node *limit, int64 rows)
{
	Const	   *cap = makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
								Int64GetDatum(rows), false,
								FLOAT8PASSBYVAL);
	MinMaxExpr *least;

	if (limit == NULL)
		return (Node *) cap;
	least = makeNode(MinMaxExpr);
	least->minmaxtype = INT8OID;
	least->op = IS_LEAST;
	least->args = list_make2(limit, cap);
	least->location = -1;
	return (Node *) least;
}

/* What the run of the statement has to know. */
static AllmPortalNote *
make_note(const Query *query, const Answer *answer)
{
	AllmPortalNote *note = palloc0(sizeof(AllmPortalNote));

	note->function = answer->call.function;
	note->row_cap = answer->options.row_limit;
	note->written_on = answer->decided->day;
	note->is_whole = query->limitCount == NULL && query->limitOffset == NULL;
	note->is_ordered = answer->checked->is_ordered;
	note->is_aggregate = answer->checked->is_aggregate;
	note->count_column = answer->checked->count_column;
	note->doubts = answer->decided->doubts;
	note->notices = answer->decided->notices;
	return note;
}

/* What EXPLAIN says besides the plan: where the query is from. */
static void
tell_source(const AllmDecided *decided)
{
	ereport(NOTICE,
			(errmsg("the query was written by \"%s\" for request %s, with confidence %.2f",
					decided->model,
					allm_record_uuid_text(&decided->request_id),
					decided->confidence)));
}

/*
 * The hook of utility statements: a view that is being defined, while it is,
 * and what makes a session forget its plans.
 */
static void
process_utility(PlannedStmt *pstmt, const char *query_string,
				bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment,
				DestReceiver *dest, QueryCompletion *completion)
{
	ProcessUtility_hook_type next = previous_utility != NULL ?
	previous_utility : standard_ProcessUtility;
	const Definition *outer = definition;
	Definition	inner = {query_string, pstmt->stmt_location};

	if (IsA(pstmt->utilityStmt, DiscardStmt))
		forget_plans(castNode(DiscardStmt, pstmt->utilityStmt));
	if (!IsA(pstmt->utilityStmt, ViewStmt))
	{
		next(pstmt, query_string, read_only_tree, context, params, environment,
			 dest, completion);
		return;
	}
	definition = &inner;
	PG_TRY();
	{
		next(pstmt, query_string, read_only_tree, context, params, environment,
			 dest, completion);
	}
	PG_FINALLY();
	{
		definition = outer;
	}
	PG_END_TRY();
}

/* What a pooler sends between two clients. */
static void
forget_plans(const DiscardStmt *stmt)
{
	if (stmt->target == DISCARD_ALL || stmt->target == DISCARD_PLANS)
		allm_decided_forget_all();
}
