/*
 * types.c
 *		What is in a value of a type that somebody made.
 *
 * The owner of a domain has its constraints run whenever a value becomes one
 * of it, also deep inside of an array, a row or a range; the owner of a type
 * that is cast to json has that cast run when a row becomes JSON.  No node of
 * a query tells of either, so the types have to be taken apart.
 *
 * No state; locks are those of the type cache.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "guard/types.h"

static void add_parts(Oid type, List **parts);
static void add_columns(Oid type, List **parts);

/*
 * The type and all that its values are made of, each once: elements, columns,
 * bounds, and what a domain is over.
 */
List *
allm_types_parts(Oid type)
{
	List	   *parts = NIL;

	add_parts(type, &parts);
	return parts;
}

/* The functions that make JSON of a value, or of what is in it. */
List *
allm_types_json_casts(Oid type)
{
	List	   *casts = NIL;
	Oid			function;
	ListCell   *cell;

	if (!allm_types_is_own(type))
		return NIL;
	foreach(cell, allm_types_parts(type))
	{
		if (allm_types_is_own(lfirst_oid(cell)) &&
			find_coercion_pathway(JSONOID, lfirst_oid(cell),
								  COERCION_EXPLICIT,
								  &function) == COERCION_PATH_FUNC)
			casts = lappend_oid(casts, function);
	}
	return casts;
}

/* Did somebody make this type?  The server's own bring nothing along. */
bool
allm_types_is_own(Oid type)
{
	return type >= FirstNormalObjectId;
}

/* Is it a row, or an array of rows, whose columns the type does not tell? */
bool
allm_types_is_record(Oid type)
{
	return type == RECORDOID || type == RECORDARRAYOID;
}

/* Adds a type and its parts, unless it is there: a type may hold itself. */
static void
add_parts(Oid type, List **parts)
{
	check_stack_depth();
	if (!OidIsValid(type) || list_member_oid(*parts, type))
		return;
	*parts = lappend_oid(*parts, type);
	if (!allm_types_is_own(type))
		return;
	add_parts(get_element_type(type), parts);
	switch (get_typtype(type))
	{
		case TYPTYPE_COMPOSITE:
			add_columns(type, parts);
			break;
		case TYPTYPE_DOMAIN:
			add_parts(getBaseType(type), parts);
			break;
		case TYPTYPE_MULTIRANGE:
			add_parts(get_multirange_range(type), parts);
			break;
		case TYPTYPE_RANGE:
			add_parts(get_range_subtype(type), parts);
			break;
		default:
			break;
	}
}

/* Adds the types of the columns of a row type. */
static void
add_columns(Oid type, List **parts)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_noerror(type, -1, true);

	if (desc == NULL)
		return;
	for (int i = 0; i < desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i)->attisdropped)
			add_parts(TupleDescAttr(desc, i)->atttypid, parts);
	}
	ReleaseTupleDesc(desc);
}
