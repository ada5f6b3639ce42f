/*
 * snapshot.c
 *		What the current role may read: relations, columns, keys.
 *
 * The snapshot is built from the catalogs by plain catalog scans, so it works
 * on a standby and in a read-only transaction, and is kept in this backend
 * until the role, the search path or a catalog changes.  Nothing is shared.
 *
 * The scans are few and long rather than many and short where a database of
 * ten thousand tables would otherwise pay: pg_class and the foreign keys are
 * read once each; columns and indexes by relation, for readable ones only.
 *
 * Invalidation callbacks run at awkward moments, so they only raise a flag.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "schema/snapshot.h"

/* Schemas on a search path; nobody has more that matter. */
#define MAX_PATH	256

/* The kept snapshot and what it was made for; NULL when there is none. */
static MemoryContext kept_context = NULL;
static AllmSnapshot *kept_snapshot = NULL;
static Oid	kept_role = InvalidOid;
static List *kept_path = NIL;

/* Raised by the callbacks: the kept snapshot may be out of date. */
static bool is_stale = true;

/* What a transaction that has failed is given: there is nothing to read. */
static const AllmSnapshot empty_snapshot = {NIL};

/* Relations by OID while a snapshot is built. */
typedef struct RelationEntry
{
	Oid			oid;			/* hash key; MUST BE FIRST */
	AllmRelation *relation;		/* NULL: a member of an extension */
	bool		has_children;	/* an inheritance parent, not partitioned */
} RelationEntry;

/* One build in progress; everything is made in the snapshot's context. */
typedef struct Build
{
	AllmSnapshot *snapshot;
	List	   *namespaces;		/* OIDs, in the order of the search path */
	HTAB	   *entries;		/* of RelationEntry */
} Build;

static void watch_catalogs(void);
static void mark_stale_relation(Datum arg, Oid relid);
static void mark_stale_syscache(Datum arg, int cacheid, uint32 hashvalue);
static List *list_namespaces(void);
static void build_snapshot(List *namespaces);
static void note_extension_members(Build *build);
static void read_relations(Build *build);
static bool is_wanted(Build *build, Form_pg_class form);
static AllmRelation *make_relation(Form_pg_class form, List *columns);
static List *read_columns(Oid relid);
static AllmColumn *make_column(Form_pg_attribute form);
static void read_indexes(AllmRelation *relation, bool has_children);
static void apply_index(AllmRelation *relation, Form_pg_index form,
						bool has_children, bool has_predicate);
static void read_foreign_keys(Build *build);
static void add_foreign_key(Build *build, HeapTuple tuple, TupleDesc desc);
static bool has_foreign_key(const AllmRelation *relation,
							const List *from_columns, const List *to_columns);
static List *get_key_columns(AllmRelation *relation, HeapTuple tuple,
							 TupleDesc desc, AttrNumber attribute);
static AllmColumn *find_column(const AllmRelation *relation, AttrNumber attnum);
static int	compare_relations(const ListCell *a, const ListCell *b);

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
	if (kept_snapshot == NULL || is_stale || kept_role != GetUserId() ||
		!equal(kept_path, namespaces))
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
		NAMESPACEOID, AUTHMEMMEMROLE, AUTHOID, TYPEOID, CONSTROID
	};
	static bool is_watching = false;

	if (is_watching)
		return;
	CacheRegisterRelcacheCallback(mark_stale_relation, (Datum) 0);
	for (int i = 0; i < lengthof(watched); i++)
		CacheRegisterSyscacheCallback(watched[i], mark_stale_syscache,
									  (Datum) 0);
	is_watching = true;
}

/* A relation, its columns or its grants changed. */
static void
mark_stale_relation(Datum arg, Oid relid)
{
	is_stale = true;
}

/* A row of a watched catalog changed. */
static void
mark_stale_syscache(Datum arg, int cacheid, uint32 hashvalue)
{
	is_stale = true;
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
	HASHCTL		control = {0};
	Build		build = {0};

	if (kept_context != NULL)
		MemoryContextSetParent(kept_context, TopTransactionContext);
	kept_context = NULL;
	kept_snapshot = NULL;

	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm snapshot",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);

	/* From here on a change may or may not be seen: it must flag again. */
	is_stale = false;

	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(RelationEntry);
	control.hcxt = context;
	build.snapshot = palloc0(sizeof(AllmSnapshot));
	build.namespaces = namespaces;
	build.entries = hash_create("analytics_llm relations", 256, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	note_extension_members(&build);
	read_relations(&build);
	read_foreign_keys(&build);
	list_sort(build.snapshot->relations, compare_relations);
	hash_destroy(build.entries);

	kept_path = list_copy(namespaces);
	MemoryContextSwitchTo(caller);
	MemoryContextSetParent(context, CacheMemoryContext);
	kept_context = context;
	kept_role = GetUserId();
	kept_snapshot = build.snapshot;
}

/* Relations that an extension brought are entered without a relation. */
static void
note_extension_members(Build *build)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_depend_refclassid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(ExtensionRelationId));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL,
							  1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);
		RelationEntry *entry;

		if (form->classid != RelationRelationId ||
			form->deptype != DEPENDENCY_EXTENSION)
			continue;
		entry = hash_search(build->entries, &form->objid, HASH_ENTER, NULL);
		entry->relation = NULL;
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
}

/* Enters each relation of the search path of which a column is readable. */
static void
read_relations(Build *build)
{
	Relation	class = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(class, InvalidOid, false, NULL,
										  0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);
		AllmRelation *relation;
		RelationEntry *entry;
		List	   *columns;

		CHECK_FOR_INTERRUPTS();
		if (!is_wanted(build, form))
			continue;
		columns = read_columns(form->oid);
		if (columns == NIL)
			continue;
		relation = make_relation(form, columns);
		if (relation == NULL)
			continue;
		entry = hash_search(build->entries, &form->oid, HASH_ENTER, NULL);
		entry->relation = relation;
		entry->has_children = form->relkind == RELKIND_RELATION &&
			form->relhassubclass;
		build->snapshot->relations = lappend(build->snapshot->relations,
											 entry->relation);
		if (form->relhasindex)
			read_indexes(entry->relation, entry->has_children);
	}
	systable_endscan(scan);
	table_close(class, AccessShareLock);
}

/* Is it of a kind that holds data, ours to show, and in the search path? */
static bool
is_wanted(Build *build, Form_pg_class form)
{
	static const char kinds[] = {
		RELKIND_RELATION, RELKIND_PARTITIONED_TABLE, RELKIND_VIEW,
		RELKIND_MATVIEW, RELKIND_FOREIGN_TABLE, '\0'
	};

	return strchr(kinds, form->relkind) != NULL &&
		!form->relispartition &&
		list_member_oid(build->namespaces, form->relnamespace) &&
		hash_search(build->entries, &form->oid, HASH_FIND, NULL) == NULL;
}

/*
 * A relation with its columns, and no keys yet; NULL when its schema has been
 * dropped since the scan began.
 */
static AllmRelation *
make_relation(Form_pg_class form, List *columns)
{
	AllmRelation *relation = palloc0(sizeof(AllmRelation));
	ListCell   *cell;

	relation->oid = form->oid;
	relation->schema = get_namespace_name(form->relnamespace);
	if (relation->schema == NULL)
		return NULL;
	relation->name = pstrdup(NameStr(form->relname));
	if (RelnameGetRelid(relation->name) == form->oid)
		relation->sql_name = pstrdup(quote_identifier(relation->name));
	else
		relation->sql_name = quote_qualified_identifier(relation->schema,
														relation->name);
	relation->kind = form->relkind;
	relation->rows = form->reltuples;
	relation->columns = columns;
	foreach(cell, columns)
		((AllmColumn *) lfirst(cell))->relation = relation;
	return relation;
}

/*
 * The columns that the role may select, by number.  NIL, and no error, for a
 * relation that has been dropped since the scan of pg_class began.
 */
static List *
read_columns(Oid relid)
{
	bool		missing = false;
	bool		all = pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT,
											&missing) == ACLCHECK_OK;
	List	   *columns = NIL;
	Relation	attribute;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	if (missing ||
		(!all && pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT,
										   ACLMASK_ANY) != ACLCHECK_OK))
		return NIL;

	attribute = table_open(AttributeRelationId, AccessShareLock);
	ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relid));
	ScanKeyInit(&keys[1], Anum_pg_attribute_attnum, BTGreaterStrategyNumber,
				F_INT2GT, Int16GetDatum(0));
	scan = systable_beginscan(attribute, AttributeRelidNumIndexId, true, NULL,
							  2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_attribute form = (Form_pg_attribute) GETSTRUCT(tuple);

		if (form->attisdropped ||
			!SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(form->atttypid)))
			continue;
		if (all || pg_attribute_aclcheck_ext(relid, form->attnum, GetUserId(),
											 ACL_SELECT,
											 &missing) == ACLCHECK_OK)
			columns = lappend(columns, make_column(form));
	}
	systable_endscan(scan);
	table_close(attribute, AccessShareLock);
	return columns;
}

/* One column; the relation is filled in by the caller. */
static AllmColumn *
make_column(Form_pg_attribute form)
{
	AllmColumn *column = palloc0(sizeof(AllmColumn));
	bool		is_preferred;

	column->attnum = form->attnum;
	column->name = pstrdup(NameStr(form->attname));
	column->declared_type = form->atttypid;
	column->typmod = form->atttypmod;
	column->type = getBaseTypeAndTypmod(form->atttypid, &column->typmod);
	get_type_category_preferred(column->type, &column->category,
								&is_preferred);
	column->not_null = form->attnotnull;
	return column;
}

/* Notes the primary key and the columns that are unique alone. */
static void
read_indexes(AllmRelation *relation, bool has_children)
{
	Relation	index = table_open(IndexRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relation->oid));
	scan = systable_beginscan(index, IndexIndrelidIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		has_predicate =
		!heap_attisnull(tuple, Anum_pg_index_indpred,
						RelationGetDescr(index));

		apply_index(relation, (Form_pg_index) GETSTRUCT(tuple), has_children,
					has_predicate);
	}
	systable_endscan(scan);
	table_close(index, AccessShareLock);
}

/*
 * A primary key of which a column is not readable is none.  An index of a
 * parent does not hold for the rows of its children.
 */
static void
apply_index(AllmRelation *relation, Form_pg_index form, bool has_children,
			bool has_predicate)
{
	List	   *columns = NIL;
	ListCell   *cell;

	if (!form->indisunique || !form->indisvalid || !form->indimmediate ||
		has_predicate || has_children)
		return;
	for (int i = 0; i < form->indnkeyatts; i++)
	{
		AllmColumn *column = find_column(relation, form->indkey.values[i]);

		if (column == NULL)
			return;
		columns = lappend(columns, column);
	}

	if (list_length(columns) == 1)
		((AllmColumn *) linitial(columns))->unique = true;
	if (!form->indisprimary)
		return;
	relation->primary_key = columns;
	foreach(cell, columns)
		((AllmColumn *) lfirst(cell))->in_key = true;
}

/* Enters the foreign keys between relations of the snapshot. */
static void
read_foreign_keys(Build *build)
{
	Relation	constraint = table_open(ConstraintRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(constraint, InvalidOid, false, NULL,
										  0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

		CHECK_FOR_INTERRUPTS();
		if (form->contype == CONSTRAINT_FOREIGN)
			add_foreign_key(build, tuple, RelationGetDescr(constraint));
	}
	systable_endscan(scan);
	table_close(constraint, AccessShareLock);
}

/*
 * A key is left out when a column of it is not readable, and when one of its
 * sides has inheritance children: their rows obey no key, so a join could
 * meet a row twice.
 */
static void
add_foreign_key(Build *build, HeapTuple tuple, TupleDesc desc)
{
	Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
	RelationEntry *from;
	RelationEntry *to;
	AllmForeignKey *key;
	List	   *from_columns;
	List	   *to_columns;
	ListCell   *cell;

	from = hash_search(build->entries, &form->conrelid, HASH_FIND, NULL);
	to = hash_search(build->entries, &form->confrelid, HASH_FIND, NULL);
	if (from == NULL || from->relation == NULL)
		return;

	from_columns = get_key_columns(from->relation, tuple, desc,
								   Anum_pg_constraint_conkey);
	foreach(cell, from_columns)
		((AllmColumn *) lfirst(cell))->in_foreign_key = true;
	if (to == NULL || to->relation == NULL || from_columns == NIL ||
		from->has_children || to->has_children)
		return;
	to_columns = get_key_columns(to->relation, tuple, desc,
								 Anum_pg_constraint_confkey);
	if (to_columns == NIL ||
		has_foreign_key(from->relation, from_columns, to_columns))
		return;

	key = palloc0(sizeof(AllmForeignKey));
	key->from = from->relation;
	key->to = to->relation;
	key->from_columns = from_columns;
	key->to_columns = to_columns;
	key->mandatory = form->convalidated;
	foreach(cell, from_columns)
		key->mandatory &= ((AllmColumn *) lfirst(cell))->not_null;
	from->relation->foreign_keys = lappend(from->relation->foreign_keys, key);
}

/* Is the same key there already, as a second constraint? */
static bool
has_foreign_key(const AllmRelation *relation, const List *from_columns,
				const List *to_columns)
{
	ListCell   *cell;

	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (list_difference_ptr(key->from_columns, from_columns) == NIL &&
			list_difference_ptr(from_columns, key->from_columns) == NIL &&
			list_difference_ptr(key->to_columns, to_columns) == NIL)
			return true;
	}
	return false;
}

/* The columns of one side of a constraint, or NIL if one is not readable. */
static List *
get_key_columns(AllmRelation *relation, HeapTuple tuple, TupleDesc desc,
				AttrNumber attribute)
{
	List	   *columns = NIL;
	bool		isnull;
	Datum		value = heap_getattr(tuple, attribute, desc, &isnull);
	ArrayType  *array;
	int16	   *numbers;

	if (isnull)
		return NIL;
	array = DatumGetArrayTypeP(value);
	numbers = (int16 *) ARR_DATA_PTR(array);
	for (int i = 0; i < ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); i++)
	{
		AllmColumn *column = find_column(relation, numbers[i]);

		if (column == NULL)
			return NIL;
		columns = lappend(columns, column);
	}
	return columns;
}

/* The column with that number, or NULL when it is not readable. */
static AllmColumn *
find_column(const AllmRelation *relation, AttrNumber attnum)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (column->attnum == attnum)
			return column;
	}
	return NULL;
}

/* By schema and name, byte by byte. */
static int
compare_relations(const ListCell *a, const ListCell *b)
{
	const AllmRelation *left = lfirst(a);
	const AllmRelation *right = lfirst(b);
	int			order = strcmp(left->schema, right->schema);

	return order != 0 ? order : strcmp(left->name, right->name);
}
