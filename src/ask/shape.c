/*
 * shape.c
 *		Is a statement one whose rows can have the columns of the answer?
 *
 * It is SELECT * FROM llm_ask('...'), with constant arguments, an optional
 * alias, LIMIT and OFFSET, and nothing else: whatever names the one column that
 * the call has for the server means that column.  Every statement of the server
 * is looked at, so what is cheap to see comes first.
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "ask/shape.h"

static bool is_plain_star(const Query *query, const char *source);
static FuncExpr *find_call(const Query *query);
static bool is_ours(Oid function);
static Const *fold(Node *arg);

/* What the query with this text is; the call, if it is one. */
AllmShape
allm_shape_find(const Query *query, const char *source, AllmShapeCall *call)
{
	FuncExpr   *function = find_call(query);
	int			position = 0;
	ListCell   *cell;

	if (function == NULL || !is_plain_star(query, source) ||
		!is_ours(function->funcid))
		return ALLM_SHAPE_OTHER;
	memset(call, 0, sizeof(AllmShapeCall));
	call->function = function->funcid;
	foreach(cell, function->args)
	{
		Node	   *arg = lfirst(cell);
		int			number = position++;
		Const	   *value;

		if (IsA(arg, NamedArgExpr))
		{
			number = castNode(NamedArgExpr, arg)->argnumber;
			arg = (Node *) castNode(NamedArgExpr, arg)->arg;
		}
		value = fold(arg);
		if (value == NULL)
			return ALLM_SHAPE_NOT_CONSTANT;
		/* The function says what is wrong with a question of NULL. */
		if (number == 0 && value->constisnull)
			return ALLM_SHAPE_OTHER;
		if (number == 0)
			call->question = TextDatumGetCString(value->constvalue);
		else if (!value->constisnull)
			call->options = DatumGetJsonbP(value->constvalue);
	}
	return call->question != NULL ? ALLM_SHAPE_CALL : ALLM_SHAPE_OTHER;
}

/* Does a statement insert the rows of a call that would have columns alone? */
bool
allm_shape_is_inserted(const Query *query, const char *source)
{
	AllmShapeCall call;
	RangeTblEntry *rte;

	if (query->commandType != CMD_INSERT || list_length(query->rtable) < 2)
		return false;
	rte = lsecond_node(RangeTblEntry, query->rtable);
	return rte->rtekind == RTE_SUBQUERY &&
		allm_shape_find(rte->subquery, source, &call) == ALLM_SHAPE_CALL;
}

/* The only thing that a statement selects from, when it is one function. */
static FuncExpr *
find_call(const Query *query)
{
	RangeTblEntry *rte;
	RangeTblFunction *function;
	FuncExpr   *call;

	if (query->commandType != CMD_SELECT || list_length(query->rtable) != 1)
		return NULL;
	rte = linitial_node(RangeTblEntry, query->rtable);
	if (rte->rtekind != RTE_FUNCTION || list_length(rte->functions) != 1 ||
		rte->funcordinality ||
		(rte->alias != NULL && rte->alias->colnames != NIL))
		return NULL;
	function = linitial_node(RangeTblFunction, rte->functions);
	call = (FuncExpr *) function->funcexpr;
	if (call == NULL || !IsA(call, FuncExpr) || !call->funcretset ||
		call->funcresulttype != JSONOID)
		return NULL;
	return call;
}

/*
 * Is the statement the star of its only source, with LIMIT and OFFSET at most?
 * A name that means the same column stands elsewhere in the text than a star.
 */
static bool
is_plain_star(const Query *query, const char *source)
{
	const FromExpr *from = query->jointree;
	TargetEntry *target;
	Var		   *var;

	if (query->hasAggs || query->hasWindowFuncs || query->hasTargetSRFs ||
		query->hasDistinctOn || query->hasForUpdate || query->cteList != NIL || query->groupClause != NIL ||
		query->groupingSets != NIL || query->havingQual != NULL ||
		query->windowClause != NIL || query->distinctClause != NIL ||
		query->sortClause != NIL || query->rowMarks != NIL ||
		query->setOperations != NULL || list_length(query->targetList) != 1 ||
		list_length(from->fromlist) != 1 || from->quals != NULL)
		return false;
	target = linitial_node(TargetEntry, query->targetList);
	var = (Var *) target->expr;
	return IsA(linitial(from->fromlist), RangeTblRef) && IsA(var, Var) &&
		source != NULL && var->location >= 0 &&
		var->location < strlen(source) && source[var->location] == '*';
}

/* Is it this extension's llm_ask, and not one of the same name? */
static bool
is_ours(Oid function)
{
	char	   *name = get_func_name(function);
	Oid			extension;

	if (name == NULL || strcmp(name, "llm_ask") != 0)
		return false;
	extension = get_extension_oid("analytics_llm", true);
	return OidIsValid(extension) &&
		getExtensionOfObject(ProcedureRelationId, function) == extension;
}

/* The value of an argument that is a constant, or what comes to one; or NULL. */
static Const *
fold(Node *arg)
{
	if (!IsA(arg, Const))
		arg = eval_const_expressions(NULL, copyObject(arg));
	return IsA(arg, Const) ? castNode(Const, arg) : NULL;
}
