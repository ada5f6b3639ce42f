/*
 * wire_anthropic.c
 *		The Messages protocol: building a request and reading a response.
 *
 * The rules of what each family of models accepts are rows of one table.  Some
 * things are not sent to any of them, because one or another refuses them:
 * sampling parameters, a prefilled answer, a forced tool.  The answer's form
 * is asked for by a JSON schema, or in words where that would be ignored.
 *
 * A request is stable to the byte for the same input: members are in a fixed
 * order, and what the provider may cache comes first.
 *
 * Pure functions; what its errors mean is in wire_anthropic_error.c.
 */
#include "postgres.h"

#include <math.h>

#include "base/json.h"
#include "model/answer.h"
#include "model/wire_anthropic.h"
#include "model/wire_anthropic_error.h"
#include "model/wire_anthropic_stream.h"
#include "model/wire_text.h"

/*
 * The most that is asked for.  Local servers may not stream, and without that
 * the provider's clients refuse more, since it could take over ten minutes.
 */
#define MAX_ANSWER_TOKENS		21333

/* A stream says something every few seconds, if only that it is there. */
#define MAX_IDLE_MS				15000

/* The least budget that the provider takes for thinking. */
#define MIN_THINKING_TOKENS		1024

/* Parts of the prompt that may be marked for the cache. */
#define MAX_CACHE_MARKS			4

/* Names of models, as the table of models has them. */
#define MAX_MODEL_BYTES			200

/* What is kept of an error's text, or of a body that is no JSON. */
#define MAX_ERROR_BYTES			500

/*
 * More tokens than any call can use.  What a server claims beyond that would
 * only make sums overflow.
 */
#define MAX_TOKENS				100000000

#define THINKING_ADAPTIVE		"{\"type\":\"adaptive\"}"
#define THINKING_BETWEEN_TOOLS	"{\"type\":\"between_tools\"}"
#define THINKING_DISABLED		"{\"type\":\"disabled\"}"

/* The key follows. */
static const AllmHttpHeader fixed_headers[] =
{
	{"content-type", "application/json"},
	{"accept", "application/json"},
	{"user-agent", "analytics_llm"},
	{"anthropic-version", "2023-06-01"},
};

/* Levels of effort, from the lowest. */
static const char *const effort_names[] =
{
	"low", "medium", "high", "xhigh", "max"
};

enum
{
	LOW = 1 << 0, MEDIUM = 1 << 1, HIGH = 1 << 2, XHIGH = 1 << 3, MAX = 1 << 4,
	UP_TO_HIGH = LOW | MEDIUM | HIGH,
	ALL_EFFORTS = UP_TO_HIGH | XHIGH | MAX
};

/* How models that are asked in the same way are asked. */
typedef struct Family
{
	const char *name;
	int			efforts;		/* levels that it takes */
	int			efforts_off;	/* levels that it takes with thinking off */
	const char *off;			/* turns thinking off; NULL: leave it out */
	const char *on;				/* turns it on; NULL: leave it out */
	bool		budget;			/* on needs a budget instead */
	bool		caches;			/* takes marks for the cache */
	bool		in_words;		/* does not hold an answer to a schema */
} Family;

static const Family families[] =
{
	{"claude-4-5", 0, 0, NULL, NULL, true, true},
	{"claude-opus-4-5", UP_TO_HIGH, UP_TO_HIGH, NULL, NULL, true, true},
	{"claude-4-6", UP_TO_HIGH | MAX, UP_TO_HIGH | MAX,
	NULL, THINKING_ADAPTIVE, false, true},
	{"claude-4-7", ALL_EFFORTS, ALL_EFFORTS,
	NULL, THINKING_ADAPTIVE, false, true},
	{"claude-opus-5", ALL_EFFORTS, UP_TO_HIGH,
	THINKING_DISABLED, THINKING_ADAPTIVE, false, true},
	{"claude-sonnet-5", ALL_EFFORTS, ALL_EFFORTS,
	THINKING_DISABLED, THINKING_ADAPTIVE, false, true},
	{"claude-haiku-5-5", ALL_EFFORTS, UP_TO_HIGH,
	THINKING_DISABLED, THINKING_ADAPTIVE, false, true},
	{"claude-sonnet-5-5", ALL_EFFORTS, UP_TO_HIGH,
	THINKING_BETWEEN_TOOLS, THINKING_ADAPTIVE, false, true},
	/* These always think: off can only mean as little as possible. */
	{"claude-always-thinking", ALL_EFFORTS, LOW,
	NULL, THINKING_ADAPTIVE, false, true},
	/* Local servers of this protocol. */
	{"plain", 0, 0, NULL, NULL, false, false, true},
};

/* What a reason to stop means; one without a row is ALLM_STOP_UNKNOWN. */
static const struct
{
	const char *reason;
	AllmStop	stop;
}			stops[] =

{
	{"end_turn", ALLM_STOP_DONE},
	{"stop_sequence", ALLM_STOP_DONE},
	{"max_tokens", ALLM_STOP_TRUNCATED},
	{"model_context_window_exceeded", ALLM_STOP_TRUNCATED},
	{"refusal", ALLM_STOP_REFUSED},
};

static AllmHttpRequest *build_request(const AllmModel *model,
									  const AllmPrompt *prompt,
									  const AllmEndpoint *endpoint);
static char *build_body(const AllmModel *model, const AllmPrompt *prompt);
static void write_system(AllmJsonWriter *w, const AllmPrompt *prompt,
						 const Family *family);
static void write_block(AllmJsonWriter *w, const char *text, bool is_marked);
static void write_thinking(AllmJsonWriter *w, const AllmModel *model,
						   const Family *family, int max_tokens);
static const char *choose_effort(const AllmModel *model, const Family *family);
static const Family *find_family(const AllmModel *model);
static bool knows_family(const char *name);
static bool wants_thinking(const AllmModel *model, bool on);
static AllmReply *parse_response(const AllmHttpResponse *response);
static bool is_stream(const AllmHttpResponse *response);
static bool watch_usage(const char *body, Size len, AllmTokens *tokens);
static void read_message(AllmReply *reply, const AllmJson *root);
static char *join_text(const AllmJson *content);
static void read_stop(AllmReply *reply, const AllmJson *root);
static void read_error(AllmReply *reply, const AllmJson *root);
static void read_tokens(AllmTokens *tokens, const AllmJson *usage);
static int64 read_count(const AllmJson *object, const char *key);
static AllmJson *salvage_usage(const char *body, Size len);
static Size object_length(const char *text, Size len);

const AllmWire allm_wire_anthropic =
{
	"anthropic",
	"https://api.anthropic.com",
	knows_family,
	build_request,
	parse_response,
	watch_usage,
	allm_wire_anthropic_rules,
	&allm_wire_anthropic_nrules
};

/* AllmWire.build: raises for an unknown family, level of effort or thinking. */
static AllmHttpRequest *
build_request(const AllmModel *model, const AllmPrompt *prompt,
			  const AllmEndpoint *endpoint)
{
	AllmHttpRequest *request = palloc0(sizeof(AllmHttpRequest));
	AllmHttpHeader *headers = palloc0(sizeof(fixed_headers) +
									  sizeof(AllmHttpHeader));

	request->url = allm_wire_url(endpoint->url, "messages");
	request->headers = headers;
	request->nheaders = lengthof(fixed_headers) + 1;
	memcpy(headers, fixed_headers, sizeof(fixed_headers));
	headers[lengthof(fixed_headers)].name = "x-api-key";
	headers[lengthof(fixed_headers)].value = endpoint->key;

	request->body = build_body(model, prompt);
	request->body_len = strlen(request->body);
	request->ca_file = endpoint->ca_file;
	request->proxy = endpoint->proxy;
	request->allow_plaintext = endpoint->allow_plaintext;
	request->idle_ms = MAX_IDLE_MS;
	return request;
}

/* The request's body, in UTF-8. */
static char *
build_body(const AllmModel *model, const AllmPrompt *prompt)
{
	const Family *family = find_family(model);
	const char *effort = choose_effort(model, family);
	const char *schema = family->in_words ? NULL : prompt->schema;
	int			max_tokens = Min(model->max_output_tokens,
								 MAX_ANSWER_TOKENS);
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "model", model->name);
	allm_json_int(&w, "max_tokens", max_tokens);
	allm_json_bool(&w, "stream", true);
	if (prompt->nsystem > 0)
		write_system(&w, prompt, family);

	allm_json_open(&w, "messages", '[');
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "role", "user");
	allm_json_text(&w, "content", prompt->user);
	allm_json_close(&w, '}');
	allm_json_close(&w, ']');

	write_thinking(&w, model, family, max_tokens);

	if (effort != NULL || schema != NULL)
	{
		allm_json_open(&w, "output_config", '{');
		if (effort != NULL)
			allm_json_text(&w, "effort", effort);
		if (schema != NULL)
		{
			allm_json_open(&w, "format", '{');
			allm_json_text(&w, "type", "json_schema");
			allm_json_raw(&w, "schema", schema);
			allm_json_close(&w, '}');
		}
		allm_json_close(&w, '}');
	}
	allm_json_close(&w, '}');
	return allm_wire_text_to_utf8(w.buf.data);
}

/*
 * The instructions.  Of more blocks to be cached than the provider takes, the
 * last ones are marked: each mark covers all that is before it.
 */
static void
write_system(AllmJsonWriter *w, const AllmPrompt *prompt,
			 const Family *family)
{
	int			marks = 0;

	for (int i = 0; i < prompt->nsystem; i++)
		marks += prompt->system[i].cacheable ? 1 : 0;

	allm_json_open(w, "system", '[');
	for (int i = 0; i < prompt->nsystem; i++)
		write_block(w, prompt->system[i].text,
					prompt->system[i].cacheable && family->caches &&
					marks-- <= MAX_CACHE_MARKS);
	if (family->in_words && prompt->schema != NULL)
		write_block(w, allm_answer_form(prompt->schema), false);
	allm_json_close(w, ']');
}

/* One block of the instructions, which the provider may be asked to keep. */
static void
write_block(AllmJsonWriter *w, const char *text, bool is_marked)
{
	allm_json_open(w, NULL, '{');
	allm_json_text(w, "type", "text");
	allm_json_text(w, "text", text);
	if (is_marked)
		allm_json_raw(w, "cache_control", "{\"type\":\"ephemeral\"}");
	allm_json_close(w, '}');
}

/* Whether the model shall think, in the words of its family. */
static void
write_thinking(AllmJsonWriter *w, const AllmModel *model,
			   const Family *family, int max_tokens)
{
	if (wants_thinking(model, false) && family->off != NULL)
		allm_json_raw(w, "thinking", family->off);
	if (!wants_thinking(model, true))
		return;
	if (family->on != NULL)
		allm_json_raw(w, "thinking", family->on);
	else if (family->budget && max_tokens > MIN_THINKING_TOKENS)
	{
		allm_json_open(w, "thinking", '{');
		allm_json_text(w, "type", "enabled");
		allm_json_int(w, "budget_tokens",
					  Max(max_tokens / 2, MIN_THINKING_TOKENS));
		allm_json_close(w, '}');
	}
}

/*
 * The level of effort to ask for: the one of the model's row, or the next one
 * below that its family takes; NULL to leave it out.
 */
static const char *
choose_effort(const AllmModel *model, const Family *family)
{
	bool		off = wants_thinking(model, false);
	int			taken = off ? family->efforts_off : family->efforts;
	int			level = lengthof(effort_names) - 1;

	if (model->effort != NULL)
	{
		while (level >= 0 && strcmp(effort_names[level], model->effort) != 0)
			level--;
		if (level < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("model \"%s\" has an unknown effort \"%s\"",
							model->name, model->effort)));
	}
	else if (taken != LOW)
		return NULL;			/* only a model that cannot stop thinking */
	while (level >= 0 && (taken & (1 << level)) == 0)
		level--;
	return level >= 0 ? effort_names[level] : NULL;
}

/* The rules for a model, by the name of its family. */
static const Family *
find_family(const AllmModel *model)
{
	for (int i = 0; i < lengthof(families); i++)
	{
		if (strcmp(families[i].name, model->family) == 0)
			return &families[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("model \"%s\" has an unknown family \"%s\"",
					model->name, model->family)));
}

/* AllmWire.knows */
static bool
knows_family(const char *name)
{
	for (int i = 0; i < lengthof(families); i++)
	{
		if (strcmp(families[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Does the model's row say that thinking is on, or off? */
static bool
wants_thinking(const AllmModel *model, bool on)
{
	if (model->thinking == NULL)
		return false;
	if (strcmp(model->thinking, "on") != 0 &&
		strcmp(model->thinking, "off") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" has an unknown value of thinking \"%s\"",
						model->name, model->thinking)));
	return strcmp(model->thinking, on ? "on" : "off") == 0;
}

/* AllmWire.parse: whatever came, a reply is made of it. */
static AllmReply *
parse_response(const AllmHttpResponse *response)
{
	AllmReply  *reply = palloc0(sizeof(AllmReply));
	bool		streamed = is_stream(response);
	bool		whole = true;
	AllmJson   *root = streamed ?
	allm_wire_anthropic_stream_join(response->body, response->body_len,
									&whole) :
	allm_wire_text_parse(response->body, response->body_len);

	reply->text = "";
	reply->stop = ALLM_STOP_UNKNOWN;
	reply->request_id = response->request_id;
	if (root == NULL)
	{
		if (response->body_len > 0)
			reply->error_message = allm_wire_text_note(response->body,
													   response->body_len,
													   MAX_ERROR_BYTES);
		if (!streamed)
			read_tokens(&reply->tokens, salvage_usage(response->body,
													  response->body_len));
		reply->cut = streamed;
		return reply;
	}
	read_tokens(&reply->tokens, allm_json_get(root, "usage"));
	read_error(reply, root);
	read_message(reply, root);
	/* What a stream begins with counts the prompt, and not the answer. */
	if (streamed && reply->stop_reason == NULL)
		reply->tokens.known = false;
	reply->cut = streamed && !whole && reply->error_type == NULL;
	reply->complete = whole && reply->complete && reply->error_type == NULL &&
		response->outcome == ALLM_HTTP_OK &&
		response->status >= 200 && response->status < 300;
	return reply;
}

/* Is it a stream of events, whatever was asked for? */
static bool
is_stream(const AllmHttpResponse *response)
{
	static const char type[] = "text/event-stream";

	return response->content_type != NULL && response->status >= 200 &&
		response->status < 300 &&
		pg_strncasecmp(response->content_type, type, sizeof(type) - 1) == 0;
}

/*
 * AllmWire.watch: a gateway that translates another protocol begins with a use
 * of nothing, and counts at the end.  No prompt has no tokens.
 */
static bool
watch_usage(const char *body, Size len, AllmTokens *tokens)
{
	read_tokens(tokens, allm_wire_anthropic_stream_usage(body, len));
	return tokens->input + tokens->cache_read + tokens->cache_write_5m +
		tokens->cache_write_1h > 0;
}

/* What a message says; "complete" if it has the parts of one. */
static void
read_message(AllmReply *reply, const AllmJson *root)
{
	const AllmJson *content = allm_json_get(root, "content");
	const char *type = allm_json_get_text(root, "type");

	if (content == NULL || content->kind != ALLM_JSON_ARRAY ||
		(type != NULL && strcmp(type, "message") != 0))
		return;
	reply->complete = true;
	reply->text = join_text(content);
	reply->altered = strchr(reply->text, ALLM_WIRE_TEXT_LOST) != NULL;
	if (allm_json_get_text(root, "model") != NULL)
	{
		const char *model = allm_json_get_text(root, "model");

		reply->model = allm_wire_text_note(model, strlen(model),
										   MAX_MODEL_BYTES);
	}
	read_stop(reply, root);
}

/* All text of a message: what the other kinds of blocks hold is no answer. */
static char *
join_text(const AllmJson *content)
{
	StringInfoData text;

	initStringInfo(&text);
	for (AllmJson *block = content->first; block != NULL; block = block->next)
	{
		const char *type = allm_json_get_text(block, "type");
		AllmJson   *part = allm_json_get(block, "text");

		if (type != NULL && strcmp(type, "text") == 0 &&
			part != NULL && part->kind == ALLM_JSON_STRING)
			appendStringInfoString(&text, part->text);
	}
	return text.data;
}

/* Why the model stopped. */
static void
read_stop(AllmReply *reply, const AllmJson *root)
{
	const AllmJson *details = allm_json_get(root, "stop_details");
	const char *reason = allm_json_get_text(root, "stop_reason");

	reply->refusal = unconstify(char *,
								allm_json_get_text(details, "category"));
	if (reason == NULL)
		return;
	reply->stop_reason = allm_wire_text_note(reason, strlen(reason),
											 NAMEDATALEN);
	for (int i = 0; i < lengthof(stops); i++)
	{
		if (strcmp(stops[i].reason, reason) == 0)
			reply->stop = stops[i].stop;
	}
}

/*
 * An error, in the provider's envelope or in that of a local server, where it
 * may be a mere text.
 */
static void
read_error(AllmReply *reply, const AllmJson *root)
{
	const AllmJson *error = allm_json_get(root, "error");
	const AllmJson *details = allm_json_get(error, "details");
	const char *type = allm_json_get_text(error, "type");
	const char *code = allm_json_get_text(details, "error_code");
	const char *message = allm_json_get_text(error, "message");

	if (error != NULL && error->kind == ALLM_JSON_STRING)
		message = error->text;
	if (type == NULL && message != NULL)
		type = "error";
	if (type != NULL)
		reply->error_type = allm_wire_text_note(type, strlen(type),
												NAMEDATALEN);
	if (code != NULL)
		reply->error_code = allm_wire_text_note(code, strlen(code),
												NAMEDATALEN);
	if (message != NULL)
		reply->error_message = allm_wire_text_note(message, strlen(message),
												   MAX_ERROR_BYTES);
	if (reply->request_id == NULL)
	{
		const char *id = allm_json_get_text(root, "request_id");

		if (id != NULL)
			reply->request_id = allm_wire_text_note(id, strlen(id),
													NAMEDATALEN);
	}
}

/*
 * What was billed.  A write to the cache that is not split by its life time
 * has the default one, of five minutes.
 */
static void
read_tokens(AllmTokens *tokens, const AllmJson *usage)
{
	const AllmJson *writes = allm_json_get(usage, "cache_creation");
	int64		written = read_count(usage, "cache_creation_input_tokens");

	tokens->known = allm_json_get_text(usage, "input_tokens") != NULL ||
		allm_json_get_text(usage, "output_tokens") != NULL;
	tokens->input = read_count(usage, "input_tokens");
	tokens->output = read_count(usage, "output_tokens");
	tokens->cache_read = read_count(usage, "cache_read_input_tokens");
	tokens->cache_write_1h = read_count(writes, "ephemeral_1h_input_tokens");
	tokens->cache_write_5m = Max(read_count(writes,
											"ephemeral_5m_input_tokens"),
								 written - tokens->cache_write_1h);
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

/*
 * The last usage in a document that was cut off, or is no JSON otherwise:
 * what was billed is owed, whether the rest arrived or not.  Inside a text the
 * quotes would be escaped, so it is not taken from there.
 */
static AllmJson *
salvage_usage(const char *body, Size len)
{
	static const char key[] = "\"usage\":";
	AllmJson   *usage = NULL;

	for (Size i = 0; i + sizeof(key) < len; i++)
	{
		const char *value = body + i + sizeof(key) - 1;
		Size		left = body + len - value;
		Size		size;

		if (body[i] != '"' || memcmp(body + i, key, sizeof(key) - 1) != 0)
			continue;
		while (left > 0 && *value == ' ')
			value++, left--;
		size = object_length(value, left);
		if (size > 0)
			usage = allm_wire_text_parse(value, size);
	}
	return usage;
}

/* Bytes of the object that begins here and is whole, or 0. */
static Size
object_length(const char *text, Size len)
{
	bool		quoted = false;
	int			depth = 0;

	for (Size i = 0; i < len; i++)
	{
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && text[i] == '{')
			depth++;
		else if (!quoted && text[i] == '}' && --depth == 0)
			return i + 1;
		if (depth == 0)
			return 0;
	}
	return 0;
}
