/*
 * candidate.c
 *		A query that a tier proposes: checked, run, and judged.
 *
 * The only place that takes SQL text from a tier to the guard.  The check and
 * the run share one fence, so that the locks of the analysis still hold when
 * the query runs, and nothing that it did outlives it.
 */
#include "postgres.h"

#include "optimizer/optimizer.h"
#include "utils/snapmgr.h"

#include "ask/candidate.h"
#include "ask/heed.h"
#include "ask/recall.h"
#include "ask/verify.h"
#include "base/json.h"
#include "base/settings.h"
#include "guard/analyze.h"
#include "guard/finding.h"
#include "guard/prepared.h"
#include "guard/sanity.h"
#include "ledger/trace.h"

/* A probe looks for a few values; more than this tells nothing apart. */
#define PROBE_ROWS	200
#define PROBE_BYTES (256 * 1024)

/* In the trace; by AllmVerdict. */
static const char *const verdict_names[] =
{
	[ALLM_VERDICT_NONE] = "none",
	[ALLM_VERDICT_SAME] = "same",
	[ALLM_VERDICT_OTHER] = "other",
};

/* What goes into the fence and comes out of it. */
typedef struct FencedQuery
{
	AllmRequest *request;
	const AllmCandidate *candidate; /* NULL: it will not be the answer */
	const char *model;			/* that wrote it */
	const char *sql;
	bool		run;
	const AllmProbeQuery *probe;	/* or NULL; the request's deadline is all
									 * it has */
	AllmCaps	caps;
	AllmChecked *checked;
	bool		repeatable;		/* views and policies expanded */
	AllmOrigin	origin;			/* likewise, of what may be the answer */
	AllmContract *other_columns;	/* than were asked for; or NULL */
	AllmKept   *kept;			/* what may be kept of it, or NULL */
	AllmRows   *rows;
	List	   *named;			/* definitions to be held against it */
	AllmSpan   *span;			/* of the check, then of the run */
} FencedQuery;

static AllmDeadline run_until(const AllmRequest *request);
static ErrorData *run_fenced(FencedQuery *query, AllmDeadline deadline);
static void run_probe(void *arg);
static void check_and_run(void *arg);
static void check_columns(FencedQuery *query);
static void note_check(FencedQuery *query);
static void refuse_candidate(AllmAttempt *attempt,
							 const AllmCandidate *candidate,
							 const FencedQuery *query);
static void fail_candidate(AllmAttempt *attempt, const FencedQuery *query,
						   const ErrorData *edata);
static char *say_late(const FencedQuery *query);
static void judge_candidate(AllmRequest *request, AllmAnswer *answer,
							const AllmCandidate *candidate,
							const FencedQuery *query);
static void compare_ways(AllmRequest *request, AllmAnswer *answer,
						 const AllmCandidate *candidate, AllmTally *tally);
static bool accept_candidate(AllmRequest *request, AllmAttempt *attempt,
							 const AllmCandidate *candidate,
							 AllmAnswer *answer);

/*
 * Checks a candidate and, when rows are wanted, runs it.  It becomes the
 * answer, or the attempt says why not.  "findings" is set to what the guard or
 * the server said, for whoever can write the query anew; it may be NULL.
 */
AllmTrial
allm_candidate_try(AllmRequest *request, AllmAttempt *attempt,
				   const AllmCandidate *candidate, List **findings)
{
	FencedQuery query = {0};
	AllmAnswer *answer;
	ErrorData  *edata;

	query.request = request;
	query.candidate = candidate;
	query.model = candidate->model != NULL ? candidate->model :
		attempt->model_used;
	query.sql = candidate->sql;
	query.run = (request->want == ALLM_WANT_ROWS);
	query.caps.rows = request->options.row_limit;
	query.caps.bytes = (Size) allm_max_result_size * 1024;

	if (candidate->signal == ALLM_SIGNAL_MODEL)
		query.named = allm_heed_named(request->question, request->check_by);

	attempt->generated_query = candidate->sql;
	edata = run_fenced(&query, request->check_by);
	if (query.checked != NULL)
	{
		attempt->was_checked = true;
		attempt->passed_check =
			!allm_finding_any_error(query.checked->findings);
		if (findings != NULL)
			*findings = query.checked->findings;
	}
	if (edata != NULL)
	{
		fail_candidate(attempt, &query, edata);
		if (!allm_finding_is_verdict(edata))
			return ALLM_TRIAL_FAILED;
		if (findings != NULL)
			*findings = list_make1(allm_finding_from_error(edata));
		return ALLM_TRIAL_BROKEN;
	}
	if (!attempt->passed_check)
	{
		refuse_candidate(attempt, candidate, &query);
		return ALLM_TRIAL_REFUSED;
	}
	answer = palloc0(sizeof(AllmAnswer));
	answer->tier = attempt->tier;
	answer->model_used = query.model;
	judge_candidate(request, answer, candidate, &query);
	return accept_candidate(request, attempt, candidate, answer) ?
		ALLM_TRIAL_ANSWER : ALLM_TRIAL_FAILED;
}

/*
 * The rows of a query that is a second way to an answer; NULL when it is
 * refused or fails.
 */
AllmRows *
allm_candidate_rows(AllmRequest *request, const char *sql)
{
	FencedQuery query = {0};

	query.request = request;
	query.sql = sql;
	query.run = true;
	query.caps.rows = request->options.row_limit;
	query.caps.bytes = (Size) allm_max_result_size * 1024;
	if (run_fenced(&query, run_until(request)) != NULL)
		return NULL;
	return query.rows;
}

/* A query has a time of its own, within that of all who are asked together. */
static AllmDeadline
run_until(const AllmRequest *request)
{
	return allm_deadline_sooner(request->end_by,
								allm_deadline_in(allm_query_timeout));
}

/*
 * Runs a query of the built-in rules that looks values up, as the asking role
 * and through the guard like any other.  Gives its rows of two texts as a list
 * of char *[2].  False when it is refused or fails: a probe that finds nothing
 * makes the rules silent, never wrong.
 */
bool
allm_candidate_probe(void *state, const AllmProbeQuery *probe, List **rows)
{
	AllmRequest *request = state;
	FencedQuery query = {0};

	query.request = request;
	query.probe = probe;
	query.caps.rows = PROBE_ROWS;
	query.caps.bytes = PROBE_BYTES;
	if (run_fenced(&query, request->check_by) != NULL || query.rows == NULL)
		return false;

	*rows = NIL;
	for (int64 i = 0; i < query.rows->count; i++)
	{
		AllmJson   *row = allm_json_parse(query.rows->rows[i],
										  strlen(query.rows->rows[i]));
		char	  **pair;

		/* Operators of another schema may let a null through. */
		if (row == NULL || row->first == NULL || row->first->text == NULL ||
			row->last->text == NULL)
			continue;
		pair = palloc(2 * sizeof(char *));
		pair[0] = pstrdup(row->first->text);
		pair[1] = pstrdup(row->last->text);
		*rows = lappend(*rows, pair);
	}
	return true;
}

/*
 * Check and run in one fence.  Each is a step of its own; the one that an error
 * came out of is closed with it.
 */
static ErrorData *
run_fenced(FencedQuery *query, AllmDeadline deadline)
{
	AllmTrace  *trace = &query->request->trace;
	ErrorData  *edata;

	query->span = allm_trace_open(trace, query->probe != NULL ? "probe" : "check");
	edata = allm_execute_fenced(query->probe != NULL ? run_probe : check_and_run,
								query, deadline);
	if (edata != NULL)
	{
		allm_trace_text(query->span, "error.type",
						unpack_sql_state(edata->sqlerrcode));
		allm_trace_close(query->span, ALLM_SPAN_ERROR);
	}
	else
		allm_trace_close(query->span, ALLM_SPAN_OK);
	return edata;
}

/*
 * Runs what has passed the check.  The check may have waited for a lock.  An
 * older snapshot would not see what its owner wrote, and finds a table that was
 * rewritten meanwhile empty.
 */
static AllmRows *
run_checked(FencedQuery *query)
{
	AllmRows   *rows;

	PushActiveSnapshot(GetTransactionSnapshot());
	rows = allm_execute_query(query->checked, query->caps,
							  query->request->context);
	PopActiveSnapshot();
	return rows;
}

/*
 * Inside the fence: a look-up of values.  One that has passed the check before
 * is only run again, with other words.
 */
static void
run_probe(void *arg)
{
	FencedQuery *query = arg;
	const AllmProbeQuery *probe = query->probe;
	MemoryContext keep = query->request->context;
	MemoryContext caller = MemoryContextSwitchTo(keep);
	const char *text = NULL;

	if (probe->words != NIL)
	{
		text = psprintf("%s%s", probe->before, probe->after);
		query->rows = allm_prepared_run(text, probe->words, query->caps, keep);
	}
	if (query->rows == NULL)
	{
		query->sql = text == NULL ? probe->before :
			psprintf("%s%s%s", probe->before,
					 allm_prepared_literal(probe->words), probe->after);
		query->checked = allm_analyze_check(query->sql);
		note_check(query);
		if (!allm_finding_any_error(query->checked->findings))
		{
			if (text != NULL && allm_prepared_keep(text, query->checked))
				query->rows = allm_prepared_run(text, probe->words,
												query->caps, keep);
			if (query->rows == NULL)
				query->rows = run_checked(query);
		}
	}
	if (query->rows != NULL)
		allm_trace_int(query->span, "db.response.returned_rows",
					   query->rows->count);
	MemoryContextSwitchTo(caller);
}

/*
 * Inside the fence: the check, and the run of what passed it.  The request's
 * own time ends with the check; the run has query_timeout.
 */
static void
check_and_run(void *arg)
{
	FencedQuery *query = arg;
	MemoryContext keep = query->request->context;
	MemoryContext caller = MemoryContextSwitchTo(keep);

	query->checked = allm_analyze_check(query->sql);
	query->checked->findings = list_concat(query->checked->findings,
										   allm_heed_check(query->named,
														   query->checked));
	check_columns(query);
	note_check(query);
	/* Before it is planned, which uses the tree up. */
	if (query->checked->query != NULL)
	{
		query->repeatable =
			!contain_mutable_functions((Node *) query->checked->query);
		/* It is for those who get the rows, or what is kept. */
		if (query->candidate != NULL &&
			(query->run || query->request->recall != NULL))
		{
			allm_origin_read(query->checked, query->repeatable,
							 &query->origin);
			query->kept = allm_recall_checked(query->request,
											  query->candidate, query->model,
											  &query->origin);
		}
	}
	if (query->run)
	{
		(void) allm_deadline_disarm();
		allm_deadline_arm(run_until(query->request));
	}
	if (query->run && !allm_finding_any_error(query->checked->findings))
	{
		query->span = allm_trace_open(&query->request->trace, "execute");
		query->rows = run_checked(query);
		allm_trace_int(query->span, "db.response.returned_rows",
					   query->rows->count);
	}
	MemoryContextSwitchTo(caller);
}

/*
 * Does a query that has passed have the columns that were asked for?  If not,
 * that is what is wrong with it, and whoever wrote it can write it anew.
 */
static void
check_columns(FencedQuery *query)
{
	const AllmContract *wanted = query->request->options.contract;
	AllmChecked *checked = query->checked;
	AllmContract *columns;
	AllmFinding *finding;

	if (wanted == NULL || query->candidate == NULL || checked->query == NULL)
		return;
	columns = allm_contract_of_query(checked->query->targetList);
	if (allm_contract_map(wanted, columns->n, columns->names, columns->types,
						  palloc(sizeof(int) * wanted->n)))
		return;
	finding = allm_finding_make(true, "datatype_mismatch", 0,
								"the columns are %s, but these are wanted: %s",
								allm_contract_say(columns),
								allm_contract_say(wanted));
	checked->findings = lappend(checked->findings, finding);
	checked->query = NULL;
	query->other_columns = columns;
}

/*
 * The check has ended: what the trace says of it, codes and no text.  The step
 * of a probe goes on with its run.
 */
static void
note_check(FencedQuery *query)
{
	const char *refused = NULL;
	ListCell   *cell;

	foreach(cell, query->checked->findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (finding->is_error && refused == NULL)
			refused = finding->code;
	}
	allm_trace_text(query->span, "error.type", refused);
	if (query->checked->findings != NIL)
		allm_trace_int(query->span, "analytics_llm.findings",
					   list_length(query->checked->findings));
	if (query->probe == NULL || refused != NULL)
		allm_trace_close(query->span, refused != NULL ? ALLM_SPAN_ERROR :
						 ALLM_SPAN_OK);
}

/* The guard refused the query: a tier is at fault, not the asker. */
static void
refuse_candidate(AllmAttempt *attempt, const AllmCandidate *candidate,
				 const FencedQuery *query)
{
	bool		by_model = (candidate->signal == ALLM_SIGNAL_MODEL);
	ListCell   *cell;

	attempt->reason = by_model ? ALLM_REASON_REFUSED : ALLM_REASON_FAILED;
	attempt->sentence = pstrdup("the query was refused by the check.");
	if (query->other_columns != NULL)
	{
		attempt->reason = ALLM_REASON_OTHER_COLUMNS;
		attempt->sentence = psprintf("the answer has %s.",
									 allm_contract_say(query->other_columns));
	}
	foreach(cell, query->checked->findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (finding->is_error)
		{
			attempt->fallback_reason = finding->code;
			attempt->error_message = psprintf("%s: %s", finding->code,
											  finding->message);
			break;
		}
	}
	attempt->status = "invalid";
}

/* The query failed or took too long, in its check or while it ran. */
static void
fail_candidate(AllmAttempt *attempt, const FencedQuery *query,
			   const ErrorData *edata)
{
	bool		late = (edata->sqlerrcode == ERRCODE_QUERY_CANCELED);

	attempt->reason = ALLM_REASON_FAILED;
	attempt->error_code = edata->sqlerrcode;
	attempt->error_message = pstrdup(edata->message);
	if (late)
	{
		attempt->error_message = say_late(query);
		attempt->sentence = psprintf("%s.", attempt->error_message);
	}
	else
		attempt->sentence = psprintf("the query failed while it ran (SQLSTATE %s).",
									 unpack_sql_state(edata->sqlerrcode));
	attempt->status = late ? "timeout" : "error";
	attempt->fallback_reason = late ? "query_timeout" : "query_failed";
}

/* Which time was over. */
static char *
say_late(const FencedQuery *query)
{
	if (allm_deadline_left(query->request->end_by) <= 0)
		return pstrdup("the time of all questions that are asked together was over");
	if (query->checked == NULL)
		return psprintf("the query was not checked within %d ms",
						query->request->options.timeout_ms);
	return psprintf("the query took longer than %d ms", allm_query_timeout);
}

/* What speaks for the candidate and against it, and so its confidence. */
static void
judge_candidate(AllmRequest *request, AllmAnswer *answer,
				const AllmCandidate *candidate, const FencedQuery *query)
{
	AllmTally	tally = {0};
	ListCell   *cell;

	answer->status = candidate->status;
	answer->sql = candidate->sql;
	answer->interpretation = candidate->interpretation;
	answer->rows = query->rows;

	tally.count[candidate->signal]++;
	tally.count[ALLM_SIGNAL_ASSUMPTION] = list_length(candidate->assumptions);
	tally.count[ALLM_SIGNAL_REPAIR] = candidate->repairs;
	foreach(cell, candidate->assumptions)
		answer->notices = lappend(answer->notices,
								  psprintf("assumed: %s",
										   (char *) lfirst(cell)));
	foreach(cell, query->checked->findings)
	{
		AllmFinding *finding = lfirst(cell);

		tally.count[ALLM_SIGNAL_WARNING]++;
		answer->warnings = lappend(answer->warnings, finding->message);
	}
	if (query->rows != NULL)
	{
		AllmSpan   *span = allm_trace_open(&request->trace, "sanity");
		List	   *remarks = allm_sanity_remarks(query->checked, query->rows);

		allm_trace_int(span, "analytics_llm.remarks", list_length(remarks));
		allm_trace_close(span, ALLM_SPAN_OK);
		foreach(cell, remarks)
		{
			AllmRemark *remark = lfirst(cell);
			List	  **texts = remark->is_doubt ? &answer->warnings :
			&answer->notices;

			*texts = lappend(*texts, remark->text);
		}
		compare_ways(request, answer, candidate, &tally);
	}
	if (candidate->signal == ALLM_SIGNAL_RULES && request->disputed)
	{
		/* The same dispute, seen from the other side. */
		tally.count[ALLM_SIGNAL_DISAGREES]++;
		answer->warnings = lappend(answer->warnings,
								   pstrdup("a model's query gives other rows"));
	}
	if (candidate->doubt != NULL)
	{
		tally.count[ALLM_SIGNAL_EXPIRED]++;
		answer->warnings = lappend(answer->warnings,
								   pstrdup(candidate->doubt));
	}
	if (candidate->remark != NULL)
	{
		tally.count[ALLM_SIGNAL_WARNING]++;
		answer->warnings = lappend(answer->warnings,
								   pstrdup(candidate->remark));
	}
	if (query->checked->row_security)
		answer->notices = lappend(answer->notices,
								  psprintf("row security limits the rows that role \"%s\" sees",
										   request->user_name));
	answer->repeatable = query->repeatable;
	answer->origin = query->origin;
	answer->kept = query->kept;
	answer->confidence = allm_confidence_sum(&tally);
}

/* Does the second way to the answer, where there is one, give these rows? */
static void
compare_ways(AllmRequest *request, AllmAnswer *answer,
			 const AllmCandidate *candidate, AllmTally *tally)
{
	AllmRows   *second = NULL;
	AllmVerdict verdict = ALLM_VERDICT_NONE;
	AllmSpan   *span;

	if (candidate->second_way == NULL)
		return;
	span = allm_trace_open(&request->trace, "verify");
	second = candidate->second_way(request);
	if (second != NULL)
		verdict = allm_verify_compare(answer->rows, second);
	allm_trace_text(span, "analytics_llm.verdict", verdict_names[verdict]);
	allm_trace_close(span, verdict == ALLM_VERDICT_NONE ?
					 ALLM_SPAN_UNSET : ALLM_SPAN_OK);
	if (verdict != ALLM_VERDICT_NONE)
		request->disputed = (verdict == ALLM_VERDICT_OTHER);
	if (verdict == ALLM_VERDICT_SAME)
		tally->count[ALLM_SIGNAL_AGREES]++;
	else if (verdict == ALLM_VERDICT_OTHER)
	{
		tally->count[ALLM_SIGNAL_DISAGREES]++;
		answer->warnings = lappend(answer->warnings,
								   pstrdup("the built-in rules give other rows"));
	}
}

/* Is it certain enough for its tier?  If not, it is kept for the end. */
static bool
accept_candidate(AllmRequest *request, AllmAttempt *attempt,
				 const AllmCandidate *candidate, AllmAnswer *answer)
{
	attempt->confidence = answer->confidence;
	if (request->unanswerable)
		answer->warnings = lappend(answer->warnings,
								   pstrdup("a model found that the tables cannot answer it"));
	if (answer->confidence < candidate->min_confidence)
	{
		attempt->status = "low_confidence";
		attempt->reason = ALLM_REASON_UNCERTAIN;
		attempt->fallback_reason = "low_confidence";
		attempt->sentence = psprintf("its answer has a confidence of %.2f; %.2f is wanted.",
									 answer->confidence,
									 candidate->min_confidence);
		if (request->uncertain == NULL)
			request->uncertain = answer;
		return false;
	}
	attempt->status = "success";
	request->answer = *answer;
	return true;
}
