/*
 * output.c
 *		How the server names the columns of a query: by their alias, or after
 *		what they are made of.
 *
 * Pure functions of the tree, and the mirror of what the server's analysis
 * does with a target list.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "guard/output.h"
#include "guard/tree.h"

/* How good a name is: a better one further in wins over a weak one. */
typedef enum Strength
{
	NAMELESS,
	WEAK,						/* of a type, or the word "case" */
	STRONG
} Strength;

/* Nodes that are called by a word of their own. */
typedef struct NodeName
{
	const char *type;
	const char *name;
} NodeName;

static const NodeName node_names[] =
{
	{"A_ArrayExpr", "array"},
	{"CoalesceExpr", "coalesce"},
	{"GroupingFunc", "grouping"},
	{"RowExpr", "row"},
	{"XmlSerialize", "xmlserialize"},
};

/* Values that are called as they are written. */
static const NodeName value_names[] =
{
	{"SVFOP_CURRENT_CATALOG", "current_catalog"},
	{"SVFOP_CURRENT_DATE", "current_date"},
	{"SVFOP_CURRENT_ROLE", "current_role"},
	{"SVFOP_CURRENT_SCHEMA", "current_schema"},
	{"SVFOP_CURRENT_TIME", "current_time"},
	{"SVFOP_CURRENT_TIMESTAMP", "current_timestamp"},
	{"SVFOP_CURRENT_TIMESTAMP_N", "current_timestamp"},
	{"SVFOP_CURRENT_TIME_N", "current_time"},
	{"SVFOP_CURRENT_USER", "current_user"},
	{"SVFOP_LOCALTIME", "localtime"},
	{"SVFOP_LOCALTIMESTAMP", "localtimestamp"},
	{"SVFOP_LOCALTIMESTAMP_N", "localtimestamp"},
	{"SVFOP_LOCALTIME_N", "localtime"},
	{"SVFOP_SESSION_USER", "session_user"},
	{"SVFOP_USER", "user"},
};

static Strength name_node(const AllmJson *node, const char **name);
static Strength name_wrapper(const AllmJson *body, const char *inner,
							 const char *fallback, const char **name);
static Strength name_sublink(const AllmJson *body, const char **name);
static const char *last_name(const AllmJson *array);
static const char *find_name(const NodeName *names, int n, const char *type);

/* The name of a column of a target list; NULL when it has none. */
const char *
allm_output_name(const AllmJson *target)
{
	const char *name = allm_json_get_text(target, "name");

	if (name == NULL)
		name_node(allm_json_get(target, "val"), &name);
	return name;
}

/* The name that an expression has by itself; NULL when it has none. */
const char *
allm_output_name_of(const AllmJson *node)
{
	const char *name = NULL;

	name_node(node, &name);
	return name;
}

/* The name that an expression suggests, and how strongly. */
static Strength
name_node(const AllmJson *node, const char **name)
{
	const char *type = allm_tree_type(node);
	const AllmJson *body = allm_json_get(node, type);
	const char *own = find_name(node_names, lengthof(node_names), type);

	check_stack_depth();
	if (strcmp(type, "ColumnRef") == 0)
		own = last_name(allm_json_get(body, "fields"));
	else if (strcmp(type, "FuncCall") == 0)
		own = last_name(allm_json_get(body, "funcname"));
	else if (strcmp(type, "SQLValueFunction") == 0)
		own = find_name(value_names, lengthof(value_names),
						allm_json_get_text(body, "op"));
	else if (strcmp(type, "MinMaxExpr") == 0)
		own = strcmp(allm_json_get_text(body, "op"), "IS_LEAST") == 0 ?
			"least" : "greatest";
	else if (strcmp(type, "A_Expr") == 0)
		own = strcmp(allm_json_get_text(body, "kind"), "AEXPR_NULLIF") == 0 ?
			"nullif" : NULL;
	else if (strcmp(type, "A_Indirection") == 0)
	{
		own = last_name(allm_json_get(body, "indirection"));
		if (own == NULL)
			return name_node(allm_json_get(body, "arg"), name);
	}
	else if (strcmp(type, "CollateClause") == 0)
		return name_node(allm_json_get(body, "arg"), name);
	else if (strcmp(type, "TypeCast") == 0)
		return name_wrapper(body, "arg",
							last_name(allm_json_get(allm_json_get(body, "typeName"),
													"names")), name);
	else if (strcmp(type, "CaseExpr") == 0)
		return name_wrapper(body, "defresult", "case", name);
	else if (strcmp(type, "SubLink") == 0)
		return name_sublink(body, name);

	if (own == NULL)
		return NAMELESS;
	*name = own;
	return STRONG;
}

/* A cast or a CASE: what is inside has the better name, if it has one. */
static Strength
name_wrapper(const AllmJson *body, const char *inner, const char *fallback,
			 const char **name)
{
	if (name_node(allm_json_get(body, inner), name) == STRONG)
		return STRONG;
	*name = fallback;
	return WEAK;
}

/* A sub-select is called by its kind, or by its only column. */
static Strength
name_sublink(const AllmJson *body, const char **name)
{
	const char *kind = allm_json_get_text(body, "subLinkType");
	const AllmJson *select;
	const AllmJson *target;

	if (kind == NULL)
		return NAMELESS;
	if (strcmp(kind, "EXISTS_SUBLINK") == 0)
		*name = "exists";
	else if (strcmp(kind, "ARRAY_SUBLINK") == 0)
		*name = "array";
	else if (strcmp(kind, "EXPR_SUBLINK") == 0)
	{
		select = allm_json_get(allm_json_get(body, "subselect"), "SelectStmt");
		while (allm_json_get(select, "larg") != NULL)
			select = allm_json_get(select, "larg");
		target = allm_json_get(select, "targetList");
		if (target == NULL || target->first == NULL)
			return NAMELESS;
		*name = allm_output_name(allm_json_get(target->first, "ResTarget"));
		return *name != NULL ? STRONG : NAMELESS;
	}
	else
		return NAMELESS;
	return STRONG;
}

/* The last name of a list of them, whatever comes after it. */
static const char *
last_name(const AllmJson *array)
{
	const char *name = NULL;
	ListCell   *cell;

	foreach(cell, allm_tree_names(array))
	{
		if (lfirst(cell) != NULL)
			name = lfirst(cell);
	}
	return name;
}

/* The name beside a type in a table, or NULL. */
static const char *
find_name(const NodeName *names, int n, const char *type)
{
	if (type == NULL)
		return NULL;
	for (int i = 0; i < n; i++)
	{
		if (strcmp(names[i].type, type) == 0)
			return names[i].name;
	}
	return NULL;
}
