/*
 * wire_anthropic_error.c
 *		What a failed call of the Messages protocol means.
 *
 * Three tables: what a transport's outcome means, what a status and an error's
 * body mean, and what each kind of failure entails.  Nothing is decided here
 * but what the words say; whether to call again, and whom, is the caller's.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "model/wire_anthropic_error.h"

/* Kinds in the order of the enum, and what each entails. */
static const struct
{
	AllmFailureKind kind;
	const char *code;
	bool		retryable;
	bool		counts;
	AllmFailureScope scope;
}			kinds[] =

{
	{ALLM_FAILURE_NONE, "ok", false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_CONFIG, "config", false, false, ALLM_SCOPE_ACCOUNT},
	/* One time-out has used up the time of the tier. */
	{ALLM_FAILURE_TIMEOUT, "timeout", false, true, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_NETWORK, "network", true, true, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_TLS, "tls", false, true, ALLM_SCOPE_ACCOUNT},
	{ALLM_FAILURE_RATE_LIMIT, "rate_limit", true, false, ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_OVERLOADED, "overloaded", true, true, ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_SERVER, "server_error", true, true, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_GARBLED, "garbled", false, true, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_TOO_LARGE, "too_large", false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_PROMPT_TOO_LONG, "prompt_too_long", false, false,
	ALLM_SCOPE_CALL},
	{ALLM_FAILURE_BAD_REQUEST, "bad_request", false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_UNSUPPORTED, "unsupported", false, false, ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_MODEL_GONE, "model_gone", false, false, ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_CREDENTIAL, "credential", false, false,
	ALLM_SCOPE_CREDENTIAL},
	{ALLM_FAILURE_PERMISSION, "permission", false, false, ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_UNPAID, "unpaid", false, false, ALLM_SCOPE_ACCOUNT},
	{ALLM_FAILURE_EMPTY, "empty", false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_TRUNCATED, "truncated", false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_REFUSED, "refused", false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_STOPPED, "model_calls_off", false, false, ALLM_SCOPE_CALL},
};

/* Outcomes of the transport in the order of the enum. */
static const AllmFailureKind outcome_kinds[] =
{
	[ALLM_HTTP_OK] = ALLM_FAILURE_NONE,
	[ALLM_HTTP_TIMEOUT] = ALLM_FAILURE_TIMEOUT,
	[ALLM_HTTP_CONNECT] = ALLM_FAILURE_NETWORK,
	[ALLM_HTTP_TLS] = ALLM_FAILURE_TLS,
	[ALLM_HTTP_RESET] = ALLM_FAILURE_NETWORK,
	[ALLM_HTTP_GARBLED] = ALLM_FAILURE_GARBLED,
	[ALLM_HTTP_TOO_LARGE] = ALLM_FAILURE_TOO_LARGE,
	[ALLM_HTTP_CONFIG] = ALLM_FAILURE_CONFIG,
	[ALLM_HTTP_STOPPED] = ALLM_FAILURE_STOPPED,
};

/*
 * What a status means, and what narrows it down.  The first row of which all
 * that is given agrees counts.
 */
typedef struct Rule
{
	int			low;			/* statuses, both included */
	int			high;
	const char *type;			/* error.type */
	const char *code;			/* error.details.error_code */
	const char *says;			/* a part of error.message */
	AllmFailureKind kind;
} Rule;

static const Rule rules[] =
{
	/* The account has to be paid for, whatever the status. */
	{400, 429, NULL, "enforced_spend_limit_reached", NULL,
	ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "credit balance is too low", ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "API usage limits", ALLM_FAILURE_UNPAID},
	{402, 402, NULL, NULL, NULL, ALLM_FAILURE_UNPAID},
	{200, 599, "billing_error", NULL, NULL, ALLM_FAILURE_UNPAID},

	/* The prompt does not fit; a local server has its own word. */
	{400, 400, NULL, NULL, "prompt is too long", ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, NULL, NULL, "exceed context limit",
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, "exceed_context_size_error", NULL, NULL,
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{413, 413, NULL, NULL, NULL, ALLM_FAILURE_PROMPT_TOO_LONG},

	/* The row of the model asks for what the model cannot do. */
	{400, 400, NULL, NULL, "deprecated for this model",
	ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, "not supported", ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, "does not support", ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, NULL, ALLM_FAILURE_BAD_REQUEST},

	{401, 401, NULL, NULL, NULL, ALLM_FAILURE_CREDENTIAL},
	{403, 403, NULL, NULL, NULL, ALLM_FAILURE_PERMISSION},
	{404, 404, NULL, NULL, NULL, ALLM_FAILURE_MODEL_GONE},
	{408, 409, NULL, NULL, NULL, ALLM_FAILURE_SERVER},
	{429, 429, NULL, NULL, NULL, ALLM_FAILURE_RATE_LIMIT},
	{400, 499, NULL, NULL, NULL, ALLM_FAILURE_BAD_REQUEST},

	{529, 529, NULL, NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{500, 599, "overloaded_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	/* A local server that is still loading its model. */
	{503, 503, "unavailable_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{500, 599, NULL, NULL, NULL, ALLM_FAILURE_SERVER},

	/* Redirects are not followed: the key would go along. */
	{300, 399, NULL, NULL, NULL, ALLM_FAILURE_CONFIG},

	/* An error in the body of what claims to be a success. */
	{200, 299, "overloaded_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{200, 299, "rate_limit_error", NULL, NULL, ALLM_FAILURE_RATE_LIMIT},
	{200, 299, "api_error", NULL, NULL, ALLM_FAILURE_SERVER},
	{200, 299, "timeout_error", NULL, NULL, ALLM_FAILURE_SERVER},
	{200, 299, "invalid_request_error", NULL, NULL, ALLM_FAILURE_BAD_REQUEST},
	{200, 299, "authentication_error", NULL, NULL, ALLM_FAILURE_CREDENTIAL},
	{200, 299, "permission_error", NULL, NULL, ALLM_FAILURE_PERMISSION},
	{200, 299, "not_found_error", NULL, NULL, ALLM_FAILURE_MODEL_GONE},
};

StaticAssertDecl(lengthof(kinds) == ALLM_FAILURE_STOPPED + 1,
				 "each kind of failure has a row");

static AllmFailureKind find_kind(const AllmHttpResponse *response,
								 const AllmReply *reply);
static AllmFailureKind find_reply_kind(const AllmReply *reply);
static bool rule_agrees(const Rule *rule, int status, const AllmReply *reply);

/*
 * AllmWire.classify.  The server's word on whether to try again counts, but
 * where only a person can change something: then its "yes" does not.
 */
AllmFailure
allm_wire_anthropic_error_classify(const AllmHttpResponse *response,
								   const AllmReply *reply, TimestampTz now)
{
	AllmFailure failure = {0};
	AllmFailureKind kind = find_kind(response, reply);

	failure.kind = kind;
	failure.code = kinds[kind].code;
	failure.retryable = kinds[kind].retryable;
	failure.counts = kinds[kind].counts;
	failure.scope = kinds[kind].scope;
	failure.retry_after_ms = -1;
	if (kind == ALLM_FAILURE_NONE)
		return failure;

	failure.message = reply->error_message != NULL ? reply->error_message :
		response->problem;
	if (response->status >= 300)
	{
		const char *should = response->should_retry;

		failure.retry_after_ms = allm_wire_retry_after(response, now);
		if (should != NULL && strcmp(should, "false") == 0)
			failure.retryable = false;
		else if (should != NULL && strcmp(should, "true") == 0 &&
				 failure.scope == ALLM_SCOPE_CALL)
			failure.retryable = true;
	}
	return failure;
}

/*
 * The kind of failure.  A status that tells of an error does so even when the
 * rest of the response got lost.
 */
static AllmFailureKind
find_kind(const AllmHttpResponse *response, const AllmReply *reply)
{
	if (reply->complete)
		return find_reply_kind(reply);
	if (response->outcome != ALLM_HTTP_OK && response->status < 400)
		return outcome_kinds[response->outcome];
	for (int i = 0; i < lengthof(rules); i++)
	{
		if (rule_agrees(&rules[i], response->status, reply))
			return rules[i].kind;
	}
	return ALLM_FAILURE_GARBLED;
}

/* What is wrong with a message that arrived. */
static AllmFailureKind
find_reply_kind(const AllmReply *reply)
{
	if (reply->stop == ALLM_STOP_REFUSED)
		return ALLM_FAILURE_REFUSED;
	if (reply->stop != ALLM_STOP_DONE)
		return ALLM_FAILURE_TRUNCATED;
	if (reply->text[0] == '\0')
		return ALLM_FAILURE_EMPTY;
	return ALLM_FAILURE_NONE;
}

/* Does all that a rule names agree? */
static bool
rule_agrees(const Rule *rule, int status, const AllmReply *reply)
{
	if (status < rule->low || status > rule->high)
		return false;
	if (rule->type != NULL &&
		(reply->error_type == NULL ||
		 strcmp(reply->error_type, rule->type) != 0))
		return false;
	if (rule->code != NULL &&
		(reply->error_code == NULL ||
		 strcmp(reply->error_code, rule->code) != 0))
		return false;
	return rule->says == NULL ||
		(reply->error_message != NULL &&
		 strstr(reply->error_message, rule->says) != NULL);
}
