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
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
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
#include "guard/visible.h"

/* One walk. */
typedef struct Judge
{
	AllmChecked *checked;
	AllmWrittenBy by;
	Node	   *node;			/* that is looked at */
} Judge;

static void judge_output(Oid type, Judge *judge);
static bool judge_query(Query *query, Judge *judge);
static bool judge_node(Node *node, Judge *judge);
static bool judge_function(Oid function, void *context);
static void refuse_function(Oid function, Judge *judge);
static void refuse_hidden(Oid function, Judge *judge);
static void judge_support(Node *node, Judge *judge);
static void judge_aggregate(Oid aggregate, Judge *judge);
static void judge_sort(const SortGroupClause *clause, Judge *judge);
static void judge_domain(Oid type, Judge *judge);
static void judge_type(Node *node, Judge *judge);
static void judge_entry(Query *query, RangeTblEntry *rte, Judge *judge);
static void judge_relation(Query *query, RangeTblEntry *rte, Judge *judge);
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
	foreach(cell, query->targetList)
	{
		TargetEntry *target = lfirst_node(TargetEntry, cell);

		Oid			type = exprType((Node *) target->expr);

		if (!target->resjunk)
		{
			judge_output(type, &judge);
			checked->depends |= allm_depends_output(type);
		}
	}
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
}

/*
 * Rows become JSON: for a type that has a cast to json, by the cast's
 * function, which its owner chose.
 */
static void
judge_output(Oid type, Judge *judge)
{
	Oid			element = get_element_type(type);
	Oid			function;
	AllmWrittenBy by = judge->by;

	if (OidIsValid(element))
		type = element;
	if (type < FirstNormalObjectId ||
		find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT,
							  &function) != COERCION_PATH_FUNC)
		return;
	judge->by = ALLM_WRITTEN_BY_VIEW;
	judge_function(function, judge);
	judge->by = by;
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
						   "function %s, which a view or policy uses, may not be used in a query",
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
			break;
		case T_WindowFunc:
			judge_aggregate(castNode(WindowFunc, node)->winfnoid, judge);
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
		default:
			if (allm_is_json_expr(node))
				judge_domain(exprType(node), judge);
			break;
	}
}

/* What an aggregate is made of; window functions that are none have no row. */
static void
judge_aggregate(Oid aggregate, Judge *judge)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Form_pg_aggregate form;
	Oid			parts[6];
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
	ReleaseSysCache(tuple);

	/* They were chosen by the aggregate's owner, who executes them. */
	judge->by = ALLM_WRITTEN_BY_VIEW;
	for (int i = 0; i < lengthof(parts); i++)
	{
		if (OidIsValid(parts[i]) && !allm_functions_is_plain(parts[i]))
			refuse_function(parts[i], judge);
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
	const char *reason;
	Oid			type;

	if (!IsA(node, Const) && !IsA(node, FuncExpr) && !IsA(node, RelabelType) &&
		!IsA(node, CoerceViaIO) && !IsA(node, ArrayCoerceExpr))
		return;
	type = exprType(node);
	reason = allm_functions_refuse_type(type);
	if (reason != NULL &&
		!(IsA(node, FuncExpr) &&
		  castNode(FuncExpr, node)->funcid == F_PG_TYPEOF))
		add_error(judge, "policy_catalog",
				  psprintf("type %s may not be used in a query",
						   format_type_be(type)), reason);
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

	if (!OidIsValid(rte->relid))
		return;
	checked->relations = list_append_unique_oid(checked->relations,
												rte->relid);
	if (get_rel_relkind(rte->relid) == RELKIND_FOREIGN_TABLE)
		checked->foreign_tables =
			list_append_unique_oid(checked->foreign_tables, rte->relid);
	checked->depends |= allm_depends_relation(rte->relid);
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
