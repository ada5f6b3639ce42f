/*
 * routing.c
 *		Which tiers a question goes through, in which order, and how their
 *		models are asked.
 *
 * What the tables say of models, tiers, prices and routes is read once for a
 * question, before anything is asked, so that nothing is waited for once a call
 * has left.  What the question's complexity and class decide is in model/route;
 * what the caller's options say goes before it.
 */
#include "postgres.h"

#include "ask/routing.h"
#include "base/text.h"
#include "guard/execute.h"
#include "model/provider.h"
#include "model/touch.h"
#include "schema/snapshot.h"

/* So long a look at the tables waits for somebody who has locked them. */
#define CONFIG_PATIENCE_MS	1000

/*
 * Of a model that is in no tier: as long and as sure as the built-in row of the
 * first tier has it.
 */
#define TIMEOUT_MS			5000
#define MIN_CONFIDENCE		0.8
#define MAX_RETRIES			2

/* The tier without models. */
#define LOCAL_TIER			3

/* What is read in the fence. */
typedef struct ConfigSearch
{
	AllmRouting *routing;
	const char *model;			/* that the caller names, or NULL */
	AllmTierModel *named;
	List	   *routes;
	List	   *rollouts;		/* of AllmRollout, */
	List	   *candidates;		/* and of each the AllmTierModel, or NULL */
} ConfigSearch;

static void read_tables(void *arg);
static void deal_out(AllmRouting *routing, const ConfigSearch *search,
					 const AllmSubject *subject);
static bool may_shadow(const AllmTierModel *candidate);
static void deal_place(List **models, const AllmRollout *rollout,
					   const AllmTierModel *candidate,
					   const AllmSubject *subject);
static void take_route(AllmRouting *routing, const List *routes,
					   const AllmOptions *options);
static void ask_as_route_says(const AllmRoute *route, const List *models);
static void take_model(AllmRouting *routing, const ConfigSearch *search);
static AllmTierModel *find_place(const AllmRouting *routing, const char *name);

/*
 * Decides for a question, in the current memory context.  The subject says who
 * stays in the arm of a rollout.  Waits for locked
 * tables a moment, and at most until the deadline.  Raises 22023 for an option
 * "model" that names none, and LLM05 for one that this role cannot call.
 */
AllmRouting *
allm_routing_decide(const char *question, const AllmOptions *options,
					const AllmSubject *subject, AllmDeadline deadline)
{
	AllmRouting *routing = palloc0(sizeof(AllmRouting));
	List	   *words = allm_text_words(question);
	ConfigSearch search = {.routing = routing,.model = options->model};

	if (options->model != NULL && options->start_tier != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"%s\" and \"%s\" exclude each other",
						"model", "tier")));
	routing->complexity =
		allm_complexity_estimate(words, allm_touch_find(words,
														allm_snapshot_get()));
	routing->unreadable =
		allm_execute_fenced(read_tables, &search,
							allm_deadline_sooner(deadline,
												 allm_deadline_in(CONFIG_PATIENCE_MS)));
	if (routing->unreadable != NULL)
		routing->models[0] = routing->models[1] = search.routes = NIL;
	else if (options->model == NULL)
		deal_out(routing, &search, subject);
	take_route(routing, search.routes, options);
	if (options->model != NULL && routing->unreadable == NULL)
		take_model(routing, &search);
	return routing;
}

/* Inside the fence, for its alarm: the tables may be locked. */
static void
read_tables(void *arg)
{
	ConfigSearch *search = arg;
	AllmRouting *routing = search->routing;
	ListCell   *cell;

	for (int tier = 1; tier <= ALLM_MODEL_TIERS; tier++)
		routing->models[tier - 1] = allm_config_tier(tier);
	if (search->model != NULL)
		search->named = allm_config_model(search->model);
	if (routing->models[0] == NIL && routing->models[1] == NIL &&
		search->named == NULL)
		return;
	routing->prices = allm_config_prices();
	search->routes = allm_config_routes();
	search->rollouts = allm_config_rollouts();
	foreach(cell, search->rollouts)
		search->candidates =
		lappend(search->candidates,
				allm_config_model(((AllmRollout *) lfirst(cell))->model));
}

/* Gives places of the tiers to the models of the arms that the subject is in. */
static void
deal_out(AllmRouting *routing, const ConfigSearch *search,
		 const AllmSubject *subject)
{
	ListCell   *cell;
	ListCell   *candidate;

	forboth(cell, search->rollouts, candidate, search->candidates)
	{
		AllmRollout *rollout = lfirst(cell);

		if (rollout->is_shadow)
		{
			if (may_shadow(lfirst(candidate)) &&
				allm_rollout_is_treated(rollout, subject))
				routing->shadows = lappend(routing->shadows, rollout);
			continue;
		}
		deal_place(&routing->models[rollout->tier - 1], rollout,
				   lfirst(candidate), subject);
	}
}

/* Can this role call the model of a shadow?  If not, it is not asked. */
static bool
may_shadow(const AllmTierModel *candidate)
{
	AllmProvider provider;

	return candidate != NULL &&
		allm_provider_find(candidate->server, &provider) == ALLM_ACCESS_OK;
}

/*
 * One place.  The new model comes before the one that it stands in for, which
 * answers when it does not: a rollout that goes wrong costs time and money, and
 * no answers.  A candidate that is not enabled leaves the place as it is.
 */
static void
deal_place(List **models, const AllmRollout *rollout,
		   const AllmTierModel *candidate, const AllmSubject *subject)
{
	for (int i = 0; i < list_length(*models); i++)
	{
		AllmTierModel *row = list_nth(*models, i);
		AllmTierModel *first = row;

		if (strcmp(row->model.name, rollout->instead_of) != 0)
			continue;
		if (allm_rollout_is_treated(rollout, subject) && candidate != NULL)
		{
			first = palloc(sizeof(AllmTierModel));
			*first = *row;
			first->server = candidate->server;
			first->model = candidate->model;
			first->context_tokens = candidate->context_tokens;
			*models = list_insert_nth(*models, i, first);
		}
		first->rollout = rollout;
		first->treated = allm_rollout_is_treated(rollout, subject);
		return;
	}
}

/* Takes the route of the question, unless the caller names a tier. */
static void
take_route(AllmRouting *routing, const List *routes,
		   const AllmOptions *options)
{
	const AllmComplexity *complexity = routing->complexity;
	const AllmRoute *route;

	route = allm_route_choose(routes, complexity->score,
							  complexity->question_class);
	routing->route = route;
	routing->verify = route == NULL || route->verify == NULL ||
		strcmp(route->verify, "off") != 0;
	if (options->verify != NULL)
		routing->verify = strcmp(options->verify, "off") != 0;
	if (options->start_tier != 0)
	{
		routing->why = "option \"tier\" names it";
		routing->ntiers = allm_route_order(options->start_tier, true,
										   routing->order);
	}
	else
	{
		routing->why = route != NULL ? "its route names it" :
			"no route is for such a question";
		routing->ntiers = allm_route_order(route != NULL ?
										   route->start_tier : 1,
										   false, routing->order);
	}
	/* What a route says is for the tier that it sends to. */
	if (route != NULL && routing->order[0] == route->start_tier &&
		route->start_tier <= ALLM_MODEL_TIERS)
		ask_as_route_says(route, routing->models[route->start_tier - 1]);
}

/* Asks the models of a tier in the way of a route. */
static void
ask_as_route_says(const AllmRoute *route, const List *models)
{
	ListCell   *cell;

	foreach(cell, models)
	{
		AllmTierModel *row = lfirst(cell);

		if (route->effort != NULL)
			row->model.effort = route->effort;
		if (route->thinking != NULL)
			row->model.thinking = route->thinking;
		if (route->timeout_ms != 0)
			row->timeout_ms = route->timeout_ms;
		if (route->max_output_tokens != 0)
			row->model.max_output_tokens = route->max_output_tokens;
	}
}

/*
 * The caller names a model: that one is asked, at its place or at the first
 * one, and after it only what needs no model.
 */
static void
take_model(AllmRouting *routing, const ConfigSearch *search)
{
	AllmTierModel *row = find_place(routing, search->model);
	AllmProvider provider;
	AllmAccess	access;

	if (search->named == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" does not exist or is not enabled",
						search->model),
				 errhint("The table analytics_llm.model has the models.")));
	if (row == NULL)
	{
		row = search->named;
		row->tier = 1;
		row->position = 1;
		row->timeout_ms = TIMEOUT_MS;
		row->min_confidence = MIN_CONFIDENCE;
		row->max_retries = MAX_RETRIES;
	}
	access = allm_provider_find(row->server, &provider);
	if (access != ALLM_ACCESS_OK)
		allm_provider_raise(access, row->server);
	routing->models[0] = routing->models[1] = NIL;
	routing->models[row->tier - 1] = list_make1(row);
	routing->order[0] = row->tier;
	routing->order[1] = LOCAL_TIER;
	routing->ntiers = 2;
	routing->why = "option \"model\" names a model of it";
}

/* The row of a model in its tier, or NULL. */
static AllmTierModel *
find_place(const AllmRouting *routing, const char *name)
{
	for (int i = 0; i < ALLM_MODEL_TIERS; i++)
	{
		ListCell   *cell;

		foreach(cell, routing->models[i])
		{
			AllmTierModel *row = lfirst(cell);

			if (strcmp(row->model.name, name) == 0)
				return row;
		}
	}
	return NULL;
}
