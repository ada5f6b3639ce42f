/*
 * frozen.c
 *		Views that keep the query of a question.
 *
 * The view is made by the server's own CREATE VIEW over the statement with real
 * columns, so that the query is stored as it was analysed, by the rights of the
 * role that asks.  It is read with the rights of whoever reads it.  Its comment
 * says what it is, in words that the view analytics_llm.frozen_view reads; by
 * it later questions leave the view alone.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "ask/conversation.h"
#include "ask/decided.h"
#include "ask/record.h"
#include "base/errcodes.h"
#include "base/shmem.h"
#include "schema/comment.h"

PG_FUNCTION_INFO_V1(analytics_llm_create_view);

extern PGDLLEXPORT Datum analytics_llm_create_view(PG_FUNCTION_ARGS);

static char *quote_view(text * name);
static void create_view(const char *view, const char *schema,
						const char *question, const char *options);
static void comment_view(const char *view, const char *question,
						 const AllmDecided *decided);
static char *say_one_line(const char *text);
static char *say_now(void);
static void run_utility(const char *sql);

/*
 * analytics_llm_create_view
 *		Make a view of the query that answers a question.
 *
 * SQL: llm_create_view(view_name text, question text, options jsonb)
 *		returns text
 *
 * Returns the query.  Raises what llm_ask raises, and what CREATE VIEW does.
 */
Datum
analytics_llm_create_view(PG_FUNCTION_ARGS)
{
	Datum		none = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
	Jsonb	   *options = DatumGetJsonbP(PG_ARGISNULL(2) ? none :
										 PG_GETARG_DATUM(2));
	char	   *question = "";
	char	   *view;
	char	   *schema = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
	AllmOptions read_options;
	AllmDecided *decided;
	text	   *sql;

	allm_require_loaded();
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the view has no name")));
	view = quote_view(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		question = text_to_cstring(PG_GETARG_TEXT_PP(1));
	SPI_connect();
	create_view(view, schema, question,
				JsonbToCString(NULL, &options->root, VARSIZE(options)));
	allm_options_read(options, &read_options);
	decided = allm_decided_find(question, options,
								allm_conversation_state(&read_options));
	if (decided == NULL)
		elog(ERROR, "the query of the view is not known");
	comment_view(view, question, decided);
	SPI_finish();
	sql = cstring_to_text(decided->sql);
	PG_RETURN_TEXT_P(sql);
}

/* The name of a view, maybe with its schema, as it stands in a statement. */
static char *
quote_view(text * name)
{
	RangeVar   *view = makeRangeVarFromNameList(textToQualifiedNameList(name));

	if (view->catalogname != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of the view has too many parts")));
	return pstrdup(quote_qualified_identifier(view->schemaname,
											  view->relname));
}

/* The view, whatever the session thinks of real columns. */
static void
create_view(const char *view, const char *schema, const char *question,
			const char *options)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("analytics_llm.real_columns", "on", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	run_utility(psprintf("CREATE VIEW %s WITH (security_invoker = true) AS SELECT * FROM %s.llm_ask(%s, %s)",
						 view, quote_identifier(schema),
						 quote_literal_cstr(question),
						 quote_literal_cstr(options)));
	AtEOXact_GUC(false, level);
}

/* What the view is: the question, and where its query is from. */
static void
comment_view(const char *view, const char *question,
			 const AllmDecided *decided)
{
	char	   *comment = psprintf("%s\n" ALLM_COMMENT_FROZEN "%s, model %s, confidence %.2f, written at %s",
								   say_one_line(question),
								   allm_record_uuid_text(&decided->request_id),
								   decided->model, decided->confidence,
								   say_now());

	run_utility(psprintf("COMMENT ON VIEW %s IS %s", view,
						 quote_literal_cstr(comment)));
}

/* A question without line feeds. */
static char *
say_one_line(const char *text)
{
	char	   *line = pstrdup(text);

	for (char *c = line; *c != '\0'; c++)
	{
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	}
	return line;
}

/* The time for a person, and as a number that reads back whatever was edited. */
static char *
say_now(void)
{
	pg_time_t	now = timestamptz_to_time_t(GetCurrentTimestamp());
	char		text[64];

	pg_strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC",
				pg_gmtime(&now));
	return psprintf("%s (" INT64_FORMAT ")", text, (int64) now);
}

/* One statement of the caller's. */
static void
run_utility(const char *sql)
{
	int			result = SPI_execute(sql, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "a statement has returned %s",
			 SPI_result_code_string(result));
}
