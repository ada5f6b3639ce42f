/*
 * explain.c
 *		llm_explain(): how a question would be read, free and without a model.
 *
 * A section of the result is one row of a table.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "ask/conversation.h"
#include "ask/options.h"
#include "ask/request.h"
#include "ask/routing.h"
#include "ask/rules.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "base/switch.h"
#include "model/provider.h"

/* Columns of a line: section, item, value, detail. */
#define EXPLAIN_COLUMNS	4

/* What the sections are made of. */
typedef struct Explanation
{
	ReturnSetInfo *rsinfo;
	const char *section;
	const char *question;
	List	   *earlier;		/* questions that it goes on from */
	const AllmOptions *options;
	const AllmRouting *routing;
} Explanation;

typedef struct SectionRow
{
	const char *name;
	void		(*explain) (const Explanation *explanation);
} SectionRow;

PG_FUNCTION_INFO_V1(analytics_llm_explain);

static void explain_complexity(const Explanation *explanation);
static void explain_class(const Explanation *explanation);
static void explain_route(const Explanation *explanation);
static void explain_tiers(const Explanation *explanation);
static void explain_rules(const Explanation *explanation);
static void explain_model(const Explanation *explanation,
						  const AllmTierModel *row, int place);
static char *describe_route(const AllmRoute *route);
static const char *describe_tier(int tier);
static void put_line(const Explanation *explanation, const char *item,
					 const char *value, const char *detail);

/* In the order in which they are shown. */
static const SectionRow sections[] =
{
	{"complexity", explain_complexity},
	{"class", explain_class},
	{"route", explain_route},
	{"tiers", explain_tiers},
	{"rules", explain_rules},
};

/*
 * analytics_llm_explain
 *		How a question would be read and routed.
 *
 * SQL: llm_explain(question text, options jsonb) returns table (section text,
 *		item text, value text, detail text)
 *
 * No model is called, nothing is recorded.  Raises 22023 as for any question,
 * and LLM05 for an option "model" that this role cannot call.
 */
Datum
analytics_llm_explain(PG_FUNCTION_ARGS)
{
	Explanation explanation = {0};
	AllmSubject subject = {allm_end_user};
	AllmOptions options;
	char	   *question;

	allm_require_loaded();
	allm_request_require_none();
	question = PG_ARGISNULL(0) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(0));
	allm_request_admit(question);
	allm_options_read(PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), &options);
	InitMaterializedSRF(fcinfo, 0);
	explanation.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	explanation.question = question;
	explanation.options = &options;
	subject.role = GetUserNameFromId(GetUserId(), false);
	explanation.earlier =
		allm_conversation_earlier(question, &options,
								  allm_deadline_in(options.timeout_ms));
	explanation.routing = allm_routing_decide(allm_conversation_join(explanation.earlier,
																	 question), &options, &subject,
											  allm_deadline_in(options.timeout_ms));
	for (int i = 0; i < lengthof(sections); i++)
	{
		explanation.section = sections[i].name;
		sections[i].explain(&explanation);
	}
	return (Datum) 0;
}

/* The score, and one line for each of its reasons. */
static void
explain_complexity(const Explanation *explanation)
{
	const AllmComplexity *complexity = explanation->routing->complexity;
	ListCell   *cell;

	put_line(explanation, "score", psprintf("%g", complexity->score),
			 psprintf("from 0 to %d", ALLM_MAX_COMPLEXITY));
	foreach(cell, complexity->reasons)
	{
		const AllmComplexityReason *reason = lfirst(cell);

		put_line(explanation, reason->name, psprintf("+%g", reason->adds),
				 reason->found == NULL ? reason->text :
				 psprintf("%s: %s", reason->text, reason->found));
	}
}

/* The class, and the rule that gave it. */
static void
explain_class(const Explanation *explanation)
{
	const AllmComplexity *complexity = explanation->routing->complexity;

	put_line(explanation, "question class", complexity->question_class,
			 complexity->class_reason);
}

/* The row of the table that applies, and what it does to the first tier. */
static void
explain_route(const Explanation *explanation)
{
	const AllmRouting *routing = explanation->routing;
	const AllmRoute *route = routing->route;

	if (routing->unreadable != NULL)
		put_line(explanation, "tables", "unreadable",
				 routing->unreadable->message);
	if (route != NULL)
	{
		put_line(explanation, "row",
				 psprintf("%g to %g, %s", route->min_complexity,
						  route->max_complexity,
						  route->question_class != NULL ?
						  route->question_class : "any class"),
				 describe_route(route));
		if (route->timeout_ms > explanation->options->timeout_ms)
			put_line(explanation, "time-out",
					 psprintf("%d ms", explanation->options->timeout_ms),
					 "analytics_llm.request_timeout and option \"timeout_ms\" hold for all tiers together");
	}
	put_line(explanation, "starting tier",
			 psprintf("%d", routing->order[0]), routing->why);
	put_line(explanation, "verification", routing->verify ? "on" : "off",
			 "a model's answer is compared with that of the built-in rules");
}

/* What a route says, in words; NULL when that is nothing but the tier. */
static char *
describe_route(const AllmRoute *route)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "tier %d", route->start_tier);
	if (route->effort != NULL)
		appendStringInfo(&out, ", effort %s", route->effort);
	if (route->thinking != NULL)
		appendStringInfo(&out, ", thinking %s", route->thinking);
	if (route->verify != NULL)
		appendStringInfo(&out, ", verification %s", route->verify);
	if (route->timeout_ms != 0)
		appendStringInfo(&out, ", %d ms", route->timeout_ms);
	if (route->max_output_tokens != 0)
		appendStringInfo(&out, ", %d output tokens",
						 route->max_output_tokens);
	return out.data;
}

/* The tiers in their order, each with its models. */
static void
explain_tiers(const Explanation *explanation)
{
	const AllmRouting *routing = explanation->routing;

	for (int i = 0; i < routing->ntiers; i++)
	{
		int			tier = routing->order[i];
		ListCell   *cell;

		put_line(explanation, psprintf("%d", i + 1),
				 psprintf("tier %d", tier), describe_tier(tier));
		if (tier > ALLM_MODEL_TIERS)
			continue;
		foreach(cell, routing->models[tier - 1])
			explain_model(explanation, lfirst(cell), i + 1);
	}
}

/*
 * What the built-in rules make of it: words, readings with their ranks (the
 * lowest wins, if it is alone), join path, SQL; or why they are silent.
 */
static void
explain_rules(const Explanation *explanation)
{
	AllmAccount account = {0};
	AllmReading *reading = allm_rules_explain(explanation->question,
											  explanation->earlier,
											  allm_deadline_in(explanation->options->timeout_ms),
											  &account);
	Explanation line = *explanation;
	ListCell   *cell;

	if (reading == NULL)
	{
		put_line(explanation, "definitions", "unreadable", NULL);
		return;
	}
	foreach(cell, account.notes)
	{
		const AllmNote *note = lfirst(cell);

		line.section = note->section;
		put_line(&line, note->item, note->value, note->detail);
	}
	foreach(cell, reading->unknown)
		put_line(explanation, "not understood", lfirst(cell), NULL);
	if (reading->problem != NULL)
		put_line(explanation, "silent", reading->problem, NULL);
	if (reading->sql == NULL)
		return;
	put_line(explanation, "understood", reading->interpretation,
			 "the reading with the lowest rank, and no other of that rank gives other SQL");
	put_line(explanation, "SQL", reading->sql, "not run");
}

/* A model: may this role call it, and how would it be asked? */
static void
explain_model(const Explanation *explanation, const AllmTierModel *row,
			  int place)
{
	AllmProvider provider;
	AllmAccess	access = allm_provider_find(row->server, &provider);
	const char *state = allm_provider_why(access);

	if (!allm_switch_may_call())
		state = "model_calls_off";
	if (row->rollout != NULL)
		put_line(explanation, psprintf("%d.%d rollout", place, row->position),
				 row->rollout->name,
				 psprintf("%s arm; %g %% are asked \"%s\" instead of \"%s\", by %s",
						  row->treated ? "treatment" : "control",
						  row->rollout->share, row->rollout->model,
						  row->rollout->instead_of,
						  row->rollout->sticky_by));
	put_line(explanation, psprintf("%d.%d", place, row->position),
			 row->model.name,
			 psprintf("%s; server %s, %d ms, effort %s, thinking %s, %d output tokens, confidence from %g",
					  state, row->server, row->timeout_ms,
					  row->model.effort != NULL ? row->model.effort : "default",
					  row->model.thinking != NULL ? row->model.thinking : "default",
					  row->model.max_output_tokens, row->min_confidence));
}

/* What a tier is, in words. */
static const char *
describe_tier(int tier)
{
	static const char *const names[ALLM_TIERS] = {
		"primary model", "secondary model",
		"verified examples, then built-in rules"
	};

	return names[tier - 1];
}

/* Adds one line of the section. */
static void
put_line(const Explanation *explanation, const char *item, const char *value,
		 const char *detail)
{
	const char *texts[EXPLAIN_COLUMNS] = {
		explanation->section, item, value, detail
	};
	Datum		values[EXPLAIN_COLUMNS] = {0};
	bool		nulls[EXPLAIN_COLUMNS] = {0};

	for (int i = 0; i < EXPLAIN_COLUMNS; i++)
	{
		nulls[i] = (texts[i] == NULL);
		if (!nulls[i])
			values[i] = CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(explanation->rsinfo->setResult,
						 explanation->rsinfo->setDesc, values, nulls);
}
