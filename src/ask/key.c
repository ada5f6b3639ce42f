/*
 * key.c
 *		All that an answer depends on besides the data, as the key that it is
 *		kept under.
 *
 * A key is a text: circumstances, options, and the question's normal form.
 * The circumstances are the same for all questions of a session until a
 * setting, the role, the day or a catalog changes; their text is made when
 * one of these has, and kept.  Databases and roles go in with the version of
 * their catalog row as well, since numbers may be given again.
 *
 * Invalidation callbacks run at awkward moments, so they only count.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/bytea.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pg_locale.h"
#include "utils/syscache.h"
#include "utils/xml.h"

#include "ask/key.h"
#include "base/settings.h"
#include "base/table.h"
#include "base/text.h"
#include "schema/fingerprint.h"
#include "schema/snapshot.h"

/* Changes whenever a later version would read or write other bytes. */
#define KEY_VERSION		2

/* Schemas on a search path; nobody has more that matter. */
#define MAX_PATH		256

/* Values of settings, compared byte by byte.  The first is the role. */
typedef struct Values
{
	Oid			role;
	DateADT		today;
	int			date_style;
	int			date_order;
	int			interval_style;
	int			float_digits;
	int			bytea_output;
	int			xml_binary;
	bool		standard_strings;
	bool		null_equals;
	bool		array_nulls;
	bool		system_catalogs;
	int			row_limit;
	int			result_size;
	int			question_length;
	int			sql_length;
	double		plan_cost;
	const pg_tz *zone;			/* never freed */
} Values;

/* Texts of settings, in the order of text_settings. */
#define TEXT_SETTINGS	5

static char **const text_settings[TEXT_SETTINGS] =
{
	&namespace_search_path, &allm_end_user, &locale_monetary,
	&locale_numeric, &locale_time,
};

/*
 * Tables that decide what a question means, which query may run, or which
 * model is asked.  Each has the trigger note_change.
 */
static const char *const definition_tables[] =
{
	"allowed_function", "example", "metric", "model", "rollout", "route",
	"synonym", "tier",
};

/* The settings when they were looked at last, and how often they had changed. */
static Values seen_values;
static char *seen_texts[TEXT_SETTINGS];
static uint64 seen_serial = 0;

/* The kept text, what it was made for, and its number. */
static char *kept_circumstances = NULL;
static uint64 kept_settings;
static uint64 kept_generation;
static uint64 kept_serial = 0;

/* Counts what may change the text, or end an answer. */
static uint64 generation = 1;

static void watch_catalogs(void);
static void count_relation(Datum arg, Oid relid);
static void count_syscache(Datum arg, int cacheid, uint32 hashvalue);
static void read_values(Values *values);
static bool has_changed(const Values *values);
static void keep_text(const char *text);
static bool write_circumstances(StringInfo out);
static void add_version(StringInfo out, int cacheid, Oid object);
static void add_text(StringInfo out, const char *text);
static bool add_definitions(StringInfo out);
static bool add_table(const char *name, uint64 *sum);

/*
 * Looks at the circumstances: a number that stands for them, another one when
 * they have changed; 0 when they cannot be told without waiting for somebody.
 */
uint64
allm_key_circumstances(void)
{
	StringInfoData text;
	uint64		settings;
	uint64		at;

	watch_catalogs();
	AcceptInvalidationMessages();
	settings = allm_key_settings();
	if (kept_circumstances != NULL && kept_settings == settings &&
		kept_generation == generation)
		return kept_serial;

	/* What changes while it is made is counted, and seen next time. */
	at = generation;
	initStringInfo(&text);
	if (!write_circumstances(&text))
		return 0;
	keep_text(text.data);
	kept_settings = settings;
	kept_generation = at;
	pfree(text.data);
	return kept_serial;
}

/* The same of what this session has set: of the role, the day, and settings. */
uint64
allm_key_settings(void)
{
	Values		values;

	read_values(&values);
	if (!has_changed(&values))
		return seen_serial;
	/* With its padding: it is compared byte by byte. */
	memcpy(&seen_values, &values, sizeof(Values));
	for (int i = 0; i < TEXT_SETTINGS; i++)
	{
		if (seen_texts[i] != NULL)
			pfree(seen_texts[i]);
		seen_texts[i] = MemoryContextStrdup(TopMemoryContext,
											*text_settings[i]);
	}
	return ++seen_serial;
}

/*
 * A number that changes with each message that may mean that an answer has to
 * be looked at again.
 */
uint64
allm_key_generation(void)
{
	return generation;
}

/*
 * What the tables of definitions hold, as a text that is another one when a row
 * of them is; NULL when one of them is locked.
 */
char *
allm_key_definitions(void)
{
	StringInfoData text;

	initStringInfo(&text);
	return add_definitions(&text) ? text.data : NULL;
}

/*
 * The key of a question under the circumstances that were looked at last, in
 * the current memory context.  What it goes on from, or nothing, stands among
 * the options, whose values have their length before them.
 */
void
allm_key_make(const char *question, const AllmOptions *options,
			  const char *earlier, AllmCacheKey *key)
{
	const char *before = earlier[0] == '\0' ? "" :
	psprintf("earlier=%zu:%s;", strlen(earlier), earlier);

	key->text = psprintf("%s\n%s%s\n%s", kept_circumstances,
						 options->key_text, before,
						 allm_text_normal_form(question));
	allm_cache_hash(key);
}

/* Registers the callbacks, once in a backend. */
static void
watch_catalogs(void)
{
	/* What can change a query's meaning without touching a relation. */
	static const int watched[] = {
		AUTHMEMMEMROLE, AUTHOID, CASTSOURCETARGET, CONSTROID, DATABASEOID,
		ENUMOID, NAMESPACEOID, OPEROID, PROCOID, TYPEOID
	};
	static bool is_watching = false;

	if (is_watching)
		return;
	CacheRegisterRelcacheCallback(count_relation, (Datum) 0);
	for (int i = 0; i < lengthof(watched); i++)
		CacheRegisterSyscacheCallback(watched[i], count_syscache, (Datum) 0);
	is_watching = true;
}

/* A relation, its grants, or the rows of a table of definitions changed. */
static void
count_relation(Datum arg, Oid relid)
{
	generation++;
}

/* A row of a watched catalog changed. */
static void
count_syscache(Datum arg, int cacheid, uint32 hashvalue)
{
	generation++;
}

/* The settings as they are; what no setting names is zero. */
static void
read_values(Values *values)
{
	memset(values, 0, sizeof(Values));
	values->role = GetUserId();
	values->today = GetSQLCurrentDate();
	values->date_style = DateStyle;
	values->date_order = DateOrder;
	values->interval_style = IntervalStyle;
	values->float_digits = extra_float_digits;
	values->bytea_output = bytea_output;
	values->xml_binary = xmlbinary;
	values->standard_strings = standard_conforming_strings;
	values->null_equals = Transform_null_equals;
	values->array_nulls = Array_nulls;
	values->system_catalogs = allm_allow_system_catalogs;
	values->row_limit = allm_row_limit;
	values->result_size = allm_max_result_size;
	values->question_length = allm_max_question_length;
	values->sql_length = allm_max_sql_length;
	values->plan_cost = allm_max_plan_cost;
	values->zone = session_timezone;
}

/* Is one of them another than when they were looked at last? */
static bool
has_changed(const Values *values)
{
	if (seen_serial == 0 || memcmp(values, &seen_values, sizeof(Values)) != 0)
		return true;
	for (int i = 0; i < TEXT_SETTINGS; i++)
	{
		if (strcmp(seen_texts[i], *text_settings[i]) != 0)
			return true;
	}
	return false;
}

/* Keeps the text; it has a new number only if it is another one. */
static void
keep_text(const char *text)
{
	if (kept_circumstances != NULL && strcmp(kept_circumstances, text) == 0)
		return;
	if (kept_circumstances != NULL)
		pfree(kept_circumstances);
	kept_circumstances = MemoryContextStrdup(TopMemoryContext, text);
	kept_serial++;
}

/*
 * The circumstances as a text.  False when a table of definitions is locked,
 * or there is no transaction in which to read.
 */
static bool
write_circumstances(StringInfo out)
{
	const Values *values = &seen_values;
	Oid			path[MAX_PATH];
	int			npath = fetch_search_path_array(path, MAX_PATH);
	uint64		schema[2];

	appendStringInfo(out, "%d", KEY_VERSION);
	add_version(out, DATABASEOID, MyDatabaseId);
	add_version(out, AUTHOID, values->role);
	appendStringInfo(out, " %d %d %d %d %d %d %d %d%d%d%d %d %d %d %d %g",
					 values->today, values->date_style, values->date_order,
					 values->interval_style, values->float_digits,
					 values->bytea_output, values->xml_binary,
					 values->standard_strings, values->null_equals,
					 values->array_nulls, values->system_catalogs,
					 values->row_limit, values->result_size,
					 values->question_length, values->sql_length,
					 values->plan_cost);
	add_text(out, pg_get_timezone_name((pg_tz *) values->zone));
	for (int i = 0; i < TEXT_SETTINGS; i++)
		add_text(out, *text_settings[i]);
	for (int i = 0; i < Min(npath, MAX_PATH); i++)
		appendStringInfo(out, " %u", path[i]);
	allm_fingerprint_snapshot(allm_snapshot_get(), schema);
	appendStringInfo(out, " " UINT64_FORMAT " " UINT64_FORMAT,
					 schema[0], schema[1]);
	return add_definitions(out);
}

/* A catalog object: its number, and the transaction that wrote its row. */
static void
add_version(StringInfo out, int cacheid, Oid object)
{
	HeapTuple	tuple = SearchSysCache1(cacheid, ObjectIdGetDatum(object));
	TransactionId writer = InvalidTransactionId;

	if (HeapTupleIsValid(tuple))
	{
		writer = HeapTupleHeaderGetRawXmin(tuple->t_data);
		ReleaseSysCache(tuple);
	}
	appendStringInfo(out, " %u.%u", object, writer);
}

/* A text with its length, so that two never run into one. */
static void
add_text(StringInfo out, const char *text)
{
	appendStringInfo(out, " %zu:%s", strlen(text), text);
}

/* What the tables of definitions hold; false when one is locked. */
static bool
add_definitions(StringInfo out)
{
	for (int i = 0; i < lengthof(definition_tables); i++)
	{
		uint64		sum[2] = {0, 0};

		if (!add_table(definition_tables[i], sum))
			return false;
		appendStringInfo(out, " " UINT64_FORMAT " " UINT64_FORMAT,
						 sum[0], sum[1]);
	}
	return true;
}

/*
 * The rows of one table.  A version of a row never changes, so its place and
 * the transaction that wrote it stand for what it says.
 */
static bool
add_table(const char *name, uint64 *sum)
{
	Oid			namespace = get_namespace_oid("analytics_llm", true);
	Oid			relid = OidIsValid(namespace) ?
	get_relname_relid(name, namespace) : InvalidOid;
	AllmTableScan scan;

	if (!OidIsValid(relid))
		return true;
	if (!ConditionalLockRelationOid(relid, AccessShareLock))
		return false;
	if (allm_table_begin_own(&scan, name, NULL, NULL, InvalidOid, (Datum) 0))
	{
		while (allm_table_next(&scan))
		{
			uint32		row[3] = {
				ItemPointerGetBlockNumber(&scan.tuple->t_self),
				ItemPointerGetOffsetNumber(&scan.tuple->t_self),
				HeapTupleHeaderGetRawXmin(scan.tuple->t_data)
			};

			for (int i = 0; i < 2; i++)
				sum[i] += hash_bytes_extended((const unsigned char *) row,
											  sizeof(row), i + 1);
		}
		allm_table_end(&scan);
	}
	UnlockRelationOid(relid, AccessShareLock);
	return true;
}
