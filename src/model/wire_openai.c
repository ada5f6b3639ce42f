/*
 * wire_openai.c
 *		Chat completions, the protocol of OpenAI, which many servers speak:
 *		vLLM, llama.cpp, Ollama, LiteLLM and other gateways.
 *
 * Only what all of them take is sent, and what is read is read with patience.
 * An answer is not streamed: these servers are near, or have a gateway that
 * keeps the connection.
 *
 * A request is stable to the byte for the same input, and what stays the same
 * comes first, for servers that keep the work on a common beginning.
 *
 * Pure functions; what its errors mean is in wire_openai_error.c.
 */
#include "postgres.h"

#include <math.h>

#include "base/json.h"
#include "model/answer.h"
#include "model/wire_openai.h"
#include "model/wire_openai_error.h"
#include "model/wire_text.h"

/* Names of models, as the table of models has them. */
#define MAX_MODEL_BYTES			200

/* What is kept of an error's text, or of a body that is no JSON. */
#define MAX_ERROR_BYTES			500

/* More tokens than any call can use: sums of these do not overflow. */
#define MAX_TOKENS				100000000

/* How models that are asked in the same way are asked. */
typedef struct Family
{
	const char *name;
	bool		schema;			/* takes the answer's form as a JSON schema */
	bool		sampling;		/* takes a temperature, which shall be 0 */
	bool		effort;			/* takes a level of effort */
	const char *limit;			/* the member for the longest answer */
} Family;

static const Family families[] =
{
	{"openai-json", true, true, false, "max_tokens"},
	{"openai-reasoning", true, false, true, "max_completion_tokens"},
	/* The form is asked for in words, for servers without schemas. */
	{"openai-words", false, true, false, "max_tokens"},
};

/* What a reason to stop means; one without a row is ALLM_STOP_UNKNOWN. */
static const struct
{
	const char *reason;
	AllmStop	stop;
}			stops[] =

{
	{"content_filter", ALLM_STOP_REFUSED},
	{"end_turn", ALLM_STOP_DONE},
	{"eos", ALLM_STOP_DONE},
	{"length", ALLM_STOP_TRUNCATED},
	{"max_tokens", ALLM_STOP_TRUNCATED},
	{"stop", ALLM_STOP_DONE},
};

static AllmHttpRequest *build_request(const AllmModel *model,
									  const AllmPrompt *prompt,
									  const AllmEndpoint *endpoint);
static char *build_body(const AllmModel *model, const AllmPrompt *prompt);
static void write_messages(AllmJsonWriter *w, const AllmPrompt *prompt,
						   bool in_words);
static void write_form(AllmJsonWriter *w, const char *schema);
static const Family *find_family(const char *name);
static bool knows_family(const char *name);
static AllmReply *parse_response(const AllmHttpResponse *response);
static void read_choice(AllmReply *reply, const AllmJson *root);
static char *read_content(const AllmJson *content);
static void read_stop(AllmReply *reply, const AllmJson *choice);
static void read_error(AllmReply *reply, const AllmJson *root);
static char *note_of(const char *text, int max);
static void read_tokens(AllmTokens *tokens, const AllmJson *usage);
static int64 read_count(const AllmJson *object, const char *key);

const AllmWire allm_wire_openai =
{
	"openai",
	"https://api.openai.com",
	knows_family,
	build_request,
	parse_response,
	NULL,
	allm_wire_openai_rules,
	&allm_wire_openai_nrules
};

/* AllmWire.build */
static AllmHttpRequest *
build_request(const AllmModel *model, const AllmPrompt *prompt,
			  const AllmEndpoint *endpoint)
{
	static const AllmHttpHeader fixed[] =
	{
		{"content-type", "application/json"},
		{"accept", "application/json"},
		{"user-agent", "analytics_llm"},
	};
	AllmHttpRequest *request = palloc0(sizeof(AllmHttpRequest));
	AllmHttpHeader *headers = palloc0(sizeof(fixed) + sizeof(AllmHttpHeader));

	request->url = allm_wire_url(endpoint->url, "chat/completions");
	memcpy(headers, fixed, sizeof(fixed));
	headers[lengthof(fixed)].name = "authorization";
	headers[lengthof(fixed)].scheme = "Bearer ";
	headers[lengthof(fixed)].value = endpoint->key;
	request->headers = headers;
	request->nheaders = lengthof(fixed) + 1;

	request->body = build_body(model, prompt);
	request->body_len = strlen(request->body);
	request->ca_file = endpoint->ca_file;
	request->proxy = endpoint->proxy;
	request->allow_plaintext = endpoint->allow_plaintext;
	return request;
}

/* The request's body, in UTF-8. */
static char *
build_body(const AllmModel *model, const AllmPrompt *prompt)
{
	const Family *family = find_family(model->family);
	AllmJsonWriter w;

	if (family == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" has an unknown family \"%s\"",
						model->name, model->family)));
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "model", model->name);
	write_messages(&w, prompt, !family->schema);
	allm_json_int(&w, family->limit, model->max_output_tokens);
	if (family->sampling)
		allm_json_int(&w, "temperature", 0);
	if (family->effort && model->effort != NULL)
		allm_json_text(&w, "reasoning_effort", model->effort);
	allm_json_bool(&w, "stream", false);
	if (family->schema && prompt->schema != NULL)
		write_form(&w, prompt->schema);
	allm_json_close(&w, '}');
	return allm_wire_text_to_utf8(w.buf.data);
}

/* The instructions as one text, and the question. */
static void
write_messages(AllmJsonWriter *w, const AllmPrompt *prompt, bool in_words)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < prompt->nsystem; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? "\n" : "",
						 prompt->system[i].text);
	if (in_words && prompt->schema != NULL)
		appendStringInfoString(&text, allm_answer_form(prompt->schema));
	allm_json_open(w, "messages", '[');
	if (text.len > 0)
	{
		allm_json_open(w, NULL, '{');
		allm_json_text(w, "role", "system");
		allm_json_text(w, "content", text.data);
		allm_json_close(w, '}');
	}
	allm_json_open(w, NULL, '{');
	allm_json_text(w, "role", "user");
	allm_json_text(w, "content", prompt->user);
	allm_json_close(w, '}');
	allm_json_close(w, ']');
}

/* The form of the answer. */
static void
write_form(AllmJsonWriter *w, const char *schema)
{
	allm_json_open(w, "response_format", '{');
	allm_json_text(w, "type", "json_schema");
	allm_json_open(w, "json_schema", '{');
	allm_json_text(w, "name", "answer");
	allm_json_bool(w, "strict", true);
	allm_json_raw(w, "schema", schema);
	allm_json_close(w, '}');
	allm_json_close(w, '}');
}

/* The rules for a model, by the name of its family; NULL: not of ours. */
static const Family *
find_family(const char *name)
{
	for (int i = 0; i < lengthof(families); i++)
	{
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	}
	return NULL;
}

/* AllmWire.knows */
static bool
knows_family(const char *name)
{
	return find_family(name) != NULL;
}

/* AllmWire.parse: whatever came, a reply is made of it. */
static AllmReply *
parse_response(const AllmHttpResponse *response)
{
	AllmReply  *reply = palloc0(sizeof(AllmReply));
	AllmJson   *root = allm_wire_text_parse(response->body,
											response->body_len);

	reply->text = "";
	reply->stop = ALLM_STOP_UNKNOWN;
	reply->request_id = response->request_id;
	if (root == NULL)
	{
		if (response->body_len > 0)
			reply->error_message = allm_wire_text_note(response->body,
													   response->body_len,
													   MAX_ERROR_BYTES);
		return reply;
	}
	read_tokens(&reply->tokens, allm_json_get(root, "usage"));
	read_error(reply, root);
	read_choice(reply, root);
	reply->complete = reply->complete && reply->error_type == NULL &&
		response->outcome == ALLM_HTTP_OK &&
		response->status >= 200 && response->status < 300;
	return reply;
}

/* What the first choice says, of which there is one; "complete" if it is. */
static void
read_choice(AllmReply *reply, const AllmJson *root)
{
	const AllmJson *choices = allm_json_get(root, "choices");
	const AllmJson *choice = choices != NULL ? choices->first : NULL;
	const AllmJson *message = allm_json_get(choice, "message");
	const char *model = allm_json_get_text(root, "model");

	if (choices == NULL || choices->kind != ALLM_JSON_ARRAY ||
		message == NULL || message->kind != ALLM_JSON_OBJECT)
		return;
	reply->complete = true;
	reply->text = read_content(allm_json_get(message, "content"));
	reply->altered = strchr(reply->text, ALLM_WIRE_TEXT_LOST) != NULL;
	if (model != NULL)
		reply->model = note_of(model, MAX_MODEL_BYTES);
	read_stop(reply, choice);
	if (allm_json_get_text(message, "refusal") != NULL)
		reply->stop = ALLM_STOP_REFUSED;
}

/*
 * What a message says, as one text or as parts.  What it thought is beside it,
 * and no answer.
 */
static char *
read_content(const AllmJson *content)
{
	StringInfoData text;

	initStringInfo(&text);
	if (content != NULL && content->kind == ALLM_JSON_STRING)
		appendStringInfoString(&text, content->text);
	if (content != NULL && content->kind == ALLM_JSON_ARRAY)
	{
		for (AllmJson *part = content->first; part != NULL; part = part->next)
		{
			const char *type = allm_json_get_text(part, "type");
			const char *said = allm_json_get_text(part, "text");

			if (type != NULL && strcmp(type, "text") == 0 && said != NULL)
				appendStringInfoString(&text, said);
		}
	}
	return text.data;
}

/* Why the model stopped. */
static void
read_stop(AllmReply *reply, const AllmJson *choice)
{
	const char *reason = allm_json_get_text(choice, "finish_reason");

	if (reason == NULL)
		return;
	reply->stop_reason = note_of(reason, NAMEDATALEN);
	for (int i = 0; i < lengthof(stops); i++)
	{
		if (strcmp(stops[i].reason, reason) == 0)
			reply->stop = stops[i].stop;
	}
	if (reply->stop == ALLM_STOP_REFUSED)
		reply->refusal = reply->stop_reason;
}

/*
 * An error: an object, a text, the document itself (older servers), or what a
 * web framework says before the server is asked.
 */
static void
read_error(AllmReply *reply, const AllmJson *root)
{
	const AllmJson *error = allm_json_get(root, "error");
	const char *object = allm_json_get_text(root, "object");
	const char *type;
	const char *code;
	const char *message;

	if (error == NULL && object != NULL && strcmp(object, "error") == 0)
		error = root;
	type = allm_json_get_text(error, "type");
	code = allm_json_get_text(error, "code");
	message = allm_json_get_text(error, "message");
	if (error != NULL && error->kind == ALLM_JSON_STRING)
		message = error->text;
	if (error == NULL)
		message = allm_json_get_text(root, "detail");
	if (type == NULL && message != NULL)
		type = "error";
	if (type != NULL)
		reply->error_type = note_of(type, NAMEDATALEN);
	if (code != NULL)
		reply->error_code = note_of(code, NAMEDATALEN);
	if (message != NULL)
		reply->error_message = note_of(message, MAX_ERROR_BYTES);
}

/* A text from outside, for the log. */
static char *
note_of(const char *text, int max)
{
	return allm_wire_text_note(text, strlen(text), max);
}

/*
 * What was billed.  The prompt's tokens include those that were kept, and those
 * that were kept from now on: a gateway tells of these for providers that want
 * more money for them.
 */
static void
read_tokens(AllmTokens *tokens, const AllmJson *usage)
{
	const AllmJson *details = allm_json_get(usage, "prompt_tokens_details");
	const AllmJson *writes = allm_json_get(details,
										   "cache_creation_token_details");
	int64		prompt = read_count(usage, "prompt_tokens");
	int64		written;

	tokens->known = allm_json_get_text(usage, "prompt_tokens") != NULL ||
		allm_json_get_text(usage, "completion_tokens") != NULL;
	tokens->cache_read = Min(read_count(details, "cached_tokens"), prompt);
	prompt -= tokens->cache_read;
	written = Min(read_count(details, "cache_creation_tokens"), prompt);
	tokens->cache_write_1h = Min(read_count(writes,
											"ephemeral_1h_input_tokens"),
								 written);
	tokens->cache_write_5m = written - tokens->cache_write_1h;
	tokens->input = prompt - written;
	tokens->output = read_count(usage, "completion_tokens");
}

/* A number of tokens; 0 when there is none that makes sense. */
static int64
read_count(const AllmJson *object, const char *key)
{
	const AllmJson *member = allm_json_get(object, key);
	double		value;

	if (member == NULL || member->kind != ALLM_JSON_NUMBER)
		return 0;
	value = strtod(member->text, NULL);
	if (isnan(value) || value < 0)
		return 0;
	return (int64) Min(value, (double) MAX_TOKENS);
}
