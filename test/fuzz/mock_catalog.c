/*
 * mock_catalog.c
 *		A small catalog in place of guard/visible.c and guard/calls.c.
 *
 * Some of it is hidden from the asking role: a relation, a column, a function
 * and a schema.  Their names are words that nothing else has, so that whoever
 * finds one in a finding knows that it was given away.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "fuzz/mock_catalog.h"
#include "guard/calls.h"
#include "guard/visible.h"

#define MAX_COLUMNS		6

typedef struct MockColumn
{
	const char *name;
	Oid			type;
	bool		hidden;
} MockColumn;

typedef struct MockRelation
{
	const char *schema;
	const char *name;
	AllmVisibility visibility;
	MockColumn		columns[MAX_COLUMNS];
} MockRelation;

/* The OID of a relation is its number from 1. */
static const MockRelation relations[] =
{
	{"public", "t", ALLM_VISIBLE, {
			{"id", INT4OID}, {"a", INT4OID}, {"b", TEXTOID}, {"name", TEXTOID},
			{"r", RECORDOID}
	}},
	{"public", "u", ALLM_VISIBLE, {
			{"id", INT4OID}, {"t_id", INT4OID}, {"name", TEXTOID},
			{MOCK_HIDDEN "column", TEXTOID, true}
	}},
	{"public", "T", ALLM_VISIBLE, {
			{"Quoted name", TEXTOID}
	}},
	{"other", "w", ALLM_VISIBLE, {
			{"id", INT4OID}, {"x", INT4OID}
	}},
	{"public", MOCK_HIDDEN "relation", ALLM_VISIBLE_NOT, {
			{MOCK_HIDDEN "field", INT4OID, true}
	}},
	{"pg_catalog", "pg_class", ALLM_VISIBLE_CATALOG, {
			{"oid", INT4OID}
	}},
};

/* Functions, with their columns in FROM: none, one of their own name, two. */
typedef struct MockFunction
{
	const char *name;
	bool		hidden;
	bool		scalar;
	MockColumn		columns[2];
} MockFunction;

static const MockFunction functions[] =
{
	{"count", false, true},
	{"f", false, false, {
			{"x", INT4OID}, {"y", TEXTOID}
	}},
	{"generate_series", false, true},
	{"lower", false, true},
	{"unnest"},
	{MOCK_HIDDEN "function", true, true},
};

static bool is_schema(const char *name);

/*
 * guard/visible.c
 */
AllmVisibility
allm_visible_relation(const char *schema, const char *name, Oid *relid)
{
	*relid = InvalidOid;
	if (schema != NULL && strcmp(schema, "pg_temp") == 0)
		return ALLM_VISIBLE_UNKNOWN;
	for (int i = 0; i < lengthof(relations); i++)
	{
		if (strcmp(relations[i].name, name) != 0 ||
			(schema == NULL ? strcmp(relations[i].schema, "other") == 0 :
			 strcmp(relations[i].schema, schema) != 0))
			continue;
		if (relations[i].visibility == ALLM_VISIBLE)
			*relid = i + 1;
		return relations[i].visibility;
	}
	return ALLM_VISIBLE_NOT;
}

List *
allm_visible_columns(Oid relid)
{
	List	   *columns = NIL;

	for (int i = 0; i < MAX_COLUMNS; i++)
	{
		const MockColumn *known = &relations[relid - 1].columns[i];
		AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

		if (known->name == NULL)
			break;
		column->name = pstrdup(known->name);
		column->type = known->type;
		column->typmod = -1;
		column->readable = !known->hidden;
		columns = lappend(columns, column);
	}
	return columns;
}

bool
allm_visible_has_system_column(Oid relid, const char *name)
{
	return strcmp(name, "ctid") == 0 || strcmp(name, "tableoid") == 0;
}

bool
allm_visible_schema(const char *name)
{
	return is_schema(name);
}

bool
allm_visible_type(const char *schema, const char *name)
{
	return strncmp(name, MOCK_HIDDEN, strlen(MOCK_HIDDEN)) != 0;
}

char *
allm_visible_suggest_relation(const char *name)
{
	return name[0] == 't' ? pstrdup("Perhaps you meant t.") : NULL;
}

/* Names that end alike, so that one may be like a hidden one by chance. */
int
allm_visible_likeness(const char *wrong, const char *name)
{
	size_t		len = strlen(wrong);

	if (len == 0 || name[0] == '\0' ||
		wrong[len - 1] != name[strlen(name) - 1])
		return -1;
	return strcmp(wrong, name) == 0 ? 0 : 1;
}

/*
 * guard/calls.c
 */
bool
allm_calls_known(List *parts)
{
	if (parts == NIL || list_length(parts) > 2 || linitial(parts) == NULL ||
		llast(parts) == NULL)
		return true;
	for (int i = 0; i < lengthof(functions); i++)
	{
		if (strcmp(functions[i].name, llast(parts)) == 0)
			return !functions[i].hidden;
	}
	return false;
}

char *
allm_calls_name(List *parts)
{
	return list_length(parts) == 1 ? pstrdup(linitial(parts)) :
		psprintf("%s.%s", (char *) linitial(parts), (char *) lsecond(parts));
}

char *
allm_calls_suggest(const char *name)
{
	return name[0] == 'c' ? pstrdup("Perhaps you meant count.") : NULL;
}

AllmRowSource
allm_calls_columns(List *parts, int nargs, const char *alias)
{
	AllmRowSource source = {0};

	for (int i = 0; i < lengthof(functions); i++)
	{
		const MockFunction *function = &functions[i];

		if (llast(parts) == NULL || strcmp(function->name, llast(parts)) != 0 ||
			function->hidden)
			continue;
		source.known = function->scalar || function->columns[0].name != NULL;
		for (int n = 0; source.known && n < (function->scalar ? 1 : 2); n++)
		{
			AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

			column->name = !function->scalar ? function->columns[n].name :
				alias != NULL ? alias : function->name;
			column->type = function->columns[n].type;
			column->readable = true;
			source.columns = lappend(source.columns, column);
		}
	}
	return source;
}

/*
 * The server's.
 */
char *
get_database_name(Oid dbid)
{
	return pstrdup("postgres");
}

char *
format_type_with_typemod(Oid type_oid, int32 typemod)
{
	return psprintf("type %u", type_oid);
}

bool
type_is_rowtype(Oid typid)
{
	return typid == RECORDOID;
}

/* One that may be used. */
static bool
is_schema(const char *name)
{
	return strcmp(name, "public") == 0 || strcmp(name, "other") == 0 ||
		strcmp(name, "pg_catalog") == 0 || strcmp(name, "pg_temp") == 0;
}
