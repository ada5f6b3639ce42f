/*
 * models.c
 *		A tier of models: asked in turn.
 *
 * The models of a tier are tried in order of position, all within the time of
 * the tier.  How one is asked is inquiry.c's.
 */
#include "postgres.h"

#include "ask/inquiry.h"
#include "ask/models.h"
#include "base/json.h"
#include "base/switch.h"
#include "guard/execute.h"
#include "model/config.h"
#include "model/provider.h"

/* Where the walk through the models of a tier is. */
typedef struct AllmModelsWalk
{
	int			tier;
	int			next;			/* place of the model that comes next */
	AllmDeadline deadline;		/* of the tier */
	int			timeout_ms;		/* that it came from, for a person */
	AllmInquiry *inquiry;		/* of the model that is being asked, or NULL */
} AllmModelsWalk;

/* So long a look at the tables waits for somebody who has locked them. */
#define CONFIG_PATIENCE_MS	1000

/* A tier to be read for llm_status. */
typedef struct TierSearch
{
	int			tier;
	List	   *models;			/* of AllmTierModel */
} TierSearch;

static AllmModelsWalk *begin_walk(AllmRequest *request, int tier);
static bool begin_next(AllmRequest *request, AllmModelsWalk *walk);
static void note_arm(AllmRequest *request, AllmTierModel *row);
static void note_unreadable(AllmRequest *request, int tier);
static void read_tier(void *arg);
static int	share_time(const AllmRequest *request, int tier);
static int	find_wanted_ms(const List *models);
static AllmInquiry *begin_model(AllmRequest *request,
								const AllmTierModel *row,
								const AllmModelsWalk *walk);

/*
 * Asks the models of a tier in turn, until one of them answers.  The attempts
 * say what became of each.
 */
AllmStep
allm_models_try(AllmRequest *request, int tier)
{
	AllmModelsWalk *walk = request->models;
	AllmStep	step = ALLM_STEP_NO;

	if (walk == NULL)
	{
		if (!allm_switch_may_call())
			return ALLM_STEP_NO;
		walk = begin_walk(request, tier);
	}
	while (step == ALLM_STEP_NO &&
		   (walk->inquiry != NULL || begin_next(request, walk)))
	{
		step = allm_inquiry_step(walk->inquiry);
		if (step != ALLM_STEP_WAITS)
			walk->inquiry = NULL;
	}
	if (step != ALLM_STEP_WAITS)
		request->models = NULL;
	return step;
}

/* An error ended the question: so does the call that is under way. */
void
allm_models_abandon(AllmRequest *request)
{
	AllmModelsWalk *walk = request->models;

	if (walk != NULL && walk->inquiry != NULL)
		allm_inquiry_abandon(walk->inquiry);
	request->models = NULL;
}

/* Begins with a tier.  The time is the tier's: it starts with its first model. */
static AllmModelsWalk *
begin_walk(AllmRequest *request, int tier)
{
	AllmModelsWalk *walk = palloc0(sizeof(AllmModelsWalk));

	walk->tier = tier;
	walk->timeout_ms = share_time(request, tier);
	if (request->routing->unreadable != NULL)
		note_unreadable(request, tier);
	walk->deadline = allm_deadline_sooner(request->decide_by,
										  allm_deadline_in(walk->timeout_ms));
	request->models = walk;
	return walk;
}

/* Begins with the next model that can be asked; false: there is none. */
static bool
begin_next(AllmRequest *request, AllmModelsWalk *walk)
{
	List	   *models = request->routing->models[walk->tier - 1];

	while (walk->next < list_length(models))
	{
		AllmTierModel *row = list_nth(models, walk->next++);

		/*
		 * A model that understood the question speaks for the others, but not
		 * for stronger ones.
		 */
		if (request->unanswerable && request->unanswerable_tier <= walk->tier)
			return false;
		if (row->rollout != NULL)
			note_arm(request, row);
		walk->inquiry = begin_model(request, row, walk);
		if (walk->inquiry != NULL)
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

/* Begins to ask one model, if this role may, and there is time for it. */
static AllmInquiry *
begin_model(AllmRequest *request, const AllmTierModel *row,
			const AllmModelsWalk *walk)
{
	AllmProvider provider;
	AllmAccess	access = allm_provider_find(row->server, &provider);

	/* Without a server there is no such tier here, and nothing to record. */
	if (access == ALLM_ACCESS_NO_SERVER)
		return NULL;
	if (access != ALLM_ACCESS_OK)
	{
		allm_inquiry_note_no_access(request, row, access);
		return NULL;
	}
	if (!provider.wire->knows(row->model.family))
	{
		allm_inquiry_skip(request, row, "wrong_family",
						  ALLM_REASON_FAILED)->sentence =
			pstrdup("its family is not one of its server's api.");
		return NULL;
	}
	if (allm_deadline_left(walk->deadline) <= 0)
	{
		(void) allm_inquiry_skip(request, row, "too_slow", ALLM_REASON_FAILED);
		return NULL;
	}
	/* What cannot be recorded is not bought. */
	if (request->room == NULL)
	{
		(void) allm_inquiry_skip(request, row, "no_room_to_record",
								 ALLM_REASON_NO_ROOM);
		return NULL;
	}
	/* The calls of one statement at most are not committed, in a session. */
	if (!request->has_company)
		allm_queue_commit(NULL, 0, walk->deadline);
	return allm_inquiry_begin(request, row, &provider, walk->deadline,
							  walk->timeout_ms);
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
