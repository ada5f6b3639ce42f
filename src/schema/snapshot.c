/*
 * snapshot.c
 *		What the current role may read: keeping it, and knowing when it is old.
 *
 * A snapshot is made by catalog.c and kept in this backend until the role, the
 * search path, or something that it was made of changes.  Nothing is shared:
 * whatever decides on rights reaches a backend as an invalidation of its own,
 * before the statement that asks, and a copy that others made would have to
 * prove that it has seen the same ones.
 *
 * In a busy database most invalidations concern nothing of a snapshot: other
 * sessions' temporary tables, their types, indexes, tables elsewhere.  A
 * changed relation is therefore noted, and looked at when a snapshot is next
 * wanted; a changed type or constraint counts when the snapshot uses it.
 *
 * Callbacks run at awkward moments: they compare numbers and set fields, and
 * read no catalog.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/settings.h"
#include "schema/catalog.h"
#include "schema/likely.h"
#include "schema/prefix.h"
#include "schema/snapshot.h"

/* Schemas on a search path; nobody has more that matter. */
#define MAX_PATH	1024

/* More changed relations than these between two questions: all is read anew. */
#define MAX_CHANGED	64

/* The kept snapshot and what it was made for; NULL when there is none. */
static MemoryContext kept_context = NULL;
static AllmSnapshot *kept_snapshot = NULL;
static Oid	kept_role = InvalidOid;
static List *kept_path = NIL;
static bool kept_values = false;	/* was analytics_llm.send_values on? */
static uint64 last_serial = 0;	/* of all that were made here */

/*
 * What it was made of, sorted: OIDs of its relations; hash values of its types
 * and foreign keys in the server's caches.
 */
static Oid *used_relations;
static int	nused_relations;
static uint32 *used_rows;
static int	nused_rows;

/* Set by the callbacks: the kept snapshot is, or may be, out of date. */
static bool is_stale = true;
static Oid	changed[MAX_CHANGED];
static int	nchanged = 0;

/* What a transaction that has failed is given: there is nothing to read. */
static const AllmSnapshot empty_snapshot = {0, NIL};

static void watch_catalogs(void);
static void note_relation(Datum arg, Oid relid);
static void note_row(Datum arg, int cacheid, uint32 hashvalue);
static void mark_stale(Datum arg, int cacheid, uint32 hashvalue);
static bool has_changed(const List *namespaces);
static bool concerns(Oid relid, const List *namespaces);
static List *list_namespaces(void);
static void build_snapshot(List *namespaces);
static void note_what_is_used(const AllmSnapshot *snapshot);
static uint32 hash_of(int cacheid, Oid oid);
static int	compare_numbers(const void *a, const void *b);

StaticAssertDecl(sizeof(Oid) == sizeof(uint32), "compare_numbers takes both");

/*
 * What the current role may read now.  The result is this file's; it stays
 * valid until the transaction ends.  In one that has failed it is empty.
 */
const AllmSnapshot *
allm_snapshot_get(void)
{
	List	   *namespaces;

	if (!IsTransactionState())
		return &empty_snapshot;

	watch_catalogs();
	AcceptInvalidationMessages();
	namespaces = list_namespaces();
	if (kept_snapshot == NULL || kept_role != GetUserId() ||
		kept_values != allm_send_values || !equal(kept_path, namespaces) || has_changed(namespaces))
		build_snapshot(namespaces);
	list_free(namespaces);
	return kept_snapshot;
}

/* Registers the callbacks, once in a backend. */
static void
watch_catalogs(void)
{
	/* What decides on privileges and types without touching a relation. */
	static const int watched[] = {
		NAMESPACEOID, AUTHMEMMEMROLE, AUTHOID, ENUMOID
	};
	static bool is_watching = false;

	if (is_watching)
		return;
	CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	for (int i = 0; i < lengthof(watched); i++)
		CacheRegisterSyscacheCallback(watched[i], mark_stale, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, note_row, (Datum) 0);
	CacheRegisterSyscacheCallback(CONSTROID, note_row, (Datum) 0);
	is_watching = true;
}

/*
 * A relation, its columns or its grants changed, or all of them may have.
 */
static void
note_relation(Datum arg, Oid relid)
{
	if (is_stale)
		return;
	for (int i = 0; i < nchanged; i++)
	{
		if (changed[i] == relid)
			return;
	}
	if (!OidIsValid(relid) || nchanged == MAX_CHANGED)
		is_stale = true;
	else
		changed[nchanged++] = relid;
}

/*
 * A type or a constraint changed: one that the snapshot uses, or all (0), or
 * one of which is not known yet whether a snapshot that is being built uses
 * it.  A new one comes with a change of the relation that uses it.
 */
static void
note_row(Datum arg, int cacheid, uint32 hashvalue)
{
	if (hashvalue == 0 || kept_snapshot == NULL ||
		(nused_rows > 0 &&
		 bsearch(&hashvalue, used_rows, nused_rows, sizeof(uint32),
				 compare_numbers) != NULL))
		is_stale = true;
}

/* A row of a catalog changed of which any row matters. */
static void
mark_stale(Datum arg, int cacheid, uint32 hashvalue)
{
	is_stale = true;
}

/*
 * Did anything change that the kept snapshot was made of?  Looking at what did
 * may itself bring new messages, which then stand in the list: an entry leaves
 * it before it is looked at.
 */
static bool
has_changed(const List *namespaces)
{
	while (!is_stale && nchanged > 0)
	{
		Oid			relid = changed[--nchanged];

		if (concerns(relid, namespaces))
			is_stale = true;
	}
	return is_stale;
}

/*
 * Does a changed relation concern the snapshot?  One that is in it does, and
 * one that now might be, or that hides the name of one: hence of any kind.
 */
static bool
concerns(Oid relid, const List *namespaces)
{
	HeapTuple	tuple;
	Form_pg_class form;
	bool		result;

	if (nused_relations > 0 &&
		bsearch(&relid, used_relations, nused_relations, sizeof(Oid),
				compare_numbers) != NULL)
		return true;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	result = !form->relispartition &&
		list_member_oid(namespaces, form->relnamespace);
	ReleaseSysCache(tuple);
	return result;
}

/*
 * The schemas of the search path that the role may use, without those of the
 * server and of the extension.  Its own temporary schema is one of them, once
 * it is there: fetch_search_path() would make it for a path that begins with
 * pg_temp, which a standby and a role without TEMPORARY refuse.
 */
static List *
list_namespaces(void)
{
	Oid			path[MAX_PATH];
	int			n = fetch_search_path_array(path, MAX_PATH);
	List	   *namespaces = NIL;
	Oid			own = get_namespace_oid("analytics_llm", true);
	Oid			information = get_namespace_oid("information_schema", true);
	Oid			temporary;
	Oid			temporary_toast;

	GetTempNamespaceState(&temporary, &temporary_toast);
	if (OidIsValid(temporary))
		namespaces = lappend_oid(namespaces, temporary);
	for (int i = 0; i < Min(n, MAX_PATH); i++)
	{
		if (path[i] == PG_CATALOG_NAMESPACE || path[i] == own ||
			path[i] == information || path[i] == PG_TOAST_NAMESPACE)
			continue;
		namespaces = lappend_oid(namespaces, path[i]);
	}
	return namespaces;
}

/*
 * Replaces the kept snapshot.  An error on the way leaves none, and the memory
 * of the attempt with the caller's context.  The old one lives on until the
 * transaction ends: a question may be asked while another one is read, from a
 * function that the other one's look-up of values runs.
 */
static void
build_snapshot(List *namespaces)
{
	MemoryContext context;
	MemoryContext caller;
	AllmSnapshot *snapshot;
	ListCell   *cell;

	if (kept_context != NULL)
		MemoryContextSetParent(kept_context, TopTransactionContext);
	kept_context = NULL;
	kept_snapshot = NULL;
	nused_relations = 0;
	nused_rows = 0;

	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm snapshot",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);

	/* From here on a change may or may not be seen: it must flag again. */
	is_stale = false;
	nchanged = 0;
	snapshot = palloc0(sizeof(AllmSnapshot));
	snapshot->serial = ++last_serial;
	snapshot->derived = palloc0(sizeof(AllmDerived));
	snapshot->derived->context = context;
	snapshot->derived->snapshot = snapshot;
	allm_catalog_read(snapshot, namespaces);
	foreach(cell, snapshot->relations)
		((AllmRelation *) lfirst(cell))->derived = snapshot->derived;
	allm_prefix_find(snapshot);
	allm_likely_add_keys(snapshot);
	note_what_is_used(snapshot);

	kept_path = list_copy(namespaces);
	MemoryContextSwitchTo(caller);
	MemoryContextSetParent(context, CacheMemoryContext);
	kept_context = context;
	kept_role = GetUserId();
	kept_values = allm_send_values;
	kept_snapshot = snapshot;
}

/* Notes what the snapshot was made of, in its context. */
static void
note_what_is_used(const AllmSnapshot *snapshot)
{
	int			rows = 0;
	ListCell   *rel_cell;
	ListCell   *cell;

	foreach(rel_cell, snapshot->relations)
		rows += list_length(((AllmRelation *) lfirst(rel_cell))->foreign_keys);
	rows += 2 * snapshot->ncolumns;
	used_relations = palloc(Max(list_length(snapshot->relations), 1) *
							sizeof(Oid));
	used_rows = MemoryContextAllocHuge(CurrentMemoryContext,
									   Max(rows, 1) * sizeof(uint32));
	rows = 0;
	foreach(rel_cell, snapshot->relations)
	{
		AllmRelation *relation = lfirst(rel_cell);

		used_relations[foreach_current_index(rel_cell)] = relation->oid;
		foreach(cell, relation->columns)
		{
			AllmColumn *column = lfirst(cell);

			used_rows[rows++] = hash_of(TYPEOID, column->type);
			used_rows[rows++] = hash_of(TYPEOID, column->declared_type);
		}
		foreach(cell, relation->foreign_keys)
			used_rows[rows++] =
			hash_of(CONSTROID, ((AllmForeignKey *) lfirst(cell))->oid);
	}
	nused_relations = list_length(snapshot->relations);
	qsort(used_relations, nused_relations, sizeof(Oid), compare_numbers);
	qsort(used_rows, rows, sizeof(uint32), compare_numbers);
	nused_rows = qunique(used_rows, rows, sizeof(uint32), compare_numbers);
}

/* By what value the server tells of a change of a row. */
static uint32
hash_of(int cacheid, Oid oid)
{
	return GetSysCacheHashValue1(cacheid, ObjectIdGetDatum(oid));
}

/* For qsort and bsearch. */
static int
compare_numbers(const void *a, const void *b)
{
	uint32		left = *(const uint32 *) a;
	uint32		right = *(const uint32 *) b;

	return left < right ? -1 : left > right;
}
