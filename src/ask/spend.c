/*
 * spend.c
 *		What a question's calls may spend: asked before each, told after it.
 *
 * A call that does not fit in a hard quota is not made, and is a row of the
 * log; so the model's tier is skipped, and those that cost nothing go on.
 */
#include "postgres.h"

#include "ask/spend.h"
#include "model/cost.h"

static AllmAmount amount_of(const AllmTokens *tokens, int64 micros);
static AllmAmount need_of(const AllmAttempt *attempt);
static AllmStep wait_or_refuse(AllmRequest *request, AllmAttempt *attempt,
							   AllmGrantReply *reply, AllmDeadline deadline);
static void refuse_call(AllmRequest *request, AllmAttempt *attempt,
						const AllmGrantReply *reply, AllmAmount need);
static char *say_excess(const AllmExcess *excess, AllmAmount need);
static char *say_soft(const AllmExcess *excess);
static double as_usd(int64 micros);
static void add_notice(AllmRequest *request, const char *text);

/*
 * Reserves what a call can use at most, in the quotas of the asking roles; or,
 * when there is no room for that, what it uses when its output is held to what
 * is usual: the bound of the attempt then says so, and has to be sent.  NO: it
 * may not be made; the attempt then says why.  WAITS until the deadline while
 * calls under way hold what it needs.
 */
AllmStep
allm_spend_reserve(AllmRequest *request, AllmAttempt *attempt,
				   AllmDeadline deadline)
{
	MemoryContext caller = MemoryContextSwitchTo(request->context);
	AllmGrantReply reply;
	ListCell   *cell;
	AllmStep	step = ALLM_STEP_YES;

	if (attempt->wanted == NULL)
		attempt->wanted = allm_usage_want(request->user_id,
										  request->session_user_id);
	reply = allm_usage_reserve(attempt->wanted, need_of(attempt), deadline);
	if (reply.grant == ALLM_GRANT_USED_UP && attempt->usual.output > 0)
	{
		/* The rest of a budget may do for what is usual. */
		attempt->bound = attempt->usual;
		attempt->bound_micros = attempt->usual_micros;
		attempt->usual.output = 0;
		reply = allm_usage_reserve(attempt->wanted, need_of(attempt),
								   deadline);
	}
	attempt->called_at = reply.called_at;
	attempt->reservation = reply.reservation;
	attempt->over_shadow = reply.shadow;
	if (reply.grant != ALLM_GRANT_YES)
		step = wait_or_refuse(request, attempt, &reply, deadline);
	else
	{
		foreach(cell, reply.soft)
			add_notice(request, say_soft(lfirst(cell)));
	}
	MemoryContextSwitchTo(caller);
	return step;
}

/* What a call can use at most, as things stand. */
static AllmAmount
need_of(const AllmAttempt *attempt)
{
	return amount_of(&attempt->bound, attempt->bound_micros);
}

/* It may be made later, if there is a later, or else not at all. */
static AllmStep
wait_or_refuse(AllmRequest *request, AllmAttempt *attempt,
			   AllmGrantReply *reply, AllmDeadline deadline)
{
	bool		later = reply->grant == ALLM_GRANT_HELD ||
	reply->grant == ALLM_GRANT_NOT_YET;

	if (later && allm_deadline_left(deadline) > 0)
	{
		request->wait.until = allm_deadline_sooner(request->wait.until,
												   deadline);
		request->wait.changed = allm_usage_changed();
		return ALLM_STEP_WAITS;
	}
	if (reply->grant == ALLM_GRANT_NOT_YET)
		reply->grant = ALLM_GRANT_UNKNOWN;
	refuse_call(request, attempt, reply, need_of(attempt));
	return ALLM_STEP_NO;
}

/* Tokens of all kinds, and what they cost. */
static AllmAmount
amount_of(const AllmTokens *tokens, int64 micros)
{
	AllmAmount	amount;

	amount.tokens = allm_cost_prompt_tokens(tokens) + tokens->output;
	amount.micros = micros;
	return amount;
}

/* Notes why a call is not made. */
static void
refuse_call(AllmRequest *request, AllmAttempt *attempt,
			const AllmGrantReply *reply, AllmAmount need)
{
	if (reply->grant == ALLM_GRANT_UNKNOWN)
	{
		attempt->reason = ALLM_REASON_FAILED;
		attempt->fallback_reason = "quota_unknown";
		attempt->sentence = pstrdup("what is used of its quota could not be found out.");
	}
	else
	{
		AllmExcess *excess = palloc(sizeof(AllmExcess));

		*excess = reply->excess;
		if (request->used_up == NULL ||
			request->used_up->until < excess->until)
			request->used_up = excess;
		attempt->reason = ALLM_REASON_USED_UP;
		attempt->fallback_reason = "quota";
		attempt->sentence = reply->grant == ALLM_GRANT_USED_UP ?
			say_excess(excess, need) :
			psprintf("calls under way hold what is left of the quota of role \"%s\".",
					 excess->quota->name);
	}
	allm_request_attempt_end(attempt, "skipped");
}

/* What a call does not fit in, in figures. */
static char *
say_excess(const AllmExcess *excess, AllmAmount need)
{
	const AllmQuota *quota = excess->quota;
	const char *period = allm_term_name(quota->period);
	bool		by_tokens = quota->token_limit != ALLM_NO_LIMIT &&
	excess->used.tokens + need.tokens > quota->token_limit;

	if (excess->by_rate)
		return psprintf("role \"%s\" has made the %d calls that it may make in a minute.",
						quota->name, quota->requests_per_minute);
	if (by_tokens)
		return psprintf("role \"%s\" has used %lld of its %lld tokens for the %s, and the call may need %lld.",
						quota->name, (long long) excess->used.tokens,
						(long long) quota->token_limit, period,
						(long long) need.tokens);
	return psprintf("role \"%s\" has used %.4f of its %.4f USD for the %s, and the call may cost %.4f.",
					quota->name, as_usd(excess->used.micros),
					as_usd(quota->cost_limit), period, as_usd(need.micros));
}

/* What is said when a quota does not stop the call. */
static char *
say_soft(const AllmExcess *excess)
{
	return psprintf("%s; calls go on",
					allm_spend_say_used_up(excess));
}

/* Whose quota is used up, and until when. */
char *
allm_spend_say_used_up(const AllmExcess *excess)
{
	return psprintf("quota of role \"%s\" is used up until %s",
					excess->quota->name, allm_term_say(excess->until));
}

/* For a person; sums are never made of this. */
static double
as_usd(int64 micros)
{
	return micros / 1000000.0;
}

/* Adds a notice to the answer to come, once. */
static void
add_notice(AllmRequest *request, const char *text)
{
	ListCell   *cell;

	foreach(cell, request->own_notices)
	{
		if (strcmp(lfirst(cell), text) == 0)
			return;
	}
	request->own_notices = lappend(request->own_notices, pstrdup(text));
}

/*
 * Charges what a call has used to its quotas, in place of what was reserved;
 * nothing, when it did not leave or an error came back for it.
 */
void
allm_spend_settle(AllmAttempt *attempt)
{
	if (attempt->reservation != NULL)
		allm_usage_settle(attempt->reservation,
						  amount_of(&attempt->tokens, attempt->cost_micros),
						  attempt->left);
}

/* The same for calls that an error or the end of the session cut short. */
void
allm_spend_settle_all(const AllmRequest *request)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
		allm_spend_settle(lfirst(cell));
}

/* The records of what was charged are in the queue. */
void
allm_spend_release_all(const AllmRequest *request)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
	{
		AllmAttempt *attempt = lfirst(cell);

		if (attempt->reservation != NULL)
			allm_usage_release(attempt->reservation);
	}
}
