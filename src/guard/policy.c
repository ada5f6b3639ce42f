/*
 * policy.c
 *		What may be asked of the database, as far as the text tells: one small
 *		function and one row for each rule.
 *
 * The rules look at the server's own raw tree, before it is analysed: analysis
 * would lock what a write or FOR UPDATE names, and tell whether a string cast
 * to regclass is a relation.  What the server's settings make of the text is
 * what is looked at here, and what runs.  The analysed query is looked at again
 * (judge.c).
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"

#include "guard/finding.h"
#include "guard/functions.h"
#include "guard/policy.h"

/*
 * Relations in one query.  The planner tries join orders among them, which
 * takes seconds long before this many; questions of people join a dozen.
 */
#define MAX_RELATIONS		64

/* UNION, INTERSECT and EXCEPT in one query: one for each month, and more. */
#define MAX_SET_OPERATIONS	32

/* Rows that a series of constants may make without a LIMIT around it. */
#define MAX_SERIES_ROWS		1000000

/* One look at a statement. */
typedef struct Policy
{
	const char *sql;
	List	   *findings;		/* of AllmFinding */
	int			relations;
	int			set_operations;
	bool		limited;		/* a LIMIT is around what is looked at */
} Policy;

/* A rule about a kind of node. */
typedef struct Rule
{
	NodeTag		tag;
	void		(*check) (Policy *policy, Node *node);
} Rule;

static void refuse_write(Policy *policy, Node *node);
static void refuse_into(Policy *policy, Node *node);
static void refuse_locking(Policy *policy, Node *node);
static void refuse_parameter(Policy *policy, Node *node);
static void count_relation(Policy *policy, Node *node);
static void count_set_operation(Policy *policy, Node *node);
static void limit_series(Policy *policy, Node *node);
static void refuse_catalog_type(Policy *policy, Node *node);
static void refuse_catalog_column(Policy *policy, Node *node);

static const Rule rules[] =
{
	{T_DeleteStmt, refuse_write},
	{T_FuncCall, limit_series},
	{T_InsertStmt, refuse_write},
	{T_IntoClause, refuse_into},
	{T_LockingClause, refuse_locking},
	{T_MergeStmt, refuse_write},
	{T_ParamRef, refuse_parameter},
	{T_RangeTableFuncCol, refuse_catalog_column},
	{T_RangeVar, count_relation},
	{T_SelectStmt, count_set_operation},
	{T_TypeName, refuse_catalog_type},
	{T_UpdateStmt, refuse_write},
};

static bool is_one_select(Policy *policy, List *parsed);
static bool apply_rules(Node *node, void *context);
static void add_error(Policy *policy, const char *code, int location,
					  const char *message);
static bool read_number(Node *node, double *number);

/*
 * The findings for a text that the server has parsed: whether it is one query,
 * and what is in it that no query may have.
 */
List *
allm_policy_check(List *parsed, const char *sql)
{
	Policy		policy = {.sql = sql};

	if (is_one_select(&policy, parsed))
		apply_rules(linitial_node(RawStmt, parsed)->stmt, &policy);
	if (policy.relations > MAX_RELATIONS)
		add_error(&policy, "policy_limit", -1,
				  psprintf("the query reads more than %d relations",
						   MAX_RELATIONS));
	if (policy.set_operations > MAX_SET_OPERATIONS)
		add_error(&policy, "policy_limit", -1,
				  psprintf("the query has more than %d set operations",
						   MAX_SET_OPERATIONS));
	return policy.findings;
}

/* Exactly one statement, which is SELECT, VALUES or TABLE? */
static bool
is_one_select(Policy *policy, List *parsed)
{
	if (parsed == NIL)
		add_error(policy, "syntax_error", -1, "the text has no statement");
	else if (list_length(parsed) > 1)
		add_error(policy, "policy_statement", -1,
				  "only one statement may be run at a time");
	else if (!IsA(linitial_node(RawStmt, parsed)->stmt, SelectStmt))
		add_error(policy, "policy_statement", -1,
				  "only SELECT, VALUES and TABLE may be run");
	return policy->findings == NIL;
}

/* Applies the rules to a node and to all below it. */
static bool
apply_rules(Node *node, void *context)
{
	Policy	   *policy = context;
	bool		limited = policy->limited;

	if (node == NULL)
		return false;
	for (int i = 0; i < lengthof(rules); i++)
	{
		if (rules[i].tag == nodeTag(node))
			rules[i].check(policy, node);
	}
	if (IsA(node, SelectStmt) && castNode(SelectStmt, node)->limitCount != NULL)
		policy->limited = true;
	raw_expression_tree_walker(node, apply_rules, policy);
	policy->limited = limited;
	return false;
}

/* Adds a finding unless the same has been said. */
static void
add_error(Policy *policy, const char *code, int location, const char *message)
{
	int			pos = location < 0 ? 0 :
	pg_mbstrlen_with_len(policy->sql, location) + 1;

	allm_finding_add(&policy->findings,
					 allm_finding_make(true, code, pos, "%s", message));
}

/* A data-modifying WITH is a write, whatever the outer statement is. */
static void
refuse_write(Policy *policy, Node *node)
{
	add_error(policy, "policy_write", -1, "a query may not change data");
}

/* SELECT INTO makes a table. */
static void
refuse_into(Policy *policy, Node *node)
{
	add_error(policy, "policy_write", castNode(IntoClause, node)->rel->location,
			  "a query may not make a table with SELECT INTO");
}

/* FOR UPDATE and FOR SHARE write to the rows, and make others wait. */
static void
refuse_locking(Policy *policy, Node *node)
{
	add_error(policy, "policy_write", -1,
			  "a query may not lock rows with FOR UPDATE or FOR SHARE");
}

/* There is nobody to give parameters a value. */
static void
refuse_parameter(Policy *policy, Node *node)
{
	ParamRef   *param = castNode(ParamRef, node);

	add_error(policy, "undefined_parameter", param->location,
			  psprintf("there is no parameter $%d", param->number));
}

/* Each mention counts, since each is joined by itself. */
static void
count_relation(Policy *policy, Node *node)
{
	policy->relations++;
}

/* Both sides of one are queries themselves. */
static void
count_set_operation(Policy *policy, Node *node)
{
	if (castNode(SelectStmt, node)->op != SETOP_NONE)
		policy->set_operations++;
}

/* generate_series of constants tells beforehand how many rows it makes. */
static void
limit_series(Policy *policy, Node *node)
{
	FuncCall   *call = castNode(FuncCall, node);
	double		bounds[3] = {0, 0, 1};
	int			n = 0;
	ListCell   *cell;

	if (policy->limited ||
		strcmp(strVal(llast(call->funcname)), "generate_series") != 0)
		return;
	foreach(cell, call->args)
	{
		if (n == lengthof(bounds))
			break;
		if (!read_number(lfirst(cell), &bounds[n++]))
			return;
	}
	if (n < 2 || bounds[2] == 0 ||
		(bounds[1] - bounds[0]) / bounds[2] < MAX_SERIES_ROWS)
		return;
	add_error(policy, "policy_limit", call->location,
			  psprintf("a series of more than %d rows needs a LIMIT",
					   MAX_SERIES_ROWS));
}

/*
 * A cast to regclass or its like.  The analysed query is looked at for it as
 * well; here it is refused before the server says whether the name is one.
 */
static void
refuse_catalog_type(Policy *policy, Node *node)
{
	TypeName   *type = castNode(TypeName, node);

	if (type->names == NIL ||
		!allm_functions_is_catalog_type(strVal(llast(type->names))))
		return;
	add_error(policy, "policy_catalog", type->location,
			  psprintf("type %s may not be used in a query",
					   strVal(llast(type->names))));
}

/* A column of XMLTABLE, whose type the server's walk passes over. */
static void
refuse_catalog_column(Policy *policy, Node *node)
{
	RangeTableFuncCol *column = castNode(RangeTableFuncCol, node);

	if (column->typeName != NULL)
		refuse_catalog_type(policy, (Node *) column->typeName);
}

/* Is an expression a number, perhaps with a cast? */
static bool
read_number(Node *node, double *number)
{
	A_Const    *constant;

	while (node != NULL && IsA(node, TypeCast))
		node = castNode(TypeCast, node)->arg;
	constant = (A_Const *) node;
	if (node == NULL || !IsA(node, A_Const) || constant->isnull)
		return false;
	switch (nodeTag(&constant->val))
	{
		case T_Integer:
			*number = intVal(&constant->val);
			return true;
		case T_Float:
			*number = floatVal(&constant->val);
			return true;
		default:
			return false;
	}
}
