/*
 * wire_error.c
 *		What a failed call means, whatever the protocol.
 *
 * Two tables: what each kind of failure entails, and what a transport's outcome
 * means.  What a status and an error's body mean is a table of each protocol,
 * in the file of its errors.  Nothing is decided here but what the words say;
 * whether to call again, and whom, is the caller's.
 *
 * Pure functions.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "model/wire_error.h"

/*
 * How messages begin in which a gateway says what the provider behind it said.
 * There, a key or an account is that of the gateway, with one provider of
 * several: nothing is wrong with the key that we have.
 */
#define OF_ANOTHER		"litellm."

/* A longer wait than a day is a day: the caller gives up far below it. */
#define MAX_WAIT_MS		(INT64CONST(24) * 60 * 60 * 1000)

/* Kinds in the order of the enum, and what each entails. */
static const struct
{
	AllmFailureKind kind;
	const char *code;
	bool		retryable;
	bool		counts;
	bool		lasting;
	AllmFailureScope scope;
}			kinds[] =

{
	{ALLM_FAILURE_NONE, "ok", false, false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_CONFIG, "config", false, false, false, ALLM_SCOPE_ACCOUNT},
	/* One time-out has used up the time of the tier. */
	{ALLM_FAILURE_TIMEOUT, "timeout", false, true, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_NETWORK, "network", true, true, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_TLS, "tls", false, true, false, ALLM_SCOPE_ACCOUNT},
	/* The limit is that of the key's owner, for this model. */
	{ALLM_FAILURE_RATE_LIMIT, "rate_limit", true, false, false,
	ALLM_SCOPE_ACCESS},
	{ALLM_FAILURE_OVERLOADED, "overloaded", true, true, false,
	ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_SERVER, "server_error", true, true, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_GARBLED, "garbled", false, true, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_TOO_LARGE, "too_large", false, false, false,
	ALLM_SCOPE_CALL},
	{ALLM_FAILURE_PROMPT_TOO_LONG, "prompt_too_long", false, false, false,
	ALLM_SCOPE_CALL},
	{ALLM_FAILURE_BAD_REQUEST, "bad_request", false, false, false,
	ALLM_SCOPE_CALL},
	{ALLM_FAILURE_UNSUPPORTED, "unsupported", false, false, false,
	ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_MODEL_GONE, "model_gone", false, false, true,
	ALLM_SCOPE_MODEL},
	{ALLM_FAILURE_CREDENTIAL, "credential", false, false, true,
	ALLM_SCOPE_CREDENTIAL},
	{ALLM_FAILURE_PERMISSION, "permission", false, false, true,
	ALLM_SCOPE_ACCESS},
	{ALLM_FAILURE_UNPAID, "unpaid", false, false, true,
	ALLM_SCOPE_CREDENTIAL},
	{ALLM_FAILURE_EMPTY, "empty", false, false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_TRUNCATED, "truncated", false, false, false,
	ALLM_SCOPE_CALL},
	{ALLM_FAILURE_REFUSED, "refused", false, false, false, ALLM_SCOPE_CALL},
	{ALLM_FAILURE_STOPPED, "model_calls_off", false, false, false,
	ALLM_SCOPE_CALL},
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

StaticAssertDecl(lengthof(kinds) == ALLM_FAILURE_STOPPED + 1,
				 "each kind of failure has a row");

static AllmFailureKind find_kind(const AllmWire *wire,
								 const AllmHttpResponse *response,
								 const AllmReply *reply);
static int64 find_wait(const AllmHttpResponse *response, TimestampTz now);
static bool parse_wait(const char *text, double unit_ms, int64 *wait_ms);
static bool parse_http_date(const char *text, TimestampTz *at);
static AllmFailureKind find_reply_kind(const AllmReply *reply);
static bool rule_agrees(const AllmWireRule *rule, int status,
						const AllmReply *reply);

/*
 * What went wrong, if anything did, by the protocol's rules; "now" is for a date
 * in a header.  The server's word on whether to try again counts, but
 * where only a person can change something: then its "yes" does not.
 */
AllmFailure
allm_wire_error_classify(const AllmWire *wire,
						 const AllmHttpResponse *response,
						 const AllmReply *reply, TimestampTz now)
{
	AllmFailure failure = {0};
	AllmFailureKind kind = find_kind(wire, response, reply);

	failure.kind = kind;
	failure.code = kinds[kind].code;
	failure.retryable = kinds[kind].retryable;
	failure.counts = kinds[kind].counts;
	failure.lasting = kinds[kind].lasting;
	failure.scope = kinds[kind].scope;
	failure.retry_after_ms = -1;
	if (kind == ALLM_FAILURE_NONE)
		return failure;

	failure.message = reply->error_message != NULL ? reply->error_message :
		response->problem;
	if (failure.scope == ALLM_SCOPE_CREDENTIAL && failure.message != NULL &&
		strncmp(failure.message, OF_ANOTHER, strlen(OF_ANOTHER)) == 0)
		failure.scope = ALLM_SCOPE_ACCESS;
	if (response->status >= 300)
	{
		const char *should = response->should_retry;

		failure.retry_after_ms = find_wait(response, now);
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
find_kind(const AllmWire *wire,
		  const AllmHttpResponse *response, const AllmReply *reply)
{
	if (reply->complete)
		return find_reply_kind(reply);
	if (reply->cut && response->outcome == ALLM_HTTP_OK)
		return ALLM_FAILURE_NETWORK;
	if (response->outcome != ALLM_HTTP_OK && response->status < 400)
		return outcome_kinds[response->outcome];
	for (int i = 0; i < *wire->nrules; i++)
	{
		if (rule_agrees(&wire->rules[i], response->status, reply))
			return wire->rules[i].kind;
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
rule_agrees(const AllmWireRule *rule, int status,
			const AllmReply *reply)
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

/* The word for a kind of failure, as the log has it. */
const char *
allm_wire_error_code(AllmFailureKind kind)
{
	return kinds[kind].code;
}

/*
 * Milliseconds before which the server does not want to see us again; -1 when
 * it did not say.  The forms are those that providers' own clients read, in
 * their order: milliseconds, seconds with a fraction, an HTTP date.
 */
static int64
find_wait(const AllmHttpResponse *response, TimestampTz now)
{
	TimestampTz at;
	int64		wait_ms;

	if (response->retry_after_ms != NULL &&
		parse_wait(response->retry_after_ms, 1.0, &wait_ms))
		return wait_ms;
	if (response->retry_after == NULL)
		return -1;
	if (parse_wait(response->retry_after, 1000.0, &wait_ms))
		return wait_ms;
	if (parse_http_date(response->retry_after, &at))
		return Min(TimestampDifferenceMilliseconds(now, at), MAX_WAIT_MS);
	return -1;
}

/* A whole or broken number of units that is not negative. */
static bool
parse_wait(const char *text, double unit_ms, int64 *wait_ms)
{
	char	   *end;
	double		value;

	if (!isdigit((unsigned char) text[0]) && text[0] != '.')
		return false;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || isnan(value))
		return false;
	*wait_ms = (int64) ceil(Min(value * unit_ms, (double) MAX_WAIT_MS));
	return true;
}

/* The one form of date that servers may send: "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
parse_http_date(const char *text, TimestampTz *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct pg_tm tm = {0};
	char		month[4];
	const char *found;
	int			end = 0;
	int			utc = 0;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
			   &tm.tm_mday, month, &tm.tm_year,
			   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
		end == 0 || text[end] != '\0')
		return false;
	found = strstr(months, month);
	if (strlen(month) != 3 || found == NULL || (found - months) % 3 != 0)
		return false;
	tm.tm_mon = (found - months) / 3 + 1;
	if (tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
		tm.tm_min > 59 || tm.tm_sec > 60 || tm.tm_hour < 0 ||
		tm.tm_min < 0 || tm.tm_sec < 0 || tm.tm_year < 1970)
		return false;
	return tm2timestamp(&tm, 0, &utc, at) == 0;
}
