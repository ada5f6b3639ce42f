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
#include "ask/meaning.h"
#include "ask/rules.h"
#include "ask/template.h"
#include "base/text.h"
#include "guard/execute.h"
#include "schema/layer.h"
#include "schema/snapshot.h"
#include "semantic/follow.h"
#include "semantic/looked.h"
#include "semantic/match.h"

/*
 * So long a look at the examples waits for somebody who has locked them; the
 * next tier needs time as well.
 */
#define EXAMPLE_PATIENCE_MS	1000

/* What goes into the fence around the verified examples, and comes out. */
typedef struct ExampleSearch
{
	const char *question;
	AllmExample *example;
	List	   *templates;		/* of AllmTemplateMatch */
} ExampleSearch;

static void look_example_up(void *arg);
static bool is_verified(const AllmRequest *request, const char *question);
static void note_rivals(AllmRequest *request, int tier,
						const List *templates);
static void note_unreadable(AllmAttempt *attempt, const ErrorData *edata);
static AllmReading *read_question(AllmRequest *request,
								  AllmAccount *account, ErrorData **edata);
static bool make_input(AllmRequest *request, AllmReadInput *input,
					   ErrorData **edata);
static AllmRequest *make_unasked(const char *question, AllmDeadline deadline);
static bool try_candidate(AllmRequest *request, AllmAttempt *attempt,
						  const AllmCandidate *candidate);
static char *name_words(const List *words);

/*
 * Has a person verified SQL for exactly this question, or a template that it
 * fits?  The look is taken in a fence, for its alarm: the table may be locked.
 * A question that goes on from others is not the one that was verified.
 */
bool
allm_rules_try_example(AllmRequest *request, int tier)
{
	ExampleSearch search = {.question = request->question};
	AllmCandidate candidate = {0};
	AllmTemplateMatch *match;
	ErrorData  *edata;

	if (request->earlier != NIL)
		return false;
	edata = allm_execute_fenced(look_example_up, &search,
								allm_deadline_sooner(request->check_by,
													 allm_deadline_in(EXAMPLE_PATIENCE_MS)));
	if (edata != NULL)
	{
		note_unreadable(allm_request_attempt(request, tier,
											 "Verified examples", "example"),
						edata);
		return false;
	}
	if (search.example == NULL && search.templates == NIL)
		return false;
	candidate.signal = ALLM_SIGNAL_EXAMPLE;
	candidate.status = "templated";
	if (search.example != NULL)
	{
		candidate.sql = search.example->sql;
		candidate.interpretation = psprintf("verified example \"%s\"",
											search.example->name);
		return try_candidate(request,
							 allm_request_attempt(request, tier,
												  "Verified examples", "example"),
							 &candidate);
	}
	if (list_length(search.templates) > 1)
	{
		note_rivals(request, tier, search.templates);
		return false;
	}
	match = linitial(search.templates);
	candidate.sql = match->sql;
	candidate.interpretation = match->said;
	return try_candidate(request,
						 allm_request_attempt(request, tier,
											  "Verified examples", "template"),
						 &candidate);
}

/* Inside the fence.  A pair goes before a template. */
static void
look_example_up(void *arg)
{
	ExampleSearch *search = arg;

	search->example =
		allm_layer_find_example(allm_text_normal_form(search->question));
	if (search->example == NULL)
		search->templates = allm_template_find(search->question);
}

/*
 * Has a person verified what answers this question?  True as well while that
 * cannot be found out.
 */
static bool
is_verified(const AllmRequest *request, const char *question)
{
	ExampleSearch search = {.question = question};

	return allm_execute_fenced(look_example_up, &search,
							   allm_deadline_sooner(request->check_by,
													allm_deadline_in(EXAMPLE_PATIENCE_MS))) != NULL ||
		search.example != NULL || search.templates != NIL;
}

/* The question fits several templates: which is meant is not ours to say. */
static void
note_rivals(AllmRequest *request, int tier, const List *templates)
{
	AllmAttempt *attempt = allm_request_attempt(request, tier,
												"Verified examples", "template");
	AllmTemplateMatch *first = linitial(templates);
	AllmTemplateMatch *second = lsecond(templates);

	attempt->reason = ALLM_REASON_NOT_UNDERSTOOD;
	attempt->sentence = psprintf("The question could mean: %s; or: %s.",
								 first->said, second->said);
	allm_request_attempt_end(attempt, "skipped");
}

/* Definitions could not be looked at: a row of the log, and a sentence. */
static void
note_unreadable(AllmAttempt *attempt, const ErrorData *edata)
{
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
	ErrorData  *edata = NULL;
	AllmReading *reading = read_question(request, NULL, &edata);
	AllmCandidate candidate = {0};

	if (edata != NULL)
	{
		note_unreadable(attempt, edata);
		return false;
	}
	if (reading->sql == NULL)
	{
		attempt->reason = ALLM_REASON_NOT_UNDERSTOOD;
		if (reading->unknown != NIL)
			attempt->sentence = psprintf("did not understand %s.",
										 name_words(reading->unknown));
		else
			attempt->sentence = pstrdup(reading->problem);
		if (!request->options.in_conversation &&
			allm_follow_is_marked(request->question, false))
			attempt->sentence = psprintf("%s It seems to go on from another question: option \"conversation\" says from which.",
										 attempt->sentence);
		allm_request_attempt_end(attempt, "skipped");
		return false;
	}
	candidate.sql = reading->sql;
	candidate.signal = ALLM_SIGNAL_RULES;
	candidate.status = "templated";
	candidate.interpretation = reading->interpretation;
	candidate.remark = reading->remark;
	return try_candidate(request, attempt, &candidate);
}

/*
 * The rows that the built-in rules give, for comparison; NULL when they are
 * silent, or when their query fails.
 */
AllmRows *
allm_rules_rows(AllmRequest *request)
{
	ErrorData  *edata = NULL;
	AllmReading *reading = read_question(request, NULL, &edata);

	if (edata != NULL || reading->sql == NULL)
		return NULL;
	return allm_candidate_rows(request, reading->sql);
}

/*
 * The reading of the question over what this role may read.  NULL when the
 * definitions could not be read: without them, words could mean other things.
 */
static AllmReading *
read_question(AllmRequest *request, AllmAccount *account, ErrorData **edata)
{
	AllmReadInput input;
	AllmReading *reading;
	AllmSpan   *span = allm_trace_open(&request->trace, "read");

	if (!make_input(request, &input, edata))
	{
		allm_trace_close(span, ALLM_SPAN_ERROR);
		return NULL;
	}
	input.account = account;
	if (request->earlier == NIL)
		reading = allm_match_read(&input);
	else if (!is_verified(request, linitial(request->earlier)))
		reading = allm_follow_read(&input, request->earlier);
	else
	{
		/* What it was answered with is not what the rules would read. */
		reading = palloc0(sizeof(AllmReading));
		reading->problem = psprintf("The question before, \"%s\", has a verified example, which cannot be gone on from: ask for the whole of it.",
									(char *) linitial(request->earlier));
	}
	allm_trace_close(span, reading->sql != NULL ? ALLM_SPAN_OK :
					 ALLM_SPAN_UNSET);
	return reading;
}

/* What a question is read from; false when the definitions cannot be. */
static bool
make_input(AllmRequest *request, AllmReadInput *input, ErrorData **edata)
{
	memset(input, 0, sizeof(AllmReadInput));
	*edata = allm_meaning_get(allm_deadline_sooner(request->check_by,
												   allm_deadline_in(EXAMPLE_PATIENCE_MS)),
							  &input->definitions);
	input->question = request->question;
	input->snapshot = allm_snapshot_get();
	input->today = GetSQLCurrentDate();
	input->probe = allm_candidate_probe;
	input->probe_state = request;
	input->looked = allm_looked_begin();
	return *edata == NULL;
}

/*
 * How a question stands to those before it.  One that is marked goes on from
 * them; any other stands by itself where a person has verified what answers it,
 * and where it can be read so, and only so.  While definitions cannot be read,
 * it may go on.
 */
AllmBearing
allm_rules_bearing(AllmRequest *request, const List *turns)
{
	ErrorData  *edata = NULL;
	AllmReadInput input;
	AllmReading *reading;

	if (turns != NIL)
	{
		if (allm_follow_is_marked(request->question, true) ||
			!make_input(request, &input, &edata))
			return ALLM_BEARING_FOLLOWS;
		if (is_verified(request, request->question))
			return ALLM_BEARING_ALONE;
		reading = allm_follow_read(&input, turns);
		if (reading->follows)
			return ALLM_BEARING_FOLLOWS;
		return reading->sql == NULL ? ALLM_BEARING_MAY : ALLM_BEARING_ALONE;
	}
	if (!make_input(request, &input, &edata) ||
		allm_match_read(&input)->sql != NULL ||
		is_verified(request, request->question))
		return ALLM_BEARING_ALONE;
	return allm_follow_is_part(&input) ? ALLM_BEARING_LOST :
		ALLM_BEARING_ALONE;
}

/* The same of a question that is not asked. */
AllmBearing
allm_rules_bearing_of(const char *question, AllmDeadline deadline,
					  const List *turns)
{
	return allm_rules_bearing(make_unasked(question, deadline), turns);
}

/*
 * The reading of a question that is not asked: nothing of it is run but the
 * probes for values.  "account" is told how it came about.  NULL when the
 * definitions cannot be read.
 */
AllmReading *
allm_rules_explain(const char *question, List *earlier, AllmDeadline deadline,
				   AllmAccount *account)
{
	AllmRequest *request = make_unasked(question, deadline);
	ErrorData  *edata = NULL;

	request->earlier = earlier;
	return read_question(request, account, &edata);
}

/* What a reading needs of a request. */
static AllmRequest *
make_unasked(const char *question, AllmDeadline deadline)
{
	AllmRequest *request = palloc0(sizeof(AllmRequest));
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	request->context = CurrentMemoryContext;
	request->question = request->whole = question;
	request->check_by = deadline;
	request->trace.context = CurrentMemoryContext;
	allm_trace_start(&request->trace, "explain", GetCurrentTimestamp(), now);
	return request;
}

/*
 * Up to n questions that this role could ask the rules here, as a list of char
 * *.  None while the definitions cannot be read.
 */
List *
allm_rules_suggest(int n)
{
	const List *definitions;

	if (allm_meaning_get(allm_deadline_in(EXAMPLE_PATIENCE_MS),
						 &definitions) != NULL)
		return NIL;
	return allm_match_suggest(allm_snapshot_get(), definitions, n);
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
