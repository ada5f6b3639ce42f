/*
 * tiers.c
 *		The tiers, and the walk down them until one answers.
 *
 * A tier is one row of a table.  The walk knows none of them: it asks each in
 * turn for a candidate, which is SQL text and nothing more, and lets the guard
 * decide.  Whatever a tier gives is checked and run the same way.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "ask/tiers.h"
#include "ask/candidate.h"
#include "base/text.h"
#include "schema/layer.h"
#include "schema/snapshot.h"
#include "semantic/match.h"

/*
 * One way to an answer.  generate() returns a candidate, or NULL with a sentence
 * in the attempt that says why.  Without a sentence there was nothing to try.
 */
typedef struct AllmTier
{
	int			tier;
	const char *name;			/* in words, for the DETAIL of an error */
	const char *model_used;		/* in the log */
	AllmCandidate *(*generate) (AllmRequest *request, AllmAttempt *attempt);
} AllmTier;

static AllmCandidate *find_example(AllmRequest *request, AllmAttempt *attempt);
static AllmCandidate *read_by_rules(AllmRequest *request,
									AllmAttempt *attempt);

/* In the order in which they are tried. */
static const AllmTier tiers[] =
{
	{3, "Verified examples", "example", find_example},
	{3, "Built-in rules", "semantic", read_by_rules},
};

static char *name_words(const List *words);

/*
 * Asks the tiers, from the one that the options name, until one answers.
 * Returns whether one did; the attempts say what each made of the question.
 */
bool
allm_tiers_walk(AllmRequest *request)
{
	for (int i = 0; i < lengthof(tiers); i++)
	{
		const AllmTier *tier = &tiers[i];
		AllmAttempt *attempt;
		AllmCandidate *candidate;

		if (tier->tier < request->options.start_tier)
			continue;
		attempt = allm_request_attempt(request, tier->tier, tier->name,
									   tier->model_used);
		candidate = tier->generate(request, attempt);
		if (candidate == NULL && attempt->sentence == NULL)
			request->attempts = list_delete_ptr(request->attempts, attempt);
		else if (candidate == NULL)
			allm_request_attempt_end(attempt, "skipped");
		else if (allm_candidate_try(request, attempt, candidate))
			return true;
	}
	return false;
}

/* One line a tier, for llm_status. */
void
allm_tiers_status(AllmStatusLine line, void *state)
{
	for (int i = 0; i < lengthof(tiers); i++)
	{
		char	   *detail = psprintf("{\"tier\":%d}", tiers[i].tier);

		line(state, "tier", tiers[i].model_used, "ready", detail);
	}
}

/* Tier 3: a person has verified SQL for exactly this question. */
static AllmCandidate *
find_example(AllmRequest *request, AllmAttempt *attempt)
{
	char	   *form = allm_text_normal_form(request->question);
	AllmExample *example = allm_layer_find_example(form);
	AllmCandidate *candidate;

	if (example == NULL)
		return NULL;
	candidate = palloc0(sizeof(AllmCandidate));
	candidate->sql = example->sql;
	candidate->signal = ALLM_SIGNAL_EXAMPLE;
	candidate->status = "templated";
	candidate->interpretation = psprintf("verified example \"%s\"",
										 example->name);
	return candidate;
}

/* Tier 3: the built-in rules, over what this role may read. */
static AllmCandidate *
read_by_rules(AllmRequest *request, AllmAttempt *attempt)
{
	AllmReadInput input = {0};
	AllmReading *reading;
	AllmCandidate *candidate;

	input.question = request->question;
	input.snapshot = allm_snapshot_get();
	input.today = GetSQLCurrentDate();
	input.probe = allm_candidate_probe;
	input.probe_state = request;
	reading = allm_match_read(&input);
	if (reading->sql == NULL)
	{
		attempt->reason = ALLM_REASON_NOT_UNDERSTOOD;
		if (reading->unknown != NIL)
			attempt->sentence = psprintf("did not understand %s.",
										 name_words(reading->unknown));
		else
			attempt->sentence = pstrdup(reading->problem);
		return NULL;
	}

	candidate = palloc0(sizeof(AllmCandidate));
	candidate->sql = reading->sql;
	candidate->signal = ALLM_SIGNAL_RULES;
	candidate->status = "templated";
	candidate->interpretation = reading->interpretation;
	return candidate;
}

/* Words in quotes, with commas between them. */
static char *
name_words(const List *words)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, words)
		appendStringInfo(&out, "%s\"%s\"", out.len > 0 ? ", " : "",
						 (char *) lfirst(cell));
	return out.data;
}
