/*
 * calls.c
 *		Functions by their names, as the asking role sees them.
 *
 * A function that the role may not execute is not there.  Which of several
 * functions of one name a call means is the server's to find: what is said
 * here holds for all of them, or is not said.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "guard/calls.h"
#include "guard/functions.h"

/* As many functions are suggested for a wrong name. */
#define MAX_SUGGESTED	3

/* A function that a wrong name may have meant. */
typedef struct Candidate
{
	char	   *name;
	int			likeness;
} Candidate;

static Oid	find_type(List *parts);
static FuncCandidateList find_functions(List *parts, int nargs);
static Candidate *judge_candidate(Form_pg_proc proc, const char *wrong);
static List *keep_best(List *candidates, Candidate *candidate);
static bool read_result(Oid function, List *parts, const char *alias,
						AllmRowSource *source);
static void add_column(AllmRowSource *source, const char *name, Oid type,
					   int32 typmod);
static bool same_columns(const AllmRowSource *a, const AllmRowSource *b);

/*
 * May something of that name, with or without a schema, be called?  A type's
 * name may, as a cast.  The schema must be one that the role may use.
 */
bool
allm_calls_known(List *parts)
{
	FuncCandidateList list;

	if (parts == NIL || list_length(parts) > 2 || linitial(parts) == NULL ||
		llast(parts) == NULL)
		return true;
	for (list = find_functions(parts, -1); list != NULL; list = list->next)
	{
		if (allm_functions_may_execute(list->oid))
			return true;
	}
	return OidIsValid(find_type(parts));
}

/* The type of that name, or InvalidOid. */
static Oid
find_type(List *parts)
{
	if (list_length(parts) == 1)
		return TypenameGetTypid(llast(parts));
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
						   CStringGetDatum(llast(parts)),
						   ObjectIdGetDatum(get_namespace_oid(linitial(parts),
															  true)));
}

/* The name as the server writes it. */
char *
allm_calls_name(List *parts)
{
	StringInfoData name;
	ListCell   *cell;

	initStringInfo(&name);
	foreach(cell, parts)
	{
		if (name.len > 0)
			appendStringInfoChar(&name, '.');
		appendStringInfoString(&name, lfirst(cell));
	}
	return name.data;
}

/*
 * The functions that a query may call and whose names are like a wrong one, in
 * a sentence, or NULL.  Reads pg_proc once: it is asked for a wrong name only.
 */
char *
allm_calls_suggest(const char *name)
{
	Relation	catalog = table_open(ProcedureRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL,
										  0, NULL);
	List	   *candidates = NIL;
	StringInfoData sentence;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Candidate  *candidate = judge_candidate((Form_pg_proc) GETSTRUCT(tuple),
												name);

		if (candidate != NULL)
			candidates = keep_best(candidates, candidate);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);

	if (candidates == NIL)
		return NULL;
	initStringInfo(&sentence);
	for (int i = 0; i < list_length(candidates); i++)
		appendStringInfo(&sentence, "%s%s",
						 i == 0 ? "Perhaps you meant " : " or ",
						 ((Candidate *) list_nth(candidates, i))->name);
	appendStringInfoChar(&sentence, '.');
	return sentence.data;
}

/*
 * The columns of a function in FROM.  They are known when all functions of
 * that name which take so many arguments have the same.
 */
AllmRowSource
allm_calls_columns(List *parts, int nargs, const char *alias)
{
	AllmRowSource source = {0};
	FuncCandidateList list;

	for (list = find_functions(parts, nargs); list != NULL; list = list->next)
	{
		AllmRowSource one = {.known = true};

		if (!allm_functions_may_execute(list->oid))
			continue;
		if (!read_result(list->oid, parts, alias, &one) ||
			(source.known && !same_columns(&source, &one)))
		{
			source.known = false;
			source.columns = NIL;
			break;
		}
		source = one;
	}
	return source;
}

/* The functions of a name that take so many arguments, or with -1 any. */
static FuncCandidateList
find_functions(List *parts, int nargs)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, parts)
	{
		if (lfirst(cell) == NULL)
			return NULL;
		names = lappend(names, makeString(lfirst(cell)));
	}
	if (names == NIL || list_length(names) > 2)
		return NULL;
	return FuncnameGetCandidates(names, nargs, NIL, nargs >= 0, nargs >= 0,
								 false, true);
}

/* A function as a suggestion, or NULL: it must be like, and usable. */
static Candidate *
judge_candidate(Form_pg_proc proc, const char *wrong)
{
	Candidate  *candidate;
	int			likeness = allm_visible_likeness(wrong, NameStr(proc->proname));

	if (likeness < 0 || proc->prokind == PROKIND_PROCEDURE ||
		proc->prorettype == INTERNALOID || proc->prorettype == CSTRINGOID ||
		proc->prorettype == TRIGGEROID ||
		(proc->pronargs > 0 &&
		 (proc->proargtypes.values[0] == INTERNALOID ||
		  proc->proargtypes.values[0] == CSTRINGOID)) ||
		!FunctionIsVisible(proc->oid) ||
		!allm_functions_may_execute(proc->oid) ||
		allm_functions_refuse(proc->oid, ALLM_WRITTEN_BY_QUERY) != NULL)
		return NULL;
	candidate = palloc(sizeof(Candidate));
	candidate->name = pstrdup(quote_identifier(NameStr(proc->proname)));
	candidate->likeness = likeness;
	return candidate;
}

/* Puts a suggestion among the best ones: the likest first, then by name. */
static List *
keep_best(List *candidates, Candidate *candidate)
{
	int			place = 0;
	ListCell   *cell;

	foreach(cell, candidates)
	{
		Candidate  *other = lfirst(cell);

		if (strcmp(other->name, candidate->name) == 0)
			return candidates;
		if (other->likeness < candidate->likeness ||
			(other->likeness == candidate->likeness &&
			 strcmp(other->name, candidate->name) < 0))
			place++;
	}
	candidates = list_insert_nth(candidates, place, candidate);
	return list_truncate(candidates, MAX_SUGGESTED);
}

/*
 * The columns that one function has in FROM.  False where they depend on the
 * call.
 */
static bool
read_result(Oid function, List *parts, const char *alias,
			AllmRowSource *source)
{
	char	   *name = get_func_result_name(function);
	Oid			type;
	TupleDesc	desc;

	if (IsPolymorphicType(get_func_rettype(function)))
		return false;
	switch (get_func_result_type(function, &type, &desc))
	{
		case TYPEFUNC_SCALAR:
			add_column(source, name != NULL ? name :
					   alias != NULL ? alias : llast(parts), type, -1);
			return true;
		case TYPEFUNC_COMPOSITE:
			for (int i = 0; i < desc->natts; i++)
			{
				Form_pg_attribute att = TupleDescAttr(desc, i);

				if (!att->attisdropped)
					add_column(source, pstrdup(NameStr(att->attname)),
							   att->atttypid, att->atttypmod);
			}
			return true;
		default:
			return false;
	}
}

/* A column of a function may be read by whoever may call it. */
static void
add_column(AllmRowSource *source, const char *name, Oid type, int32 typmod)
{
	AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

	column->name = name;
	column->type = type;
	column->typmod = typmod;
	column->readable = true;
	source->columns = lappend(source->columns, column);
}

/* Have two functions columns of the same names? */
static bool
same_columns(const AllmRowSource *a, const AllmRowSource *b)
{
	ListCell   *left;
	ListCell   *right;

	if (list_length(a->columns) != list_length(b->columns))
		return false;
	forboth(left, a->columns, right, b->columns)
	{
		AllmVisibleColumn *one = lfirst(left);
		AllmVisibleColumn *other = lfirst(right);

		if (strcmp(one->name, other->name) != 0)
			return false;
		if (one->type != other->type)
			one->type = other->type = InvalidOid;
	}
	return true;
}
