/*
 * model_probe.c
 *		SQL functions for tests that call the rooms net/ and model/ directly.
 *
 * No part of the product: what it lays open (any URL, any request) is for a
 * test's superuser.
 */
#include "postgres.h"

#include <malloc.h>
#include <sys/stat.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "ask/confidence.h"
#include "base/json.h"
#include "base/switch.h"
#include "ledger/term.h"
#include "model/answer.h"
#include "model/call.h"
#include "model/cost.h"
#include "model/provider.h"
#include "model/wire.h"
#include "model/wire_error.h"
#include "model/wire_text.h"
#include "net/client.h"
#include "net/http.h"
#include "net/sse.h"

PG_MODULE_MAGIC;

static const char *const outcome_names[] =
{
	"ok", "timeout", "connect", "tls", "reset", "garbled", "too_large",
	"config", "stopped"
};
static const char *const stop_names[] =
{
	"done", "truncated", "refused", "unknown"
};
static const char *const scope_names[] =
{
	"call", "model", "access", "credential", "account"
};
static const char *const access_names[] =
{
	"ok", "no_server", "no_usage", "no_key", "bad_key_file"
};

#define PROBE(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

PROBE(probe_http);
PROBE(probe_build);
PROBE(probe_read);
PROBE(probe_sse);
PROBE(probe_watch);
PROBE(probe_memory_in_use);
PROBE(probe_descriptors);
PROBE(probe_call);
PROBE(probe_answer);
PROBE(probe_cost);
PROBE(probe_access);
PROBE(probe_confidence);
PROBE(probe_delay);
PROBE(probe_period);

/* The probe has no shared memory: here, the switch is on. */
bool
allm_switch_may_call(void)
{
	return true;
}

static char *
get_text(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

static char **
get_texts(FunctionCallInfo fcinfo, int n, int *count)
{
	Datum	   *elements;
	char	  **texts;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(n), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, NULL, count);
	texts = palloc(sizeof(char *) * (*count + 1));
	for (int i = 0; i < *count; i++)
		texts[i] = TextDatumGetCString(elements[i]);
	return texts;
}

static AllmJson *
get_json(FunctionCallInfo fcinfo, int n)
{
	char	   *text = get_text(fcinfo, n);

	return allm_json_parse(text, strlen(text));
}

static AllmModel
get_model(FunctionCallInfo fcinfo, int n)
{
	AllmJson   *row = get_json(fcinfo, n);
	AllmModel	model;

	model.name = allm_json_get_text(row, "name");
	model.family = allm_json_get_text(row, "family");
	model.max_output_tokens = allm_json_get_int(row, "max_output_tokens", 4096);
	model.effort = allm_json_get_text(row, "effort");
	model.thinking = allm_json_get_text(row, "thinking");
	return model;
}

static void
write_response(AllmJsonWriter *w, const AllmHttpResponse *r)
{
	allm_json_text(w, "outcome", outcome_names[r->outcome]);
	allm_json_text(w, "problem", r->problem);
	allm_json_int(w, "status", r->status);
	allm_json_text(w, "request_id", r->request_id);
	allm_json_text(w, "retry_after", r->retry_after);
	allm_json_text(w, "content_type", r->content_type);
	allm_json_text(w, "body", allm_wire_text_note(r->body, r->body_len, 2000));
	allm_json_int(w, "body_len", r->body_len);
	allm_json_bool(w, "new_connection", r->new_connection);
	allm_json_bool(w, "sent", r->sent);
	allm_json_real(w, "first_ms", r->first_ms);
	allm_json_real(w, "elapsed_ms", r->elapsed_ms);
}

static void
write_reply(AllmJsonWriter *w, const AllmReply *r, const AllmFailure *f)
{
	allm_json_bool(w, "complete", r->complete);
	allm_json_bool(w, "cut", r->cut);
	allm_json_bool(w, "altered", r->altered);
	allm_json_text(w, "text", r->text);
	allm_json_text(w, "stop", stop_names[r->stop]);
	allm_json_text(w, "stop_reason", r->stop_reason);
	allm_json_text(w, "refusal", r->refusal);
	allm_json_text(w, "model", r->model);
	allm_json_text(w, "error_type", r->error_type);
	allm_json_text(w, "error_code", r->error_code);
	allm_json_text(w, "reply_request_id", r->request_id);
	allm_json_bool(w, "known", r->tokens.known);
	allm_json_int(w, "input", r->tokens.input);
	allm_json_int(w, "output", r->tokens.output);
	allm_json_int(w, "cache_read", r->tokens.cache_read);
	allm_json_int(w, "cache_write_5m", r->tokens.cache_write_5m);
	allm_json_int(w, "cache_write_1h", r->tokens.cache_write_1h);
	allm_json_text(w, "failure", f->code);
	allm_json_bool(w, "retryable", f->retryable);
	allm_json_bool(w, "counts", f->counts);
	allm_json_text(w, "scope", scope_names[f->scope]);
	allm_json_int(w, "retry_after_ms", f->retry_after_ms);
	allm_json_text(w, "message", f->message);
}

/* One exchange, waited for. */
static AllmHttpResponse *
perform(const AllmHttpRequest *request, AllmDeadline deadline)
{
	AllmHttpExchange *exchange = allm_http_start(request, deadline);
	AllmHttpResponse *response;

	for (;;)
	{
		AllmDeadline wake = {DT_NOEND};

		response = allm_http_look(exchange, &wake);
		if (response != NULL)
			return response;
		CHECK_FOR_INTERRUPTS();
		allm_client_wait(wake);
	}
}

Datum
probe_http(PG_FUNCTION_ARGS)
{
	AllmHttpRequest request = {0};
	AllmHttpHeader *headers;
	AllmHttpResponse *response;
	AllmJsonWriter w;
	int			n;
	char	  **texts = get_texts(fcinfo, 3, &n);

	headers = palloc0(sizeof(AllmHttpHeader) * (n / 2 + 1));
	for (int i = 0; i + 1 < n; i += 2)
		headers[i / 2] = (AllmHttpHeader) {texts[i], texts[i + 1]};
	request.url = get_text(fcinfo, 0);
	request.headers = headers;
	request.nheaders = n / 2;
	request.body = get_text(fcinfo, 1);
	request.body_len = request.body != NULL ? strlen(request.body) : 0;
	request.max_response = PG_GETARG_INT32(4);
	request.ca_file = get_text(fcinfo, 5);
	request.proxy = get_text(fcinfo, 6);
	request.allow_plaintext = PG_GETARG_BOOL(7);
	request.idle_ms = PG_GETARG_INT32(8);
	response = perform(&request,
								 allm_deadline_in(PG_GETARG_INT32(2)));
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	write_response(&w, response);
	allm_json_close(&w, '}');
	PG_RETURN_TEXT_P(cstring_to_text(w.buf.data));
}

Datum
probe_build(PG_FUNCTION_ARGS)
{
	AllmModel	model = get_model(fcinfo, 0);
	AllmEndpoint endpoint = {"https://models.example/", "secret"};
	AllmPrompt	prompt = {0};
	AllmPromptBlock *blocks;
	const char *api;
	int			n;
	char	  **texts = get_texts(fcinfo, 1, &n);

	blocks = palloc0(sizeof(AllmPromptBlock) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		blocks[i].cacheable = texts[i][0] == '*';
		blocks[i].text = texts[i] + (blocks[i].cacheable ? 1 : 0);
	}
	prompt.system = blocks;
	prompt.nsystem = n;
	prompt.user = get_text(fcinfo, 2);
	prompt.schema = get_text(fcinfo, 3);
	api = allm_json_get_text(get_json(fcinfo, 0), "api");
	PG_RETURN_TEXT_P(cstring_to_text(allm_wire_find(api != NULL ? api : "anthropic")->
									 build(&model, &prompt, &endpoint)->body));
}

Datum
probe_read(PG_FUNCTION_ARGS)
{
	AllmJson   *json = get_json(fcinfo, 0);
	bytea	   *body = PG_GETARG_BYTEA_PP(1);
	const char *outcome = allm_json_get_text(json, "outcome");
	const char *api = allm_json_get_text(json, "api");
	const AllmWire *wire = allm_wire_find(api != NULL ? api : "anthropic");
	AllmHttpResponse response = {0};
	AllmReply  *reply;
	AllmFailure failure;
	AllmJsonWriter w;

	for (int i = 0; i < lengthof(outcome_names); i++)
	{
		if (outcome != NULL && strcmp(outcome_names[i], outcome) == 0)
			response.outcome = i;
	}
	response.status = allm_json_get_int(json, "status", 200);
	response.retry_after =
		unconstify(char *, allm_json_get_text(json, "retry_after"));
	response.retry_after_ms =
		unconstify(char *, allm_json_get_text(json, "retry_after_ms"));
	response.should_retry =
		unconstify(char *, allm_json_get_text(json, "should_retry"));
	response.content_type =
		unconstify(char *, allm_json_get_text(json, "content_type"));
	response.body_len = VARSIZE_ANY_EXHDR(body);
	response.body = palloc(response.body_len + 1);
	memcpy(response.body, VARDATA_ANY(body), response.body_len);
	response.body[response.body_len] = '\0';
	reply = wire->parse(&response);
	failure = allm_wire_error_classify(wire, &response, reply, PG_GETARG_TIMESTAMPTZ(2));
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	write_reply(&w, reply, &failure);
	allm_json_close(&w, '}');
	PG_RETURN_TEXT_P(cstring_to_text(w.buf.data));
}

/* The events of a stream that comes in pieces: as many bytes in each. */
Datum
probe_sse(PG_FUNCTION_ARGS)
{
	bytea	   *stream = PG_GETARG_BYTEA_PP(0);
	int			piece = PG_GETARG_INT32(1);
	Size		len = VARSIZE_ANY_EXHDR(stream);
	AllmSse		sse;
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '[');
	allm_sse_start(&sse);
	for (Size there = Min(piece, len);; there = Min(there + piece, len))
	{
		char	   *copy = palloc(there);

		memcpy(copy, VARDATA_ANY(stream), there);
		while (allm_sse_next(&sse, copy, there))
			allm_json_text(&w, NULL, sse.data.data);
		if (there == len)
			break;
	}
	allm_json_close(&w, ']');
	PG_RETURN_TEXT_P(cstring_to_text(w.buf.data));
}

/* What is known of the use after so many bytes; null: nothing. */
Datum
probe_watch(PG_FUNCTION_ARGS)
{
	bytea	   *stream = PG_GETARG_BYTEA_PP(0);
	AllmTokens	tokens = {0};

	if (!allm_wire_find("anthropic")->watch(VARDATA_ANY(stream),
											Min(PG_GETARG_INT32(1), VARSIZE_ANY_EXHDR(stream)),
											&tokens))
		PG_RETURN_NULL();
	PG_RETURN_INT64(tokens.input);
}

/* RssAnon also has what malloc keeps for later, in pieces that nobody needs. */
Datum
probe_memory_in_use(PG_FUNCTION_ARGS)
{
	struct mallinfo2 info = mallinfo2();

	PG_RETURN_INT64(info.uordblks + info.hblkhd);
}

/*
 * The server keeps files of tables open as it comes to know them; sockets,
 * pipes and the like are held by whoever made them.
 */
Datum
probe_descriptors(PG_FUNCTION_ARGS)
{
	int			count = 0;

	for (int fd = 0; fd < max_files_per_process; fd++)
	{
		struct stat status;

		if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
			count++;
	}
	PG_RETURN_INT32(count);
}

Datum
probe_call(PG_FUNCTION_ARGS)
{
	char	   *server = get_text(fcinfo, 0);
	AllmModel	model = get_model(fcinfo, 1);
	AllmPromptBlock system[] = {{"Write SQL.", false}};
	AllmPrompt	prompt = {system, 1, get_text(fcinfo, 2), allm_answer_schema};
	AllmEndpoint endpoint = {0};
	AllmProvider provider;
	AllmAccess	access = allm_provider_find(server, &provider);
	AllmHttpResponse *response;
	AllmReply  *reply;
	AllmFailure failure;
	AllmJsonWriter w;
	char	   *key;

	if (access == ALLM_ACCESS_OK)
		access = allm_provider_read_key(&provider, &key);
	if (access != ALLM_ACCESS_OK)
		allm_provider_raise(access, server);
	endpoint.url = provider.url;
	endpoint.key = key;
	endpoint.ca_file = provider.ca_file;
	endpoint.allow_plaintext = provider.allow_plaintext;
	response = perform(provider.wire->build(&model, &prompt, &endpoint),
								 allm_deadline_in(PG_GETARG_INT32(3)));
	allm_provider_forget_key(key);
	reply = provider.wire->parse(response);
	failure = allm_wire_error_classify(provider.wire, response, reply, GetCurrentTimestamp());
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	write_response(&w, response);
	write_reply(&w, reply, &failure);
	allm_json_close(&w, '}');
	PG_RETURN_TEXT_P(cstring_to_text(w.buf.data));
}

Datum
probe_answer(PG_FUNCTION_ARGS)
{
	AllmModelAnswer *answer = allm_answer_parse(get_text(fcinfo, 0));
	AllmJsonWriter w;
	ListCell   *cell;

	if (answer == NULL)
		PG_RETURN_NULL();
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_bool(&w, "answerable", answer->answerable);
	allm_json_text(&w, "sql", answer->sql);
	allm_json_open(&w, "assumptions", '[');
	foreach(cell, answer->assumptions)
		allm_json_text(&w, NULL, lfirst(cell));
	allm_json_close(&w, ']');
	allm_json_open(&w, "tables", '[');
	foreach(cell, answer->tables)
		allm_json_text(&w, NULL, lfirst(cell));
	allm_json_close(&w, ']');
	allm_json_close(&w, '}');
	PG_RETURN_TEXT_P(cstring_to_text(w.buf.data));
}

Datum
probe_cost(PG_FUNCTION_ARGS)
{
	int64	   *t = (int64 *) ARR_DATA_PTR(PG_GETARG_ARRAYTYPE_P(0));
	int64	   *p = (int64 *) ARR_DATA_PTR(PG_GETARG_ARRAYTYPE_P(1));
	AllmTokens	tokens = {true, t[0], t[1], t[2], t[3], t[4]};
	AllmPrice	price = {p[0], p[1], p[2], p[3], p[4]};

	PG_RETURN_NUMERIC(allm_cost_numeric(allm_cost_micros(&tokens, &price)));
}

Datum
probe_access(PG_FUNCTION_ARGS)
{
	AllmProvider provider;
	AllmAccess	access = allm_provider_find(get_text(fcinfo, 0), &provider);
	AllmJsonWriter w;
	char	   *key = NULL;

	if (access == ALLM_ACCESS_OK)
		access = allm_provider_read_key(&provider, &key);
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "access", access_names[access]);
	allm_json_text(&w, "url", provider.url);
	allm_json_int(&w, "key_length", key != NULL ? (int64) strlen(key) : -1);
	allm_json_close(&w, '}');
	if (key != NULL)
		allm_provider_forget_key(key);
	PG_RETURN_TEXT_P(cstring_to_text(w.buf.data));
}

/* How often each signal was seen, in the order of AllmSignal. */
Datum
probe_confidence(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			n = Min(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)),
						ALLM_SIGNALS);
	AllmTally	tally = {0};
	float4		sum;

	memcpy(tally.count, ARR_DATA_PTR(array), n * sizeof(int));
	sum = allm_confidence_sum(&tally);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%.2f %s%s", sum,
											  allm_confidence_band(sum),
											  allm_confidence_is_low(sum) ?
											  " doubt" : "")));
}

Datum
probe_delay(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(allm_call_delay_ms(PG_GETARG_INT32(0),
									   PG_GETARG_INT64(1),
									   PG_GETARG_FLOAT8(2)));
}

/* Beginning and end of the day (false) or month (true) that a moment is in. */
Datum
probe_period(PG_FUNCTION_ARGS)
{
	AllmTerm	period = PG_GETARG_BOOL(0) ? ALLM_TERM_MONTH : ALLM_TERM_DAY;
	TimestampTz now = PG_GETARG_TIMESTAMPTZ(1);

	PG_RETURN_TIMESTAMPTZ(PG_GETARG_BOOL(2) ? allm_term_end(period, now) :
						  allm_term_start(period, now));
}
