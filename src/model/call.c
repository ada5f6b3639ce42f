/*
 * call.c
 *		Asking one model, with the retries that are worth their while.
 *
 * The waits follow the provider's own clients: half a second, doubled each
 * time up to eight, shortened at random by up to a quarter, unless the
 * provider says when.  A call that timed out is not retried: what was too slow
 * once takes the time that the next tier needs.  When model calls are turned
 * off, a call that is under way ends, and no other one follows.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/compat.h"
#include "base/switch.h"
#include "model/call.h"
#include "model/wire_error.h"
#include "model/wire_text.h"

/* The first wait, and the longest. */
#define FIRST_DELAY_MS		500
#define MAX_DELAY_MS		8000

/* A shorter key is no secret, and would be found in any text. */
#define MIN_KEY_BYTES		8

/* At most this share of a wait is taken off at random. */
#define JITTER				0.25

/* A look at an answer that comes in. */
typedef struct Watch
{
	const AllmCall *call;
	bool		done;
} Watch;

static void watch_use(void *state, const char *body, Size len);
static AllmExchange *exchange_once(const AllmCall *call, int number,
								   bool *again);
static void hide_key(AllmExchange *exchange, AllmReply *reply,
					 const char *key);
static void hide_text(char *text, const char *key, char with);
static bool is_stopped(void);
static void wait_ms(int64 ms);

/*
 * Asks until there is an answer, or a failure that another try would not mend
 * in the time that is left.  Returns the last exchange, in the current memory
 * context, or NULL when "begins" would not have one; "seen" was told of each.  A cancel is raised from any wait; "seen"
 * is not told of the exchange that it ended.
 */
AllmExchange *
allm_call_model(const AllmCall *call)
{
	for (int retries = 0;; retries++)
	{
		bool		again = false;
		AllmExchange *exchange = exchange_once(call, retries + 1, &again);
		int64		delay;

		if (exchange == NULL)
			return NULL;
		if (exchange->failure.kind == ALLM_FAILURE_NONE ||
			exchange->failure.kind == ALLM_FAILURE_TIMEOUT ||
			!exchange->failure.retryable || !again ||
			retries >= call->max_retries)
			return exchange;
		delay = allm_call_delay_ms(retries, exchange->failure.retry_after_ms,
								   pg_prng_double(&pg_global_prng_state));
		if (delay >= allm_deadline_left(call->deadline))
			return exchange;
		wait_ms(delay);
		if (is_stopped())
			return exchange;
	}
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

/* One exchange, classified and told of; NULL when "begins" says no. */
static AllmExchange *
exchange_once(const AllmCall *call, int number, bool *again)
{
	AllmExchange *exchange = palloc0(sizeof(AllmExchange));
	AllmHttpRequest *request;
	AllmReply  *reply;
	bool	   *left;
	Watch		watch = {0};

	left = call->begins(call->state);
	if (left == NULL)
		return NULL;
	request = call->wire->build(call->model, call->prompt, call->endpoint);
	request->stopped = is_stopped;
	request->left = left;
	if (call->wire->watch != NULL && call->counts != NULL)
	{
		watch.call = call;
		request->arrived = watch_use;
		request->state = &watch;
	}
	exchange->number = number;
	exchange->response = allm_http_perform(request, call->deadline);
	reply = call->wire->parse(exchange->response);
	exchange->reply = reply;
	exchange->failure = allm_wire_error_classify(call->wire,
												 exchange->response,
												 exchange->reply,
												 GetCurrentTimestamp());
	hide_key(exchange, reply, call->endpoint->key);
	*again = call->seen(call->state, exchange);
	return exchange;
}

/* AllmHttpRequest.arrived: is it known by now what the prompt is billed? */
static void
watch_use(void *state, const char *body, Size len)
{
	Watch	   *watch = state;
	const AllmCall *call = watch->call;
	AllmTokens	tokens = {0};
	MemoryContext look;
	MemoryContext caller;

	if (watch->done)
		return;
	/* A server that sends a few bytes at a time is looked at very often. */
	look = AllocSetContextCreate(CurrentMemoryContext, "analytics_llm look",
								 ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(look);
	watch->done = call->wire->watch(body, len, &tokens);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(look);
	if (!watch->done)
		return;
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

/* Waits, and can be cancelled, or stopped with all model calls. */
static void
wait_ms(int64 ms)
{
	AllmDeadline until = allm_deadline_in((int) ms);
	long		left;

	while (!is_stopped() && (left = allm_deadline_left(until)) > 0)
	{
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 left, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}
