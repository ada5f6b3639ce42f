/*
 * record.c
 *		A request as records of the ledger: one row of analytics_llm.request,
 *		and one of analytics_llm.log for each try.
 *
 * Keys are the columns of those tables; what is null is left out.  Runs while
 * a backend ends as well, so it reads no catalog: names were kept when the
 * session or the request began.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/numeric.h"
#include "utils/uuid.h"

#include "ask/masking.h"
#include "ask/record.h"
#include "base/json.h"
#include "base/settings.h"
#include "model/cost.h"

static char *build_request(const AllmRequest *request);
static char *build_log(const AllmRequest *request, const AllmAttempt *attempt,
					   int number);
static int	add_usage(AllmRecord *records, const AllmRequest *request,
					  const AllmAttempt *attempt, bool is_first_call);
static char *build_usage(const AllmRequest *request,
						 const AllmAttempt *attempt, AllmTerm period,
						 bool is_first_call);
static const char *name_call(const AllmRequest *request,
							 const AllmAttempt *attempt);
static void write_optional(AllmJsonWriter *w, const char *key,
						   const char *value);
static void write_arms(AllmJsonWriter *w, const AllmRequest *request);
static void write_answer(AllmJsonWriter *w, const AllmRequest *request);
static void write_tokens(AllmJsonWriter *w, const AllmAttempt *attempt);
static void write_cost(AllmJsonWriter *w, int64 micros);

/* The records of a request, in the current memory context; returns how many. */
int
allm_record_build(const AllmRequest *request, AllmRecord **records)
{
	int			room = 1;
	int			n = 0;
	int			number = 0;
	ListCell   *cell;

	foreach(cell, request->attempts)
		room += allm_record_most(lfirst(cell));
	*records = palloc(sizeof(AllmRecord) * room);
	/* A shadow's calls are those of the question that has the row. */
	if (!request->is_shadow)
		allm_record_of_request(request, &(*records)[n++]);
	foreach(cell, request->attempts)
	{
		AllmAttempt *attempt = lfirst(cell);

		n += allm_record_of_attempt(request, attempt, ++number,
									allm_record_is_first_call(request,
															  attempt),
									*records + n);
	}
	return n;
}

/* The record of the question itself. */
void
allm_record_of_request(const AllmRequest *request, AllmRecord *record)
{
	record->kind = ALLM_RECORD_REQUEST;
	record->json = build_request(request);
}

/*
 * The records of one try, into an array with room for allm_record_most of them;
 * returns how many.
 */
int
allm_record_of_attempt(const AllmRequest *request, const AllmAttempt *attempt,
					   int number, bool is_first_call, AllmRecord *records)
{
	records[0].kind = ALLM_RECORD_LOG;
	records[0].json = build_log(request, attempt, number);
	return 1 + add_usage(records + 1, request, attempt, is_first_call);
}

/* How many records one try can have. */
int
allm_record_most(const AllmAttempt *attempt)
{
	return 1 + ALLM_TERMS + (attempt->reservation != NULL ?
							 allm_usage_quotas(attempt->reservation) : 0);
}

/* A question is counted once, at its first call that may be billed; a shadow never. */
bool
allm_record_is_first_call(const AllmRequest *request,
						  const AllmAttempt *attempt)
{
	ListCell   *cell;

	if (request->is_shadow)
		return false;
	foreach(cell, request->attempts)
	{
		AllmAttempt *earlier = lfirst(cell);

		if (earlier == attempt)
			return true;
		if (allm_request_may_be_billed(earlier))
			return false;
	}
	return true;
}

/* What a call has used, if it left, and the alerts that this has raised. */
static int
add_usage(AllmRecord *records, const AllmRequest *request,
		  const AllmAttempt *attempt, bool is_first_call)
{
	int			n = 0;

	if (allm_request_may_be_billed(attempt))
	{
		for (int period = 0; period < ALLM_TERMS; period++)
		{
			records[n].kind = ALLM_RECORD_USAGE;
			records[n++].json = build_usage(request, attempt, period,
											is_first_call);
		}
	}
	if (attempt->reservation != NULL)
		n += allm_usage_alerts(attempt->reservation, records + n);
	return n;
}

/* The text form of a UUID. */
const char *
allm_record_uuid_text(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

/* The row of analytics_llm.request. */
static char *
build_request(const AllmRequest *request)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "request_id", allm_record_uuid_text(&request->id));
	allm_json_time(&w, "asked_at", request->asked_at);
	allm_json_text(&w, "database", request->database);
	allm_json_text(&w, "user_name", request->user_name);
	allm_json_text(&w, "session_user_name", request->session_user_name);
	write_optional(&w, "end_user", allm_end_user);
	write_optional(&w, "application_name", application_name);
	allm_json_text(&w, "question", allm_masking_question(request->question));
	if (request->routing != NULL)
	{
		allm_json_text(&w, "question_class",
					   request->routing->complexity->question_class);
		allm_json_real(&w, "complexity",
					   request->routing->complexity->score);
	}
	allm_json_raw(&w, "options", request->options.text);
	write_answer(&w, request);
	allm_json_real(&w, "latency_ms", request->answer.latency_ms);
	allm_json_text(&w, "trace_id", request->trace.trace_id);
	allm_json_open(&w, "spans", '[');
	allm_trace_write(&request->trace, &w);
	allm_json_close(&w, ']');
	write_optional(&w, "feature", request->options.feature);
	allm_json_int(&w, "hits", request->hits);
	allm_json_int(&w, "user_id", request->user_id);
	if (request->arms != NIL)
		write_arms(&w, request);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* The arm of each rollout that the question took part in. */
static void
write_arms(AllmJsonWriter *w, const AllmRequest *request)
{
	ListCell   *cell;

	allm_json_open(w, "arms", '{');
	foreach(cell, request->arms)
	{
		const AllmTierModel *row = lfirst(cell);

		allm_json_text(w, row->rollout->name,
					   row->treated ? "treatment" : "control");
	}
	allm_json_close(w, '}');
}

/* The columns of a request that hold what came of it. */
static void
write_answer(AllmJsonWriter *w, const AllmRequest *request)
{
	const AllmAnswer *answer = &request->answer;
	ListCell   *cell;

	allm_json_int(w, "tier", answer->tier);
	write_optional(w, "model", answer->model_used);
	allm_json_text(w, "status", answer->status);
	if (answer->error_code != 0)
		allm_json_text(w, "error_code",
					   unpack_sql_state(answer->error_code));
	if (answer->model_used != NULL)
	{
		allm_json_real(w, "confidence", answer->confidence);
		allm_json_text(w, "confidence_band",
					   allm_confidence_band(answer->confidence));
	}
	write_optional(w, "sql", allm_masking_sql(answer->sql));
	write_optional(w, "interpretation",
				   allm_masking_interpretation(answer->interpretation));
	if (answer->rows != NULL)
	{
		allm_json_int(w, "row_count", answer->rows->count);
		allm_json_bool(w, "truncated", answer->rows->truncated);
	}
	allm_json_open(w, "warnings", '[');
	foreach(cell, answer->warnings)
		allm_json_text(w, NULL, lfirst(cell));
	allm_json_close(w, ']');
	allm_json_int(w, "input_tokens", allm_request_input_tokens(request));
	allm_json_int(w, "output_tokens", allm_request_output_tokens(request));
	write_cost(w, allm_request_cost(request));
}

/* What an attempt used, of which model, and what that cost. */
static void
write_tokens(AllmJsonWriter *w, const AllmAttempt *attempt)
{
	const AllmTokens *tokens = &attempt->tokens;

	allm_json_text(w, "model_used", attempt->model_used);
	write_optional(w, "model_served", attempt->model_served);
	allm_json_int(w, "input_tokens", tokens->input);
	allm_json_int(w, "output_tokens", tokens->output);
	allm_json_int(w, "cache_read_tokens", tokens->cache_read);
	allm_json_int(w, "cache_write_tokens",
				  tokens->cache_write_5m + tokens->cache_write_1h);
	allm_json_bool(w, "estimated", attempt->estimated);
	write_cost(w, attempt->cost_micros);
}

/* A cost in USD, exactly. */
static void
write_cost(AllmJsonWriter *w, int64 micros)
{
	allm_json_raw(w, "cost", numeric_normalize(allm_cost_numeric(micros)));
}

/* The row of analytics_llm.log. */
static char *
build_log(const AllmRequest *request, const AllmAttempt *attempt, int number)
{
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_time(&w, "logged_at", request->settled_at);
	allm_json_text(&w, "request_id", allm_record_uuid_text(&request->id));
	allm_json_int(&w, "attempt", number);
	allm_json_int(&w, "tier", attempt->tier);
	allm_json_text(&w, "user_name", request->user_name);
	write_optional(&w, "end_user", allm_end_user);
	write_tokens(&w, attempt);
	allm_json_real(&w, "latency_ms", attempt->latency_ms);
	allm_json_text(&w, "status", attempt->status);
	if (attempt->http_status != 0)
		allm_json_int(&w, "http_status", attempt->http_status);
	allm_json_text(&w, "query_type", name_call(request, attempt));
	write_optional(&w, "feature", request->options.feature);
	allm_json_text(&w, "user_input", allm_masking_question(request->question));
	write_optional(&w, "generated_query",
				   allm_masking_sql(attempt->generated_query));
	if (attempt->was_checked)
		allm_json_bool(&w, "validation_passed", attempt->passed_check);
	allm_json_bool(&w, "fallback_used", attempt->is_fallback);
	if (attempt->fallback_reason != NULL)
		allm_json_text(&w, "fallback_reason", attempt->fallback_reason);
	else if (attempt->sentence != NULL)
		allm_json_text(&w, "fallback_reason",
					   allm_masking_question(attempt->sentence));
	else if (attempt->over_shadow)
		allm_json_text(&w, "fallback_reason", "quota_shadow");
	if (attempt->confidence >= 0)
		allm_json_real(&w, "confidence", attempt->confidence);
	if (attempt->error_code != 0)
		allm_json_text(&w, "error_code",
					   unpack_sql_state(attempt->error_code));
	/* It may quote a value of the data or of the query. */
	write_optional(&w, "error_message",
				   allm_masking_question(attempt->error_message));
	allm_json_text(&w, "trace_id", request->trace.trace_id);
	allm_json_int(&w, "user_id", request->user_id);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* What is added to a row of analytics_llm.usage. */
static char *
build_usage(const AllmRequest *request, const AllmAttempt *attempt,
			AllmTerm period, bool is_first_call)
{
	const AllmTokens *tokens = &attempt->tokens;
	const char *feature = request->options.feature;
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_int(&w, "user_id", request->user_id);
	allm_json_int(&w, "session_user_id", request->session_user_id);
	allm_json_text(&w, "end_user", allm_end_user);
	allm_json_text(&w, "period", allm_term_name(period));
	allm_json_time(&w, "period_start",
				   allm_term_start(period, attempt->called_at));
	allm_json_text(&w, "model", attempt->model_used);
	allm_json_text(&w, "query_type", name_call(request, attempt));
	allm_json_text(&w, "feature", feature != NULL ? feature : "");
	allm_json_text(&w, "question_class", request->routing != NULL ?
				   request->routing->complexity->question_class : "");
	allm_json_int(&w, "questions", is_first_call ? 1 : 0);
	allm_json_int(&w, "requests", 1);
	allm_json_int(&w, "input_tokens", tokens->input);
	allm_json_int(&w, "output_tokens", tokens->output);
	allm_json_int(&w, "cache_read_tokens", tokens->cache_read);
	allm_json_int(&w, "cache_write_tokens",
				  tokens->cache_write_5m + tokens->cache_write_1h);
	allm_json_int(&w, "estimated_tokens", attempt->estimated ?
				  allm_cost_prompt_tokens(tokens) + tokens->output : 0);
	write_cost(&w, attempt->cost_micros);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* What a call was for. */
static const char *
name_call(const AllmRequest *request, const AllmAttempt *attempt)
{
	return request->is_shadow ? "shadow" : attempt->query_type;
}

/* A member, where there is a text that is not empty. */
static void
write_optional(AllmJsonWriter *w, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		allm_json_text(w, key, value);
}
