/*
 * depends.c
 *		What the rows of a query depend on besides the data: the clock, the
 *		session, the user, chance, or what lies outside of this database.
 *
 * A cache asks for it, and whoever shares one answer between askers.  What is
 * not known is taken to depend on all that it may.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "guard/depends.h"

/* A function of the server's, or several of one name. */
typedef struct Dependent
{
	const char *name;
	int			nargs;			/* -1: any number */
	int			depends;
} Dependent;

/*
 * Functions of pg_catalog that are not immutable and depend on more or on
 * other things than the session.  Sorted by name.
 */
static const Dependent dependents[] =
{
	{"age", 1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"bernoulli", -1, ALLM_DEPENDS_CHANCE},
	{"clock_timestamp", -1, ALLM_DEPENDS_TIME},
	{"current_user", -1, ALLM_DEPENDS_USER},
	{"date_in", -1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"gen_random_uuid", -1, ALLM_DEPENDS_CHANCE},
	{"getpgusername", -1, ALLM_DEPENDS_USER},
	{"now", -1, ALLM_DEPENDS_TIME},
	{"pg_has_role", -1, ALLM_DEPENDS_USER},
	{"random", -1, ALLM_DEPENDS_CHANCE},
	{"random_normal", -1, ALLM_DEPENDS_CHANCE},
	{"row_security_active", -1, ALLM_DEPENDS_USER},
	{"session_user", -1, ALLM_DEPENDS_USER},
	{"statement_timestamp", -1, ALLM_DEPENDS_TIME},
	{"system", -1, ALLM_DEPENDS_CHANCE},
	{"time_in", -1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"timeofday", -1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"timestamp_in", -1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"timestamptz_in", -1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"timetz_in", -1, ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION},
	{"transaction_timestamp", -1, ALLM_DEPENDS_TIME},
	{"uuidv4", -1, ALLM_DEPENDS_CHANCE},
	{"uuidv7", -1, ALLM_DEPENDS_CHANCE},
};

/* Words that a date or time takes from the clock when it is read. */
static const char *const clock_words[] =
{
	"now", "today", "tomorrow", "yesterday",
};

/* Longer than any date or time that is written out. */
#define MAX_LITERAL		128

static int	depends_of_server(Form_pg_proc proc);

/* What the result of a function depends on besides its arguments. */
int
allm_depends_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	int			depends = 0;

	if (!HeapTupleIsValid(tuple))
		return 0;
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->provolatile == PROVOLATILE_IMMUTABLE)
		depends = 0;
	else if (proc->pronamespace == PG_CATALOG_NAMESPACE &&
			 function < FirstUnpinnedObjectId)
		depends = depends_of_server(proc);
	else
	{
		depends = ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION |
			ALLM_DEPENDS_USER | ALLM_DEPENDS_OUTSIDE;
		if (proc->provolatile == PROVOLATILE_VOLATILE)
			depends |= ALLM_DEPENDS_CHANCE;
	}
	ReleaseSysCache(tuple);
	return depends;
}

/* The table's word on a function of pg_catalog. */
static int
depends_of_server(Form_pg_proc proc)
{
	for (int i = 0; i < lengthof(dependents); i++)
	{
		const Dependent *row = &dependents[i];

		if (strcmp(row->name, NameStr(proc->proname)) == 0 &&
			(row->nargs < 0 || row->nargs == proc->pronargs))
			return row->depends;
	}
	return ALLM_DEPENDS_SESSION;
}

/* What CURRENT_DATE, CURRENT_USER and their like depend on. */
int
allm_depends_value(const SQLValueFunction *value)
{
	switch (value->op)
	{
		case SVFOP_CURRENT_ROLE:
		case SVFOP_CURRENT_USER:
		case SVFOP_USER:
		case SVFOP_SESSION_USER:
			return ALLM_DEPENDS_USER;
		case SVFOP_CURRENT_CATALOG:
			return 0;
		case SVFOP_CURRENT_SCHEMA:
			return ALLM_DEPENDS_SESSION;
		default:
			return ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION;
	}
}

/*
 * What a constant that stands in this text depends on.  The server has read
 * 'today' already, and nothing in the tree tells that it stood there.  A text
 * with escapes is not looked into.
 */
int
allm_depends_literal(const char *sql, const Const *constant)
{
	const char *start = sql + constant->location;
	char		text[MAX_LITERAL];
	int			len = 0;

	switch (constant->consttype)
	{
		case DATEOID:
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			break;
		default:
			return 0;
	}
	if (constant->location < 0 || *start == '\0')
		return 0;
	if (*start != '\'')
		return ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION;
	for (start++; *start != '\0' && *start != '\'' && len < MAX_LITERAL - 1;
		 start++)
		text[len++] = pg_tolower((unsigned char) *start);
	text[len] = '\0';
	for (int i = 0; i < lengthof(clock_words); i++)
	{
		if (strstr(text, clock_words[i]) != NULL)
			return ALLM_DEPENDS_TIME | ALLM_DEPENDS_SESSION;
	}
	return constant->consttype == TIMESTAMPTZOID ? ALLM_DEPENDS_SESSION : 0;
}

/* What reading a relation depends on besides its rows. */
int
allm_depends_relation(Oid relid)
{
	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		return ALLM_DEPENDS_OUTSIDE;
	if (get_rel_persistence(relid) == RELPERSISTENCE_TEMP)
		return ALLM_DEPENDS_SESSION;
	return 0;
}

/* What the text of a value depends on: the time zone. */
int
allm_depends_output(Oid type)
{
	return type == TIMESTAMPTZOID || type == TIMESTAMPTZARRAYOID ?
		ALLM_DEPENDS_SESSION : 0;
}
