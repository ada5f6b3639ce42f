/*
 * judge.c
 *		The walk over a query that the server has analysed: every function by
 *		its OID, every relation with the privileges that the query needs.
 *
 * A query is judged twice.  As written: what the query itself calls and reads,
 * with positions.  Expanded, after the server has put in views and row
 * security: what it comes to call and read, without positions, which would be
 * those of other texts.  Findings of the second kind name functions, never a
 * relation.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/tsmapi.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "guard/allowed.h"
#include "guard/depends.h"
#include "guard/finding.h"
#include "guard/functions.h"
#include "guard/judge.h"
#include "guard/shadow.h"
#include "guard/types.h"
#include "guard/visible.h"

/* What is said of a function that the query does not call itself. */
#define FUNCTION_OF_OTHERS \
	"function %s, which a view, policy, type or function uses, may not be used in a query"

/* One walk. */
typedef struct Judge
{
	AllmChecked *checked;
	AllmWrittenBy by;
	Node	   *node;			/* that is looked at */
	List	   *seen;			/* OIDs of types that somebody made */
	List	   *made;			/* likewise, of new values of these */
	bool		rows_to_json;	/* of types that are not known */
} Judge;

static bool judge_query(Query *query, Judge *judge);
static bool judge_node(Node *node, Judge *judge);
static bool judge_function(Oid function, void *context);
static void refuse_function(Oid function, Judge *judge);
static void refuse_hidden(Oid function, Judge *judge);
static void judge_support(Node *node, Judge *judge);
static void judge_aggregate(Oid aggregate, Judge *judge);
static void judge_arguments(Oid function, List *args, Judge *judge);
static void judge_defaults(Oid function, Judge *judge);
static void judge_argument(Oid function, Oid type, Judge *judge);
static void judge_to_json(Oid type, Judge *judge);
static void judge_rows_to_json(Judge *judge);
static void judge_value(Node *node, Judge *judge);
static void judge_made(Oid type, Judge *judge);
static void refuse_type(Oid type, Judge *judge);
static void judge_operator(Oid operator, Judge *judge);
static void judge_sort(const SortGroupClause *clause, Judge *judge);
static void judge_domain(Oid type, Judge *judge);
static void judge_type(Node *node, Judge *judge);
static void judge_entry(Query *query, RangeTblEntry *rte, Judge *judge);
static void judge_relation(Query *query, RangeTblEntry *rte, Judge *judge);
static void record_relation(Oid relid, AllmChecked *checked);
static void add_error(Judge *judge, const char *code, const char *message,
					  const char *detail);

/* Adds the findings for an analysed query before it is rewritten. */
void
allm_judge_written(AllmChecked *checked, Query *query)
{
	Judge		judge = {
		.checked = checked,.by = ALLM_WRITTEN_BY_QUERY
	};
	ListCell   *cell;

	judge_query(query, &judge);
	judge.node = NULL;
	foreach(cell, query->targetList)
	{
		TargetEntry *target = lfirst_node(TargetEntry, cell);
		Oid			type = exprType((Node *) target->expr);

		if (!target->resjunk)
		{
			judge_to_json(type, &judge);
			checked->depends |= allm_depends_output(type);
		}
	}
	judge_rows_to_json(&judge);
}

/*
 * Adds the findings for a rewritten query, and records the relations that it
 * reads and whether row security filters them.
 */
void
allm_judge_expanded(AllmChecked *checked, Query *query)
{
	Judge		judge = {
		.checked = checked,.by = ALLM_WRITTEN_BY_VIEW
	};

	judge_query(query, &judge);
	judge_rows_to_json(&judge);
}

/*
 * The finding for a function that somebody else's object uses, and that was
 * about to run while the query was analysed.
 */
AllmFinding *
allm_judge_refusal(Oid function, int pos)
{
	const char *reason = allm_functions_refuse(function, ALLM_WRITTEN_BY_VIEW);
	AllmFinding *finding;

	finding = allm_finding_make(true, "policy_function", pos,
								FUNCTION_OF_OTHERS,
								allm_functions_name(function));
	if (reason != NULL)
		finding->detail = pstrdup(reason);
	return finding;
}

/* A query or sub-query.  Returns false, which goes on with the walk. */
static bool
judge_query(Query *query, Judge *judge)
{
	ListCell   *cell;

	check_stack_depth();
	if (query->commandType != CMD_SELECT || query->utilityStmt != NULL ||
		query->hasModifyingCTE || query->rowMarks != NIL)
		add_error(judge, "policy_write",
				  "a query may not change data or lock rows", NULL);
	foreach(cell, query->rtable)
		judge_entry(query, lfirst(cell), judge);
	return query_tree_walker(query, judge_node, judge,
							 QTW_IGNORE_RANGE_TABLE | QTW_EXAMINE_SORTGROUP);
}

/* Any node of a query. */
static bool
judge_node(Node *node, Judge *judge)
{
	if (node == NULL)
		return false;
	check_stack_depth();
	if (IsA(node, Query))
		return judge_query(castNode(Query, node), judge);

	judge->node = node;
	check_functions_in_node(node, judge_function, judge);
	judge_support(node, judge);
	judge_value(node, judge);
	if (judge->by == ALLM_WRITTEN_BY_QUERY)
		judge_type(node, judge);
	return expression_tree_walker(node, judge_node, judge);
}

/* One function that a node calls. */
static bool
judge_function(Oid function, void *context)
{
	Judge	   *judge = context;

	if (allm_functions_is_plain(function))
		return false;
	if (allm_functions_may_execute(function))
		refuse_function(function, judge);
	else
		refuse_hidden(function, judge);
	return false;
}

/* A finding for a function that may not be used; what it depends on. */
static void
refuse_function(Oid function, Judge *judge)
{
	const char *reason = allm_functions_refuse(function, judge->by);

	judge->checked->depends |= allm_depends_function(function);
	if (function >= FirstUnpinnedObjectId)
		judge->checked->functions =
			list_append_unique_oid(judge->checked->functions, function);
	if (reason == NULL && judge->by == ALLM_WRITTEN_BY_QUERY)
	{
		reason = allm_shadow_refuse(function, judge->node);
		if (reason != NULL && allm_allowed_lists(function))
			reason = NULL;
	}
	if (reason != NULL)
		add_error(judge, "policy_function",
				  psprintf(judge->by == ALLM_WRITTEN_BY_QUERY ?
						   "function %s may not be used in a query" :
						   FUNCTION_OF_OTHERS,
						   allm_functions_name(function)), reason);
}

/*
 * A function that the role may not execute is not there for it: the server's
 * words for one that is missing, where the query calls it.
 */
static void
refuse_hidden(Oid function, Judge *judge)
{
	Node	   *node = judge->node;
	Oid		   *types;
	int			n;

	if (judge->by != ALLM_WRITTEN_BY_QUERY)
		add_error(judge, "policy_privilege",
				  "the query uses a view that may not be read to its end",
				  NULL);
	else if (node != NULL &&
			 (IsA(node, Aggref) || IsA(node, WindowFunc) ||
			  (IsA(node, FuncExpr) &&
			   castNode(FuncExpr, node)->funcformat == COERCE_EXPLICIT_CALL)))
	{
		(void) get_func_signature(function, &types, &n);
		add_error(judge, "undefined_function",
				  psprintf("function %s does not exist",
						   funcname_signature_string(get_func_name(function),
													 n, NIL, types)), NULL);
	}
	else
		add_error(judge, "policy_privilege",
				  "the query uses an object that this role may not use",
				  NULL);
}

/* Functions that a node calls without naming them. */
static void
judge_support(Node *node, Judge *judge)
{
	ListCell   *cell;

	switch (nodeTag(node))
	{
		case T_Aggref:
			judge_aggregate(castNode(Aggref, node)->aggfnoid, judge);
			foreach(cell, castNode(Aggref, node)->aggargtypes)
				judge_argument(castNode(Aggref, node)->aggfnoid,
							   lfirst_oid(cell), judge);
			break;
		case T_WindowFunc:
			judge_aggregate(castNode(WindowFunc, node)->winfnoid, judge);
			judge_arguments(castNode(WindowFunc, node)->winfnoid,
							castNode(WindowFunc, node)->args, judge);
			break;
		case T_FuncExpr:
			judge_arguments(castNode(FuncExpr, node)->funcid,
							castNode(FuncExpr, node)->args, judge);
			break;
		case T_OpExpr:
			judge_operator(((OpExpr *) node)->opno, judge);
			break;
		case T_ScalarArrayOpExpr:
			judge_operator(castNode(ScalarArrayOpExpr, node)->opno, judge);
			break;
		case T_SortGroupClause:
			judge_sort(castNode(SortGroupClause, node), judge);
			break;
		case T_SetOperationStmt:
			foreach(cell, castNode(SetOperationStmt, node)->groupClauses)
				judge_sort(lfirst_node(SortGroupClause, cell), judge);
			break;
		case T_WindowClause:
			if (OidIsValid(castNode(WindowClause, node)->startInRangeFunc))
				judge_function(castNode(WindowClause, node)->startInRangeFunc,
							   judge);
			if (OidIsValid(castNode(WindowClause, node)->endInRangeFunc))
				judge_function(castNode(WindowClause, node)->endInRangeFunc,
							   judge);
			break;
		case T_TableSampleClause:
			judge_function(castNode(TableSampleClause, node)->tsmhandler,
						   judge);
			break;
		case T_NextValueExpr:
			add_error(judge, "policy_write", "a query may not use a sequence",
					  NULL);
			break;
		case T_SQLValueFunction:
			judge->checked->depends |=
				allm_depends_value(castNode(SQLValueFunction, node));
			break;
		case T_Const:
			if (judge->by == ALLM_WRITTEN_BY_QUERY)
				judge->checked->depends |=
					allm_depends_literal(judge->checked->sql,
										 castNode(Const, node));
			break;
		case T_CoerceToDomain:
			judge_domain(castNode(CoerceToDomain, node)->resulttype, judge);
			break;
		case T_RangeTblFunction:
			foreach(cell, castNode(RangeTblFunction, node)->funccoltypes)
				judge_made(lfirst_oid(cell), judge);
			break;
		case T_TableFunc:
			foreach(cell, castNode(TableFunc, node)->coltypes)
				judge_made(lfirst_oid(cell), judge);
			break;
		default:
			if (allm_is_json_expr(node))
				judge_made(exprType(node), judge);
			foreach(cell, allm_json_args(node))
				judge_to_json(exprType(lfirst(cell)), judge);
			break;
	}
}

/*
 * What a call takes: defaults of arguments that it leaves out, which the
 * planner puts in, and rows that become JSON.
 */
static void
judge_arguments(Oid function, List *args, Judge *judge)
{
	ListCell   *cell;

	if (function >= FirstUnpinnedObjectId &&
		list_length(args) < get_func_nargs(function))
		judge_defaults(function, judge);
	foreach(cell, args)
		judge_argument(function, exprType(lfirst(cell)), judge);
}

/*
 * The defaults of a function's arguments, which its owner wrote.  All of them
 * are looked at: which ones a call leaves out, its names may tell.
 */
static void
judge_defaults(Oid function, Judge *judge)
{
	AllmWrittenBy by = judge->by;
	Node	   *node = judge->node;

	judge->by = ALLM_WRITTEN_BY_VIEW;
	judge_node(allm_functions_defaults(function), judge);
	judge->by = by;
	judge->node = node;
}

/* One argument: is it made into JSON by a function of the server's? */
static void
judge_argument(Oid function, Oid type, Judge *judge)
{
	if (function < FirstUnpinnedObjectId &&
		(allm_types_is_own(type) || allm_types_is_record(type)) &&
		strstr(get_func_name(function), "json") != NULL)
		judge_to_json(type, judge);
}

/*
 * A value that becomes JSON: what it is made of may have casts to json, which
 * the owners of these types chose.
 */
static void
judge_to_json(Oid type, Judge *judge)
{
	AllmWrittenBy by = judge->by;
	ListCell   *cell;

	if (allm_types_is_record(type))
		judge->rows_to_json = true;
	judge->by = ALLM_WRITTEN_BY_VIEW;
	foreach(cell, allm_types_json_casts(type))
		judge_function(lfirst_oid(cell), judge);
	judge->by = by;
}

/*
 * When rows of no known type become JSON, any of the types that the query
 * handles may be in them.
 */
static void
judge_rows_to_json(Judge *judge)
{
	ListCell   *cell;

	judge->node = NULL;
	if (!judge->rows_to_json)
		return;
	foreach(cell, judge->seen)
		judge_to_json(lfirst_oid(cell), judge);
}

/* A value of a type that somebody made: is it read, or made here? */
static void
judge_value(Node *node, Judge *judge)
{
	Oid			type;

	switch (nodeTag(node))
	{
		case T_ArrayCoerceExpr:
		case T_CoerceViaIO:
		case T_Const:
		case T_ConvertRowtypeExpr:
		case T_FuncExpr:
		case T_RelabelType:
		case T_RowExpr:
		case T_Var:
			break;
		default:
			return;
	}
	type = exprType(node);
	if (!allm_types_is_own(type))
		return;
	judge->seen = list_append_unique_oid(judge->seen, type);
	if (IsA(node, ArrayCoerceExpr) || IsA(node, CoerceViaIO) ||
		IsA(node, Const) ||
	/* What a function declares to return is its own doing. */
		(IsA(node, FuncExpr) &&
		 get_func_rettype(castNode(FuncExpr, node)->funcid) != type))
		judge_made(type, judge);
}

/* A new value: the constraints of domains in it run. */
static void
judge_made(Oid type, Judge *judge)
{
	ListCell   *cell;

	if (!allm_types_is_own(type) || list_member_oid(judge->made, type))
		return;
	judge->made = lappend_oid(judge->made, type);
	foreach(cell, allm_types_parts(type))
	{
		if (get_typtype(lfirst_oid(cell)) == TYPTYPE_DOMAIN)
			judge_domain(lfirst_oid(cell), judge);
		if (judge->by == ALLM_WRITTEN_BY_QUERY)
			refuse_type(lfirst_oid(cell), judge);
	}
}

/* A finding for a type whose values are names of catalog objects. */
static void
refuse_type(Oid type, Judge *judge)
{
	const char *reason = allm_functions_refuse_type(type);

	if (reason != NULL)
		add_error(judge, "policy_catalog",
				  psprintf("type %s may not be used in a query",
						   format_type_be(type)), reason);
}

/*
 * What an aggregate is made of, and the state that it starts from; window
 * functions that are none have no row.
 */
static void
judge_aggregate(Oid aggregate, Judge *judge)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Form_pg_aggregate form;
	Oid			parts[6];
	Oid			states[2];
	AllmWrittenBy by = judge->by;

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	parts[0] = form->aggtransfn;
	parts[1] = form->aggfinalfn;
	parts[2] = form->aggcombinefn;
	parts[3] = form->aggmtransfn;
	parts[4] = form->aggminvtransfn;
	parts[5] = form->aggmfinalfn;
	states[0] = form->aggtranstype;
	states[1] = form->aggmtranstype;
	ReleaseSysCache(tuple);

	/* They were chosen by the aggregate's owner, who executes them. */
	judge->by = ALLM_WRITTEN_BY_VIEW;
	for (int i = 0; i < lengthof(parts); i++)
	{
		if (OidIsValid(parts[i]) && !allm_functions_is_plain(parts[i]))
			refuse_function(parts[i], judge);
	}
	for (int i = 0; i < lengthof(states); i++)
		judge_made(states[i], judge);
	judge->by = by;
}

/*
 * What the planner may call in place of an operator: NOT around it becomes its
 * negator, and sides that are exchanged its commutator.
 */
static void
judge_operator(Oid operator, Judge *judge)
{
	AllmWrittenBy by = judge->by;
	Oid			others[2];

	if (operator < FirstUnpinnedObjectId)
		return;
	others[0] = get_negator(operator);
	others[1] = get_commutator(operator);
	judge->by = ALLM_WRITTEN_BY_VIEW;
	for (int i = 0; i < lengthof(others); i++)
	{
		if (OidIsValid(others[i]) && OidIsValid(get_opcode(others[i])))
			judge_function(get_opcode(others[i]), judge);
	}
	judge->by = by;
}

/* The operators that sort, group or make distinct. */
static void
judge_sort(const SortGroupClause *clause, Judge *judge)
{
	if (OidIsValid(clause->eqop))
		judge_function(get_opcode(clause->eqop), judge);
	if (OidIsValid(clause->sortop))
		judge_function(get_opcode(clause->sortop), judge);
}

/*
 * A domain's constraints run for each value that becomes one of it.  The list
 * of them is pinned by a callback of the context that it was asked for in, so
 * the reference to it must live there too.
 */
static void
judge_domain(Oid type, Judge *judge)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "analytics_llm domain",
												  ALLOCSET_SMALL_SIZES);
	DomainConstraintRef *ref = MemoryContextAlloc(context,
												  sizeof(DomainConstraintRef));
	AllmWrittenBy by = judge->by;
	Node	   *node = judge->node;
	ListCell   *cell;

	InitDomainConstraintRef(type, ref, context, false);
	judge->by = ALLM_WRITTEN_BY_VIEW;
	foreach(cell, ref->constraints)
	{
		DomainConstraintState *constraint = lfirst(cell);

		judge_node((Node *) constraint->check_expr, judge);
	}
	judge->by = by;
	judge->node = node;
	MemoryContextDelete(context);
}

/*
 * The type of what a query makes by itself: not one that turns names and
 * numbers of catalog objects into each other, and not the row type of a
 * relation that may not be read.
 */
static void
judge_type(Node *node, Judge *judge)
{
	Oid			type;

	if (!IsA(node, Const) && !IsA(node, FuncExpr) && !IsA(node, RelabelType) &&
		!IsA(node, CoerceViaIO) && !IsA(node, ArrayCoerceExpr))
		return;
	type = exprType(node);
	if (!IsA(node, FuncExpr) || castNode(FuncExpr, node)->funcid != F_PG_TYPEOF)
		refuse_type(type, judge);
	if (!allm_visible_row_type(type))
		add_error(judge, "undefined_object",
				  psprintf("type \"%s\" does not exist",
						   format_type_be(type)), NULL);
}

/* One entry of a range table, with the quals that row security put on it. */
static void
judge_entry(Query *query, RangeTblEntry *rte, Judge *judge)
{
	RangeTblEntry bare = *rte;
	AllmWrittenBy by = judge->by;

	judge->node = NULL;
	judge_relation(query, rte, judge);
	if (rte->securityQuals != NIL)
	{
		judge->checked->row_security = true;
		judge->checked->depends |= ALLM_DEPENDS_USER;
		judge->by = ALLM_WRITTEN_BY_POLICY;
		judge_node((Node *) rte->securityQuals, judge);
		judge->by = by;
	}
	bare.securityQuals = NIL;
	range_table_entry_walker(&bare, judge_node, judge, 0);
}

/* A relation: may it be read, by whom the query reads it? */
static void
judge_relation(Query *query, RangeTblEntry *rte, Judge *judge)
{
	AllmChecked *checked = judge->checked;
	bool		may_read;
	char	   *name;
	ListCell   *cell;

	if (!OidIsValid(rte->relid))
		return;
	checked->relations = list_append_unique_oid(checked->relations,
												rte->relid);
	if (rte->inh && has_subclass(rte->relid))
	{
		foreach(cell, find_all_inheritors(rte->relid, NoLock, NULL))
			record_relation(lfirst_oid(cell), checked);
	}
	else
		record_relation(rte->relid, checked);
	allm_entry_may_be_read(query, rte, &may_read);
	if (judge->by != ALLM_WRITTEN_BY_QUERY)
	{
		if (allm_visible_is_state(rte->relid))
			add_error(judge, "policy_catalog",
					  "the query uses a view of this extension's own tables",
					  NULL);
		if (!may_read)
			add_error(judge, "policy_privilege",
					  "the query uses a view that may not be read to its end",
					  NULL);
		return;
	}

	if (!allm_visible_whole(rte->relid))
		checked->column_privileges = true;
	if (rte->relkind == RELKIND_VIEW ||
		check_enable_rls(rte->relid, InvalidOid, true) != RLS_NONE)
		checked->expands = true;
	name = get_rel_name(rte->relid);
	if (allm_visible_is_catalog(rte->relid))
		add_error(judge, "policy_catalog",
				  psprintf("relation \"%s\" is not for queries", name), NULL);
	else if (!allm_visible_any_column(rte->relid))
		add_error(judge, "undefined_table",
				  psprintf("relation \"%s\" does not exist", name), NULL);
	else if (!may_read)
		add_error(judge, "policy_privilege",
				  psprintf("not all that the query uses of relation \"%s\" may be read",
						   name), NULL);
}

/* What rows of a relation depend on; also of a partition, which is read too. */
static void
record_relation(Oid relid, AllmChecked *checked)
{
	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		checked->foreign_tables =
			list_append_unique_oid(checked->foreign_tables, relid);
	checked->depends |= allm_depends_relation(relid);
}

/* Adds a finding where the walk is, once. */
static void
add_error(Judge *judge, const char *code, const char *message,
		  const char *detail)
{
	int			pos = 0;
	int			location = -1;
	AllmFinding *finding;

	/* Looked for only now: it takes a walk down the node each time. */
	if (judge->by == ALLM_WRITTEN_BY_QUERY)
		location = exprLocation(judge->node);
	if (location >= 0)
		pos = pg_mbstrlen_with_len(judge->checked->sql, location) + 1;
	finding = allm_finding_make(true, code, pos, "%s", message);
	if (detail != NULL)
		finding->detail = pstrdup(detail);
	allm_finding_add(&judge->checked->findings, finding);
}
