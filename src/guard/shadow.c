/*
 * shadow.c
 *		Functions and operators that somebody put in place of the server's.
 *
 * A role that may create in a schema on the search_path of another can make a
 * function or an operator with the name of one of the server's, for types that
 * fit better: an "=" for varchar, say.  A query that means the server's then
 * runs that role's code with the rights of whoever asks.  So what has the name
 * of the server's has to belong to somebody whom the asker trusts anyway: a
 * superuser, an extension, or a role that the asker has the rights of.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "guard/shadow.h"

static bool is_trusted(Oid function);
static bool server_has_function(const char *name);
static bool server_has_operator(const char *name);
static Oid	get_operator(const Node *node);

/*
 * Why a function may not be called by this node of a query, as a sentence, or
 * NULL when it may be.
 */
const char *
allm_shadow_refuse(Oid function, const Node *node)
{
	Oid			operator = get_operator(node);
	char	   *name;

	if (function < FirstUnpinnedObjectId || is_trusted(function))
		return NULL;
	if (OidIsValid(operator))
		name = get_opname(operator);
	else
		name = get_func_name(function);
	if (name == NULL ||
		!(OidIsValid(operator) ? server_has_operator(name) :
		  server_has_function(name)))
		return NULL;
	return OidIsValid(operator) ?
		"Its operator has the name of one of the server's, and belongs to another role." :
		"It has the name of one of the server's, and belongs to another role.";
}

/* Does a function belong to somebody whom the asking role trusts anyway? */
static bool
is_trusted(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return false;
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return superuser_arg(owner) ||
		has_privs_of_role(GetUserId(), owner) ||
		OidIsValid(getExtensionOfObject(ProcedureRelationId, function));
}

/* Is there a function of the server's with that name? */
static bool
server_has_function(const char *name)
{
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP,
										   CStringGetDatum(name));
	bool		found = false;

	for (int i = 0; i < list->n_members && !found; i++)
	{
		HeapTuple	tuple = &list->members[i]->tuple;
		Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(tuple);

		found = proc->pronamespace == PG_CATALOG_NAMESPACE &&
			proc->oid < FirstUnpinnedObjectId;
	}
	ReleaseSysCacheList(list);
	return found;
}

/* Is there an operator of the server's with that name? */
static bool
server_has_operator(const char *name)
{
	CatCList   *list = SearchSysCacheList1(OPERNAMENSP, CStringGetDatum(name));
	bool		found = false;

	for (int i = 0; i < list->n_members && !found; i++)
	{
		HeapTuple	tuple = &list->members[i]->tuple;
		Form_pg_operator operator = (Form_pg_operator) GETSTRUCT(tuple);

		found = operator->oprnamespace == PG_CATALOG_NAMESPACE &&
			operator->oid < FirstUnpinnedObjectId;
	}
	ReleaseSysCacheList(list);
	return found;
}

/* The operator through which a node calls, or InvalidOid. */
static Oid
get_operator(const Node *node)
{
	if (node == NULL)
		return InvalidOid;
	if (IsA(node, OpExpr) || IsA(node, DistinctExpr) || IsA(node, NullIfExpr))
		return ((const OpExpr *) node)->opno;
	if (IsA(node, ScalarArrayOpExpr))
		return ((const ScalarArrayOpExpr *) node)->opno;
	return InvalidOid;
}
