/*
 * spans.c
 *		What the trace says of a question, its tries and its calls.
 *
 * Attributes have the names that OpenTelemetry gives them where it gives one,
 * else they begin with "analytics_llm.".  They are names, codes and numbers:
 * no text of a question or of a query, whatever analytics_llm.log_text is.
 */
#include "postgres.h"

#include "ask/spans.h"
#include "model/cost.h"

/* How the span of a try ends, by the status of the try; else as an error. */
typedef struct AttemptSpan
{
	const char *status;
	const char *span_status;
} AttemptSpan;

static const AttemptSpan attempt_spans[] =
{
	{"success", ALLM_SPAN_OK},
	{"low_confidence", ALLM_SPAN_UNSET},
	{"skipped", ALLM_SPAN_UNSET},
};

/*
 * Ends the step of a try, with what became of it.  Its sentence is left out: it
 * may have words of the question.
 */
void
allm_spans_close_attempt(const AllmAttempt *attempt)
{
	AllmSpan   *span = attempt->span;
	const char *status = ALLM_SPAN_ERROR;

	if (span == NULL || span->status != NULL)
		return;
	for (int i = 0; i < lengthof(attempt_spans); i++)
	{
		if (strcmp(attempt_spans[i].status, attempt->status) == 0)
			status = attempt_spans[i].span_status;
	}
	allm_trace_text(span, "analytics_llm.status", attempt->status);
	allm_trace_text(span, "analytics_llm.query_type", attempt->query_type);
	allm_trace_text(span, "analytics_llm.reason", attempt->fallback_reason);
	if (attempt->confidence >= 0)
		allm_trace_real(span, "analytics_llm.confidence", attempt->confidence);
	if (attempt->estimated)
		allm_trace_bool(span, "analytics_llm.estimated", true);
	if (attempt->error_code != 0)
		allm_trace_text(span, "error.type",
						unpack_sql_state(attempt->error_code));
	allm_trace_close(span, status);
}

/*
 * Begins the step of one exchange with a model, named and described as the
 * conventions for generative models have it.
 */
AllmSpan *
allm_spans_open_call(AllmRequest *request, const AllmTierModel *row,
					 const AllmModel *model, const char *api)
{
	AllmSpan   *span = allm_trace_open(&request->trace, "chat");

	if (span == NULL)
		return NULL;
	span->name = MemoryContextStrdup(request->context,
									 psprintf("chat %s", row->model.name));
	allm_trace_text(span, "gen_ai.operation.name", "chat");
	allm_trace_text(span, "gen_ai.provider.name", api);
	allm_trace_text(span, "gen_ai.request.model", row->model.name);
	allm_trace_int(span, "gen_ai.request.max_tokens",
				   model->max_output_tokens);
	allm_trace_text(span, "analytics_llm.server", row->server);
	return span;
}

/* Ends it, with what the exchange brought. */
void
allm_spans_close_call(AllmSpan *span, const AllmExchange *exchange)
{
	const AllmReply *reply = exchange->reply;
	const AllmTokens *tokens = &reply->tokens;
	bool		failed = (exchange->failure.kind != ALLM_FAILURE_NONE);

	if (exchange->response->status != 0)
		allm_trace_int(span, "http.response.status_code",
					   exchange->response->status);
	if (exchange->number > 1)
		allm_trace_int(span, "http.request.resend_count",
					   exchange->number - 1);
	allm_trace_text(span, "gen_ai.response.model", reply->model);
	if (exchange->response->first_ms > 0)
		allm_trace_real(span, "gen_ai.response.time_to_first_chunk",
						exchange->response->first_ms / 1000.0);
	if (tokens->known)
	{
		/* All of the prompt, of which the next two are parts. */
		allm_trace_int(span, "gen_ai.usage.input_tokens",
					   allm_cost_prompt_tokens(tokens));
		allm_trace_int(span, "gen_ai.usage.cache_read.input_tokens",
					   tokens->cache_read);
		allm_trace_int(span, "gen_ai.usage.cache_creation.input_tokens",
					   tokens->cache_write_5m + tokens->cache_write_1h);
		allm_trace_int(span, "gen_ai.usage.output_tokens", tokens->output);
	}
	if (failed)
		allm_trace_text(span, "error.type", exchange->failure.code);
	allm_trace_close(span, failed ? ALLM_SPAN_ERROR : ALLM_SPAN_OK);
}

/* Ends the trace; its root says what came of the question. */
void
allm_spans_finish(AllmRequest *request)
{
	const AllmAnswer *answer = &request->answer;
	AllmSpan   *root = linitial(request->trace.spans);

	allm_trace_text(root, "analytics_llm.status", answer->status);
	allm_trace_scope(root, answer->tier, answer->model_used);
	if (answer->error_code != 0)
		allm_trace_text(root, "error.type",
						unpack_sql_state(answer->error_code));
	allm_trace_finish(&request->trace, answer->error_code == 0 ?
					  ALLM_SPAN_OK : ALLM_SPAN_ERROR);
}
