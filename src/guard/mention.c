/*
 * mention.c
 *		Functions, types, operators and collations that a statement names.
 *
 * Whether a call fits a function is the server's to find.  Here it is told
 * whether there is anything of that name for this role, and nothing is given
 * away of what there is for others.
 */
#include "postgres.h"

#include "utils/lsyscache.h"

#include "guard/calls.h"
#include "guard/finding.h"
#include "guard/mention.h"

/* Arguments that may well be rows. */
static const char *const row_nodes[] =
{
	"A_Indirection", "SubLink",
};

static bool refuse_schema(AllmNames *names, const AllmJson *array, int pos);
static bool is_projection(const AllmScope *scope, const char *name,
						  const AllmJson *args);

/*
 * A function that the role may call under that name; whether it fits the
 * arguments is the server's to find.
 */
void
allm_mention_function(AllmNames *names, const AllmScope *scope,
					  const AllmJson *value)
{
	List	   *parts = allm_tree_names(allm_json_get(value, "funcname"));
	int			pos = allm_tree_pos(names->tree, value);
	AllmFinding *finding;

	if (!refuse_schema(names, allm_json_get(value, "funcname"), pos) &&
		!allm_calls_known(parts) &&
		!is_projection(scope, llast(parts), allm_json_get(value, "args")))
	{
		finding = allm_names_add(names, "undefined_function", pos,
								 psprintf("function %s does not exist",
										  allm_calls_name(parts)));
		if (finding != NULL)
			finding->hint = allm_calls_suggest(llast(parts));
	}
	allm_names_walk(names, scope, value);
}

/* The name of an operator or a collation, with a schema or without. */
void
allm_mention_qualified(AllmNames *names, const AllmScope *scope,
					   const AllmJson *value)
{
	refuse_schema(names, value, 0);
}

/*
 * A type: the row type of a relation would give its columns away to a role
 * that may not read them.
 */
void
allm_mention_type(AllmNames *names, const AllmScope *scope,
				  const AllmJson *value)
{
	List	   *parts = allm_tree_names(allm_json_get(value, "names"));
	int			pos = allm_tree_pos(names->tree, value);
	const char *schema;
	const char *name;
	Oid			relid;

	allm_names_walk(names, scope, allm_json_get(value, "typmods"));
	if (list_length(parts) < 1 || list_length(parts) > 2 ||
		linitial(parts) == NULL || llast(parts) == NULL)
		return;
	schema = list_length(parts) == 2 ? linitial(parts) : NULL;
	name = llast(parts);
	if (schema != NULL && !allm_visible_schema(schema))
		refuse_schema(names, allm_json_get(value, "names"), pos);
	else if (allm_visible_type(schema, name))
		return;
	else if (allm_visible_relation(schema, name, &relid) == ALLM_VISIBLE)
		allm_names_add(names, "policy_privilege", pos,
					   psprintf("not all columns of relation \"%s\" may be read",
								name));
	else
		allm_names_add(names, "undefined_object", pos, schema == NULL ?
					   psprintf("type \"%s\" does not exist", name) :
					   psprintf("type \"%s.%s\" does not exist", schema, name));
}

/*
 * Is a call of one argument the column of a row, name(row) for row.name?  What
 * could be, is taken for one.
 */
static bool
is_projection(const AllmScope *scope, const char *name, const AllmJson *args)
{
	AllmJson   *ref;
	List	   *fields;
	AllmVisibleColumn *column = NULL;
	AllmItem   *item;

	if (allm_tree_length(args) != 1)
		return false;
	for (int i = 0; i < lengthof(row_nodes); i++)
	{
		if (allm_json_get(args->first, row_nodes[i]) != NULL)
			return true;
	}
	ref = allm_json_get(args->first, "ColumnRef");
	fields = allm_tree_names(allm_json_get(ref, "fields"));
	if (list_length(fields) != 1 || linitial(fields) == NULL)
		return list_length(fields) > 2;
	switch (allm_scope_find_column(scope, linitial(fields), true, &column))
	{
		case ALLM_FOUND:
			return column != NULL && type_is_rowtype(column->type);
		case ALLM_FOUND_UNSURE:
			return true;
		default:
			break;
	}
	item = allm_scope_find_item(scope, linitial(fields));
	return item != NULL &&
		allm_scope_find_in_item(item, name, &column) != ALLM_FOUND_NONE;
}

/* Adds a finding when a qualified name has a schema that is not usable. */
static bool
refuse_schema(AllmNames *names, const AllmJson *array, int pos)
{
	List	   *parts = allm_tree_names(array);

	if (list_length(parts) != 2 || linitial(parts) == NULL ||
		allm_visible_schema(linitial(parts)))
		return false;
	allm_names_add(names, "invalid_schema_name", pos,
				   psprintf("schema \"%s\" does not exist",
							(char *) linitial(parts)));
	return true;
}
