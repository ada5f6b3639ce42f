/*
 * call.c
 *		Asking one model, with the retries that are worth their while.
 *
 * A call is made in steps that do not wait, so that several can be under way.
 *
 * The waits follow the provider's own clients: half a second, doubled each
 * time up to eight, shortened at random by up to a quarter, unless the
 * provider says when.  A call that timed out is not retried: what was too slow
 * once takes the time that the next tier needs.  When model calls are turned
 * off, a call that is under way ends, and no other one follows.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/switch.h"
#include "model/call.h"
#include "model/wire_error.h"
#include "model/wire_text.h"
#include "net/client.h"

/* The first wait, and the longest. */
#define FIRST_DELAY_MS		500
#define MAX_DELAY_MS		8000

/* A shorter key is no secret, and would be found in any text. */
#define MIN_KEY_BYTES		8

/* At most this share of a wait is taken off at random. */
#define JITTER				0.25

static bool start_exchange(AllmCall *call, AllmDeadline *wake);
static bool end_exchange(AllmCall *call, AllmDeadline *wake);
static void rest_or_end(AllmCall *call, bool again);
static void watch_use(void *state, const char *body, Size len);
static void hide_key(AllmExchange *exchange, AllmReply *reply,
					 const char *key);
static void hide_text(char *text, const char *key, char with);
static bool is_stopped(void);

/*
 * Goes on until there is an answer, or a failure that another try would not mend
 * in the time that is left.  True: the call has ended, with the last exchange,
 * in the current memory context, or with none when "begins" would not have one.
 * False: it waits, and "wake" is made no later than it has to go on.  "seen" was
 * told of each exchange that has ended; not of one that allm_call_end() or an
 * error cuts short.
 */
bool
allm_call_step(AllmCall *call, AllmDeadline *wake)
{
	while (call->stage != ALLM_CALL_ENDED)
	{
		if (call->stage == ALLM_CALL_RESTS)
		{
			if (is_stopped())
				call->stage = ALLM_CALL_ENDED;
			else if (allm_deadline_left(call->rests_until) <= 0)
				call->stage = ALLM_CALL_WANTED;
			else
			{
				*wake = allm_deadline_sooner(*wake, call->rests_until);
				return false;
			}
		}
		else if (call->stage == ALLM_CALL_WANTED)
		{
			if (!start_exchange(call, wake))
				return false;
		}
		else if (!end_exchange(call, wake))
			return false;
	}
	return true;
}

/* Ends a call wherever it stands.  Never raises. */
void
allm_call_end(AllmCall *call)
{
	if (call->out != NULL)
		allm_http_end(call->out);
	call->out = NULL;
	call->stage = ALLM_CALL_ENDED;
}

/* Starts the next exchange, or ends the call; false when it has to wait. */
static bool
start_exchange(AllmCall *call, AllmDeadline *wake)
{
	AllmHttpRequest *request;
	bool	   *left;
	AllmMay		may = ALLM_MAY_LATER;

	if (allm_client_has_place(call->most))
		may = call->begins(call->state, &left);
	else if (allm_deadline_left(call->deadline) <= 0)
	{
		call->late = true;
		may = ALLM_MAY_NOT;
	}
	if (may == ALLM_MAY_LATER)
	{
		*wake = allm_deadline_sooner(*wake, call->deadline);
		return false;
	}
	call->exchange = NULL;
	call->stage = may == ALLM_MAY ? ALLM_CALL_OUT : ALLM_CALL_ENDED;
	if (may == ALLM_MAY_NOT)
		return true;
	request = call->wire->build(call->model, call->prompt, call->endpoint);
	request->stopped = is_stopped;
	request->left = left;
	call->counted = false;
	if (call->wire->watch != NULL && call->counts != NULL)
	{
		request->arrived = watch_use;
		request->state = call;
	}
	call->request = request;
	call->out = allm_http_start(request, call->deadline);
	return true;
}

/* Reads, classifies and tells of an exchange that has ended; false: it has not. */
static bool
end_exchange(AllmCall *call, AllmDeadline *wake)
{
	AllmHttpResponse *response = allm_http_look(call->out, wake);
	AllmExchange *exchange;
	AllmReply  *reply;

	if (response == NULL)
		return false;
	call->out = NULL;
	exchange = palloc0(sizeof(AllmExchange));
	exchange->number = call->retries + 1;
	exchange->response = response;
	reply = call->wire->parse(response);
	/* What came last was not looked at on its way: it is read here. */
	if (!reply->tokens.known && call->request->arrived != NULL)
		watch_use(call, response->body, response->body_len);
	exchange->reply = reply;
	exchange->failure = allm_wire_error_classify(call->wire, response, reply,
												 GetCurrentTimestamp());
	hide_key(exchange, reply, call->endpoint->key);
	call->exchange = exchange;
	rest_or_end(call, call->seen(call->state, exchange));
	return true;
}

/* Is there to be another exchange, after a rest? */
static void
rest_or_end(AllmCall *call, bool again)
{
	const AllmFailure *failure = &call->exchange->failure;
	int64		delay;

	call->stage = ALLM_CALL_ENDED;
	if (failure->kind == ALLM_FAILURE_NONE ||
		failure->kind == ALLM_FAILURE_TIMEOUT ||
		!failure->retryable || !again || call->retries >= call->max_retries)
		return;
	delay = allm_call_delay_ms(call->retries, failure->retry_after_ms,
							   pg_prng_double(&pg_global_prng_state));
	if (delay >= allm_deadline_left(call->deadline))
		return;
	call->retries++;
	call->rests_until = allm_deadline_in((int) delay);
	call->stage = ALLM_CALL_RESTS;
}

/*
 * The wait before the next try, when "retries" of them are done: what the
 * provider said, if it did (-1: no), else the doubled wait less the random
 * part.
 */
int64
allm_call_delay_ms(int retries, int64 retry_after_ms, double random)
{
	double		delay = FIRST_DELAY_MS;

	if (retry_after_ms > 0)
		return retry_after_ms;
	for (int i = 0; i < retries && delay < MAX_DELAY_MS; i++)
		delay *= 2;
	return (int64) (Min(delay, MAX_DELAY_MS) * (1 - JITTER * random));
}

/* AllmHttpRequest.arrived: is it known by now what the prompt is billed? */
static void
watch_use(void *state, const char *body, Size len)
{
	AllmCall   *call = state;
	AllmTokens	tokens = {0};
	MemoryContext look;
	MemoryContext caller;

	if (call->counted)
		return;
	/* A server that sends a few bytes at a time is looked at very often. */
	look = AllocSetContextCreate(CurrentMemoryContext, "analytics_llm look",
								 ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(look);
	call->counted = call->wire->watch(body, len, &tokens);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(look);
	if (call->counted)
		call->counts(call->state, &tokens);
}

/*
 * Some servers quote the key that they do not accept.  What they say goes to
 * tables and messages: the key does not.  A query that has it is refused, as
 * one that has lost a character.
 */
static void
hide_key(AllmExchange *exchange, AllmReply *reply, const char *key)
{
	if (strlen(key) < MIN_KEY_BYTES)
		return;
	hide_text(exchange->failure.message, key, '*');
	hide_text(reply->error_message, key, '*');
	hide_text(reply->error_type, key, '*');
	hide_text(reply->error_code, key, '*');
	hide_text(reply->stop_reason, key, '*');
	hide_text(reply->model, key, '*');
	hide_text(reply->text, key, ALLM_WIRE_TEXT_LOST);
}

/* Overwrites the key in a text, which may be NULL. */
static void
hide_text(char *text, const char *key, char with)
{
	Size		len = strlen(key);
	char	   *found = text;

	while (found != NULL && (found = strstr(found, key)) != NULL)
	{
		memset(found, with, len);
		found += len;
	}
}

/* AllmHttpRequest.stopped: were model calls turned off meanwhile? */
static bool
is_stopped(void)
{
	return !allm_switch_may_call();
}
