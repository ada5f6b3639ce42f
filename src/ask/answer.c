/*
 * answer.c
 *		An answer as its caller gets it: rows, envelope, warning or error.
 *
 * Doubt and information have one channel each: a WARNING line and NOTICE
 * lines for who asks with llm_ask or llm_sql, columns for who asks with
 * llm_answer.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "ask/answer.h"
#include "base/compat.h"
#include "base/json.h"
#include "guard/sanity.h"
#include "model/cost.h"

/* Columns of analytics_llm.answer, in order. */
enum
{
	COL_REQUEST_ID,
	COL_STATUS,
	COL_TIER,
	COL_MODEL,
	COL_CONFIDENCE,
	COL_CONFIDENCE_BAND,
	COL_SQL,
	COL_COLUMNS,
	COL_ROWS,
	COL_ROW_COUNT,
	COL_TRUNCATED,
	COL_WARNINGS,
	COL_MESSAGE,
	COL_INPUT_TOKENS,
	COL_OUTPUT_TOKENS,
	COL_COST,
	COL_LATENCY_MS,
	COL_ERROR_CODE,
	COL_ANSWERED_AT,
	COL_INTERPRETATION,
	COL_TRACE_ID,
	ANSWER_COLUMNS
};

static void open_tuple(HeapTupleHeader answer, TupleDesc tupdesc,
					   Datum *values, bool *nulls);
static void check_columns(TupleDesc tupdesc);
static char *list_columns(const AllmRows *rows);
static char *list_rows(const AllmRows *rows);
static char *join_message(const AllmAnswer *answer);
static Datum text_array(const List *texts);
static void set_text(Datum *values, bool *nulls, int column,
					 const char *value);

/*
 * Tells a person what there is to know besides the rows: raises for an answer
 * that is not to be shown, else one WARNING for a doubt and a NOTICE for each
 * piece of information.
 */
void
allm_answer_announce(const AllmRequest *request)
{
	const AllmAnswer *answer = &request->answer;
	ListCell   *cell;

	if (answer->error_code != 0)
		ereport(ERROR,
				(errcode(answer->error_code),
				 errmsg_internal("%s", answer->message),
				 answer->detail != NULL ?
				 errdetail_internal("%s", answer->detail) : 0,
				 answer->hint != NULL ?
				 errhint("%s", answer->hint) : 0));
	if (answer->warnings != NIL)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg_internal("%s", allm_sanity_doubt_line(answer->warnings))));
	foreach(cell, answer->notices)
		ereport(NOTICE,
				(errmsg_internal("%s", (char *) lfirst(cell))));
}

/*
 * The envelope: one row of analytics_llm.answer.  What was never asked has no
 * request.
 */
HeapTuple
allm_answer_tuple(const AllmRequest *request, TupleDesc tupdesc)
{
	const AllmAnswer *answer = &request->answer;
	const AllmRows *rows = answer->rows;
	Datum		values[ANSWER_COLUMNS] = {0};
	bool		nulls[ANSWER_COLUMNS] = {0};

	check_columns(tupdesc);
	values[COL_REQUEST_ID] = UUIDPGetDatum(&request->id);
	nulls[COL_REQUEST_ID] = (request->asked_at == 0);
	set_text(values, nulls, COL_STATUS, answer->status);
	values[COL_TIER] = Int32GetDatum(answer->tier);
	set_text(values, nulls, COL_MODEL, answer->model_used);
	values[COL_CONFIDENCE] = Float4GetDatum(answer->confidence);
	set_text(values, nulls, COL_CONFIDENCE_BAND,
			 allm_confidence_band(answer->confidence));
	set_text(values, nulls, COL_SQL, answer->sql);
	set_text(values, nulls, COL_COLUMNS, rows ? list_columns(rows) : NULL);
	set_text(values, nulls, COL_ROWS, rows ? list_rows(rows) : NULL);
	values[COL_ROW_COUNT] = Int64GetDatum(rows ? rows->count : 0);
	nulls[COL_ROW_COUNT] = (rows == NULL);
	values[COL_TRUNCATED] = BoolGetDatum(rows && rows->truncated);
	nulls[COL_TRUNCATED] = (rows == NULL);
	values[COL_WARNINGS] = text_array(answer->warnings);
	set_text(values, nulls, COL_MESSAGE, join_message(answer));
	/* More than an int holds comes of a server that counts wrong. */
	values[COL_INPUT_TOKENS] =
		Int32GetDatum((int32) Min(allm_request_input_tokens(request),
								  PG_INT32_MAX));
	values[COL_OUTPUT_TOKENS] =
		Int32GetDatum((int32) Min(allm_request_output_tokens(request),
								  PG_INT32_MAX));
	values[COL_COST] =
		NumericGetDatum(allm_cost_numeric(allm_request_cost(request)));
	values[COL_LATENCY_MS] = Float4GetDatum((float4) answer->latency_ms);
	if (answer->error_code != 0)
		set_text(values, nulls, COL_ERROR_CODE,
				 unpack_sql_state(answer->error_code));
	else
		nulls[COL_ERROR_CODE] = true;
	values[COL_ANSWERED_AT] = TimestampTzGetDatum(answer->answered_at);
	set_text(values, nulls, COL_INTERPRETATION, answer->interpretation);
	set_text(values, nulls, COL_TRACE_ID, request->asked_at == 0 ? NULL :
			 request->trace.trace_id);
	return heap_form_tuple(tupdesc, values, nulls);
}

/* The query of an envelope that has rows; NULL when it has none. */
char *
allm_answer_sql(HeapTupleHeader answer, TupleDesc tupdesc)
{
	Datum		values[ANSWER_COLUMNS];
	bool		nulls[ANSWER_COLUMNS];

	open_tuple(answer, tupdesc, values, nulls);
	if (nulls[COL_ROWS] || nulls[COL_SQL])
		return NULL;
	return TextDatumGetCString(values[COL_SQL]);
}

/* The same envelope without its rows and its query, and with the reason. */
HeapTuple
allm_answer_withhold(HeapTupleHeader answer, TupleDesc tupdesc, int error_code,
					 const char *reason)
{
	static const int withheld[] = {COL_SQL, COL_COLUMNS, COL_ROWS,
	COL_ROW_COUNT, COL_TRUNCATED, COL_INTERPRETATION};
	Datum		values[ANSWER_COLUMNS];
	bool		nulls[ANSWER_COLUMNS];

	open_tuple(answer, tupdesc, values, nulls);
	for (int i = 0; i < lengthof(withheld); i++)
		nulls[withheld[i]] = true;
	nulls[COL_STATUS] = nulls[COL_MESSAGE] = nulls[COL_ERROR_CODE] = false;
	set_text(values, nulls, COL_STATUS, "blocked");
	set_text(values, nulls, COL_MESSAGE, reason);
	set_text(values, nulls, COL_ERROR_CODE, unpack_sql_state(error_code));
	return heap_form_tuple(tupdesc, values, nulls);
}

/* The columns of an envelope that was made elsewhere. */
static void
open_tuple(HeapTupleHeader answer, TupleDesc tupdesc, Datum *values,
		   bool *nulls)
{
	HeapTupleData tuple = {0};

	check_columns(tupdesc);
	tuple.t_len = HeapTupleHeaderGetDatumLength(answer);
	tuple.t_data = answer;
	heap_deform_tuple(&tuple, tupdesc, values, nulls);
}

/* The library and the script may be of two versions, for a while. */
static void
check_columns(TupleDesc tupdesc)
{
	if (tupdesc->natts != ANSWER_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("type analytics_llm.answer has %d columns, but the library gives %d",
						tupdesc->natts, ANSWER_COLUMNS),
				 errhint("Run ALTER EXTENSION analytics_llm UPDATE, or install the library that belongs to it.")));
}

/* The columns of a result: names and types, in order. */
static char *
list_columns(const AllmRows *rows)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '[');
	for (int i = 0; i < rows->ncolumns; i++)
	{
		allm_json_open(&w, NULL, '{');
		allm_json_text(&w, "name", rows->names[i]);
		allm_json_text(&w, "type", format_type_be(rows->types[i]));
		allm_json_close(&w, '}');
	}
	allm_json_close(&w, ']');
	return w.buf.data;
}

/* The rows of a result, as one array. */
static char *
list_rows(const AllmRows *rows)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '[');
	for (int64 i = 0; i < rows->count; i++)
		allm_json_raw(&w, NULL, rows->rows[i]);
	allm_json_close(&w, ']');
	return w.buf.data;
}

/* What an error would say, in one text; else the information; else NULL. */
static char *
join_message(const AllmAnswer *answer)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	if (answer->message != NULL)
		appendStringInfoString(&out, answer->message);
	if (answer->detail != NULL)
		appendStringInfo(&out, "\n%s", answer->detail);
	if (answer->hint != NULL)
		appendStringInfo(&out, "\n%s", answer->hint);
	foreach(cell, answer->notices)
		appendStringInfo(&out, "%s%s", out.len > 0 ? "\n" : "",
						 (char *) lfirst(cell));
	return out.len > 0 ? out.data : NULL;
}

/* C strings as one SQL value of type text[]. */
static Datum
text_array(const List *texts)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(texts), 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, texts)
		elements[n++] = CStringGetTextDatum(lfirst(cell));
	return PointerGetDatum(allm_construct_text_array(elements, n));
}

/* A text or json column; null for NULL. */
static void
set_text(Datum *values, bool *nulls, int column, const char *value)
{
	if (value == NULL)
		nulls[column] = true;
	else
		values[column] = CStringGetTextDatum(value);
}
