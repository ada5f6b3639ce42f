/*
 * candidate.c
 *		A query that a tier proposes: checked, run, and judged.
 *
 * The only place that takes SQL text from a tier to the guard.  The check and
 * the run share one fence, so that the locks of the analysis still hold when
 * the query runs, and nothing that it did outlives it.
 */
#include "postgres.h"

#include "base/json.h"
#include "base/settings.h"
#include "guard/analyze.h"
#include "guard/finding.h"
#include "guard/sanity.h"
#include "ask/candidate.h"

/* A probe looks for a few values; more than this tells nothing apart. */
#define PROBE_ROWS	200
#define PROBE_BYTES (256 * 1024)

/* What goes into the fence and comes out of it. */
typedef struct FencedQuery
{
	AllmRequest *request;
	const char *sql;
	bool		run;
	AllmCaps	caps;
	AllmChecked *checked;
	AllmRows   *rows;
} FencedQuery;

static void check_and_run(void *arg);
static void refuse_candidate(AllmAttempt *attempt, const AllmChecked *checked);
static void fail_candidate(AllmAttempt *attempt, const ErrorData *edata);
static void accept_candidate(AllmRequest *request, AllmAttempt *attempt,
							 AllmCandidate *candidate,
							 const FencedQuery *query);
static void add_remark(AllmRequest *request, bool is_doubt, char *text);

/*
 * Checks a candidate and, when rows are wanted, runs it.  Returns whether it
 * became the answer; if not, the attempt says why.
 */
bool
allm_candidate_try(AllmRequest *request, AllmAttempt *attempt,
				   AllmCandidate *candidate)
{
	FencedQuery query = {0};
	AllmSpan   *span;
	ErrorData  *edata;

	query.request = request;
	query.sql = candidate->sql;
	query.run = (request->want == ALLM_WANT_ROWS);
	query.caps.rows = request->options.row_limit;
	query.caps.bytes = (Size) allm_max_result_size * 1024;

	attempt->generated_query = candidate->sql;
	span = allm_request_span(request, query.run ? "check and execute" : "check");
	edata = allm_execute_fenced(check_and_run, &query,
								allm_deadline_in(allm_query_timeout));
	allm_request_span_end(span, edata == NULL);

	if (query.checked != NULL)
	{
		attempt->was_checked = true;
		attempt->passed_check =
			!allm_finding_any_error(query.checked->findings);
	}
	if (edata != NULL)
	{
		fail_candidate(attempt, edata);
		return false;
	}
	if (!attempt->passed_check)
	{
		refuse_candidate(attempt, query.checked);
		return false;
	}
	accept_candidate(request, attempt, candidate, &query);
	return true;
}

/*
 * Runs a query of the built-in rules that looks values up, as the asking role
 * and through the guard like any other.  Returns its rows of two texts as a
 * list of char *[2]; NIL when it is refused or fails, since a probe that finds
 * nothing makes the rules silent, never wrong.
 */
List *
allm_candidate_probe(void *state, const char *sql)
{
	AllmRequest *request = state;
	FencedQuery query = {0};
	List	   *pairs = NIL;

	query.request = request;
	query.sql = sql;
	query.run = true;
	query.caps.rows = PROBE_ROWS;
	query.caps.bytes = PROBE_BYTES;
	if (allm_execute_fenced(check_and_run, &query, request->decide_by) != NULL ||
		query.rows == NULL)
		return NIL;

	for (int64 i = 0; i < query.rows->count; i++)
	{
		AllmJson   *row = allm_json_parse(query.rows->rows[i],
										  strlen(query.rows->rows[i]));
		char	  **pair = palloc(2 * sizeof(char *));

		pair[0] = pstrdup(row->first->text);
		pair[1] = pstrdup(row->last->text);
		pairs = lappend(pairs, pair);
	}
	return pairs;
}

/* Inside the fence: the check, and the run of what passed it. */
static void
check_and_run(void *arg)
{
	FencedQuery *query = arg;
	MemoryContext keep = query->request->context;
	MemoryContext caller = MemoryContextSwitchTo(keep);

	query->checked = allm_analyze_check(query->sql);
	if (query->run && !allm_finding_any_error(query->checked->findings))
		query->rows = allm_execute_query(query->checked, query->caps, keep);
	MemoryContextSwitchTo(caller);
}

/* The guard refused the query: a tier is at fault, not the asker. */
static void
refuse_candidate(AllmAttempt *attempt, const AllmChecked *checked)
{
	ListCell   *cell;

	attempt->reason = ALLM_REASON_FAILED;
	attempt->sentence = pstrdup("the query was refused by the check.");
	foreach(cell, checked->findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (finding->is_error)
		{
			attempt->error_message = psprintf("%s: %s", finding->code,
											  finding->message);
			break;
		}
	}
	allm_request_attempt_end(attempt, "invalid");
}

/* The query passed the check, and failed or took too long. */
static void
fail_candidate(AllmAttempt *attempt, const ErrorData *edata)
{
	bool		late = (edata->sqlerrcode == ERRCODE_QUERY_CANCELED);

	attempt->reason = ALLM_REASON_FAILED;
	attempt->error_code = edata->sqlerrcode;
	attempt->error_message = pstrdup(edata->message);
	if (late)
		attempt->sentence = psprintf("%s.", edata->message);
	else
		attempt->sentence = psprintf("the query failed while it ran (SQLSTATE %s).",
									 unpack_sql_state(edata->sqlerrcode));
	allm_request_attempt_end(attempt, late ? "timeout" : "error");
}

/* The candidate becomes the answer, with what there is to say of it. */
static void
accept_candidate(AllmRequest *request, AllmAttempt *attempt,
				 AllmCandidate *candidate, const FencedQuery *query)
{
	AllmAnswer *answer = &request->answer;
	ListCell   *cell;

	request->tally.count[candidate->signal]++;
	foreach(cell, query->checked->findings)
	{
		AllmFinding *finding = lfirst(cell);

		request->tally.count[ALLM_SIGNAL_WARNING]++;
		add_remark(request, true, finding->message);
	}
	if (query->rows != NULL)
	{
		foreach(cell, allm_sanity_remarks(query->checked, query->rows))
		{
			AllmRemark *remark = lfirst(cell);

			add_remark(request, remark->is_doubt, remark->text);
		}
	}
	if (query->checked->row_security)
		add_remark(request, false,
				   psprintf("row security limits the rows that role \"%s\" sees",
							request->user_name));

	answer->status = candidate->status;
	answer->tier = attempt->tier;
	answer->model_used = attempt->model_used;
	answer->sql = candidate->sql;
	answer->interpretation = candidate->interpretation;
	answer->rows = query->rows;
	answer->confidence = allm_confidence_sum(&request->tally);
	attempt->confidence = answer->confidence;
	allm_request_attempt_end(attempt, "success");
}

/* Adds a doubt to the warnings, or information to the notices. */
static void
add_remark(AllmRequest *request, bool is_doubt, char *text)
{
	MemoryContext caller = MemoryContextSwitchTo(request->context);
	AllmAnswer *answer = &request->answer;

	if (is_doubt)
		answer->warnings = lappend(answer->warnings, pstrdup(text));
	else
		answer->notices = lappend(answer->notices, pstrdup(text));
	MemoryContextSwitchTo(caller);
}
