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
 * there always is; answer() returns whether the question is answered;
 * status() says whether this role can have an answer of it, after lines of its
 * own for llm_status.
 */
typedef struct AllmTier
{
	int			tier;
	const char *name;			/* in llm_status */
	bool		(*may_try) (const AllmRequest *request);
	bool		(*answer) (AllmRequest *request, int tier);
	const char *(*status) (int tier, AllmStatusLine line, void *state);
} AllmTier;

static const AllmRouting *route_question(AllmRequest *request);
static bool try_tier(AllmRequest *request, int tier);
static const char *always_ready(int tier, AllmStatusLine line, void *state);

/* Rows of one tier are tried in this order. */
static const AllmTier tiers[] =
{
	{1, "primary model", NULL, allm_models_try, allm_models_status},
	{2, "secondary model", NULL, allm_models_try, allm_models_status},
	{3, "kept queries", allm_recall_has_expired, allm_recall_try_expired, always_ready},
	{3, "verified examples", NULL, allm_rules_try_example, always_ready},
	{3, "built-in rules", NULL, allm_rules_try, always_ready},
};

/*
 * Asks the tiers, in the order of the question's route, until one answers.
 * Returns whether one did; the attempts say what each made of the question.
 */
bool
allm_tiers_walk(AllmRequest *request)
{
	const AllmRouting *routing = route_question(request);

	for (int i = 0; i < routing->ntiers; i++)
	{
		if (try_tier(request, routing->order[i]))
			return true;
	}
	return false;
}

/* Decides on the order of the tiers, and how their models are asked. */
static const AllmRouting *
route_question(AllmRequest *request)
{
	AllmSpan   *span = allm_trace_open(&request->trace, "route");
	AllmSubject subject = {allm_end_user, request->user_name};
	AllmRouting *routing;

	subject.request = allm_record_uuid_text(&request->id);
	routing = allm_routing_decide(request->question, &request->options,
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

/* Asks all rows of one tier. */
static bool
try_tier(AllmRequest *request, int tier)
{
	for (int i = 0; i < lengthof(tiers); i++)
	{
		bool		answered;
		AllmSpan   *span;

		if (tiers[i].tier != tier ||
			(tiers[i].may_try != NULL && !tiers[i].may_try(request)))
			continue;
		span = allm_trace_open(&request->trace, "tier");
		allm_trace_scope(span, tier, NULL);
		allm_trace_text(span, "analytics_llm.name", tiers[i].name);
		answered = tiers[i].answer(request, tier);
		allm_trace_close(span, answered ? ALLM_SPAN_OK : ALLM_SPAN_UNSET);
		if (answered)
			return true;
	}
	return false;
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
