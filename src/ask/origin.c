/*
 * origin.c
 *		What the rows of a checked query come from: may they be given to
 *		somebody else who asks the same, and are they still those of this query?
 *
 * The version of a query is a hash of its analysed tree, with views and
 * policies in it, and of the catalog rows of its relations, functions and
 * enums.  Whatever DDL, or a grant, does to one of them makes it another one:
 * a name that leads elsewhere, a view that was written anew, a table that was
 * dropped and made again, truncated or altered.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "nodes/nodeFuncs.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "ask/origin.h"

/* The seeds of the two halves. */
static const uint64 seeds[2] = {
	UINT64CONST(0x6F726967696E2031), UINT64CONST(0x6F726967696E2032)
};

static bool add_relations(AllmOrigin *origin, const List *relations);
static bool add_functions(AllmOrigin *origin, const List *functions);
static bool add_outputs(AllmOrigin *origin, const Query *query);
static bool add_output(AllmOrigin *origin, Oid type);
static void add_enum(AllmOrigin *origin, Oid type);
static void add_bytes(AllmOrigin *origin, const void *bytes, int length);
static void add_row(AllmOrigin *origin, Oid object, HeapTuple tuple);

/*
 * Reads the origin of a query that passed its check, before it is planned.
 * What is not known to depend on the data alone is not shareable: a row of a
 * view over current_setting('app.tenant') would go to another tenant.
 */
void
allm_origin_read(const AllmChecked *checked, bool repeatable,
				 AllmOrigin *origin)
{
	char	   *tree = nodeToString(checked->query);

	memcpy(origin->version, seeds, sizeof(seeds));
	add_bytes(origin, tree, strlen(tree));
	origin->tree = origin->version[0];
	pfree(tree);
	origin->shareable = repeatable && checked->depends == 0 &&
		!checked->row_security && checked->foreign_tables == NIL &&
		add_relations(origin, checked->relations) &&
		add_functions(origin, checked->functions) &&
		add_outputs(origin, checked->query);
}

/* The relations.  Catalogs change without anybody's being told. */
static bool
add_relations(AllmOrigin *origin, const List *relations)
{
	ListCell   *cell;

	foreach(cell, relations)
	{
		Oid			relid = lfirst_oid(cell);
		HeapTuple	tuple;

		if (relid < FirstNormalObjectId)
			return false;
		tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
		if (!HeapTupleIsValid(tuple))
			return false;
		add_row(origin, relid, tuple);
		ReleaseSysCache(tuple);
	}
	return true;
}

/*
 * The functions that are not the server's.  What one in C does is known by its
 * mark; the body of any other can read a setting or a table, whatever its mark
 * says.
 */
static bool
add_functions(AllmOrigin *origin, const List *functions)
{
	ListCell   *cell;

	foreach(cell, functions)
	{
		Oid			function = lfirst_oid(cell);
		HeapTuple	tuple = SearchSysCache1(PROCOID,
											ObjectIdGetDatum(function));
		Form_pg_proc proc;
		bool		known;

		if (!HeapTupleIsValid(tuple))
			return false;
		proc = (Form_pg_proc) GETSTRUCT(tuple);
		known = proc->provolatile == PROVOLATILE_IMMUTABLE &&
			(proc->prolang == ClanguageId ||
			 proc->prolang == INTERNALlanguageId);
		add_row(origin, function, tuple);
		ReleaseSysCache(tuple);
		if (!known)
			return false;
	}
	return true;
}

/* The types of the columns, whose values were made into text. */
static bool
add_outputs(AllmOrigin *origin, const Query *query)
{
	ListCell   *cell;

	foreach(cell, query->targetList)
	{
		TargetEntry *target = lfirst_node(TargetEntry, cell);

		if (!target->resjunk &&
			!add_output(origin, exprType((Node *) target->expr)))
			return false;
	}
	return true;
}

/*
 * One type.  The labels of an enum can be renamed, and so can the columns of a
 * row type, which is not looked into.
 */
static bool
add_output(AllmOrigin *origin, Oid type)
{
	Oid			base = getBaseType(type);
	Oid			element = get_element_type(base);

	if (OidIsValid(element))
		base = getBaseType(element);
	switch (get_typtype(base))
	{
		case TYPTYPE_BASE:
			return true;
		case TYPTYPE_ENUM:
			add_enum(origin, base);
			return true;
		default:
			return base < FirstNormalObjectId && base != RECORDOID;
	}
}

/* The labels of an enum. */
static void
add_enum(AllmOrigin *origin, Oid type)
{
	CatCList   *list = SearchSysCacheList1(ENUMTYPOIDNAME,
										   ObjectIdGetDatum(type));
	uint64		sum[2] = {0, 0};

	/* The list has no order that would be the same everywhere. */
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_enum label = (Form_pg_enum) GETSTRUCT(&list->members[i]->tuple);

		for (int half = 0; half < 2; half++)
			sum[half] += hash_bytes_extended((unsigned char *) NameStr(label->enumlabel),
											 strlen(NameStr(label->enumlabel)),
											 seeds[half] ^ label->oid);
	}
	ReleaseCatCacheList(list);
	add_bytes(origin, sum, sizeof(sum));
}

/* A catalog row: whose, and which transaction wrote it. */
static void
add_row(AllmOrigin *origin, Oid object, HeapTuple tuple)
{
	uint32		row[2] = {
		object, HeapTupleHeaderGetRawXmin(tuple->t_data)
	};

	add_bytes(origin, row, sizeof(row));
}

/* Mixes bytes into the version. */
static void
add_bytes(AllmOrigin *origin, const void *bytes, int length)
{
	for (int i = 0; i < 2; i++)
		origin->version[i] =
			hash_combine64(origin->version[i],
						   hash_bytes_extended(bytes, length, seeds[i]));
}
