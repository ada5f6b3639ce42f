/*
 * functions.c
 *		Which functions a query may use, decided on what the server resolved
 *		them to, never on how they were written.
 *
 * The server's own functions: immutable ones but for a few; of the stable and
 * volatile ones those in the tables below, so that one which a later version
 * brings is refused until somebody has looked at it.  All others: stable or
 * immutable, not SECURITY DEFINER, in a trusted language or of an extension.
 * What is refused by these rules may be listed by a DBA (allowed.c).
 *
 * What a view calls is its owner's business, so the tables are not asked for
 * it; but a view cannot hide what is volatile, SECURITY DEFINER or untrusted.
 * A row security policy may call SECURITY DEFINER functions as well: the
 * table's owner put them between the role and the rows.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/settings.h"
#include "guard/allowed.h"
#include "guard/functions.h"

/*
 * Stable functions of pg_catalog for analysis: values of time zone, locale and
 * session in dates, text, JSON, XML, arrays and text search, and plain facts
 * about one's own session.  Not in it: what reads catalogs by name or OID,
 * settings (they may hold an application's secrets), statistics of other
 * sessions, files, and all that runs SQL or reads a table named by a string
 * (table_to_xml and its like).  Sorted by name.
 */
static const char *const stable_functions[] =
{
	"age", "anytextcat", "array_to_json", "array_to_string", "concat",
	"concat_ws", "convert", "convert_from", "convert_to", "current_database",
	"current_schema", "current_schemas", "current_user", "date", "date_add",
	"date_cmp_timestamptz", "date_eq_timestamptz", "date_ge_timestamptz",
	"date_gt_timestamptz", "date_le_timestamptz", "date_lt_timestamptz",
	"date_ne_timestamptz", "date_part", "date_subtract", "date_trunc",
	"enum_first", "enum_last", "enum_range", "extract", "format",
	"generate_series", "get_current_ts_config", "getdatabaseencoding",
	"getpgusername", "in_range", "inet_client_addr", "inet_client_port",
	"inet_server_addr", "inet_server_port", "interval_pl_timestamptz",
	"json_build_array", "json_build_object",
	"json_populate_record", "json_populate_recordset", "json_to_record",
	"json_to_recordset", "json_to_tsvector", "jsonb_build_array",
	"jsonb_build_object", "jsonb_path_exists_tz", "jsonb_path_match_tz",
	"jsonb_path_query_array_tz", "jsonb_path_query_first_tz",
	"jsonb_path_query_tz", "jsonb_populate_record",
	"jsonb_populate_record_valid", "jsonb_populate_recordset",
	"jsonb_to_record", "jsonb_to_recordset", "jsonb_to_tsvector", "length",
	"make_timestamptz", "money", "now", "numeric", "overlaps",
	"pg_backend_pid", "pg_client_encoding", "pg_collation_for",
	"pg_column_size", "pg_conf_load_time", "pg_listening_channels",
	"pg_postmaster_start_time", "pg_timezone_abbrevs",
	"pg_timezone_abbrevs_abbrevs", "pg_timezone_abbrevs_zone",
	"pg_timezone_names", "pg_typeof", "phraseto_tsquery", "plainto_tsquery",
	"quote_literal", "quote_nullable", "row_to_json", "session_user",
	"statement_timestamp", "system_user", "textanycat", "time", "timestamp",
	"timestamp_cmp_timestamptz", "timestamp_eq_timestamptz",
	"timestamp_ge_timestamptz", "timestamp_gt_timestamptz",
	"timestamp_le_timestamptz", "timestamp_lt_timestamptz",
	"timestamp_ne_timestamptz", "timestamptz", "timestamptz_cmp_date",
	"timestamptz_cmp_timestamp", "timestamptz_eq_date",
	"timestamptz_eq_timestamp", "timestamptz_ge_date",
	"timestamptz_ge_timestamp", "timestamptz_gt_date",
	"timestamptz_gt_timestamp", "timestamptz_le_date",
	"timestamptz_le_timestamp", "timestamptz_lt_date",
	"timestamptz_lt_timestamp", "timestamptz_mi_interval",
	"timestamptz_ne_date", "timestamptz_ne_timestamp",
	"timestamptz_pl_interval", "timetz", "timezone", "to_char", "to_date",
	"to_json", "to_jsonb", "to_number", "to_timestamp", "to_tsquery",
	"to_tsvector", "transaction_timestamp", "ts_headline", "ts_match_tq",
	"ts_match_tt", "tstzmultirange", "tstzrange", "version",
	"websearch_to_tsquery", "xml", "xml_is_well_formed",
};

/* Volatile functions that do nothing but give another value each time. */
static const char *const volatile_functions[] =
{
	"array_sample", "array_shuffle", "bernoulli", "clock_timestamp",
	"gen_random_uuid", "random", "random_normal", "system", "timeofday",
	"uuidv4", "uuidv7",
};

/*
 * Immutable functions that look at the catalogs or the write-ahead log, or
 * have no use but in the server's own machinery.
 */
static const char *const refused_immutable[] =
{
	"acldefault", "makeaclitem", "pg_indexam_progress_phasename",
	"pg_partition_root", "pg_walfile_name", "pg_walfile_name_offset",
	"postgresql_fdw_validator", "satisfies_hash_partition",
};

/*
 * Questions about the catalogs, for queries that may read these.  Some sizes
 * among them are volatile.
 */
static const char *const catalog_functions[] =
{
	"col_description", "format_type", "has_any_column_privilege",
	"has_column_privilege", "has_database_privilege",
	"has_foreign_data_wrapper_privilege", "has_function_privilege",
	"has_language_privilege", "has_largeobject_privilege",
	"has_schema_privilege", "has_sequence_privilege", "has_server_privilege",
	"has_table_privilege", "has_tablespace_privilege", "has_type_privilege",
	"obj_description", "oidvectortypes", "pg_basetype",
	"pg_collation_is_visible", "pg_conversion_is_visible", "pg_database_size",
	"pg_encoding_to_char", "pg_function_is_visible", "pg_get_acl",
	"pg_get_constraintdef", "pg_get_expr", "pg_get_function_arguments",
	"pg_get_function_identity_arguments", "pg_get_function_result",
	"pg_get_functiondef", "pg_get_indexdef", "pg_get_partkeydef",
	"pg_get_ruledef", "pg_get_serial_sequence", "pg_get_statisticsobjdef",
	"pg_get_triggerdef", "pg_get_userbyid", "pg_get_viewdef", "pg_has_role",
	"pg_indexes_size", "pg_opclass_is_visible", "pg_operator_is_visible",
	"pg_opfamily_is_visible", "pg_relation_size",
	"pg_statistics_obj_is_visible", "pg_table_is_visible", "pg_table_size",
	"pg_total_relation_size", "pg_ts_config_is_visible",
	"pg_ts_dict_is_visible", "pg_ts_parser_is_visible",
	"pg_ts_template_is_visible", "pg_type_is_visible", "regclass",
	"row_security_active", "shobj_description", "to_regclass",
	"to_regcollation", "to_regnamespace", "to_regoper", "to_regoperator",
	"to_regproc", "to_regprocedure", "to_regrole", "to_regtype",
	"to_regtypemod",
};

/*
 * Stable functions of extensions in contrib that run SQL which they are given
 * as text, past any check of the query around them.
 */
static const char *const sql_runners[] =
{
	"connectby", "crosstab", "crosstab2", "crosstab3", "crosstab4",
	"xpath_table",
};

/* Types whose text form is the name of a catalog's object. */
static const Oid catalog_types[] =
{
	REGCLASSOID, REGCOLLATIONOID, REGNAMESPACEOID, REGOPERATOROID, REGOPEROID,
	REGPROCEDUREOID, REGPROCOID, REGROLEOID, REGTYPEOID,
};

static const char *refuse_server_function(Form_pg_proc proc);
static const char *refuse_other_function(Form_pg_proc proc,
										 AllmWrittenBy by);
static bool is_trusted_language(Form_pg_proc proc);
static bool is_type_io(Form_pg_proc proc);
static bool is_listed(const char *const *names, int n, const char *name);

/*
 * Why a function may not be used, as a sentence, or NULL when it may be.  A
 * function that is gone meanwhile may not.  Whether this role has EXECUTE is
 * another question.
 */
const char *
allm_functions_refuse(Oid function, AllmWrittenBy by)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	const char *reason;

	if (!HeapTupleIsValid(tuple))
		return "It does not exist.";
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->pronamespace == PG_CATALOG_NAMESPACE &&
		function < FirstUnpinnedObjectId && by == ALLM_WRITTEN_BY_QUERY)
		reason = refuse_server_function(proc);
	else if (proc->pronamespace == PG_CATALOG_NAMESPACE &&
			 function < FirstUnpinnedObjectId)
		reason = proc->provolatile == PROVOLATILE_VOLATILE ?
			refuse_server_function(proc) : NULL;
	else
		reason = refuse_other_function(proc, by);
	ReleaseSysCache(tuple);
	if (reason != NULL && allm_allowed_lists(function))
		reason = NULL;
	return reason;
}

/*
 * Is a function one of the server's own that anybody may use in any query?  It
 * is the short way for most of what queries call.
 */
bool
allm_functions_is_plain(Oid function)
{
	HeapTuple	tuple;
	Form_pg_proc proc;
	bool		plain;

	if (function >= FirstUnpinnedObjectId)
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	plain = proc->pronamespace == PG_CATALOG_NAMESPACE &&
		proc->provolatile == PROVOLATILE_IMMUTABLE &&
		heap_attisnull(tuple, Anum_pg_proc_proacl, NULL) &&
		!is_listed(refused_immutable, lengthof(refused_immutable),
				   NameStr(proc->proname));
	ReleaseSysCache(tuple);
	return plain;
}

/* Has the role EXECUTE on a function?  One that is gone cannot be executed. */
bool
allm_functions_may_execute(Oid function)
{
	return SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(function)) &&
		allm_function_aclcheck(function, GetUserId()) == ACLCHECK_OK;
}

/*
 * Why an expression of the query may not have this type, or NULL.  A number
 * cast to regclass tells the name of any relation, and a name whether it is
 * there; text search configurations are harmless.
 */
const char *
allm_functions_refuse_type(Oid type)
{
	Oid			element = get_element_type(type);

	if (allm_allow_system_catalogs)
		return NULL;
	for (int i = 0; i < lengthof(catalog_types); i++)
	{
		if (type == catalog_types[i] || element == catalog_types[i])
			return "Its values are names of catalog objects.";
	}
	return NULL;
}

/* The same of a type's name, before the server has looked it up. */
bool
allm_functions_is_catalog_type(const char *name)
{
	if (allm_allow_system_catalogs || strncmp(name, "reg", 3) != 0)
		return false;
	for (int i = 0; i < lengthof(catalog_types); i++)
	{
		if (strcmp(format_type_be(catalog_types[i]), name) == 0)
			return true;
	}
	return false;
}

/* A function's name, with its schema unless it is the server's. */
char *
allm_functions_name(Oid function)
{
	char	   *name = get_func_name(function);
	Oid			schema = get_func_namespace(function);

	if (name == NULL)
		return psprintf("%u", function);
	return quote_qualified_identifier(schema == PG_CATALOG_NAMESPACE ?
									  NULL : get_namespace_name(schema), name);
}

/* The expressions that stand in for arguments which a call leaves out. */
Node *
allm_functions_defaults(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Node	   *defaults = NULL;
	Datum		value;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	value = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargdefaults,
							&isnull);
	if (!isnull)
		defaults = stringToNode(TextDatumGetCString(value));
	ReleaseSysCache(tuple);
	return defaults;
}

/* The tables' word on a function of pg_catalog. */
static const char *
refuse_server_function(Form_pg_proc proc)
{
	const char *name = NameStr(proc->proname);

	if (allm_allow_system_catalogs &&
		is_listed(catalog_functions, lengthof(catalog_functions), name))
		return NULL;
	if (proc->prokind == PROKIND_AGGREGATE || proc->prokind == PROKIND_WINDOW)
		return NULL;
	if (proc->provolatile == PROVOLATILE_IMMUTABLE)
		return is_listed(refused_immutable, lengthof(refused_immutable), name) ?
			"It is not for queries." : NULL;
	if (proc->provolatile == PROVOLATILE_VOLATILE)
		return is_listed(volatile_functions, lengthof(volatile_functions),
						 name) ? NULL : "It is volatile.";
	if (is_type_io(proc) ||
		is_listed(stable_functions, lengthof(stable_functions), name))
		return NULL;
	return "It is not for queries.";
}

/* What must hold for the functions of users and of extensions. */
static const char *
refuse_other_function(Form_pg_proc proc, AllmWrittenBy by)
{
	if (proc->provolatile == PROVOLATILE_VOLATILE)
		return "It is volatile.";
	if (proc->prosecdef && by != ALLM_WRITTEN_BY_POLICY)
		return "It is SECURITY DEFINER.";
	/* What an aggregate is made of is judged by itself. */
	if (proc->prokind != PROKIND_AGGREGATE && !is_trusted_language(proc))
		return "It is written in an untrusted language.";
	if (is_listed(sql_runners, lengthof(sql_runners), NameStr(proc->proname)))
		return "It runs SQL that it is given as text.";
	return NULL;
}

/*
 * Is a function written in a trusted language?  C is trusted where an
 * extension, which a superuser installed or marked as trusted, brought it;
 * information_schema has functions of initdb's.
 */
static bool
is_trusted_language(Form_pg_proc proc)
{
	HeapTuple	tuple;
	bool		trusted;

	if (proc->prolang == SQLlanguageId)
		return true;
	if (OidIsValid(getExtensionOfObject(ProcedureRelationId, proc->oid)))
		return true;
	tuple = SearchSysCache1(LANGOID, ObjectIdGetDatum(proc->prolang));
	if (!HeapTupleIsValid(tuple))
		return false;
	trusted = ((Form_pg_language) GETSTRUCT(tuple))->lanpltrusted;
	ReleaseSysCache(tuple);
	return trusted;
}

/* Does it read or write the text form of a type? */
static bool
is_type_io(Form_pg_proc proc)
{
	return proc->prorettype == CSTRINGOID ||
		(proc->pronargs > 0 && proc->proargtypes.values[0] == CSTRINGOID);
}

/* Is a name in a table?  They are all sorted. */
static bool
is_listed(const char *const *names, int n, const char *name)
{
	int			low = 0;

	while (low < n)
	{
		int			middle = low + (n - low) / 2;
		int			order = strcmp(name, names[middle]);

		if (order == 0)
			return true;
		if (order > 0)
			low = middle + 1;
		else
			n = middle;
	}
	return false;
}
