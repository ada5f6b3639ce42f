/*
 * names.c
 *		All wrong names of a statement at once, against the live catalog as
 *		the asking role sees it.
 *
 * Walks the parser library's tree as the server's analysis would: WITH, FROM
 * (from.c), then the expressions in the scopes that these make.  What is not
 * understood is passed over in silence; the server has the last word.  Words
 * and codes are the server's for a missing thing, also when the thing is there
 * and may not be read.
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"

#include "guard/finding.h"
#include "guard/from.h"
#include "guard/mention.h"
#include "guard/names.h"
#include "guard/output.h"

/* Nodes and members that mean more than the nodes below them. */
typedef struct Handler
{
	const char *key;
	void		(*visit) (AllmNames *names, const AllmScope *scope,
						  const AllmJson *value);
} Handler;

static void visit_column(AllmNames *names, const AllmScope *scope,
						 const AllmJson *value);
static void visit_select(AllmNames *names, const AllmScope *scope,
						 const AllmJson *value);

static const Handler handlers[] =
{
	{"ColumnRef", visit_column},
	{"FuncCall", allm_mention_function},
	{"SelectStmt", visit_select},
	{"collname", allm_mention_qualified},
	{"name", allm_mention_qualified},
	{"typeName", allm_mention_type},
};

static void add_ctes(AllmNames *names, AllmScope *scope, const AllmJson *with);
static AllmRowSource read_ctequery(AllmNames *names, const AllmScope *scope,
								   const AllmJson *cte);
static AllmRowSource read_set_operation(AllmNames *names, AllmScope *scope,
										const AllmJson *select);
static AllmRowSource read_values(AllmNames *names, const AllmScope *scope,
								 const AllmJson *lists);
static AllmRowSource read_targets(AllmNames *names, const AllmScope *scope,
								  const AllmJson *targets);
static void add_target(AllmNames *names, const AllmScope *scope,
					   const AllmJson *target, AllmRowSource *outputs);
static void check_sort_item(AllmNames *names, const AllmScope *scope,
							const AllmRowSource *outputs,
							const AllmJson *node);
static void check_group_item(AllmNames *names, const AllmScope *scope,
							 const AllmRowSource *outputs,
							 const AllmJson *node);
static AllmVisibleColumn *check_column(AllmNames *names,
									   const AllmScope *scope,
									   const AllmJson *value);
static AllmVisibleColumn *check_bare_column(AllmNames *names,
											const AllmScope *scope,
											const char *name,
											const AllmJson *value);
static AllmVisibleColumn *check_in_item(AllmNames *names,
										const AllmScope *scope,
										const AllmItem *item, const char *name,
										const AllmJson *value);
static const AllmItem *check_qualifier(AllmNames *names,
									   const AllmScope *scope, List *fields,
									   const AllmJson *value);
static const AllmItem *find_qualified_item(const AllmScope *scope,
										   const char *schema,
										   const char *name);
static const char *single_name(const AllmJson *node);
static bool has_output(const AllmRowSource *outputs, const char *name);

/* The findings for a tree of one SELECT. */
List *
allm_names_check(const AllmTree *tree)
{
	AllmNames	names = {0};

	names.tree = tree;
	for (AllmJson *s = tree->statements->first; s != NULL; s = s->next)
	{
		AllmJson   *select = allm_json_get(allm_json_get(s, "stmt"),
										   "SelectStmt");

		if (select != NULL)
			allm_names_select(&names, NULL, select);
	}
	return names.findings;
}

/*
 * Adds a finding that is an error, and returns it for the caller to add a
 * hint; NULL when the same has been said.
 */
AllmFinding *
allm_names_add(AllmNames *names, const char *code, int pos, char *message)
{
	AllmFinding *finding = allm_finding_make(true, code, pos, "%s", message);

	return allm_finding_add(&names->findings, finding) ? finding : NULL;
}

/*
 * A query with what encloses it; its columns as others see them.
 */
AllmRowSource
allm_names_select(AllmNames *names, const AllmScope *outer,
				  const AllmJson *select)
{
	static const char *const clauses[] = {
		"whereClause", "havingClause", "windowClause", "limitCount",
		"limitOffset"
	};
	AllmScope	scope = {.parent = outer};
	AllmRowSource outputs;
	AllmJson   *list;

	check_stack_depth();
	add_ctes(names, &scope, allm_json_get(select, "withClause"));
	if (allm_json_get(select, "larg") != NULL)
		return read_set_operation(names, &scope, select);
	if ((list = allm_json_get(select, "valuesLists")) != NULL)
		return read_values(names, &scope, list);

	allm_from_read(names, &scope, allm_json_get(select, "fromClause"));
	outputs = read_targets(names, &scope, allm_json_get(select, "targetList"));
	for (int i = 0; i < lengthof(clauses); i++)
		allm_names_walk(names, &scope, allm_json_get(select, clauses[i]));

	if ((list = allm_json_get(select, "groupClause")) != NULL)
	{
		for (AllmJson *e = list->first; e != NULL; e = e->next)
			check_group_item(names, &scope, &outputs, e);
	}
	if ((list = allm_json_get(select, "distinctClause")) != NULL)
	{
		for (AllmJson *e = list->first; e != NULL; e = e->next)
			check_sort_item(names, &scope, &outputs, e);
	}
	if ((list = allm_json_get(select, "sortClause")) != NULL)
	{
		for (AllmJson *e = list->first; e != NULL; e = e->next)
			check_sort_item(names, &scope, &outputs,
							allm_json_get(allm_json_get(e, "SortBy"), "node"));
	}
	return outputs;
}

/* All names in an expression, or in a list of them. */
void
allm_names_walk(AllmNames *names, const AllmScope *scope,
				const AllmJson *node)
{
	check_stack_depth();
	if (node == NULL)
		return;
	for (AllmJson *child = node->first; child != NULL; child = child->next)
	{
		const Handler *handler = NULL;

		for (int i = 0; child->key != NULL && i < lengthof(handlers); i++)
		{
			if (handlers[i].key[0] == child->key[0] &&
				strcmp(handlers[i].key, child->key) == 0)
				handler = &handlers[i];
		}
		if (handler != NULL)
			handler->visit(names, scope, child);
		else if (child->first != NULL)
			allm_names_walk(names, scope, child);
	}
}

/*
 * The queries of WITH.  Under RECURSIVE all see each other, and are of columns
 * not known until they have been read; else each sees those before it.
 */
static void
add_ctes(AllmNames *names, AllmScope *scope, const AllmJson *with)
{
	AllmJson   *list = allm_json_get(with, "ctes");
	bool		recursive = allm_json_get_bool(with, "recursive");
	ListCell   *cell;
	int			n = 0;

	if (list == NULL)
		return;
	for (AllmJson *e = list->first; recursive && e != NULL; e = e->next)
	{
		AllmCte    *cte = palloc0(sizeof(AllmCte));

		cte->name = allm_json_get_text(allm_json_get(e, "CommonTableExpr"),
									   "ctename");
		scope->ctes = lappend(scope->ctes, cte);
	}
	for (AllmJson *e = list->first; e != NULL; e = e->next)
	{
		AllmJson   *body = allm_json_get(e, "CommonTableExpr");
		AllmRowSource source = read_ctequery(names, scope, body);
		AllmCte    *cte;

		if (!recursive)
		{
			cte = palloc0(sizeof(AllmCte));
			cte->name = allm_json_get_text(body, "ctename");
			scope->ctes = lappend(scope->ctes, cte);
		}
		cell = list_nth_cell(scope->ctes, n++);
		cte = lfirst(cell);
		cte->source = source;
	}
}

/* The columns of one query of WITH; SEARCH and CYCLE add some to them. */
static AllmRowSource
read_ctequery(AllmNames *names, const AllmScope *scope, const AllmJson *cte)
{
	AllmJson   *select = allm_json_get(allm_json_get(cte, "ctequery"),
									   "SelectStmt");
	AllmRowSource source = {0};

	if (select == NULL)
		return source;
	source = allm_names_select(names, scope, select);
	allm_from_rename(&source, allm_tree_names(allm_json_get(cte,
															"aliascolnames")));
	if (allm_json_get(cte, "search_clause") != NULL ||
		allm_json_get(cte, "cycle_clause") != NULL)
		source.known = false;
	return source;
}

/* UNION and its like have the names of the first; ORDER BY sees only these. */
static AllmRowSource
read_set_operation(AllmNames *names, AllmScope *scope, const AllmJson *select)
{
	AllmRowSource outputs = allm_names_select(names, scope,
											  allm_json_get(select, "larg"));
	AllmJson   *sort = allm_json_get(select, "sortClause");

	allm_names_select(names, scope, allm_json_get(select, "rarg"));
	for (AllmJson *e = sort != NULL ? sort->first : NULL; e != NULL;
		 e = e->next)
	{
		AllmJson   *node = allm_json_get(allm_json_get(e, "SortBy"), "node");
		const char *name = single_name(node);

		if (name != NULL && outputs.known && !has_output(&outputs, name))
			allm_names_add(names, "undefined_column",
						   allm_tree_pos(names->tree,
										 allm_json_get(node, "ColumnRef")),
						   psprintf("column \"%s\" does not exist", name));
	}
	return outputs;
}

/* The columns of VALUES, which the server calls column1, column2 and on. */
static AllmRowSource
read_values(AllmNames *names, const AllmScope *scope, const AllmJson *lists)
{
	AllmRowSource source = {.known = true};
	AllmJson   *items = allm_json_get(allm_json_get(lists->first, "List"),
									  "items");
	int			n = allm_tree_length(items);

	allm_names_walk(names, scope, lists);
	for (int i = 1; i <= n; i++)
	{
		AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

		column->name = psprintf("column%d", i);
		column->readable = true;
		source.columns = lappend(source.columns, column);
	}
	return source;
}

/* The target list: names in it are checked, and its columns returned. */
static AllmRowSource
read_targets(AllmNames *names, const AllmScope *scope,
			 const AllmJson *targets)
{
	AllmRowSource outputs = {.known = true};

	if (targets == NULL)
		return outputs;
	for (AllmJson *e = targets->first; e != NULL; e = e->next)
		add_target(names, scope, allm_json_get(e, "ResTarget"), &outputs);
	return outputs;
}

/* One element of a target list, which may stand for many columns. */
static void
add_target(AllmNames *names, const AllmScope *scope, const AllmJson *target,
		   AllmRowSource *outputs)
{
	AllmJson   *value = allm_json_get(target, "val");
	AllmJson   *ref = allm_json_get(value, "ColumnRef");
	List	   *fields = allm_tree_names(allm_json_get(ref, "fields"));
	AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

	if (fields != NIL && llast(fields) == NULL)
	{
		const AllmItem *item;

		if (list_length(fields) == 1)
			allm_from_expand(names, scope, allm_tree_pos(names->tree, ref),
							 outputs);
		else if ((item = check_qualifier(names, scope, fields, ref)) != NULL)
			allm_from_expand_item(item, outputs);
		else
			outputs->known = false;
		return;
	}
	if (allm_json_get(value, "A_Indirection") != NULL &&
		strstr(allm_tree_type(allm_json_get(allm_json_get(value, "A_Indirection"),
											"indirection")->last),
			   "A_Star") != NULL)
	{
		/* (row).* stands for fields that are not looked up here. */
		allm_names_walk(names, scope, value);
		outputs->known = false;
		return;
	}

	if (ref != NULL)
	{
		AllmVisibleColumn *found = check_column(names, scope, ref);

		if (found != NULL)
		{
			column->type = found->type;
			column->typmod = found->typmod;
		}
	}
	else
		allm_names_walk(names, scope, value);
	column->name = allm_output_name(target);
	if (column->name == NULL)
		column->name = "?column?";
	column->readable = true;
	outputs->columns = lappend(outputs->columns, column);
}

/* An element of ORDER BY or DISTINCT ON: an output's name goes first. */
static void
check_sort_item(AllmNames *names, const AllmScope *scope,
				const AllmRowSource *outputs, const AllmJson *node)
{
	const char *name = single_name(node);

	if (name != NULL && (!outputs->known || has_output(outputs, name)))
		return;
	allm_names_walk(names, scope, node);
}

/* An element of GROUP BY: a column goes first, then an output's name. */
static void
check_group_item(AllmNames *names, const AllmScope *scope,
				 const AllmRowSource *outputs, const AllmJson *node)
{
	const char *name = single_name(node);
	AllmJson   *members = allm_json_get(allm_json_get(node, "GroupingSet"),
										"content");
	AllmVisibleColumn *column;

	check_stack_depth();
	if (members == NULL)
		members = allm_json_get(allm_json_get(node, "RowExpr"), "args");
	if (members != NULL)
	{
		for (AllmJson *e = members->first; e != NULL; e = e->next)
			check_group_item(names, scope, outputs, e);
		return;
	}
	if (name != NULL &&
		allm_scope_find_column(scope, name, false, &column) == ALLM_FOUND_NONE &&
		(!outputs->known || has_output(outputs, name)))
		return;
	allm_names_walk(names, scope, node);
}

/* A column reference in an expression; its type is of no use there. */
static void
visit_column(AllmNames *names, const AllmScope *scope, const AllmJson *value)
{
	check_column(names, scope, value);
}

/* A sub-select in an expression sees all that is around it. */
static void
visit_select(AllmNames *names, const AllmScope *scope, const AllmJson *value)
{
	allm_names_select(names, scope, value);
}

/*
 * A column reference: column, row.column, schema.row.column, row.*.  The
 * column, when it is one whose type is known, else NULL.
 */
static AllmVisibleColumn *
check_column(AllmNames *names, const AllmScope *scope, const AllmJson *value)
{
	List	   *fields = allm_tree_names(allm_json_get(value, "fields"));
	const AllmItem *item;

	if (fields == NIL || linitial(fields) == NULL)
		return NULL;
	if (list_length(fields) == 1)
		return check_bare_column(names, scope, linitial(fields), value);
	item = check_qualifier(names, scope, fields, value);
	if (item == NULL || llast(fields) == NULL)
		return NULL;
	return check_in_item(names, scope, item, llast(fields), value);
}

/* A column without a qualifier, or a whole row by its name. */
static AllmVisibleColumn *
check_bare_column(AllmNames *names, const AllmScope *scope, const char *name,
				  const AllmJson *value)
{
	AllmVisibleColumn *column = NULL;
	int			pos = allm_tree_pos(names->tree, value);
	AllmFinding *finding;
	AllmItem   *item;

	switch (allm_scope_find_column(scope, name, true, &column))
	{
		case ALLM_FOUND:
			return column;
		case ALLM_FOUND_UNSURE:
			return NULL;
		case ALLM_FOUND_HIDDEN:
			/* As the server says it of one that is not there: no hint. */
			allm_names_add(names, "undefined_column", pos,
						   psprintf("column \"%s\" does not exist", name));
			return NULL;
		case ALLM_FOUND_SEVERAL:
			allm_names_add(names, "ambiguous_column", pos,
						   psprintf("column reference \"%s\" is ambiguous",
									name));
			return NULL;
		case ALLM_FOUND_NONE:
			break;
	}
	item = allm_scope_find_item(scope, name);
	if (item != NULL)
	{
		allm_from_refuse_guarded(names, item, pos);
		return NULL;
	}
	finding = allm_names_add(names, "undefined_column", pos,
							 psprintf("column \"%s\" does not exist", name));
	if (finding != NULL)
		finding->hint = allm_scope_suggest_column(scope, NULL, name);
	return NULL;
}

/*
 * A column of one item.  A name that is none may still be a function of the
 * row, which is the server's to find.
 */
static AllmVisibleColumn *
check_in_item(AllmNames *names, const AllmScope *scope, const AllmItem *item,
			  const char *name, const AllmJson *value)
{
	AllmVisibleColumn *column = NULL;
	int			pos = allm_tree_pos(names->tree, value);
	AllmFinding *finding;

	switch (allm_scope_find_in_item(item, name, &column))
	{
		case ALLM_FOUND:
			return column;
		case ALLM_FOUND_SEVERAL:
			allm_names_add(names, "ambiguous_column", pos,
						   psprintf("column reference \"%s\" is ambiguous",
									name));
			return NULL;
		case ALLM_FOUND_UNSURE:
		case ALLM_FOUND_HIDDEN:
			return NULL;
		case ALLM_FOUND_NONE:
			break;
	}
	finding = allm_names_add(names, "undefined_column", pos,
							 psprintf("column %s.%s does not exist",
									  item->name, name));
	if (finding != NULL)
		finding->hint = allm_scope_suggest_column(scope, item, name);
	return NULL;
}

/*
 * What the qualifier of a column refers to; NULL, with a finding where it is
 * wrong for sure.  A star at the end needs all columns.
 */
static const AllmItem *
check_qualifier(AllmNames *names, const AllmScope *scope, List *fields,
				const AllmJson *value)
{
	int			pos = allm_tree_pos(names->tree, value);
	int			n = list_length(fields);
	char	   *name = list_nth(fields, n - 2);
	const AllmItem *item = NULL;
	AllmFinding *finding;

	if (n > 3 || name == NULL || linitial(fields) == NULL)
		return NULL;
	if (n == 2)
		item = allm_scope_find_item(scope, name);
	else
		item = find_qualified_item(scope, linitial(fields), name);
	if (item != NULL && n == 2 && allm_scope_is_ambiguous(scope, name))
	{
		allm_names_add(names, "ambiguous_alias", pos,
					   psprintf("table reference \"%s\" is ambiguous", name));
		return NULL;
	}
	if (item != NULL)
	{
		if (llast(fields) == NULL)
			allm_from_refuse_guarded(names, item, pos);
		return item;
	}
	finding = allm_names_add(names, "undefined_table", pos,
							 psprintf(allm_scope_is_unseen(scope, name) ?
									  "invalid reference to FROM-clause entry for table \"%s\"" :
									  "missing FROM-clause entry for table \"%s\"",
									  name));
	if (finding != NULL)
		finding->hint = allm_scope_suggest_item(scope, name);
	return NULL;
}

/* A relation without an alias can be qualified by its schema. */
static const AllmItem *
find_qualified_item(const AllmScope *scope, const char *schema,
					const char *name)
{
	Oid			relid;

	if (allm_visible_relation(schema, name, &relid) != ALLM_VISIBLE)
		return NULL;
	for (; scope != NULL; scope = scope->parent)
	{
		ListCell   *cell;

		foreach(cell, scope->items)
		{
			AllmItem   *item = lfirst(cell);

			if (item->relid == relid && item->name_visible && !item->aliased)
				return item;
		}
	}
	return NULL;
}

/* The name, when an expression is nothing but a column without qualifier. */
static const char *
single_name(const AllmJson *node)
{
	List	   *fields = allm_tree_names(allm_json_get(allm_json_get(node,
																	 "ColumnRef"),
													   "fields"));

	return list_length(fields) == 1 ? linitial(fields) : NULL;
}

/* Has the query an output of that name? */
static bool
has_output(const AllmRowSource *outputs, const char *name)
{
	ListCell   *cell;

	foreach(cell, outputs->columns)
	{
		AllmVisibleColumn *column = lfirst(cell);

		if (column->name != NULL && strcmp(column->name, name) == 0)
			return true;
	}
	return false;
}
