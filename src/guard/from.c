/*
 * from.c
 *		The FROM clause of a statement's tree: relations, sub-selects,
 *		functions and joins become items of a scope.
 *
 * Keeps the server's rules of who sees whom: LATERAL and functions see what
 * stands before them, ON sees the two sides of its join, a sub-select sees
 * what encloses the query.
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"

#include "guard/calls.h"
#include "guard/from.h"
#include "guard/output.h"

/* A kind of entry, and how it becomes items; "before" may be referred to. */
typedef struct FromKind
{
	const char *type;
	List	   *(*read) (AllmNames *names, const AllmScope *scope,
						 const AllmJson *body, List *before);
} FromKind;

static List *read_entry(AllmNames *names, const AllmScope *scope,
						const AllmJson *node, List *before);
static List *read_relation(AllmNames *names, const AllmScope *scope,
						   const AllmJson *body, List *before);
static List *read_subselect(AllmNames *names, const AllmScope *scope,
							const AllmJson *body, List *before);
static List *read_function(AllmNames *names, const AllmScope *scope,
						   const AllmJson *body, List *before);
static List *read_table_function(AllmNames *names, const AllmScope *scope,
								 const AllmJson *body, List *before);
static List *read_sample(AllmNames *names, const AllmScope *scope,
						 const AllmJson *body, List *before);
static List *read_join(AllmNames *names, const AllmScope *scope,
					   const AllmJson *body, List *before);

static const FromKind kinds[] =
{
	{"JoinExpr", read_join},
	{"RangeFunction", read_function},
	{"RangeSubselect", read_subselect},
	{"RangeTableFunc", read_table_function},
	{"RangeTableSample", read_sample},
	{"RangeVar", read_relation},
};

static AllmItem *make_item(const AllmJson *alias);
static void rename_guarded(AllmNames *names, AllmItem *item,
						   const AllmJson *alias, int pos);
static AllmRowSource read_call(const AllmJson *function,
							   const AllmJson *alias);
static AllmRowSource read_definitions(const AllmJson *list);
static void add_known(AllmRowSource *source, const char *name);
static const AllmJson *first_item(const AllmJson *list);
static void find_relation(AllmNames *names, const AllmJson *body,
						  AllmItem *item);
static void refuse_relation(AllmNames *names, const AllmJson *body,
							AllmVisibility visibility);
static bool has_unreadable(const List *columns);
static List *merged_names(AllmNames *names, const AllmJson *body,
						  const AllmItem *left, const AllmItem *right);
static void check_merged(AllmNames *names, const AllmItem *side,
						 const char *side_name, const char *column);
static AllmItem *join_items(const AllmItem *left, const AllmItem *right,
							const List *merged);
static void append_columns(List **columns, const AllmItem *item,
						   const List *names, bool wanted);
static bool is_member(const List *names, const char *name);

/* Fills the items of a scope from its FROM clause, which may be NULL. */
void
allm_from_read(AllmNames *names, AllmScope *scope, const AllmJson *list)
{
	List	   *items = NIL;

	if (list == NULL)
		return;
	for (AllmJson *e = list->first; e != NULL; e = e->next)
		items = list_concat(items, read_entry(names, scope, e, items));
	scope->items = items;
}

/* The first columns of a source get new names. */
void
allm_from_rename(AllmRowSource *source, List *aliases)
{
	List	   *renamed = NIL;
	int			n = 0;
	ListCell   *cell;

	if (aliases == NIL)
		return;
	foreach(cell, source->columns)
	{
		AllmVisibleColumn *column = palloc(sizeof(AllmVisibleColumn));

		*column = *(AllmVisibleColumn *) lfirst(cell);
		if (n < list_length(aliases))
			column->name = list_nth(aliases, n++);
		renamed = lappend(renamed, column);
	}
	source->columns = renamed;
}

/* What * stands for: the columns of all that has them unqualified. */
void
allm_from_expand(AllmNames *names, const AllmScope *scope, int pos,
				 AllmRowSource *outputs)
{
	ListCell   *cell;

	foreach(cell, scope->items)
	{
		AllmItem   *item = lfirst(cell);

		if (!item->columns_visible)
			continue;
		allm_from_refuse_guarded(names, item, pos);
		allm_from_expand_item(item, outputs);
	}
}

/* What item.* stands for. */
void
allm_from_expand_item(const AllmItem *item, AllmRowSource *outputs)
{
	ListCell   *cell;

	if (!item->source.known)
		outputs->known = false;
	foreach(cell, item->source.columns)
	{
		if (((AllmVisibleColumn *) lfirst(cell))->readable)
			outputs->columns = lappend(outputs->columns, lfirst(cell));
	}
}

/*
 * A star or a whole row needs the privilege for every column.  Only the
 * relation is named, which the query names as well.
 */
void
allm_from_refuse_guarded(AllmNames *names, const AllmItem *item, int pos)
{
	AllmFinding *finding;

	if (item->guarded == NULL)
		return;
	finding = allm_names_add(names, "policy_privilege", pos,
							 psprintf("not all columns of relation \"%s\" may be read",
									  item->guarded));
	if (finding != NULL)
		finding->hint = "Name the columns instead of the whole row.";
}

/* The items of one entry; the last of them stands for the entry. */
static List *
read_entry(AllmNames *names, const AllmScope *scope, const AllmJson *node,
		   List *before)
{
	check_stack_depth();
	for (int i = 0; i < lengthof(kinds); i++)
	{
		AllmJson   *body = allm_json_get(node, kinds[i].type);

		if (body != NULL)
			return kinds[i].read(names, scope, body, before);
	}
	return list_make1(make_item(NULL));
}

/* An item of unknown columns, with the name that its alias gives it. */
static AllmItem *
make_item(const AllmJson *alias)
{
	AllmItem   *item = palloc0(sizeof(AllmItem));

	item->name = allm_json_get_text(alias, "aliasname");
	item->aliased = item->name != NULL;
	item->name_visible = true;
	item->columns_visible = true;
	return item;
}

/* A relation, or a query of WITH. */
static List *
read_relation(AllmNames *names, const AllmScope *scope, const AllmJson *body,
			  List *before)
{
	AllmJson   *alias = allm_json_get(body, "alias");
	AllmItem   *item = make_item(alias);
	const char *name = allm_json_get_text(body, "relname");
	AllmCte    *cte = NULL;

	item->relation = name;
	if (item->name == NULL)
		item->name = name;
	if (allm_json_get_text(body, "schemaname") == NULL)
		cte = allm_scope_find_cte(scope, name);
	if (cte != NULL)
		item->source = cte->source;
	else
		find_relation(names, body, item);
	rename_guarded(names, item, alias, allm_tree_pos(names->tree, body));
	return list_make1(item);
}

/*
 * The columns get the names of an alias.  Whether there are as many as it
 * names is not told where some may not be read.
 */
static void
rename_guarded(AllmNames *names, AllmItem *item, const AllmJson *alias,
			   int pos)
{
	List	   *aliases = allm_tree_names(allm_json_get(alias, "colnames"));
	int			readable = 0;
	ListCell   *cell;

	foreach(cell, item->source.columns)
	{
		if (((AllmVisibleColumn *) lfirst(cell))->readable)
			readable++;
	}
	if (list_length(aliases) > readable)
		allm_from_refuse_guarded(names, item, pos);
	allm_from_rename(&item->source, aliases);
}

/* The columns of a relation, or a finding when there is none to this role. */
static void
find_relation(AllmNames *names, const AllmJson *body, AllmItem *item)
{
	const char *database = allm_json_get_text(body, "catalogname");
	AllmVisibility visibility;

	if (database != NULL)
	{
		char	   *current = get_database_name(MyDatabaseId);

		if (current == NULL || strcmp(database, current) != 0)
		{
			allm_names_add(names, "feature_not_supported",
						   allm_tree_pos(names->tree, body),
						   psprintf("cross-database references are not implemented: \"%s.%s.%s\"",
									database,
									allm_json_get_text(body, "schemaname"),
									allm_json_get_text(body, "relname")));
			return;
		}
	}
	visibility = allm_visible_relation(allm_json_get_text(body, "schemaname"),
									   allm_json_get_text(body, "relname"),
									   &item->relid);
	if (visibility == ALLM_VISIBLE)
	{
		item->source.columns = allm_visible_columns(item->relid);
		item->source.known = true;
		if (has_unreadable(item->source.columns))
			item->guarded = item->relation;
	}
	else if (visibility != ALLM_VISIBLE_UNKNOWN)
		refuse_relation(names, body, visibility);
}

/* The finding for a relation that a query may not read. */
static void
refuse_relation(AllmNames *names, const AllmJson *body,
				AllmVisibility visibility)
{
	const char *schema = allm_json_get_text(body, "schemaname");
	const char *name = allm_json_get_text(body, "relname");
	char	   *full = schema == NULL ? pstrdup(name) :
	psprintf("%s.%s", schema, name);
	int			pos = allm_tree_pos(names->tree, body);
	AllmFinding *finding;

	if (visibility == ALLM_VISIBLE_CATALOG)
	{
		allm_names_add(names, "policy_catalog", pos,
					   psprintf("relation \"%s\" is not for queries", full));
		return;
	}
	finding = allm_names_add(names, "undefined_table", pos,
							 psprintf("relation \"%s\" does not exist", full));
	if (finding != NULL)
		finding->hint = allm_visible_suggest_relation(name);
}

/* Is there a column among them that the role may not read? */
static bool
has_unreadable(const List *columns)
{
	ListCell   *cell;

	foreach(cell, columns)
	{
		if (!((AllmVisibleColumn *) lfirst(cell))->readable)
			return true;
	}
	return false;
}

/* A sub-select, which sees its neighbours only when it is LATERAL. */
static List *
read_subselect(AllmNames *names, const AllmScope *scope, const AllmJson *body,
			   List *before)
{
	AllmJson   *alias = allm_json_get(body, "alias");
	AllmJson   *select = allm_json_get(allm_json_get(body, "subquery"),
									   "SelectStmt");
	AllmItem   *item = make_item(alias);
	AllmScope	here = *scope;

	here.items = allm_json_get_bool(body, "lateral") ? before : NIL;
	here.unseen = allm_json_get_bool(body, "lateral") ? NIL : before;
	item->source = allm_names_select(names, &here, select);
	allm_from_rename(&item->source,
					 allm_tree_names(allm_json_get(alias, "colnames")));
	return list_make1(item);
}

/*
 * Functions, several of them side by side with ROWS FROM.  Their columns are
 * those of a list of definitions, or what all functions of a name have.
 */
static List *
read_function(AllmNames *names, const AllmScope *scope, const AllmJson *body,
			  List *before)
{
	AllmJson   *alias = allm_json_get(body, "alias");
	AllmItem   *item = make_item(alias);
	AllmJson   *functions = allm_json_get(body, "functions");
	AllmJson   *definitions = allm_json_get(body, "coldeflist");
	AllmScope	here = *scope;

	if (item->name == NULL && functions != NULL && functions->first != NULL)
		item->name = allm_output_name_of(first_item(functions->first));
	here.items = before;
	allm_names_walk(names, &here, functions);
	allm_names_walk(names, &here, definitions);

	if (allm_tree_length(functions) != 1)
		return list_make1(item);
	item->source = definitions != NULL ? read_definitions(definitions) :
		read_call(first_item(functions->first), alias);
	if (allm_json_get_bool(body, "ordinality"))
		add_known(&item->source, "ordinality");
	allm_from_rename(&item->source,
					 allm_tree_names(allm_json_get(alias, "colnames")));
	return list_make1(item);
}

/* The columns of one call in FROM. */
static AllmRowSource
read_call(const AllmJson *function, const AllmJson *alias)
{
	AllmJson   *call = allm_json_get(function, "FuncCall");
	List	   *parts = allm_tree_names(allm_json_get(call, "funcname"));
	AllmRowSource none = {0};

	if (parts == NIL ||
		(list_length(parts) == 2 && !allm_visible_schema(linitial(parts))))
		return none;
	return allm_calls_columns(parts,
							  allm_tree_length(allm_json_get(call, "args")),
							  allm_json_get_text(alias, "aliasname"));
}

/* The columns of a list of definitions. */
static AllmRowSource
read_definitions(const AllmJson *list)
{
	AllmRowSource source = {.known = true};

	for (AllmJson *e = list->first; e != NULL; e = e->next)
		add_known(&source,
				  allm_json_get_text(allm_json_get(e, "ColumnDef"),
									 "colname"));
	return source;
}

/* Another column at the end, which may be read. */
static void
add_known(AllmRowSource *source, const char *name)
{
	AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

	column->name = name;
	column->readable = true;
	source->columns = lappend(source->columns, column);
}

/* The first element of a wrapped list, or NULL. */
static const AllmJson *
first_item(const AllmJson *list)
{
	AllmJson   *items = allm_json_get(allm_json_get(list, "List"), "items");

	return items != NULL ? items->first : NULL;
}

/* XMLTABLE: its columns are not looked at, its arguments are. */
static List *
read_table_function(AllmNames *names, const AllmScope *scope,
					const AllmJson *body, List *before)
{
	AllmItem   *item = make_item(allm_json_get(body, "alias"));
	AllmScope	here = *scope;

	if (item->name == NULL)
		item->name = "xmltable";
	here.items = before;
	allm_names_walk(names, &here, body);
	return list_make1(item);
}

/* TABLESAMPLE: the relation, and arguments that see what a function sees. */
static List *
read_sample(AllmNames *names, const AllmScope *scope, const AllmJson *body,
			List *before)
{
	AllmScope	here = *scope;

	here.items = before;
	allm_names_walk(names, &here, allm_json_get(body, "args"));
	allm_names_walk(names, &here, allm_json_get(body, "repeatable"));
	return read_entry(names, scope, allm_json_get(body, "relation"), before);
}

/*
 * A join: both sides stay, to be qualified by, and an item for the join itself
 * has the columns without qualification.  An alias hides the sides.
 */
static List *
read_join(AllmNames *names, const AllmScope *scope, const AllmJson *body,
		  List *before)
{
	List	   *left = read_entry(names, scope, allm_json_get(body, "larg"),
								  before);
	List	   *right = read_entry(names, scope, allm_json_get(body, "rarg"),
								   list_concat_copy(before, left));
	List	   *items = list_concat_copy(left, right);
	AllmJson   *alias = allm_json_get(body, "alias");
	AllmJson   *using_alias = allm_json_get(body, "join_using_alias");
	List	   *merged = merged_names(names, body, llast(left), llast(right));
	AllmScope	here = *scope;
	AllmItem   *join;
	ListCell   *cell;

	here.items = items;
	here.unseen = before;
	allm_names_walk(names, &here, allm_json_get(body, "quals"));

	join = join_items(llast(left), llast(right), merged);
	foreach(cell, items)
	{
		AllmItem   *item = lfirst(cell);

		item->columns_visible = false;
		if (alias != NULL)
			item->name_visible = false;
	}
	join->name = allm_json_get_text(alias, "aliasname");
	rename_guarded(names, join, alias, allm_tree_pos(names->tree, alias));
	if (using_alias != NULL)
	{
		AllmItem   *item = make_item(using_alias);

		item->columns_visible = false;
		items = lappend(items, item);
	}
	return lappend(items, join);
}

/*
 * The columns that USING or NATURAL merges.  NATURAL compares all columns, so
 * it needs the privilege for all.
 */
static List *
merged_names(AllmNames *names, const AllmJson *body, const AllmItem *left,
			 const AllmItem *right)
{
	List	   *merged = allm_tree_names(allm_json_get(body, "usingClause"));
	ListCell   *cell;

	foreach(cell, merged)
	{
		check_merged(names, left, "left", lfirst(cell));
		check_merged(names, right, "right", lfirst(cell));
	}
	if (!allm_json_get_bool(body, "isNatural"))
		return merged;

	allm_from_refuse_guarded(names, left, 0);
	allm_from_refuse_guarded(names, right, 0);
	foreach(cell, left->source.columns)
	{
		AllmVisibleColumn *column = lfirst(cell);
		AllmVisibleColumn *other;

		if (column->name != NULL &&
			allm_scope_find_in_item(right, column->name, &other) == ALLM_FOUND)
			merged = lappend(merged, unconstify(char *, column->name));
	}
	return merged;
}

/* A column of USING must be on both sides. */
static void
check_merged(AllmNames *names, const AllmItem *side, const char *side_name,
			 const char *column)
{
	AllmVisibleColumn *found;

	if (allm_scope_find_in_item(side, column, &found) == ALLM_FOUND_NONE)
		allm_names_add(names, "undefined_column", 0,
					   psprintf("column \"%s\" specified in USING clause does not exist in %s table",
								column, side_name));
}

/* The item of a join: merged columns first, then the rest of both sides. */
static AllmItem *
join_items(const AllmItem *left, const AllmItem *right, const List *merged)
{
	AllmItem   *join = make_item(NULL);

	join->source.known = left->source.known && right->source.known;
	join->guarded = left->guarded != NULL ? left->guarded : right->guarded;
	append_columns(&join->source.columns, left, merged, true);
	append_columns(&join->source.columns, left, merged, false);
	append_columns(&join->source.columns, right, merged, false);
	return join;
}

/* The columns of an item that are among the names, or those that are not. */
static void
append_columns(List **columns, const AllmItem *item, const List *names,
			   bool wanted)
{
	ListCell   *cell;

	foreach(cell, item->source.columns)
	{
		AllmVisibleColumn *column = lfirst(cell);

		if (is_member(names, column->name) == wanted)
			*columns = lappend(*columns, column);
	}
}

/* Is a name among these? */
static bool
is_member(const List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (name != NULL && lfirst(cell) != NULL &&
			strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}
