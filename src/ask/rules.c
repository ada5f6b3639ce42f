/*
 * rules.c
 *		The deterministic tier of a question: verified examples, built-in rules.
 *
 * It needs no network and spends nothing.  What it reads is also the second
 * way to a model's answer.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "ask/candidate.h"
#include "ask/rules.h"
#include "base/text.h"
#include "guard/execute.h"
#include "schema/layer.h"
#include "schema/snapshot.h"
#include "semantic/match.h"

/*
 * So long a look at the examples waits for somebody who has locked them; the
 * next tier needs time as well.
 */
#define EXAMPLE_PATIENCE_MS	1000

/* What goes into the fence around the verified examples, and comes out. */
typedef struct ExampleSearch
{
	const char *normal_form;
	AllmExample *example;
} ExampleSearch;

static void look_example_up(void *arg);
static void note_unreadable(AllmRequest *request, int tier,
							const ErrorData *edata);
static AllmReading *read_question(AllmRequest *request);
static bool try_candidate(AllmRequest *request, AllmAttempt *attempt,
						  const AllmCandidate *candidate);
static char *name_words(const List *words);

/*
 * Has a person verified SQL for exactly this question?  The look is taken in a
 * fence, for its alarm: the table may be locked.
 */
bool
allm_rules_try_example(AllmRequest *request, int tier)
{
	ExampleSearch search = {0};
	AllmExample *example;
	AllmCandidate candidate = {0};
	ErrorData  *edata;

	search.normal_form = allm_text_normal_form(request->question);
	edata = allm_execute_fenced(look_example_up, &search,
								allm_deadline_sooner(request->check_by,
													 allm_deadline_in(EXAMPLE_PATIENCE_MS)));
	if (edata != NULL)
	{
		note_unreadable(request, tier, edata);
		return false;
	}
	example = search.example;
	if (example == NULL)
		return false;
	candidate.sql = example->sql;
	candidate.signal = ALLM_SIGNAL_EXAMPLE;
	candidate.status = "templated";
	candidate.interpretation = psprintf("verified example \"%s\"",
										example->name);
	return try_candidate(request,
						 allm_request_attempt(request, tier,
											  "Verified examples", "example"),
						 &candidate);
}

/* Inside the fence. */
static void
look_example_up(void *arg)
{
	ExampleSearch *search = arg;

	search->example = allm_layer_find_example(search->normal_form);
}

/* The examples could not be looked at: a row of the log, and a sentence. */
static void
note_unreadable(AllmRequest *request, int tier, const ErrorData *edata)
{
	AllmAttempt *attempt = allm_request_attempt(request, tier,
												"Verified examples", "example");

	attempt->reason = ALLM_REASON_FAILED;
	attempt->error_code = edata->sqlerrcode;
	attempt->error_message = edata->message;
	attempt->sentence = pstrdup("they could not be read in time.");
	allm_request_attempt_end(attempt, "skipped");
}

/* Do the built-in rules understand every word? */
bool
allm_rules_try(AllmRequest *request, int tier)
{
	AllmAttempt *attempt = allm_request_attempt(request, tier,
												"Built-in rules", "semantic");
	AllmReading *reading = read_question(request);
	AllmCandidate candidate = {0};

	if (reading->sql == NULL)
	{
		attempt->reason = ALLM_REASON_NOT_UNDERSTOOD;
		if (reading->unknown != NIL)
			attempt->sentence = psprintf("did not understand %s.",
										 name_words(reading->unknown));
		else
			attempt->sentence = pstrdup(reading->problem);
		allm_request_attempt_end(attempt, "skipped");
		return false;
	}
	candidate.sql = reading->sql;
	candidate.signal = ALLM_SIGNAL_RULES;
	candidate.status = "templated";
	candidate.interpretation = reading->interpretation;
	return try_candidate(request, attempt, &candidate);
}

/*
 * The rows that the built-in rules give, for comparison; NULL when they are
 * silent, or when their query fails.
 */
AllmRows *
allm_rules_rows(AllmRequest *request)
{
	AllmReading *reading = read_question(request);

	if (reading->sql == NULL)
		return NULL;
	return allm_candidate_rows(request, reading->sql);
}

/* The reading of the question over what this role may read. */
static AllmReading *
read_question(AllmRequest *request)
{
	AllmReadInput input = {0};
	AllmReading *reading;
	AllmSpan   *span = allm_trace_open(&request->trace, "read");

	input.question = request->question;
	input.snapshot = allm_snapshot_get();
	input.today = GetSQLCurrentDate();
	input.probe = allm_candidate_probe;
	input.probe_state = request;
	reading = allm_match_read(&input);
	allm_trace_close(span, reading->sql != NULL ? ALLM_SPAN_OK :
					 ALLM_SPAN_UNSET);
	return reading;
}

/* Tries a candidate that nobody can write anew. */
static bool
try_candidate(AllmRequest *request, AllmAttempt *attempt,
			  const AllmCandidate *candidate)
{
	AllmTrial	trial = allm_candidate_try(request, attempt, candidate, NULL);

	allm_request_attempt_end(attempt, attempt->status);
	return trial == ALLM_TRIAL_ANSWER;
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
