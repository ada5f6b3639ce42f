/*
 * tiers.c
 *		The tiers, and the walk down them until one answers.
 *
 * A tier is one row of a table.  The walk knows none of them: it asks each in
 * turn, and whatever one proposes is checked and run the same way.
 */
#include "postgres.h"

#include "ask/models.h"
#include "ask/recall.h"
#include "ask/record.h"
#include "ask/rules.h"
#include "ask/tiers.h"
#include "base/settings.h"

/*
 * One way to an answer.  may_try() says whether there is anything to try, NULL:
 * there always is; answer() returns whether the question is answered, at once,
 * or go_on() does, in steps; status() says whether this role can have an answer
 * of it, after lines of its own for llm_status.
 */
typedef struct AllmTier
{
	int			tier;
	const char *name;			/* in llm_status */
	bool		(*may_try) (const AllmRequest *request);
	bool		(*answer) (AllmRequest *request, int tier);
	AllmStep	(*go_on) (AllmRequest *request, int tier);
	const char *(*status) (int tier, AllmStatusLine line, void *state);
} AllmTier;

/* Where the walk is. */
typedef struct AllmTierWalk
{
	int			place;			/* in the order of the question's route */
	int			row;			/* of the table of tiers */
	bool		is_asked;		/* that row is being asked, */
	AllmSpan   *span;			/* in this step */
} AllmTierWalk;

static const AllmRouting *route_question(AllmRequest *request);
static AllmStep try_row(AllmRequest *request, AllmTierWalk *walk);
static const char *always_ready(int tier, AllmStatusLine line, void *state);

/* Rows of one tier are tried in this order. */
static const AllmTier tiers[] =
{
	{1, "primary model", NULL, NULL, allm_models_try, allm_models_status},
	{2, "secondary model", NULL, NULL, allm_models_try, allm_models_status},
	{3, "kept queries", allm_recall_has_expired, allm_recall_try_expired, NULL, always_ready},
	{3, "verified examples", NULL, allm_rules_try_example, NULL, always_ready},
	{3, "built-in rules", NULL, allm_rules_try, NULL, always_ready},
};

/*
 * Asks the tiers, in the order of the question's route, until one answers; the
 * attempts say what each made of the question.
 */
AllmStep
allm_tiers_walk(AllmRequest *request)
{
	AllmTierWalk *walk = request->tiers;
	AllmStep	step = ALLM_STEP_NO;

	if (walk == NULL)
	{
		(void) route_question(request);
		walk = request->tiers = palloc0(sizeof(AllmTierWalk));
	}
	while (step == ALLM_STEP_NO && walk->place < request->routing->ntiers)
	{
		step = try_row(request, walk);
		if (step == ALLM_STEP_NO && ++walk->row == lengthof(tiers))
		{
			walk->row = 0;
			walk->place++;
		}
	}
	return step;
}

/* Decides on the order of the tiers, and how their models are asked. */
static const AllmRouting *
route_question(AllmRequest *request)
{
	AllmSpan   *span = allm_trace_open(&request->trace, "route");
	AllmSubject subject = {allm_end_user, request->user_name};
	AllmRouting *routing;

	subject.request = allm_record_uuid_text(&request->id);
	routing = allm_routing_decide(request->whole, &request->options,
								  &subject, request->check_by);
	allm_trace_real(span, "analytics_llm.complexity",
					routing->complexity->score);
	allm_trace_text(span, "analytics_llm.question_class",
					routing->complexity->question_class);
	allm_trace_int(span, "analytics_llm.start_tier", routing->order[0]);
	allm_trace_close(span, routing->unreadable == NULL ? ALLM_SPAN_OK :
					 ALLM_SPAN_ERROR);
	request->routing = routing;
	return routing;
}

/* Asks one row, if it is of the tier that is due, or goes on with it. */
static AllmStep
try_row(AllmRequest *request, AllmTierWalk *walk)
{
	const AllmTier *row = &tiers[walk->row];
	int			tier = request->routing->order[walk->place];
	AllmStep	step;

	if (!walk->is_asked)
	{
		/* A shadow is for what its model says. */
		if (row->tier != tier ||
			(request->is_shadow && tier > ALLM_MODEL_TIERS) ||
			(row->may_try != NULL && !row->may_try(request)))
			return ALLM_STEP_NO;
		walk->span = allm_trace_open(&request->trace, "tier");
		allm_trace_scope(walk->span, tier, NULL);
		allm_trace_text(walk->span, "analytics_llm.name", row->name);
	}
	if (row->go_on != NULL)
		step = row->go_on(request, tier);
	else
		step = row->answer(request, tier) ? ALLM_STEP_YES : ALLM_STEP_NO;
	walk->is_asked = step == ALLM_STEP_WAITS;
	if (walk->is_asked)
		return step;
	allm_trace_close(walk->span, step == ALLM_STEP_YES ? ALLM_SPAN_OK :
					 ALLM_SPAN_UNSET);
	return step;
}

/* One line a tier, and one for each model of it, for llm_status. */
void
allm_tiers_status(AllmStatusLine line, void *state)
{
	for (int i = 0; i < lengthof(tiers); i++)
	{
		const AllmTier *tier = &tiers[i];
		const char *status = tier->status(tier->tier, line, state);

		line(state, "tier", tier->name, status,
			 psprintf("{\"tier\":%d}", tier->tier));
	}
}

/* A tier that needs nothing but the database. */
static const char *
always_ready(int tier, AllmStatusLine line, void *state)
{
	return "ready";
}
