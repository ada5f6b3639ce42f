/*
 * compat.h
 *		What differs between the PostgreSQL versions that are supported.
 *
 * The only file that looks at PG_VERSION_NUM.  Each name here has one meaning
 * in every version; a comment says which version differs, and how.
 */
#ifndef ALLM_BASE_COMPAT_H
#define ALLM_BASE_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "analytics_llm supports PostgreSQL 15 to 18"
#endif

/* Stands before the declaration of a function that never returns; since 18. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* The actions of a JSON parse return a code since 16. */
#if PG_VERSION_NUM >= 160000
#define ALLM_JSON_ACTION		JsonParseErrorType
#define ALLM_JSON_ACTION_DONE	return JSON_SUCCESS
#else
#define ALLM_JSON_ACTION		void
#define ALLM_JSON_ACTION_DONE	return
#endif

/* The lexer may be given by the caller since 17, and reads const text. */
#if PG_VERSION_NUM >= 170000
#define allm_make_json_lex(text, len, encoding) \
	makeJsonLexContextCstringLen(NULL, (text), (len), (encoding), true)
#else
#define allm_make_json_lex(text, len, encoding) \
	makeJsonLexContextCstringLen(unconstify(char *, (text)), (len), \
								 (encoding), true)
#endif

/* One function checks the privileges of all kinds of objects since 16. */
#if PG_VERSION_NUM >= 160000
#define allm_function_aclcheck(oid, role) \
	object_aclcheck(ProcedureRelationId, (oid), (role), ACL_EXECUTE)
#define allm_schema_aclcheck(oid, role) \
	object_aclcheck(NamespaceRelationId, (oid), (role), ACL_USAGE)
#define allm_server_aclcheck(oid, role) \
	object_aclcheck(ForeignServerRelationId, (oid), (role), ACL_USAGE)
#else
#define allm_function_aclcheck(oid, role) \
	pg_proc_aclcheck((oid), (role), ACL_EXECUTE)
#define allm_schema_aclcheck(oid, role) \
	pg_namespace_aclcheck((oid), (role), ACL_USAGE)
#define allm_server_aclcheck(oid, role) \
	pg_foreign_server_aclcheck((oid), (role), ACL_USAGE)
#endif

/* A plan is run once by each ExecutorRun since 18. */
#if PG_VERSION_NUM >= 180000
#define allm_executor_run(desc, count) \
	ExecutorRun((desc), ForwardScanDirection, (count))
#else
#define allm_executor_run(desc, count) \
	ExecutorRun((desc), ForwardScanDirection, (count), true)
#endif

/*
 * The hook of ExecutorRun was told, up to 17, whether a plan is run only once:
 * its last parameter, what it was told, and the call of what comes next.
 */
#if PG_VERSION_NUM >= 180000
#define ALLM_ONCE_PARAMETER
#define ALLM_ONCE_TOLD	true
#define allm_executor_run_next(run, desc, direction, count, once) \
	((void) (once), (run) ((desc), (direction), (count)))
#else
#define ALLM_ONCE_PARAMETER , bool execute_once
#define ALLM_ONCE_TOLD	execute_once
#define allm_executor_run_next(run, desc, direction, count, once) \
	(run) ((desc), (direction), (count), (once))
#endif

/* The query of a materialized view has its own type since 18. */
#if PG_VERSION_NUM >= 180000
#define allm_view_query(into)	((into)->viewQuery)
#else
#define allm_view_query(into)	(*(Query **) &(into)->viewQuery)
#endif

/*
 * May the role that a range table entry names read what the query uses of it?
 * Privileges moved from the entry to a list beside the range table in 16.
 */
#if PG_VERSION_NUM >= 160000
#define allm_entry_may_be_read(query, rte, result) \
	do { \
		*(result) = true; \
		if ((rte)->perminfoindex != 0) \
		{ \
			RangeTblEntry one_ = *(rte); \
			RTEPermissionInfo *info_ = \
				getRTEPermissionInfo((query)->rteperminfos, (rte)); \
			one_.perminfoindex = 1; \
			*(result) = ExecCheckPermissions(list_make1(&one_), \
											 list_make1(info_), false); \
		} \
	} while (0)
#else
#define allm_entry_may_be_read(query, rte, result) \
	(*(result) = ExecCheckRTPerms(list_make1(rte), false))
#endif

/* Makes a value of any type out of JSON, since 17 (JSON_VALUE, JSON_TABLE). */
#if PG_VERSION_NUM >= 170000
#define allm_is_json_expr(node)		IsA(node, JsonExpr)
#else
#define allm_is_json_expr(node)		((void) (node), false)
#endif

/* What JSON is made of by a constructor that is no function, since 16. */
#if PG_VERSION_NUM >= 160000
#define allm_json_args(node) \
	(IsA(node, JsonConstructorExpr) ? ((JsonConstructorExpr *) (node))->args : NIL)
#else
#define allm_json_args(node)		((void) (node), NIL)
#endif

/* An array of texts: construct_array_builtin came with 16. */
#if PG_VERSION_NUM >= 160000
#define allm_construct_text_array(elements, n) \
	construct_array_builtin((elements), (n), TEXTOID)
#else
#define allm_construct_text_array(elements, n) \
	construct_array((elements), (n), TEXTOID, -1, false, TYPALIGN_INT)
#endif

/* The last argument of parseTypeString says what to do with a wrong name. */
#if PG_VERSION_NUM >= 160000
#define ALLM_PARSE_TYPE_RAISES	NULL
#else
#define ALLM_PARSE_TYPE_RAISES	false
#endif

/* A temporal key, whose ranges contain each other, is no join; since 18. */
#if PG_VERSION_NUM >= 180000
#define allm_key_is_temporal(form)	((form)->conperiod)
#else
#define allm_key_is_temporal(form)	((void) (form), false)
#endif

/* All settings and how many; their array has been made for it since 16. */
#if PG_VERSION_NUM >= 160000
#define allm_guc_variables(n)		get_guc_variables(n)
#else
#define allm_guc_variables(n) \
	(*(n) = GetNumConfigOptions(), get_guc_variables())
#endif

/* A wait of an extension has a name of its own since 17. */
#if PG_VERSION_NUM >= 170000
#define allm_wait_event_new(name)	WaitEventExtensionNew(name)
#else
#define allm_wait_event_new(name)	PG_WAIT_EXTENSION
#endif

#endif							/* ALLM_BASE_COMPAT_H */
