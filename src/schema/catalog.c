/*
 * catalog.c
 *		Reading the catalogs into a snapshot.
 *
 * Plain scans, so that it works on a standby and in a read-only transaction.
 * A database of ten thousand tables must not be read by ten thousand look-ups
 * of each kind: pg_class is read once, and what belongs to relations (columns,
 * indexes, comments, foreign keys) is read by relation where there are few of
 * them and in one long scan each where there are many.  Privileges are read
 * from the rows that are scanned anyway, by the server's own functions.  A
 * relation that is dropped meanwhile is left out, and is no error.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_description.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "schema/basetype.h"
#include "schema/catalog.h"
#include "schema/comment.h"

/*
 * From so many relations on, one scan of a whole catalog is cheaper than one
 * index scan for each of them.
 */
#define MANY_RELATIONS		256

/* Relations by OID while a snapshot is built. */
typedef struct RelationEntry
{
	Oid			oid;			/* hash key; MUST BE FIRST */
	AllmRelation *relation;		/* NULL: it is left out */
	Oid			owner;
	bool		readable;		/* as a whole, not by columns */
	bool		has_children;	/* an inheritance parent, not partitioned */
} RelationEntry;

/* How many relations of any kind and schema have a name. */
typedef struct NameEntry
{
	NameData	name;			/* hash key; MUST BE FIRST */
	int			count;
} NameEntry;

/* What a column's type is. */
typedef struct TypeEntry
{
	Oid			oid;			/* hash key; MUST BE FIRST */
	bool		exists;
	AllmBaseType base;
} TypeEntry;

/* One build in progress; everything is made in the snapshot's context. */
typedef struct Build
{
	AllmSnapshot *snapshot;
	const List *namespaces;		/* OIDs, in the order of the search path */
	Oid			role;
	bool		reads_all;		/* privileges are not asked */
	HTAB	   *entries;		/* of RelationEntry */
	HTAB	   *names;			/* of NameEntry */
	HTAB	   *types;			/* of TypeEntry */
} Build;

/* Takes one row of a catalog. */
typedef void (*TakeRow) (Build *build, HeapTuple tuple, TupleDesc desc);

/* A catalog whose rows belong to relations. */
typedef struct RelationCatalog
{
	Oid			catalog;
	Oid			index;			/* begins with the relation */
	AttrNumber	relation;		/* its column */
	TakeRow		take;
} RelationCatalog;

static HTAB *make_table(const char *name, Size keysize, Size entrysize,
						int flags);
static void scan_catalog(Build *build, const RelationCatalog *catalog,
						 const RelationEntry *entry);
static void scan_of_relations(Build *build, const RelationCatalog *catalog);
static void note_extension_members(Build *build);
static void take_class(Build *build, HeapTuple tuple, TupleDesc desc);
static bool is_wanted(Build *build, Form_pg_class form);
static bool may_select(Build *build, HeapTuple tuple, TupleDesc desc,
					   AttrNumber acl_column, Oid owner, bool is_column);
static void finish_relations(Build *build);
static const char *name_relation(Build *build, const AllmRelation *relation);
static void take_attribute(Build *build, HeapTuple tuple, TupleDesc desc);
static AllmColumn *make_column(Build *build, Form_pg_attribute form);
static const TypeEntry *find_type(Build *build, Oid type);
static void take_index(Build *build, HeapTuple tuple, TupleDesc desc);
static void take_constraint(Build *build, HeapTuple tuple, TupleDesc desc);
static bool has_foreign_key(const AllmRelation *relation,
							const List *from_columns, const List *to_columns);
static List *get_key_columns(AllmRelation *relation, HeapTuple tuple,
							 TupleDesc desc, AttrNumber attribute);
static void take_description(Build *build, HeapTuple tuple, TupleDesc desc);
static AllmRelation *find_relation(Build *build, Oid oid,
								   RelationEntry **entry);
static AllmColumn *find_column(const AllmRelation *relation, AttrNumber attnum);
static int	compare_relations(const ListCell *a, const ListCell *b);
static int	compare_columns(const ListCell *a, const ListCell *b);
static int	compare_keys(const ListCell *a, const ListCell *b);

static const RelationCatalog classes =
{RelationRelationId, InvalidOid, 0, take_class};
static const RelationCatalog attributes =
{
	AttributeRelationId, AttributeRelidNumIndexId, Anum_pg_attribute_attrelid,
	take_attribute
};
static const RelationCatalog indexes =
{
	IndexRelationId, IndexIndrelidIndexId, Anum_pg_index_indrelid, take_index
};
static const RelationCatalog constraints =
{
	ConstraintRelationId, ConstraintRelidTypidNameIndexId,
	Anum_pg_constraint_conrelid, take_constraint
};
static const RelationCatalog descriptions =
{
	DescriptionRelationId, DescriptionObjIndexId, Anum_pg_description_objoid,
	take_description
};

/*
 * Fills a snapshot, in the current memory context, with what the current role
 * may read of the given schemas.
 */
void
allm_catalog_read(AllmSnapshot *snapshot, const List *namespaces)
{
	Build		build = {0};

	build.snapshot = snapshot;
	build.namespaces = namespaces;
	build.role = GetUserId();
	build.reads_all = superuser() ||
		has_privs_of_role(build.role, ROLE_PG_READ_ALL_DATA);
	build.entries = make_table("analytics_llm relations", sizeof(Oid),
							   sizeof(RelationEntry), HASH_BLOBS);
	build.names = make_table("analytics_llm names", NAMEDATALEN,
							 sizeof(NameEntry), HASH_STRINGS);
	build.types = make_table("analytics_llm types", sizeof(Oid),
							 sizeof(TypeEntry), HASH_BLOBS);

	note_extension_members(&build);
	scan_catalog(&build, &classes, NULL);
	scan_of_relations(&build, &attributes);
	scan_of_relations(&build, &descriptions);
	finish_relations(&build);
	scan_of_relations(&build, &indexes);
	scan_of_relations(&build, &constraints);

	/* What the scans met in the order of the heap. */
	for (int i = 0; i < list_length(snapshot->relations); i++)
		list_sort(((AllmRelation *) list_nth(snapshot->relations,
											 i))->foreign_keys, compare_keys);
	hash_destroy(build.entries);
	hash_destroy(build.names);
	hash_destroy(build.types);
}

/* Does a relation of that kind hold data to ask for? */
bool
allm_catalog_holds_data(char relkind)
{
	return relkind == RELKIND_RELATION ||
		relkind == RELKIND_PARTITIONED_TABLE ||
		relkind == RELKIND_VIEW || relkind == RELKIND_MATVIEW ||
		relkind == RELKIND_FOREIGN_TABLE;
}

/* A hash table that goes with the snapshot, if nothing ends it before. */
static HTAB *
make_table(const char *name, Size keysize, Size entrysize, int flags)
{
	HASHCTL		control = {0};

	control.keysize = keysize;
	control.entrysize = entrysize;
	control.hcxt = CurrentMemoryContext;
	return hash_create(name, 256, &control, HASH_ELEM | HASH_CONTEXT | flags);
}

/* Takes the rows of a catalog: those of one relation, or all. */
static void
scan_catalog(Build *build, const RelationCatalog *catalog,
			 const RelationEntry *entry)
{
	Relation	relation = table_open(catalog->catalog, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (entry != NULL)
		ScanKeyInit(&key, catalog->relation, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(entry->oid));
	scan = systable_beginscan(relation, catalog->index, entry != NULL, NULL,
							  entry != NULL ? 1 : 0, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		catalog->take(build, tuple, RelationGetDescr(relation));
	}
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
}

/* Takes what a catalog has of the relations that were entered. */
static void
scan_of_relations(Build *build, const RelationCatalog *catalog)
{
	HASH_SEQ_STATUS status;
	RelationEntry *entry;

	if (hash_get_num_entries(build->entries) >= MANY_RELATIONS)
	{
		scan_catalog(build, catalog, NULL);
		return;
	}
	hash_seq_init(&status, build->entries);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		if (entry->relation != NULL)
			scan_catalog(build, catalog, entry);
	}
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

/*
 * A row of pg_class.  Its name is counted whatever it is: an index may hide a
 * table of the same name.  The relation has no columns yet.
 */
static void
take_class(Build *build, HeapTuple tuple, TupleDesc desc)
{
	Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);
	AllmRelation *relation;
	RelationEntry *entry;
	NameEntry  *name;
	bool		found;

	name = hash_search(build->names, NameStr(form->relname), HASH_ENTER,
					   &found);
	name->count = found ? name->count + 1 : 1;
	if (!is_wanted(build, form))
		return;

	relation = palloc0(sizeof(AllmRelation));
	relation->oid = form->oid;
	relation->namespace = form->relnamespace;
	relation->name = pstrdup(NameStr(form->relname));
	relation->kind = form->relkind;
	relation->rows = form->reltuples;
	entry = hash_search(build->entries, &form->oid, HASH_ENTER, NULL);
	entry->relation = relation;
	entry->owner = form->relowner;
	entry->readable = may_select(build, tuple, desc, Anum_pg_class_relacl,
								 form->relowner, false);
	entry->has_children = form->relkind == RELKIND_RELATION &&
		form->relhassubclass;
}

/* Is it of a kind that holds data, ours to show, and in the search path? */
static bool
is_wanted(Build *build, Form_pg_class form)
{
	return allm_catalog_holds_data(form->relkind) &&
		!form->relispartition &&
		list_member_oid(build->namespaces, form->relnamespace) &&
		hash_search(build->entries, &form->oid, HASH_FIND, NULL) == NULL;
}

/*
 * What pg_class_aclcheck and pg_attribute_aclcheck say, from the row at hand:
 * a relation without an ACL has the default one, a column none.
 */
static bool
may_select(Build *build, HeapTuple tuple, TupleDesc desc,
		   AttrNumber acl_column, Oid owner, bool is_column)
{
	bool		isnull;
	Datum		value;
	Acl		   *acl;

	if (build->reads_all)
		return true;
	value = heap_getattr(tuple, acl_column, desc, &isnull);
	if (isnull && is_column)
		return false;
	acl = isnull ? acldefault(OBJECT_TABLE, owner) : DatumGetAclP(value);
	return aclmask(acl, build->role, owner, ACL_SELECT,
				   ACLMASK_ANY) != ACL_NO_RIGHTS;
}

/*
 * Relations with a readable column become those of the snapshot, in the order
 * of schema and name; all of them, and their columns, get their numbers.
 */
static void
finish_relations(Build *build)
{
	AllmSnapshot *snapshot = build->snapshot;
	HASH_SEQ_STATUS status;
	RelationEntry *entry;

	hash_seq_init(&status, build->entries);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		AllmRelation *relation = entry->relation;

		if (relation == NULL)
			continue;
		relation->schema = get_namespace_name(relation->namespace);
		if (relation->columns == NIL || relation->schema == NULL)
			entry->relation = NULL;
		else
			snapshot->relations = lappend(snapshot->relations, relation);
	}
	list_sort(snapshot->relations, compare_relations);

	for (int i = 0; i < list_length(snapshot->relations); i++)
	{
		AllmRelation *relation = list_nth(snapshot->relations, i);
		ListCell   *cell;

		relation->number = i;
		relation->sql_name = unconstify(char *,
										name_relation(build, relation));
		list_sort(relation->columns, compare_columns);
		foreach(cell, relation->columns)
			((AllmColumn *) lfirst(cell))->number = snapshot->ncolumns++;
	}
}

/*
 * The name in SQL.  One that is alone in the database hides behind no other;
 * the server is asked of the rest only.
 */
static const char *
name_relation(Build *build, const AllmRelation *relation)
{
	NameEntry  *name = hash_search(build->names, relation->name, HASH_FIND,
								   NULL);

	if ((name != NULL && name->count == 1) ||
		RelnameGetRelid(relation->name) == relation->oid)
		return pstrdup(quote_identifier(relation->name));
	return quote_qualified_identifier(relation->schema, relation->name);
}

/* A row of pg_attribute: a column that the role may select. */
static void
take_attribute(Build *build, HeapTuple tuple, TupleDesc desc)
{
	Form_pg_attribute form = (Form_pg_attribute) GETSTRUCT(tuple);
	RelationEntry *entry;
	AllmRelation *relation = find_relation(build, form->attrelid, &entry);
	AllmColumn *column;

	if (relation == NULL || form->attnum <= 0 || form->attisdropped ||
		(!entry->readable &&
		 !may_select(build, tuple, desc, Anum_pg_attribute_attacl,
					 entry->owner, true)))
		return;
	column = make_column(build, form);
	if (column == NULL)
		return;
	column->relation = relation;
	relation->columns = lappend(relation->columns, column);
}

/* One column, or NULL when its type has gone. */
static AllmColumn *
make_column(Build *build, Form_pg_attribute form)
{
	const TypeEntry *type = find_type(build, form->atttypid);
	AllmColumn *column;

	if (!type->exists)
		return NULL;
	column = palloc0(sizeof(AllmColumn));
	column->attnum = form->attnum;
	column->name = pstrdup(NameStr(form->attname));
	column->declared_type = form->atttypid;
	column->type = type->base.type;
	column->typmod = type->base.type == form->atttypid ? form->atttypmod :
		type->base.typmod;
	column->category = type->base.category;
	column->not_null = form->attnotnull;
	return column;
}

/* What is known of a type, looked up once. */
static const TypeEntry *
find_type(Build *build, Oid type)
{
	bool		found;
	TypeEntry  *entry = hash_search(build->types, &type, HASH_ENTER, &found);

	if (!found)
		entry->exists = allm_basetype_find(type, &entry->base);
	return entry;
}

/*
 * A row of pg_index.  A primary key of which a column is not readable is none.
 * An index of a parent does not hold for the rows of its children.
 */
static void
take_index(Build *build, HeapTuple tuple, TupleDesc desc)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);
	RelationEntry *entry;
	AllmRelation *relation = find_relation(build, form->indrelid, &entry);
	List	   *columns = NIL;
	ListCell   *cell;

	if (relation == NULL || entry->has_children || !form->indisunique ||
		!form->indisvalid || !form->indimmediate ||
		!heap_attisnull(tuple, Anum_pg_index_indpred, desc))
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

/*
 * A row of pg_constraint, of which foreign keys are wanted.  A key is left out
 * when a column of it is not readable, when it is temporal, and when one of its
 * sides has inheritance children: their rows obey no key, so that a join could
 * meet a row twice.
 */
static void
take_constraint(Build *build, HeapTuple tuple, TupleDesc desc)
{
	Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
	RelationEntry *from_entry;
	RelationEntry *to_entry;
	AllmRelation *from;
	AllmRelation *to;
	AllmForeignKey *key;
	List	   *from_columns;
	List	   *to_columns;
	ListCell   *cell;

	if (form->contype != CONSTRAINT_FOREIGN || allm_key_is_temporal(form))
		return;
	from = find_relation(build, form->conrelid, &from_entry);
	to = find_relation(build, form->confrelid, &to_entry);
	if (from == NULL)
		return;

	from_columns = get_key_columns(from, tuple, desc,
								   Anum_pg_constraint_conkey);
	foreach(cell, from_columns)
		((AllmColumn *) lfirst(cell))->in_foreign_key = true;
	if (to == NULL || from_columns == NIL || from_entry->has_children ||
		to_entry->has_children)
		return;
	to_columns = get_key_columns(to, tuple, desc, Anum_pg_constraint_confkey);
	if (to_columns == NIL || has_foreign_key(from, from_columns, to_columns))
		return;

	key = palloc0(sizeof(AllmForeignKey));
	key->oid = form->oid;
	key->from = from;
	key->to = to;
	key->from_columns = from_columns;
	key->to_columns = to_columns;
	key->mandatory = form->convalidated;
	foreach(cell, from_columns)
		key->mandatory &= ((AllmColumn *) lfirst(cell))->not_null;
	from->foreign_keys = lappend(from->foreign_keys, key);
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

/*
 * A row of pg_description: the beginning of the comment, on one line.  That of
 * a frozen view takes the view out: questions are about data, and not about
 * what was answered before.
 */
static void
take_description(Build *build, HeapTuple tuple, TupleDesc desc)
{
	Form_pg_description form = (Form_pg_description) GETSTRUCT(tuple);
	RelationEntry *entry;
	AllmRelation *relation;
	AllmColumn *column = NULL;
	bool		isnull;
	Datum		value;
	char	   *comment;

	if (form->classoid != RelationRelationId)
		return;
	relation = find_relation(build, form->objoid, &entry);
	if (relation != NULL && form->objsubid != 0)
		column = find_column(relation, form->objsubid);
	if (relation == NULL || (form->objsubid != 0 && column == NULL))
		return;
	value = heap_getattr(tuple, Anum_pg_description_description, desc,
						 &isnull);
	if (isnull)
		return;
	comment = TextDatumGetCString(value);
	if (column != NULL)
		column->comment = pstrdup(allm_comment_begin(comment));
	else if (allm_comment_is_frozen(relation->kind, comment))
		entry->relation = NULL;
	else
		relation->comment = pstrdup(allm_comment_begin(comment));
	pfree(comment);
}

/* The relation with that OID, if it is one of the snapshot, and its entry. */
static AllmRelation *
find_relation(Build *build, Oid oid, RelationEntry **entry)
{
	*entry = hash_search(build->entries, &oid, HASH_FIND, NULL);
	return *entry != NULL ? (*entry)->relation : NULL;
}

/*
 * The column with that number, or NULL when it is not readable.  It is mostly
 * in the place that its number says.
 */
static AllmColumn *
find_column(const AllmRelation *relation, AttrNumber attnum)
{
	ListCell   *cell;

	if (attnum >= 1 && attnum <= list_length(relation->columns))
	{
		AllmColumn *column = list_nth(relation->columns, attnum - 1);

		if (column->attnum == attnum)
			return column;
	}
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

/* By number. */
static int
compare_columns(const ListCell *a, const ListCell *b)
{
	return ((AllmColumn *) lfirst(a))->attnum -
		((AllmColumn *) lfirst(b))->attnum;
}

/* By age: the order in which the keys were made. */
static int
compare_keys(const ListCell *a, const ListCell *b)
{
	const AllmForeignKey *left = lfirst(a);
	const AllmForeignKey *right = lfirst(b);

	return left->oid < right->oid ? -1 : left->oid > right->oid;
}
