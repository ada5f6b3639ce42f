/*
 * models.c
 *		A tier of models: asked, checked, asked again with the findings.
 *
 * The models of a tier are tried in order of position, all within the time of
 * the tier.  Each HTTP exchange is one row of the log from the moment that it
 * begins, with what it can cost at most, so that one that a cancel or the end
 * of the backend cuts short is recorded and charged.  A query that the guard
 * refuses, or that fails, goes back to the same model with what is wrong with
 * it.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "ask/spend.h"
#include "ask/candidate.h"
#include "ask/examples.h"
#include "ask/failure.h"
#include "ask/models.h"
#include "ask/rest.h"
#include "ask/rules.h"
#include "ask/spans.h"
#include "base/json.h"
#include "base/settings.h"
#include "base/switch.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "ledger/outputs.h"
#include "model/answer.h"
#include "model/call.h"
#include "model/config.h"
#include "model/cost.h"
#include "model/prompt.h"
#include "model/provider.h"
#include "schema/snapshot.h"

/* A model that is being asked. */
typedef struct ModelTry
{
	AllmRequest *request;
	const AllmTierModel *row;
	const List *prices;			/* of AllmPriceRow */
	const AllmPrompt *prompt;
	List	   *examples;		/* of AllmShown */
	const char *query_type;
	AllmGatePass pass;			/* of the model with this role's key */
	AllmDeadline deadline;
	int			timeout_ms;		/* that the deadline came from, for a person */
	AllmAttempt *attempt;		/* of the exchange that came last */
	const char *api;			/* the protocol */
	AllmSpan   *call;			/* the exchange under way */
	AllmModel	model;			/* as it is asked in it */
} ModelTry;

/*
 * A call that had this part of its tier's time, and did not end, is a fault of
 * the model.  One that had less may be somebody's who wants an answer at once:
 * that must not shut the model for the others.
 */
#define FAIR_PART			2

/* So long a look at the tables waits for somebody who has locked them. */
#define CONFIG_PATIENCE_MS	1000

/* A tier to be read for llm_status. */
typedef struct TierSearch
{
	int			tier;
	List	   *models;			/* of AllmTierModel */
} TierSearch;

static void note_arm(AllmRequest *request, AllmTierModel *row);
static void note_unreadable(AllmRequest *request, int tier);
static void read_tier(void *arg);
static int	share_time(const AllmRequest *request, int tier);
static int	find_wanted_ms(const List *models);
static bool try_model(AllmRequest *request, const AllmTierModel *row,
					  const List *prices, AllmDeadline deadline,
					  int timeout_ms);
static bool ask_and_repair(ModelTry *try, const AllmProvider *provider,
						   const AllmEndpoint *endpoint);
static AllmModelAnswer *ask_once(ModelTry *try, const AllmProvider *provider,
								 const AllmEndpoint *endpoint);
static AllmModelAnswer *read_answer(ModelTry *try, const char *text);
static void make_prompt(ModelTry *try, const AllmRefused *refused);
static bool *begin_exchange(void *state);
static void find_usual(const ModelTry *try, AllmAttempt *attempt);
static bool reserve_call(ModelTry *try);
static void count_prompt(void *state, const AllmTokens *tokens);
static bool see_exchange(void *state, const AllmExchange *exchange);
static bool may_be_billed(const AllmHttpResponse *response);
static int64 find_cost(const ModelTry *try, const char *served,
					   const AllmTokens *tokens);
static int64 find_bound_cost(const ModelTry *try, const AllmTokens *tokens);
static AllmAttempt *skip_model(AllmRequest *request, const AllmTierModel *row,
							   const char *why, AllmReason reason);
static void note_no_access(AllmRequest *request, const AllmTierModel *row,
						   AllmAccess access);
static char *list_findings(const List *findings);

/*
 * Asks the models of a tier in turn.  Returns whether one of them answered;
 * the attempts say what became of each.
 */
bool
allm_models_try(AllmRequest *request, int tier)
{
	const AllmRouting *routing = request->routing;
	List	   *models = routing->models[tier - 1];
	int			timeout_ms = share_time(request, tier);
	AllmDeadline deadline;
	ListCell   *cell;

	if (!allm_switch_may_call())
		return false;
	if (routing->unreadable != NULL)
		note_unreadable(request, tier);
	/* The time is the tier's: it starts with its first model. */
	deadline = allm_deadline_sooner(request->decide_by,
									allm_deadline_in(timeout_ms));
	foreach(cell, models)
	{
		AllmTierModel *row = lfirst(cell);

		/*
		 * A model that understood the question speaks for the others, but not
		 * for stronger ones.
		 */
		if (request->unanswerable && request->unanswerable_tier <= tier)
			break;
		if (row->rollout != NULL)
			note_arm(request, row);
		if (try_model(request, row, routing->prices, deadline, timeout_ms))
			return true;
	}
	return false;
}

/*
 * The question comes to a place that is dealt out: from here on it belongs to
 * its arm, whatever becomes of it.
 */
static void
note_arm(AllmRequest *request, AllmTierModel *row)
{
	MemoryContext caller = MemoryContextSwitchTo(request->context);

	request->arms = lappend(request->arms, row);
	MemoryContextSwitchTo(caller);
}

/* The tables could not be read: a row of the log, and a sentence. */
static void
note_unreadable(AllmRequest *request, int tier)
{
	const ErrorData *edata = request->routing->unreadable;
	AllmAttempt *attempt;

	attempt = allm_request_attempt(request, tier, "Models", "none");
	attempt->reason = ALLM_REASON_FAILED;
	attempt->fallback_reason = "config_unreadable";
	attempt->error_code = edata->sqlerrcode;
	attempt->error_message = edata->message;
	attempt->sentence = pstrdup("their tables could not be read in time.");
	allm_request_attempt_end(attempt, "skipped");
}

/*
 * The time that a tier gets: its own, or, when what is left of the question's
 * does not do for all tiers of models that remain, its part of that.
 */
static int
share_time(const AllmRequest *request, int tier)
{
	const AllmRouting *routing = request->routing;
	int			later_ms = 0;
	bool		is_later = false;

	for (int i = 0; i < routing->ntiers; i++)
	{
		if (is_later && routing->order[i] <= ALLM_MODEL_TIERS)
			later_ms += find_wanted_ms(routing->models[routing->order[i] - 1]);
		is_later = is_later || routing->order[i] == tier;
	}
	if (routing->models[tier - 1] == NIL)
		return 0;
	return (int) allm_deadline_share(allm_deadline_left(request->decide_by),
									 ((AllmTierModel *) linitial(routing->models[tier - 1]))->timeout_ms,
									 later_ms);
}

/* The time that a tier wants: none, unless this role can call a model of it. */
static int
find_wanted_ms(const List *models)
{
	ListCell   *cell;

	foreach(cell, models)
	{
		AllmTierModel *row = lfirst(cell);
		AllmProvider provider;

		if (allm_provider_find(row->server, &provider) == ALLM_ACCESS_OK)
			return ((AllmTierModel *) linitial(models))->timeout_ms;
	}
	return 0;
}

/* Asks one model, if this role may, and there is time for it. */
static bool
try_model(AllmRequest *request, const AllmTierModel *row, const List *prices,
		  AllmDeadline deadline, int timeout_ms)
{
	AllmProvider provider;
	AllmEndpoint endpoint = {0};
	ModelTry	try = {0};
	AllmAccess	access = allm_provider_find(row->server, &provider);

	/* Without a server there is no such tier here, and nothing to record. */
	if (access == ALLM_ACCESS_NO_SERVER)
		return false;
	if (access != ALLM_ACCESS_OK)
	{
		note_no_access(request, row, access);
		return false;
	}
	if (!provider.wire->knows(row->model.family))
	{
		skip_model(request, row, "wrong_family", ALLM_REASON_FAILED)->sentence =
			pstrdup("its family is not one of its server's api.");
		return false;
	}
	if (allm_deadline_left(deadline) <= 0)
	{
		(void) skip_model(request, row, "too_slow", ALLM_REASON_FAILED);
		return false;
	}
	/* What cannot be recorded is not bought. */
	if (request->room == NULL)
	{
		(void) skip_model(request, row, "no_room_to_record",
						  ALLM_REASON_NO_ROOM);
		return false;
	}
	/* The calls of one question at most are not committed, in a session. */
	allm_queue_commit(NULL, 0, deadline);

	endpoint.url = provider.url;
	endpoint.ca_file = provider.ca_file;
	endpoint.proxy = allm_http_proxy;
	endpoint.allow_plaintext = provider.allow_plaintext;
	try.request = request;
	try.row = row;
	try.prices = prices;
	try.deadline = deadline;
	try.timeout_ms = timeout_ms;
	try.query_type = "sql_generation";
	try.api = provider.wire->api;
	return ask_and_repair(&try, &provider, &endpoint);
}

/*
 * Asks for a query, and again while the guard refuses what comes, or the server
 * raises for it.  The repairs count against the answer.
 */
static bool
ask_and_repair(ModelTry *try, const AllmProvider *provider,
			   const AllmEndpoint *endpoint)
{
	AllmRequest *request = try->request;
	AllmRefused refused;
	bool		is_repair = false;
	bool		repairable;
	AllmSpan   *span = NULL;

	for (int repairs = 0;; repairs++)
	{
		AllmModelAnswer *answer;
		AllmCandidate candidate = {0};
		List	   *findings = NIL;
		AllmTrial	trial;

		if (is_repair)
			span = allm_trace_open(&request->trace, "repair");
		make_prompt(try, is_repair ? &refused : NULL);
		answer = ask_once(try, provider, endpoint);
		if (answer == NULL)
		{
			allm_trace_close(span, ALLM_SPAN_ERROR);
			return false;
		}

		candidate.sql = answer->sql;
		candidate.signal = ALLM_SIGNAL_MODEL;
		candidate.status = "ok";
		candidate.assumptions = answer->assumptions;
		candidate.repairs = repairs;
		candidate.min_confidence = try->row->min_confidence;
		candidate.second_way = request->routing->verify ?
			allm_rules_rows : NULL;
		trial = allm_candidate_try(request, try->attempt, &candidate,
								   &findings);
		allm_request_attempt_close(try->attempt);
		repairable = trial == ALLM_TRIAL_REFUSED || trial == ALLM_TRIAL_BROKEN;
		allm_trace_close(span, repairable ? ALLM_SPAN_ERROR : ALLM_SPAN_OK);
		if (!repairable || repairs >= allm_max_repairs ||
			allm_deadline_left(try->deadline) <= 0)
			return trial == ALLM_TRIAL_ANSWER;

		refused.sql = answer->sql;
		refused.findings = list_findings(findings);
		try->query_type = "repair";
		is_repair = true;
	}
}

/* Writes what the model is asked, or asked anew. */
static void
make_prompt(ModelTry *try, const AllmRefused *refused)
{
	const AllmContract *wanted = try->request->options.contract;
	AllmSpan   *span = allm_trace_open(&try->request->trace, "prompt");

	allm_trace_scope(span, try->row->tier, try->row->model.name);
	if (refused == NULL)
		try->examples = allm_examples_choose(try->request->question,
											 try->request->check_by);
	try->prompt = allm_prompt_make(allm_snapshot_get(), try->request->question,
								   GetSQLCurrentDate(), try->examples,
								   wanted != NULL ? allm_contract_say(wanted) :
								   NULL, refused);
	allm_trace_int(span, "analytics_llm.tokens_at_most",
				   allm_prompt_bound(try->prompt));
	allm_trace_close(span, ALLM_SPAN_OK);
}

/*
 * One call, with its retries.  Returns what the model answered, or NULL when
 * there is nothing to check; the attempt then says why.
 */
static AllmModelAnswer *
ask_once(ModelTry *try, const AllmProvider *provider,
		 const AllmEndpoint *endpoint)
{
	AllmEndpoint with_key = *endpoint;
	AllmCall	call = {0};
	AllmExchange *volatile exchange = NULL;
	AllmAccess	access;
	char	   *key;

	/* The switch may have been turned since the last call. */
	if (!allm_switch_may_call())
		return NULL;
	access = allm_provider_read_key(provider, &key);
	if (access != ALLM_ACCESS_OK)
	{
		note_no_access(try->request, try->row, access);
		return NULL;
	}
	with_key.key = key;
	allm_gate_identify(&try->pass, provider, try->row->model.name, key);
	try->pass.fair_ms = try->row->timeout_ms / FAIR_PART;
	call.wire = provider->wire;
	try->model = try->row->model;
	call.model = &try->model;
	call.endpoint = &with_key;
	call.prompt = try->prompt;
	call.max_retries = try->row->max_retries;
	call.deadline = try->deadline;
	call.begins = begin_exchange;
	call.counts = count_prompt;
	call.seen = see_exchange;
	call.state = try;
	PG_TRY();
	{
		exchange = allm_call_model(&call);
	}
	PG_FINALLY();
	{
		allm_provider_forget_key(key);
	}
	PG_END_TRY();

	if (exchange == NULL || exchange->failure.kind != ALLM_FAILURE_NONE)
		return NULL;
	return read_answer(try, exchange->reply->text);
}

/* What a reply says, or NULL when there is nothing in it to check. */
static AllmModelAnswer *
read_answer(ModelTry *try, const char *text)
{
	AllmAttempt *attempt = try->attempt;
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
		try->request->unanswerable = true;
		try->request->unanswerable_tier = try->row->tier;
	}
	allm_request_attempt_close(attempt);
	return NULL;
}

/*
 * AllmExchangeBegins: an exchange is a row of the log from here on.  What it
 * can cost at most is found now, and reserved: when it is cut short, nothing
 * can be read any more.
 */
static bool *
begin_exchange(void *state)
{
	ModelTry   *try = state;
	AllmAttempt *attempt;

	attempt = allm_request_attempt(try->request, try->row->tier,
								   try->row->model.name,
								   try->row->model.name);
	attempt->query_type = try->query_type;
	attempt->bound.input = allm_prompt_bound(try->prompt);
	attempt->bound.output = try->row->model.max_output_tokens;
	attempt->bound_micros = find_bound_cost(try, &attempt->bound);
	find_usual(try, attempt);
	try->attempt = attempt;
	if (!allm_rest_admit(try->request, attempt, &try->pass, try->deadline))
		return NULL;
	if (!reserve_call(try))
	{
		allm_gate_release(&attempt->pass);
		return NULL;
	}
	try->model.max_output_tokens = attempt->bound.output;
	try->call = allm_spans_open_call(try->request, try->row, &try->model,
									 try->api);
	return &attempt->left;
}

/* What the call can use at most, if its output is held to what is usual. */
static void
find_usual(const ModelTry *try, AllmAttempt *attempt)
{
	int64		output = allm_outputs_usual(attempt->model_used,
											attempt->query_type);

	if (output == 0 || output >= attempt->bound.output)
		return;
	attempt->usual = attempt->bound;
	attempt->usual.output = output;
	attempt->usual_micros = find_bound_cost(try, &attempt->usual);
}

/* Does the call fit in the quotas? */
static bool
reserve_call(ModelTry *try)
{
	AllmAttempt *attempt = try->attempt;
	AllmSpan   *span = allm_trace_open(&try->request->trace, "quota");
	bool		granted;

	allm_trace_int(span, "analytics_llm.tokens_at_most",
				   attempt->bound.input + attempt->bound.output);
	granted = allm_spend_reserve(try->request, attempt, try->deadline);
	allm_trace_close(span, granted ? ALLM_SPAN_OK : ALLM_SPAN_ERROR);
	return granted;
}

/*
 * AllmExchangeCounts: the prompt of a call is counted while its answer comes in.
 * From now on, a call that is cut short is charged that and the longest answer.
 */
static void
count_prompt(void *state, const AllmTokens *tokens)
{
	ModelTry   *try = state;
	AllmAttempt *attempt = try->attempt;
	int64		output = attempt->bound.output;

	attempt->bound = *tokens;
	attempt->bound.output = Max(output, tokens->output);
	attempt->bound_micros = find_cost(try, NULL, &attempt->bound);
}

/*
 * AllmExchangeSeen: what an exchange brought, and cost.  After an answer the
 * attempt goes on, with the check.
 */
static bool
see_exchange(void *state, const AllmExchange *exchange)
{
	ModelTry   *try = state;
	AllmAttempt *attempt = try->attempt;
	const AllmReply *reply = exchange->reply;

	allm_spans_close_call(try->call, exchange);
	attempt->http_status = exchange->response->status;
	attempt->model_served = reply->model;
	if (reply->tokens.known)
	{
		attempt->tokens = reply->tokens;
		attempt->cost_micros = find_cost(try, reply->model, &reply->tokens);
	}
	else if (may_be_billed(exchange->response))
		allm_request_charge_bound(attempt);
	if (exchange->failure.kind != ALLM_FAILURE_NONE)
		allm_failure_note(attempt, &exchange->failure, try->timeout_ms);
	else
	{
		attempt->status = "success";
		allm_outputs_note(attempt->model_used, attempt->query_type,
						  reply->tokens.output);
	}
	attempt->latency_ms = exchange->response->elapsed_ms;
	allm_spend_settle(attempt);
	return allm_rest_report(try->request, attempt, &exchange->failure);
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
find_cost(const ModelTry *try, const char *served, const AllmTokens *tokens)
{
	int64		length = allm_cost_prompt_tokens(tokens);
	const AllmPrice *price = NULL;

	if (served != NULL)
		price = allm_config_price(try->prices, served, length);
	if (price == NULL)
		price = allm_config_price(try->prices, try->row->model.name, length);
	return price != NULL ? allm_cost_micros(tokens, price) : 0;
}

/* What a call can cost at most: all of its prompt may go into the cache. */
static int64
find_bound_cost(const ModelTry *try, const AllmTokens *tokens)
{
	const AllmPrice *found;
	AllmPrice	price;

	found = allm_config_price(try->prices, try->row->model.name,
							  allm_cost_prompt_tokens(tokens));
	if (found == NULL)
		return 0;
	price = *found;
	price.input = Max(price.input, price.cache_write_5m);
	return allm_cost_micros(tokens, &price);
}

/* A model that was not asked is a row of the log, too. */
static AllmAttempt *
skip_model(AllmRequest *request, const AllmTierModel *row, const char *why,
		   AllmReason reason)
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
static void
note_no_access(AllmRequest *request, const AllmTierModel *row,
			   AllmAccess access)
{
	bool		failed = (access == ALLM_ACCESS_BAD_KEY_FILE);
	AllmAttempt *attempt = skip_model(request, row, allm_provider_why(access),
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

/*
 * One line for each model of a tier: may this role call it?  The credential
 * itself is never looked at.  Returns the state of the tier, which is ready
 * when one of its models is, and else in the state of its first.
 */
const char *
allm_models_status(int tier, AllmStatusLine line, void *state)
{
	const char *whole = NULL;
	TierSearch	search = {.tier = tier};
	ListCell   *cell;

	if (allm_execute_fenced(read_tier, &search,
							allm_deadline_in(CONFIG_PATIENCE_MS)) != NULL)
		return "config_unreadable";
	foreach(cell, search.models)
	{
		AllmTierModel *row = lfirst(cell);
		AllmProvider provider;
		AllmAccess	access = allm_provider_find(row->server, &provider);
		const char *why = allm_provider_why(access);
		AllmJsonWriter w;

		if (access != ALLM_ACCESS_NO_SERVER &&
			!provider.wire->knows(row->model.family))
			why = "wrong_family";
		if (!allm_switch_may_call())
			why = "model_calls_off";
		if (whole == NULL || strcmp(why, "ready") == 0)
			whole = why;
		allm_json_start(&w);
		allm_json_open(&w, NULL, '{');
		allm_json_int(&w, "tier", tier);
		allm_json_text(&w, "server", row->server);
		allm_json_int(&w, "timeout_ms", row->timeout_ms);
		allm_json_close(&w, '}');
		line(state, "model", row->model.name, why, w.buf.data);
		if (access != ALLM_ACCESS_NO_SERVER)
			allm_gate_model_status(&provider, row->model.name, line, state);
	}
	return whole != NULL ? whole : "no_model";
}

/* Inside the fence: the tables may be locked. */
static void
read_tier(void *arg)
{
	TierSearch *search = arg;

	search->models = allm_config_tier(search->tier);
}
