/*
 * inquiry.c
 *		One model: asked, checked, asked again with the findings.
 *
 * Each HTTP exchange is one row of the log from the moment that it begins, with
 * what it can cost at most, so that one that a cancel or the end of the backend
 * cuts short is recorded and charged.  A query that the guard refuses, or that
 * fails, goes back to the same model with what is wrong with it.
 *
 * All of it is done in steps that do not wait, in the memory of the request.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "ask/candidate.h"
#include "ask/examples.h"
#include "ask/failure.h"
#include "ask/heed.h"
#include "ask/inquiry.h"
#include "ask/rest.h"
#include "ask/rules.h"
#include "ask/spans.h"
#include "ask/spend.h"
#include "base/settings.h"
#include "base/switch.h"
#include "guard/finding.h"
#include "ledger/outputs.h"
#include "model/answer.h"
#include "model/call.h"
#include "model/cost.h"
#include "model/prompt.h"
#include "schema/snapshot.h"

/* A model that is being asked. */
struct AllmInquiry
{
	AllmRequest *request;
	const AllmTierModel *row;
	AllmProvider provider;
	const AllmPrompt *prompt;
	List	   *examples;		/* of AllmShown */
	AllmGatePass pass;			/* of the model with this role's key */
	AllmDeadline deadline;
	int			timeout_ms;		/* that the deadline came from, for a person */

	int			repairs;		/* of the query, so far */
	AllmRefused refused;		/* what to repair, */
	AllmSpan   *repair;			/* and the step that does */
	bool		is_asked;		/* what follows is of a call under way */
	AllmCall	call;
	AllmEndpoint endpoint;		/* with the key */
	AllmModel	model;			/* as it is asked */
	AllmAttempt *attempt;		/* of the exchange that came last */
	bool		is_reserving;	/* its place in the quotas is being waited for */
	AllmSpan   *quota;			/* the step of that, */
	AllmSpan   *chat;			/* and of the exchange */
};

/*
 * A call that had this part of its tier's time, and did not end, is a fault of
 * the model.  One that had less may be somebody's who wants an answer at once:
 * that must not shut the model for the others.
 */
#define FAIR_PART			2

static bool ask(AllmInquiry *q);
static void make_prompt(AllmInquiry *q);
static AllmModelAnswer *take_answer(AllmInquiry *q);
static AllmModelAnswer *read_answer(AllmInquiry *q, const char *text);
static AllmStep try_answer(AllmInquiry *q, const AllmModelAnswer *answer);
static AllmMay begin_exchange(void *state, bool **left);
static bool open_attempt(AllmInquiry *q);
static void find_usual(const AllmInquiry *q, AllmAttempt *attempt);
static void count_prompt(void *state, const AllmTokens *tokens);
static bool see_exchange(void *state, const AllmExchange *exchange);
static bool may_be_billed(const AllmHttpResponse *response);
static int64 find_cost(const AllmInquiry *q, const char *served,
					   const AllmTokens *tokens);
static int64 find_bound_cost(const AllmInquiry *q, const AllmTokens *tokens);
static char *list_findings(const List *findings);

/*
 * Begins to ask a model that this role may call, in the current memory context.
 * All of it is over by the deadline, but for the check.
 */
AllmInquiry *
allm_inquiry_begin(AllmRequest *request, const AllmTierModel *row,
				   const AllmProvider *provider, AllmDeadline deadline,
				   int timeout_ms)
{
	AllmInquiry *q = palloc0(sizeof(AllmInquiry));

	q->request = request;
	q->row = row;
	q->provider = *provider;
	q->deadline = deadline;
	q->timeout_ms = timeout_ms;
	return q;
}

/*
 * Asks for a query, and again while the guard refuses what comes, or the server
 * raises for it.  The repairs count against the answer.
 */
AllmStep
allm_inquiry_step(AllmInquiry *q)
{
	AllmStep	step;

	do
	{
		AllmModelAnswer *answer = NULL;

		if (!q->is_asked)
			q->is_asked = ask(q);
		if (q->is_asked)
		{
			if (!allm_call_step(&q->call, &q->request->wait.until))
				return ALLM_STEP_WAITS;
			answer = take_answer(q);
		}
		if (answer == NULL)
		{
			allm_trace_close(q->repair, ALLM_SPAN_ERROR);
			return ALLM_STEP_NO;
		}
		step = try_answer(q, answer);
		/* Until it is asked anew, and that is over. */
	} while (step == ALLM_STEP_WAITS);
	return step;
}

/* Begins a call; false when there cannot be one. */
static bool
ask(AllmInquiry *q)
{
	AllmRequest *request = q->request;
	AllmCall	call = {0};
	AllmAccess	access;
	char	   *key;

	if (q->repairs > 0)
		q->repair = allm_trace_open(&request->trace, "repair");
	make_prompt(q);
	/* The switch may have been turned since the last call. */
	if (!allm_switch_may_call())
		return false;
	access = allm_provider_read_key(&q->provider, &key);
	if (access != ALLM_ACCESS_OK)
	{
		allm_inquiry_note_no_access(request, q->row, access);
		return false;
	}
	q->endpoint.url = q->provider.url;
	q->endpoint.key = key;
	q->endpoint.ca_file = q->provider.ca_file;
	q->endpoint.proxy = allm_http_proxy;
	q->endpoint.allow_plaintext = q->provider.allow_plaintext;
	allm_gate_identify(&q->pass, &q->provider, q->row->model.name, key);
	q->pass.fair_ms = q->row->timeout_ms / FAIR_PART;
	q->model = q->row->model;
	call.wire = q->provider.wire;
	call.model = &q->model;
	call.endpoint = &q->endpoint;
	call.prompt = q->prompt;
	call.max_retries = q->row->max_retries;
	call.most = allm_max_parallel_calls;
	call.deadline = q->deadline;
	call.begins = begin_exchange;
	call.counts = count_prompt;
	call.seen = see_exchange;
	call.state = q;
	q->call = call;
	return true;
}

/* Writes what the model is asked, or asked anew. */
static void
make_prompt(AllmInquiry *q)
{
	const AllmContract *wanted = q->request->options.contract;
	AllmSpan   *span = allm_trace_open(&q->request->trace, "prompt");

	allm_trace_scope(span, q->row->tier, q->row->model.name);
	if (q->repairs == 0)
		q->examples = allm_examples_choose(q->request->whole,
										   q->request->check_by);
	q->prompt = allm_prompt_make(allm_snapshot_get(), q->request->question,
								 q->request->earlier,
								 GetSQLCurrentDate(),
								 allm_heed_tell(q->request->whole,
												q->request->check_by),
								 q->examples,
								 wanted != NULL ? allm_contract_say(wanted) :
								 NULL, q->repairs > 0 ? &q->refused : NULL);
	allm_trace_int(span, "analytics_llm.tokens_at_most",
				   allm_prompt_bound(q->prompt));
	allm_trace_close(span, ALLM_SPAN_OK);
}

/* Ends the call that is over, or under way, if there is one, and its key. */
void
allm_inquiry_abandon(AllmInquiry *q)
{
	if (!q->is_asked)
		return;
	q->is_asked = false;
	allm_call_end(&q->call);
	allm_provider_forget_key(unconstify(char *, q->endpoint.key));
	q->endpoint.key = NULL;
}

/*
 * The call has ended: what the model answered, or NULL when there is nothing to
 * check; the attempt then says why.
 */
static AllmModelAnswer *
take_answer(AllmInquiry *q)
{
	const AllmExchange *exchange = q->call.exchange;

	allm_inquiry_abandon(q);
	if (q->call.late)
		allm_inquiry_skip(q->request, q->row, "too_slow",
						  ALLM_REASON_FAILED);
	if (exchange == NULL || exchange->failure.kind != ALLM_FAILURE_NONE)
		return NULL;
	return read_answer(q, exchange->reply->text);
}

/* What a reply says, or NULL when there is nothing in it to check. */
static AllmModelAnswer *
read_answer(AllmInquiry *q, const char *text)
{
	AllmAttempt *attempt = q->attempt;
	AllmModelAnswer *answer = allm_answer_parse(text);

	if (answer != NULL && answer->answerable)
		return answer;
	if (answer == NULL)
	{
		attempt->reason = ALLM_REASON_FAILED;
		attempt->fallback_reason = "odd_form";
		attempt->sentence = pstrdup("the answer was not in the form that was asked for.");
		attempt->status = "invalid";
	}
	else
	{
		attempt->reason = ALLM_REASON_UNANSWERABLE;
		attempt->fallback_reason = "unanswerable";
		attempt->sentence = pstrdup("the tables cannot answer it.");
		q->request->unanswerable = true;
		q->request->unanswerable_tier = q->row->tier;
	}
	allm_request_attempt_close(attempt);
	return NULL;
}

/* Checks, and runs, what a model wrote.  WAITS: it is to be asked anew. */
static AllmStep
try_answer(AllmInquiry *q, const AllmModelAnswer *answer)
{
	AllmCandidate candidate = {0};
	List	   *findings = NIL;
	AllmTrial	trial;
	bool		repairable;

	candidate.sql = answer->sql;
	candidate.signal = ALLM_SIGNAL_MODEL;
	candidate.status = "ok";
	candidate.assumptions = answer->assumptions;
	candidate.repairs = q->repairs;
	candidate.min_confidence = q->row->min_confidence;
	candidate.second_way = q->request->routing->verify ?
		allm_rules_rows : NULL;
	trial = allm_candidate_try(q->request, q->attempt, &candidate, &findings);
	allm_request_attempt_close(q->attempt);
	repairable = trial == ALLM_TRIAL_REFUSED || trial == ALLM_TRIAL_BROKEN;
	allm_trace_close(q->repair, repairable ? ALLM_SPAN_ERROR : ALLM_SPAN_OK);
	if (!repairable || q->repairs >= allm_max_repairs ||
		allm_deadline_left(q->deadline) <= 0)
		return trial == ALLM_TRIAL_ANSWER ? ALLM_STEP_YES : ALLM_STEP_NO;

	q->refused.sql = answer->sql;
	q->refused.findings = list_findings(findings);
	q->repairs++;
	return ALLM_STEP_WAITS;
}

/*
 * AllmExchangeBegins: an exchange is a row of the log from here on.  What it
 * can cost at most is found now, and reserved: when it is cut short, nothing
 * can be read any more.
 */
static AllmMay
begin_exchange(void *state, bool **left)
{
	AllmInquiry *q = state;
	AllmStep	granted;

	if (!q->is_reserving && !open_attempt(q))
		return ALLM_MAY_NOT;
	granted = allm_spend_reserve(q->request, q->attempt, q->deadline);
	q->is_reserving = granted == ALLM_STEP_WAITS;
	if (q->is_reserving)
		return ALLM_MAY_LATER;
	allm_trace_close(q->quota, granted == ALLM_STEP_YES ? ALLM_SPAN_OK :
					 ALLM_SPAN_ERROR);
	if (granted == ALLM_STEP_NO)
	{
		allm_gate_release(&q->attempt->pass);
		return ALLM_MAY_NOT;
	}
	q->model.max_output_tokens = q->attempt->bound.output;
	q->chat = allm_spans_open_call(q->request, q->row, &q->model,
								   q->provider.wire->api);
	*left = &q->attempt->left;
	return ALLM_MAY;
}

/* The row of an exchange to come, and its place in the breakers, if it has one. */
static bool
open_attempt(AllmInquiry *q)
{
	AllmAttempt *attempt;

	attempt = allm_request_attempt(q->request, q->row->tier,
								   q->row->model.name, q->row->model.name);
	attempt->query_type = q->repairs > 0 ? "repair" : "sql_generation";
	attempt->bound.input = allm_prompt_bound(q->prompt);
	attempt->bound.output = q->row->model.max_output_tokens;
	attempt->bound_micros = find_bound_cost(q, &attempt->bound);
	find_usual(q, attempt);
	q->attempt = attempt;
	if (!allm_rest_admit(q->request, attempt, &q->pass, q->deadline))
		return false;
	q->quota = allm_trace_open(&q->request->trace, "quota");
	allm_trace_int(q->quota, "analytics_llm.tokens_at_most",
				   attempt->bound.input + attempt->bound.output);
	return true;
}

/* What the call can use at most, if its output is held to what is usual. */
static void
find_usual(const AllmInquiry *q, AllmAttempt *attempt)
{
	int64		output = allm_outputs_usual(attempt->model_used,
											attempt->query_type);

	if (output == 0 || output >= attempt->bound.output)
		return;
	attempt->usual = attempt->bound;
	attempt->usual.output = output;
	attempt->usual_micros = find_bound_cost(q, &attempt->usual);
}

/*
 * AllmExchangeCounts: the prompt of a call is counted while its answer comes in.
 * From now on, a call that is cut short is charged that and the longest answer.
 */
static void
count_prompt(void *state, const AllmTokens *tokens)
{
	AllmInquiry *q = state;
	AllmAttempt *attempt = q->attempt;
	int64		output = attempt->bound.output;

	attempt->bound = *tokens;
	attempt->bound.output = Max(output, tokens->output);
	attempt->bound_micros = find_cost(q, NULL, &attempt->bound);
}

/*
 * AllmExchangeSeen: what an exchange brought, and cost.  After an answer the
 * attempt goes on, with the check.
 */
static bool
see_exchange(void *state, const AllmExchange *exchange)
{
	AllmInquiry *q = state;
	AllmAttempt *attempt = q->attempt;
	const AllmReply *reply = exchange->reply;

	allm_spans_close_call(q->chat, exchange);
	attempt->http_status = exchange->response->status;
	attempt->model_served = reply->model;
	if (reply->tokens.known)
	{
		attempt->tokens = reply->tokens;
		attempt->cost_micros = find_cost(q, reply->model, &reply->tokens);
	}
	else if (may_be_billed(exchange->response))
		allm_request_charge_bound(attempt);
	if (exchange->failure.kind != ALLM_FAILURE_NONE)
		allm_failure_note(attempt, &exchange->failure, q->timeout_ms);
	else
	{
		attempt->status = "success";
		allm_outputs_note(attempt->model_used, attempt->query_type,
						  reply->tokens.output);
	}
	attempt->latency_ms = exchange->response->elapsed_ms;
	allm_spend_settle(attempt);
	return allm_rest_report(q->request, attempt, &exchange->failure);
}

/*
 * May a call whose usage is not known have been billed?  One that left whole
 * may, unless an error came back for it.
 */
static bool
may_be_billed(const AllmHttpResponse *response)
{
	return response->sent && response->status < 300;
}

/*
 * What a call cost: by the price of the model that answered, else, where it
 * goes by a name that has none, of the model that was asked.
 */
static int64
find_cost(const AllmInquiry *q, const char *served, const AllmTokens *tokens)
{
	int64		length = allm_cost_prompt_tokens(tokens);
	const AllmPrice *price = NULL;

	if (served != NULL)
		price = allm_config_price(q->request->routing->prices, served, length);
	if (price == NULL)
		price = allm_config_price(q->request->routing->prices, q->row->model.name, length);
	return price != NULL ? allm_cost_micros(tokens, price) : 0;
}

/* What a call can cost at most: all of its prompt may go into the cache. */
static int64
find_bound_cost(const AllmInquiry *q, const AllmTokens *tokens)
{
	const AllmPrice *found;
	AllmPrice	price;

	found = allm_config_price(q->request->routing->prices, q->row->model.name,
							  allm_cost_prompt_tokens(tokens));
	if (found == NULL)
		return 0;
	price = *found;
	price.input = Max(price.input, price.cache_write_5m);
	return allm_cost_micros(tokens, &price);
}

/* A model that was not asked is a row of the log, too. */
AllmAttempt *
allm_inquiry_skip(AllmRequest *request, const AllmTierModel *row,
				  const char *why, AllmReason reason)
{
	AllmAttempt *attempt = allm_request_attempt(request, row->tier,
												row->model.name,
												row->model.name);

	attempt->fallback_reason = why;
	attempt->reason = reason;
	allm_request_attempt_end(attempt, "skipped");
	return attempt;
}

/*
 * This role cannot call the model.  Without a grant or a key that is no
 * failure: the model is not there for it.  A key that cannot be read is one.
 */
void
allm_inquiry_note_no_access(AllmRequest *request, const AllmTierModel *row,
							AllmAccess access)
{
	bool		failed = (access == ALLM_ACCESS_BAD_KEY_FILE);
	AllmAttempt *attempt = allm_inquiry_skip(request, row,
											 allm_provider_why(access),
											 failed ? ALLM_REASON_FAILED :
											 ALLM_REASON_NONE);

	if (failed)
		attempt->sentence = pstrdup("its key cannot be read.");
}

/*
 * Findings for a model: code, place, message, hint; one line each.  A message
 * that may quote the data stays here, unless that may be sent.
 */
static char *
list_findings(const List *findings)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, findings)
	{
		AllmFinding *finding = lfirst(cell);

		appendStringInfo(&out, "%s", finding->code);
		if (finding->pos > 0)
			appendStringInfo(&out, " at character %d", finding->pos);
		if (finding->quotes_data && !allm_send_values)
			appendStringInfoString(&out, ": a value does not fit");
		else
			appendStringInfo(&out, ": %s", finding->message);
		if (finding->hint != NULL)
			appendStringInfo(&out, " (%s)", finding->hint);
		appendStringInfoChar(&out, '\n');
	}
	return out.data;
}
