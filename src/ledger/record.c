/*
 * record.c
 *		The kinds of record: the table of each, and how it gets there.
 *
 * Shares nothing and locks nothing.
 */
#include "postgres.h"

#include "ledger/record.h"

typedef struct RecordTable
{
	const char *table;			/* in schema analytics_llm */
	const char *insert;			/* $1: a JSON array of records; returns the
								 * notification and the line of the server log
								 * for each row, if that is to be announced */
	const char *delete_old;		/* those that are older than $1, $2 at most;
								 * or NULL */
	bool		may_be_lost;	/* holds nothing that is not elsewhere */
} RecordTable;

/*
 * The oldest rows first, by the index on their time.  What somebody has locked
 * is left out: nobody is waited for.
 */
#define DELETE_OLD(table, time) \
	"DELETE FROM " table " WHERE ctid = ANY (ARRAY(" \
	"SELECT ctid FROM " table " WHERE " time " < $1" \
	" ORDER BY " time " LIMIT $2 FOR UPDATE SKIP LOCKED))"

/* By AllmRecordKind. */
static const RecordTable tables[ALLM_RECORD_KINDS] =
{
	[ALLM_RECORD_REQUEST] = {
		"request",
		"INSERT INTO analytics_llm.request SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.request, $1)",
		DELETE_OLD("analytics_llm.request", "asked_at")
	},
	[ALLM_RECORD_LOG] = {
		"log",
		"INSERT INTO analytics_llm.log SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.log, $1)",
		DELETE_OLD("analytics_llm.log", "logged_at")
	},
	[ALLM_RECORD_USAGE] = {
		"usage",
		"INSERT INTO analytics_llm.usage AS u"
		" (user_id, session_user_id, end_user, period, period_start, model,"
		"  query_type, feature, requests, input_tokens, output_tokens,"
		"  cache_read_tokens, cache_write_tokens, estimated_tokens, cost,"
		"  question_class, questions)"
		" SELECT user_id, session_user_id, end_user, period, period_start,"
		"  model, query_type, feature, sum(requests), sum(input_tokens),"
		"  sum(output_tokens), sum(cache_read_tokens),"
		"  sum(cache_write_tokens), sum(estimated_tokens), sum(cost),"
		"  question_class, sum(questions)"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.usage, $1)"
		" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, question_class"
		" ON CONFLICT (period_start, period, user_id, session_user_id,"
		"  end_user, model, query_type, feature, question_class) DO UPDATE SET"
		" requests = u.requests + excluded.requests,"
		" input_tokens = u.input_tokens + excluded.input_tokens,"
		" output_tokens = u.output_tokens + excluded.output_tokens,"
		" cache_read_tokens = u.cache_read_tokens"
		"  + excluded.cache_read_tokens,"
		" cache_write_tokens = u.cache_write_tokens"
		"  + excluded.cache_write_tokens,"
		" estimated_tokens = u.estimated_tokens"
		"  + excluded.estimated_tokens,"
		" cost = u.cost + excluded.cost,"
		" questions = u.questions + excluded.questions",
		DELETE_OLD("analytics_llm.usage", "period_start")
	},
	[ALLM_RECORD_ALERT] = {
		"alert",
		"INSERT INTO analytics_llm.alert AS a SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.alert, $1)"
		" ON CONFLICT (occasion) DO UPDATE SET"
		" raised_at = excluded.raised_at, value = excluded.value,"
		" message = excluded.message, resolved_at = NULL"
		" WHERE a.resolved_at IS NOT NULL"
		" RETURNING pg_catalog.row_to_json(a)::text, message",
		DELETE_OLD("analytics_llm.alert", "resolved_at")
	},
	[ALLM_RECORD_RESOLVED] = {
		"alert",
		"UPDATE analytics_llm.alert AS a SET resolved_at = r.resolved_at"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.alert, $1) AS r"
		" WHERE a.occasion = r.occasion AND a.resolved_at IS NULL",
		"UPDATE analytics_llm.alert SET resolved_at = over_at"
		" WHERE ctid = ANY (ARRAY(SELECT ctid FROM analytics_llm.alert"
		" WHERE resolved_at IS NULL AND over_at <= $1"
		" LIMIT $2 FOR UPDATE SKIP LOCKED))"
	},
	[ALLM_RECORD_RESULT] = {
		"result",
		"INSERT INTO analytics_llm.result SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.result, $1)",
		DELETE_OLD("analytics_llm.result", "finished_at")
	},
	[ALLM_RECORD_SHADOW] = {
		"shadow_answer",
		"INSERT INTO analytics_llm.shadow_answer SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.shadow_answer, $1)",
		DELETE_OLD("analytics_llm.shadow_answer", "answered_at")
	},
	[ALLM_RECORD_HITS] = {
		"request",
		"UPDATE analytics_llm.request AS r SET hits = r.hits + h.hits"
		" FROM (SELECT request_id, sum(hits) AS hits"
		"  FROM pg_catalog.json_to_recordset($1)"
		"  AS j(request_id uuid, hits bigint) GROUP BY 1) AS h"
		" WHERE r.request_id = h.request_id"
	},
	[ALLM_RECORD_CACHE] = {
		"cache",
		"INSERT INTO analytics_llm.cache AS c"
		" SELECT DISTINCT ON (key) *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.cache, $1)"
		" ORDER BY key, answered_at DESC"
		" ON CONFLICT (key) DO UPDATE SET"
		" answered_at = excluded.answered_at, rows_at = excluded.rows_at,"
		" expires_at = excluded.expires_at, row_count = excluded.row_count,"
		" model = excluded.model, sql = excluded.sql, data = excluded.data"
		" WHERE c.answered_at <= excluded.answered_at",
		DELETE_OLD("analytics_llm.cache", "expires_at"),
		true
	},
	[ALLM_RECORD_CLEARING] = {
		"cache",
		"DELETE FROM analytics_llm.cache AS c"
		" USING pg_catalog.json_to_recordset($1) AS r(user_id oid)"
		" WHERE r.user_id IS NULL OR c.user_id = r.user_id",
		NULL,
		true
	},
};

/* The name of the table, in schema analytics_llm. */
const char *
allm_record_table(AllmRecordKind kind)
{
	return tables[kind].table;
}

/* The statement that inserts a JSON array of such records, its $1. */
const char *
allm_record_insert(AllmRecordKind kind)
{
	return tables[kind].insert;
}

/* The statement that deletes rows that are too old, or ends what is over. */
const char *
allm_record_delete_old(AllmRecordKind kind)
{
	return tables[kind].delete_old;
}

/* Is what such a record holds elsewhere as well, or of no use later? */
bool
allm_record_may_be_lost(AllmRecordKind kind)
{
	return tables[kind].may_be_lost;
}

/*
 * Prints a record to the server log, as one line that the same insert takes; a
 * copy is of one that will be in its table, unless the server crashes before.
 * Not one that may be lost, which can hold rows.  Never sent to the client.  The caller holds interrupts off if it has more
 * than one to print: reporting is a place where a cancel is acted on.
 */
void
allm_record_print(AllmRecordKind kind, const char *json, bool is_copy)
{
	if (tables[kind].may_be_lost)
		return;
	if (strpbrk(json, "\r\n") != NULL)
	{
		/* Between the tokens of a document, the only place for them. */
		char	   *line = pstrdup(json);

		for (char *c = line; *c != '\0'; c++)
		{
			if (*c == '\r' || *c == '\n')
				*c = ' ';
		}
		json = line;
	}
	ereport(LOG_SERVER_ONLY,
			(errmsg_internal("analytics_llm: %srecord of \"%s\": %s",
							 is_copy ? "not committed yet: " : "",
							 tables[kind].table, json),
			 errhidestmt(true), errhidecontext(true)));
}
