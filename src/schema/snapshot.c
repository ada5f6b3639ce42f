/*
 * snapshot.c
 *		What the current role may read: keeping it, and knowing when it is old.
 *
 * A snapshot is made by catalog.c, or taken from the shelf where another session
 * has put it, and used until the role, the search path, or something that it was
 * made of changes.
 *
 * In a busy database most changes concern nothing of a snapshot: other sessions'
 * temporary tables, their types, indexes, tables elsewhere.  A changed relation
 * is therefore noted, and looked at when a snapshot is next wanted; a changed
 * type or constraint counts when the snapshot uses it.
 *
 * What decides on rights reaches a session as an invalidation, before the
 * statement that asks.  One from the shelf is older than what this session
 * listens to; so it hears the changes since then from their log, as if it had
 * been there (see changes.c).  The order matters: first nothing is stale, then
 * the log is read.  A change that is not in the log by then will be heard of.
 * What this transaction changed itself is in no other session's snapshot, and
 * its own is no other's: while it may have changed anything, nothing is shared.
 *
 * What is told of changes is told at awkward moments: it is compared with numbers
 * and sets fields, and no catalog is read.
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
#include "schema/changes.h"
#include "schema/flat.h"
#include "schema/likely.h"
#include "schema/prefix.h"
#include "schema/shelf.h"
#include "schema/snapshot.h"

/* Schemas on a search path; nobody has more that matter. */
#define MAX_PATH	1024

/* More changed relations than these between two questions: all is read anew. */
#define MAX_CHANGED	64

/* A snapshot of so many relations is worth sharing. */
#define LARGE_RELATIONS	256

/* A snapshot of this session: what it has of its own, in a context. */
typedef struct Holding
{
	AllmSnapshot snapshot;
	AllmDerived derived;
	MemoryContextCallback callback; /* takes it out of the list */
	struct Holding *next;
} Holding;

/* Those that are in use, the newest first. */
static Holding *holdings = NULL;

/* The kept snapshot and what it was made for; NULL when there is none. */
static Holding *kept = NULL;
static Oid	kept_role = InvalidOid;
static List *kept_path = NIL;
static bool kept_values = false;	/* was analytics_llm.send_values on? */

/*
 * What it was made of.  While that is not known yet, all may be.  What is on the
 * shelf can be looked at also when it is not held: then it may be nonsense, but
 * the snapshot is gone as well.
 */
static AllmUsed used;
static bool is_used_known = false;

/* Set when changes are told: the kept snapshot is, or may be, out of date. */
static bool is_stale = true;
static Oid	changed[MAX_CHANGED];
static int	nchanged = 0;

/* What a transaction that has failed is given: there is nothing to read. */
static const AllmSnapshot empty_snapshot = {0, NIL};

static void note_change(AllmChange change, uint32 value);
static void note_relation(Oid relid);
static bool is_used_row(uint32 hashvalue);
static bool has_changed(const List *namespaces);
static bool concerns(Oid relid, const List *namespaces);
static List *list_namespaces(void);
static bool is_kept(const List *namespaces);
static void drop_kept(void);
static bool may_share(const List *namespaces, AllmShelfKey *key);
static Holding *take_shared(const AllmShelfKey *key, const List *namespaces);
static Holding *build_own(const List *namespaces);
static Holding *share(Holding *own, const AllmShelfKey *key, uint64 position,
					  const List *namespaces);
static Holding *begin_holding(MemoryContext *caller);
static void keep_holding(Holding *holding, const List *namespaces);
static void forget_holding(void *arg);
static void note_what_is_used(AllmSnapshot *snapshot);
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
	static bool is_watching = false;
	AllmShelfKey key;
	List	   *namespaces;

	if (!IsTransactionState())
		return &empty_snapshot;

	if (!is_watching)
		allm_changes_watch(note_change);
	is_watching = true;
	AcceptInvalidationMessages();
	namespaces = list_namespaces();
	if (!is_kept(namespaces))
	{
		bool		shares = may_share(namespaces, &key);
		Holding    *holding = NULL;
		uint64		position = 0;
		bool		is_quiet = false;

		drop_kept();
		if (shares)
			holding = take_shared(&key, namespaces);
		if (holding == NULL)
		{
			if (shares)
				position = allm_changes_position(&is_quiet);
			holding = build_own(namespaces);
			if (is_quiet &&
				list_length(holding->snapshot.relations) >= LARGE_RELATIONS)
				holding = share(holding, &key, position, namespaces);
		}
		keep_holding(holding, namespaces);
	}
	list_free(namespaces);
	return &kept->snapshot;
}

/* What was made of the snapshot of a relation. */
AllmDerived *
allm_snapshot_derived(const AllmRelation *relation)
{
	Holding    *holding = holdings;

	while (holding != NULL && holding->snapshot.serial != relation->serial)
		holding = holding->next;
	if (holding == NULL)
		elog(ERROR, "the snapshot of relation %u is gone", relation->oid);
	return &holding->derived;
}

/* Takes a change, whoever tells of it. */
static void
note_change(AllmChange change, uint32 value)
{
	switch (change)
	{
		case ALLM_CHANGE_RELATION:
			note_relation(value);
			break;
		case ALLM_CHANGE_ROW:
			is_stale = is_stale || is_used_row(value);
			break;
		case ALLM_CHANGE_ANY:
			is_stale = true;
			break;
	}
}

/* A relation, its columns or its grants changed. */
static void
note_relation(Oid relid)
{
	if (is_stale)
		return;
	for (int i = 0; i < nchanged; i++)
	{
		if (changed[i] == relid)
			return;
	}
	if (nchanged == MAX_CHANGED)
		is_stale = true;
	else
		changed[nchanged++] = relid;
}

/*
 * Does the snapshot use a type or a constraint, or any (0), or is that not known
 * yet?  A new one comes with a change of the relation that uses it.
 */
static bool
is_used_row(uint32 hashvalue)
{
	return hashvalue == 0 || !is_used_known ||
		(used.nrows > 0 &&
		 bsearch(&hashvalue, used.rows, used.nrows, sizeof(uint32),
				 compare_numbers) != NULL);
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

	if (used.nrelations > 0 &&
		bsearch(&relid, used.relations, used.nrelations, sizeof(Oid),
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

/* Is the kept snapshot that of the current role, and right? */
static bool
is_kept(const List *namespaces)
{
	return kept != NULL && kept_role == GetUserId() &&
		kept_values == allm_send_values && equal(kept_path, namespaces) &&
		(kept->derived.place == ALLM_SHELF_NONE ||
		 allm_shelf_hold(kept->derived.place, kept->snapshot.serial)) &&
		!has_changed(namespaces);
}

/*
 * Keeps the snapshot no longer.  It lives on until the transaction ends: a
 * question may be asked while another one is read, from a function that the
 * other one's look-up of values runs.
 */
static void
drop_kept(void)
{
	if (kept != NULL)
		MemoryContextSetParent(kept->derived.context, TopTransactionContext);
	kept = NULL;
	is_used_known = false;
}

/*
 * May the snapshot be another session's, or become one?  Not in a transaction
 * that has written anything, and not where temporary tables are this session's.
 */
static bool
may_share(const List *namespaces, AllmShelfKey *key)
{
	ListCell   *cell;

	if (!allm_changes_are_known() ||
		TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
		list_length(namespaces) > ALLM_SHELF_PATH)
		return false;
	memset(key, 0, sizeof(AllmShelfKey));
	key->database = MyDatabaseId;
	key->role = GetUserId();
	key->values = allm_send_values;
	foreach(cell, namespaces)
	{
		if (isTempNamespace(lfirst_oid(cell)))
			return false;
		key->path[foreach_current_index(cell)] = lfirst_oid(cell);
	}
	return true;
}

/* The snapshot from the shelf, if there is one, and it is still right. */
static Holding *
take_shared(const AllmShelfKey *key, const List *namespaces)
{
	uint64		serial;
	uint64		position;
	bool		is_quiet;
	int			place;
	Holding    *holding;
	MemoryContext caller;

	/* From here on a change may or may not be seen: it must flag again. */
	is_stale = false;
	nchanged = 0;
	place = allm_shelf_find(key, &serial, &position);
	if (place == ALLM_SHELF_NONE)
		return NULL;
	holding = begin_holding(&caller);
	holding->snapshot = *(const AllmSnapshot *)
		allm_shelf_part(place, ALLM_SHELF_SNAPSHOT);
	holding->snapshot.derived = &holding->derived;
	holding->derived.place = place;
	MemoryContextSwitchTo(caller);
	used = holding->snapshot.used;
	is_used_known = true;
	position = allm_changes_replay(position, note_change, &is_quiet);
	if (has_changed(namespaces))
	{
		allm_shelf_retire(place);
		MemoryContextDelete(holding->derived.context);
		return NULL;
	}
	if (is_quiet)
		allm_shelf_confirm(place, position);
	return holding;
}

/* Reads the catalogs.  An error on the way leaves nothing. */
static Holding *
build_own(const List *namespaces)
{
	MemoryContext caller;
	Holding    *holding = begin_holding(&caller);
	AllmSnapshot *snapshot = &holding->snapshot;
	ListCell   *cell;

	AcceptInvalidationMessages();
	is_used_known = false;
	/* From here on a change may or may not be seen: it must flag again. */
	is_stale = false;
	nchanged = 0;
	snapshot->serial = allm_shelf_next_serial();
	snapshot->derived = &holding->derived;
	allm_catalog_read(snapshot, namespaces);
	foreach(cell, snapshot->relations)
		((AllmRelation *) lfirst(cell))->serial = snapshot->serial;
	allm_prefix_find(snapshot);
	allm_likely_add_keys(snapshot);
	note_what_is_used(snapshot);
	used = snapshot->used;
	is_used_known = true;
	MemoryContextSwitchTo(caller);
	return holding;
}

/*
 * Puts a new snapshot on the shelf, and uses it there.  If that cannot be, it
 * stays this session's own.
 */
static Holding *
share(Holding *own, const AllmShelfKey *key, uint64 position,
	  const List *namespaces)
{
	Holding    *shared;

	allm_shelf_offer(key, own->snapshot.serial, position, allm_flat_snapshot,
					 &own->snapshot);
	shared = take_shared(key, namespaces);
	if (shared == NULL)
		return own;
	MemoryContextDelete(own->derived.context);
	return shared;
}

/* A holding in a context of its own, which is made the current one. */
static Holding *
begin_holding(MemoryContext *caller)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "analytics_llm snapshot",
												  ALLOCSET_DEFAULT_SIZES);
	Holding    *holding;

	*caller = MemoryContextSwitchTo(context);
	holding = palloc0(sizeof(Holding));
	holding->derived.context = context;
	holding->derived.snapshot = &holding->snapshot;
	holding->derived.place = ALLM_SHELF_NONE;
	holding->callback.func = forget_holding;
	holding->callback.arg = holding;
	return holding;
}

/* Keeps a snapshot, for the role and the path as they are. */
static void
keep_holding(Holding *holding, const List *namespaces)
{
	MemoryContext context = holding->derived.context;
	MemoryContext caller = MemoryContextSwitchTo(context);

	kept_path = list_copy(namespaces);
	MemoryContextSwitchTo(caller);
	MemoryContextRegisterResetCallback(context, &holding->callback);
	holding->next = holdings;
	holdings = holding;
	MemoryContextSetParent(context, CacheMemoryContext);
	kept_role = GetUserId();
	kept_values = allm_send_values;
	kept = holding;
}

/* A snapshot's memory goes: takes it out of the list. */
static void
forget_holding(void *arg)
{
	Holding   **link = &holdings;

	while (*link != NULL && *link != arg)
		link = &(*link)->next;
	if (*link != NULL)
		*link = (*link)->next;
}

/* Notes what the snapshot was made of, in its context. */
static void
note_what_is_used(AllmSnapshot *snapshot)
{
	AllmUsed   *into = &snapshot->used;
	int			rows = 0;
	ListCell   *rel_cell;
	ListCell   *cell;

	foreach(rel_cell, snapshot->relations)
		rows += list_length(((AllmRelation *) lfirst(rel_cell))->foreign_keys);
	rows += 2 * snapshot->ncolumns;
	into->relations = palloc(Max(list_length(snapshot->relations), 1) *
							 sizeof(Oid));
	into->rows = MemoryContextAllocHuge(CurrentMemoryContext,
										Max(rows, 1) * sizeof(uint32));
	rows = 0;
	foreach(rel_cell, snapshot->relations)
	{
		AllmRelation *relation = lfirst(rel_cell);

		into->relations[foreach_current_index(rel_cell)] = relation->oid;
		foreach(cell, relation->columns)
		{
			AllmColumn *column = lfirst(cell);

			into->rows[rows++] = hash_of(TYPEOID, column->type);
			into->rows[rows++] = hash_of(TYPEOID, column->declared_type);
		}
		foreach(cell, relation->foreign_keys)
			into->rows[rows++] =
			hash_of(CONSTROID, ((AllmForeignKey *) lfirst(cell))->oid);
	}
	into->nrelations = list_length(snapshot->relations);
	qsort(into->relations, into->nrelations, sizeof(Oid), compare_numbers);
	qsort(into->rows, rows, sizeof(uint32), compare_numbers);
	into->nrows = qunique(into->rows, rows, sizeof(uint32), compare_numbers);
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
