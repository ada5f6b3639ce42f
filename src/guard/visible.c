/*
 * visible.c
 *		The live catalog as the asking role sees it.
 *
 * Nothing here tells "is not there" from "may not be read by this role": a
 * name that the role cannot read does not exist, as a relation, as a column,
 * and as a suggestion.  Lookups take no lock on what they look up, so an
 * answer may be stale; the server's own analysis decides afterwards.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/settings.h"
#include "base/text.h"
#include "guard/visible.h"

/* The schema of the extension's own tables. */
#define STATE_SCHEMA	"analytics_llm"

/* As many relations are suggested for a wrong name. */
#define MAX_SUGGESTED	3

/* What may be selected from: others of pg_class are no relations to a query. */
#define READABLE_KINDS	"rvmfpS"

/* A relation that a wrong name may have meant. */
typedef struct Candidate
{
	char	   *name;
	int			likeness;
} Candidate;

static int	count_attributes(Oid relid);
static bool is_system_schema(Oid schema);
static Candidate *judge_candidate(Form_pg_class class, const char *wrong);
static int	compare_candidates(const ListCell *a, const ListCell *b);

/*
 * What a relation name, with or without a schema, means to the current role.
 * The OID is set for ALLM_VISIBLE only.
 */
AllmVisibility
allm_visible_relation(const char *schema, const char *name, Oid *relid)
{
	Oid			namespace;
	Oid			found;

	*relid = InvalidOid;
	if (schema == NULL)
		found = RelnameGetRelid(name);
	else if (strcmp(schema, "pg_temp") == 0)
		return ALLM_VISIBLE_UNKNOWN;
	else
	{
		if (!allm_visible_schema(schema))
			return ALLM_VISIBLE_NOT;
		namespace = get_namespace_oid(schema, true);
		found = OidIsValid(namespace) ?
			get_relname_relid(name, namespace) : InvalidOid;
	}

	if (!OidIsValid(found))
		return ALLM_VISIBLE_NOT;
	if (allm_visible_is_catalog(found))
		return ALLM_VISIBLE_CATALOG;
	if (!allm_visible_any_column(found))
		return ALLM_VISIBLE_NOT;
	*relid = found;
	return ALLM_VISIBLE;
}

/*
 * Is a relation one of the server's own, which the setting keeps from
 * generated SQL, or one of this extension, which no setting opens?
 */
bool
allm_visible_is_catalog(Oid relid)
{
	Oid			schema = get_rel_namespace(relid);

	return allm_visible_is_state(relid) || IsToastNamespace(schema) ||
		(is_system_schema(schema) && !allm_allow_system_catalogs);
}

/*
 * Is a relation one of this extension?  No query reads these, not even by a
 * view: they hold what others asked.
 */
bool
allm_visible_is_state(Oid relid)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relid));

	return schema != NULL && strcmp(schema, STATE_SCHEMA) == 0;
}

/* May the role read at least one column of something that can be read? */
bool
allm_visible_any_column(Oid relid)
{
	char		kind = get_rel_relkind(relid);
	bool		missing = false;

	if (kind == '\0' || strchr(READABLE_KINDS, kind) == NULL)
		return false;
	if (pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT,
							  &missing) == ACLCHECK_OK)
		return !missing;
	return !missing &&
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT,
								  ACLMASK_ANY) == ACLCHECK_OK;
}

/* May the role read the relation itself, now and whatever columns it gets? */
bool
allm_visible_whole(Oid relid)
{
	bool		missing = false;

	return pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT,
								 &missing) == ACLCHECK_OK && !missing;
}

/* May the role read all columns, so that a whole row gives nothing away? */
bool
allm_visible_all_columns(Oid relid)
{
	bool		missing = false;

	if (pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT,
							  &missing) == ACLCHECK_OK)
		return !missing;
	return !missing &&
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT,
								  ACLMASK_ALL) == ACLCHECK_OK;
}

/*
 * All columns of a relation, by number, as AllmVisibleColumn; those that the
 * role may not read are marked, and are there only because aliases count
 * positions.
 */
List *
allm_visible_columns(Oid relid)
{
	List	   *columns = NIL;
	bool		missing = false;
	bool		all = pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT,
											&missing) == ACLCHECK_OK;
	int			natts = count_attributes(relid);

	for (AttrNumber attnum = 1; attnum <= natts; attnum++)
	{
		HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid),
											Int16GetDatum(attnum));
		Form_pg_attribute att;

		if (!HeapTupleIsValid(tuple))
			continue;
		att = (Form_pg_attribute) GETSTRUCT(tuple);
		if (!att->attisdropped)
		{
			AllmVisibleColumn *column = palloc0(sizeof(AllmVisibleColumn));

			column->name = pstrdup(NameStr(att->attname));
			column->type = att->atttypid;
			column->typmod = att->atttypmod;
			column->readable = all ||
				pg_attribute_aclcheck(relid, attnum, GetUserId(),
									  ACL_SELECT) == ACLCHECK_OK;
			columns = lappend(columns, column);
		}
		ReleaseSysCache(tuple);
	}
	return columns;
}

/* Has the relation a system column of that name that the role may read? */
bool
allm_visible_has_system_column(Oid relid, const char *name)
{
	AttrNumber	attnum = get_attnum(relid, name);

	return attnum < 0 &&
		(pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		 pg_attribute_aclcheck(relid, attnum, GetUserId(),
							   ACL_SELECT) == ACLCHECK_OK);
}

/* Is there a schema of that name that the role may use? */
bool
allm_visible_schema(const char *name)
{
	Oid			schema = get_namespace_oid(name, true);

	if (!OidIsValid(schema))
		return strcmp(name, "pg_temp") == 0;
	return allm_schema_aclcheck(schema, GetUserId()) == ACLCHECK_OK;
}

/*
 * May this type be named?  The row type of a relation, an array or a domain of
 * it, only when all columns of the relation may be read: its fields are the
 * relation's columns.
 */
bool
allm_visible_row_type(Oid type)
{
	Oid			relid;

	if (get_typtype(type) == TYPTYPE_DOMAIN)
		type = getBaseType(type);
	if (OidIsValid(get_element_type(type)))
		type = getBaseType(get_element_type(type));
	relid = get_typ_typrelid(type);
	if (!OidIsValid(relid) ||
		get_rel_relkind(relid) == RELKIND_COMPOSITE_TYPE)
		return true;
	return !allm_visible_is_catalog(relid) && allm_visible_all_columns(relid);
}

/* The same of a name; a name that is not there is for the server to say. */
bool
allm_visible_type(const char *schema, const char *name)
{
	Oid			type;

	if (schema == NULL)
		type = TypenameGetTypid(name);
	else
		type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
							   CStringGetDatum(name),
							   ObjectIdGetDatum(get_namespace_oid(schema, true)));
	return !OidIsValid(type) || allm_visible_row_type(type);
}

/*
 * The readable relations whose names are like a wrong one, in a sentence, or
 * NULL.  Reads pg_class once: it is asked for a wrong name only.
 */
char *
allm_visible_suggest_relation(const char *name)
{
	Relation	catalog = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL,
										  0, NULL);
	List	   *candidates = NIL;
	StringInfoData sentence;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Candidate  *candidate = judge_candidate((Form_pg_class) GETSTRUCT(tuple),
												name);

		if (candidate != NULL)
			candidates = lappend(candidates, candidate);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);

	if (candidates == NIL)
		return NULL;
	list_sort(candidates, compare_candidates);
	initStringInfo(&sentence);
	for (int i = 0; i < Min(list_length(candidates), MAX_SUGGESTED); i++)
		appendStringInfo(&sentence, "%s%s",
						 i == 0 ? "Perhaps you meant " : " or ",
						 ((Candidate *) list_nth(candidates, i))->name);
	appendStringInfoChar(&sentence, '.');
	return sentence.data;
}

/*
 * By how much a name differs from a wrong one, or -1 when it is not like it.
 * One letter in three may be wrong, and no more than four.
 */
int
allm_visible_likeness(const char *wrong, const char *name)
{
	char	   *a = allm_text_lower(wrong);
	char	   *b = allm_text_lower(name);
	int			max = Min((int) strlen(a) / 3, 4);
	int			distance = allm_text_distance(a, b, max);

	pfree(a);
	pfree(b);
	return distance <= max ? distance : -1;
}

/* Columns of a relation with those that were dropped; 0 when it is gone. */
static int
count_attributes(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	int			natts;

	if (!HeapTupleIsValid(tuple))
		return 0;
	natts = ((Form_pg_class) GETSTRUCT(tuple))->relnatts;
	ReleaseSysCache(tuple);
	return natts;
}

/* pg_catalog or information_schema? */
static bool
is_system_schema(Oid schema)
{
	char	   *name = get_namespace_name(schema);

	return schema == PG_CATALOG_NAMESPACE ||
		(name != NULL && strcmp(name, "information_schema") == 0);
}

/* A relation as a suggestion, or NULL: it must be like, usable and readable. */
static Candidate *
judge_candidate(Form_pg_class class, const char *wrong)
{
	Candidate  *candidate;
	int			likeness;
	char	   *schema;

	if (strchr(READABLE_KINDS, class->relkind) == NULL ||
		class->relkind == RELKIND_SEQUENCE ||
		is_system_schema(class->relnamespace) ||
		isAnyTempNamespace(class->relnamespace))
		return NULL;
	likeness = allm_visible_likeness(wrong, NameStr(class->relname));
	schema = get_namespace_name(class->relnamespace);
	if (likeness < 0 || schema == NULL || !allm_visible_schema(schema) ||
		allm_visible_is_catalog(class->oid) ||
		!allm_visible_any_column(class->oid))
		return NULL;

	candidate = palloc(sizeof(Candidate));
	candidate->likeness = likeness;
	candidate->name =
		quote_qualified_identifier(RelationIsVisible(class->oid) ? NULL : schema,
								   NameStr(class->relname));
	return candidate;
}

/* The likest first, then by name. */
static int
compare_candidates(const ListCell *a, const ListCell *b)
{
	const Candidate *left = lfirst(a);
	const Candidate *right = lfirst(b);

	if (left->likeness != right->likeness)
		return left->likeness < right->likeness ? -1 : 1;
	return strcmp(left->name, right->name);
}
