/*
 * recall.c
 *		Answers that were given before: which may be given again, and which are
 *		worth keeping.
 *
 * Two things are kept of an answer.  Its rows, for a short time, where nothing
 * that they depend on but the data can change unseen.  And the query of a
 * model, for longer: it is run again, through the whole check, without a model.
 * What is in doubt is not kept but for those who are waiting for it.
 *
 * Rows are not given to a transaction that may have to see others: one that
 * has written, one with a snapshot of its own, and one that begins after this
 * session has committed something.  Nor are those of such a transaction kept.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "ask/conversation.h"
#include "ask/kept.h"
#include "ask/key.h"
#include "ask/memory.h"
#include "ask/own_writes.h"
#include "ask/recall.h"
#include "ask/record.h"
#include "ask/rules.h"
#include "ask/spans.h"
#include "ask/verdict.h"
#include "base/json.h"
#include "base/settings.h"
#include "ledger/flight.h"
#include "ledger/hits.h"
#include "ledger/stored.h"

/* The last tier that models are of. */
#define LAST_MODEL_TIER		2

/* From this age on it is said that rows are not of now. */
#define TOLD_AGE_S			60

/* What a request knows of its kind. */
typedef struct AllmRecall
{
	AllmMemory *memory;			/* held */
	uint64		epoch;			/* of the cache, when the question came */
	AllmSpan   *waiting;		/* for who asks for it already */
	bool		landed;			/* another session has asked for it */
	uint64		generation;		/* of what it was checked against */
	AllmKept   *expired;		/* a query that is too old, or NULL */
} AllmRecall;

static bool is_turned_off(void);
static bool names_conversation(const Jsonb *options);
static bool may_share_rows(void);
static bool are_fresh(TimestampTz since, int ttl);
static bool has_fresh_rows(const AllmKept *kept);
static AllmRequest *make_hit(const char *question, Jsonb *options,
							 AllmKept *kept, AllmWant want,
							 MemoryContext context);
static void count_hit(AllmRequest *request, const uint64 *hash);
static char *say_age(TimestampTz since);
static void start_recall(AllmRequest *request);
static AllmRecalled look_or_follow(AllmRequest *request);
static AllmKept *look_for(AllmRequest *request);
static bool serve_kept(AllmRequest *request, AllmKept *kept);
static bool serve_rows(AllmRequest *request, AllmKept *kept);
static bool run_again(AllmRequest *request, const AllmKept *kept, int tier,
					  const char *doubt);
static AllmFlightRole follow_flight(AllmRequest *request);
static bool are_rows_worth_keeping(const AllmRequest *request,
								   const AllmKept *next);
static bool keep(AllmRequest *request, const AllmKept *kept);
static void store(const AllmRequest *request, const AllmKept *kept,
				  const char *data, Size length);

/* With both times at zero nothing is given again, or waited for. */
static bool
is_turned_off(void)
{
	return allm_cache_ttl == 0 && allm_sql_cache_ttl == 0;
}

/*
 * May the question go on from others?  That is found out in the walk: the short
 * way to a kept answer is not for it.
 */
static bool
names_conversation(const Jsonb *options)
{
	JsonbValue	key;

	if (options == NULL || !JB_ROOT_IS_OBJECT(options))
		return false;
	key.type = jbvString;
	key.val.string.val = "conversation";
	key.val.string.len = strlen(key.val.string.val);
	return findJsonbValueFromContainer(unconstify(JsonbContainer *,
												  &options->root),
									   JB_FOBJECT, &key) != NULL;
}

/* Would this transaction see the rows that anybody sees now? */
static bool
may_share_rows(void)
{
	return !TransactionIdIsValid(GetTopTransactionIdIfAny()) &&
		!IsolationUsesXactSnapshot();
}

/* Is something not older than so many seconds? */
static bool
are_fresh(TimestampTz since, int ttl)
{
	return since != 0 && ttl > 0 &&
		!TimestampDifferenceExceeds(since, GetCurrentTimestamp(),
									ttl * 1000);
}

/* Are there rows that are new enough for this session? */
static bool
has_fresh_rows(const AllmKept *kept)
{
	return !kept->for_followers &&
		allm_own_writes_are_before(kept->rows_at) &&
		are_fresh(kept->rows_at, allm_cache_ttl);
}

/*
 * The short way to a kept answer, as a settled request in a context below the
 * current one; NULL when there is none that may be given as it is.  Raises
 * 22023 for a question or options that are not admitted.
 */
AllmRequest *
allm_recall_hit(const char *question, Jsonb *options, AllmWant want)
{
	MemoryContext context;
	MemoryContext caller;
	AllmRequest *request = NULL;
	AllmMemory *memory;
	instr_time	began;

	INSTR_TIME_SET_CURRENT(began);
	if (IsInParallelMode() || is_turned_off() || names_conversation(options) ||
		(want == ALLM_WANT_ROWS && !may_share_rows()))
		return NULL;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm request",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	memory = allm_memory_find(question, options, "");
	if (memory != NULL && memory->use_cache)
	{
		AllmKept   *kept = allm_memory_read(memory);

		if (kept != NULL && has_fresh_rows(kept) &&
			allm_memory_is_sound(memory, kept))
		{
			request = make_hit(question, options, kept, want, context);
			request->began = began;
			count_hit(request, memory->key.hash);
		}
	}
	MemoryContextSwitchTo(caller);
	if (request == NULL)
		MemoryContextDelete(context);
	return request;
}

/* A settled request that a kept answer answers. */
static AllmRequest *
make_hit(const char *question, Jsonb *options, AllmKept *kept, AllmWant want,
		 MemoryContext context)
{
	AllmRequest *request = palloc0(sizeof(AllmRequest));
	AllmAnswer *answer = &request->answer;

	request->context = context;
	request->settled = true;
	request->want = want;
	request->question = request->whole = pstrdup(question);
	request->search_path = pstrdup(namespace_search_path);
	request->user_id = GetUserId();
	request->asked_at = GetCurrentTimestamp();
	request->options.text = pstrdup("{}");
	if (options != NULL && JB_ROOT_COUNT(options) > 0)
		allm_options_read(options, &request->options);
	request->hits = 1;
	*answer = kept->answer;
	answer->status = "ok";
	answer->tier = 0;
	if (want == ALLM_WANT_SQL)
		answer->rows = NULL;
	else if (!are_fresh(kept->rows_at, TOLD_AGE_S))
		answer->notices = lappend(answer->notices,
								  psprintf("the rows were read %s ago",
										   say_age(kept->rows_at)));
	return request;
}

/*
 * Counts a hit.  The first of its key in a minute is a row of
 * analytics_llm.request, whose identifiers those that follow have as well; by
 * feature, and by how much may be recorded.
 */
static void
count_hit(AllmRequest *request, const uint64 *hash)
{
	const char *feature = request->options.feature;
	uint64		counter[2] = {hash[0], hash[1] + allm_log_text};
	AllmRecord *records;
	instr_time	now;
	bool		counted;
	int			n;

	if (feature != NULL)
		counter[1] += hash_bytes_extended((const unsigned char *) feature,
										  strlen(feature), 0);
	counted = allm_hits_add(counter, request->asked_at, &request->id);
	hex_encode((const char *) request->id.data, UUID_LEN,
			   request->trace.trace_id);
	request->trace.trace_id[2 * UUID_LEN] = '\0';
	memcpy(&request->trace.seed, request->id.data, sizeof(uint64));
	allm_request_join_trace(request);
	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, request->began);
	request->answer.latency_ms = INSTR_TIME_GET_MILLISEC(now);
	allm_cache_count(true);
	if (counted)
		return;
	request->database = get_database_name(MyDatabaseId);
	request->user_name = GetUserNameFromId(request->user_id, false);
	request->session_user_id = GetSessionUserId();
	request->session_user_name = GetUserNameFromId(request->session_user_id,
												   false);
	allm_trace_start(&request->trace, "llm_request", request->asked_at,
					 request->began);
	allm_spans_finish(request);
	n = allm_record_build(request, &records);
	allm_queue_put(NULL, records, n);
}

/* How long ago something was, for a person. */
static char *
say_age(TimestampTz since)
{
	long		minutes = TimestampDifferenceMilliseconds(since,
														  GetCurrentTimestamp()) / 60000;
	long		n = minutes < 120 ? minutes : minutes / 60;

	return psprintf("%ld %s%s", n, minutes < 120 ? "minute" : "hour",
					n == 1 ? "" : "s");
}

/*
 * Looks for a kept answer, and when there is none, for somebody who is asking
 * for it already; while it WAITS for that one, it is called again.  NOTHING: the
 * tiers are asked, by this question for all that wait for it meanwhile.
 */
AllmRecalled
allm_recall_try(AllmRequest *request)
{
	AllmRecalled recalled;

	if (request->stage == ALLM_STAGE_BEGUN)
	{
		start_recall(request);
		request->stage = ALLM_STAGE_RECALL;
	}
	if (request->recall == NULL || !request->options.use_cache)
		return ALLM_RECALLED_NOTHING;
	recalled = look_or_follow(request);
	allm_memory_share(request->recall->memory);
	return recalled;
}

/* In turn, until there is something, or nothing to hope for. */
static AllmRecalled
look_or_follow(AllmRequest *request)
{
	AllmRecall *recall = request->recall;

	for (;;)
	{
		AllmFlightRole role;

		if (request->seat.kind != ALLM_SEAT_FOLLOWER)
		{
			AllmKept   *kept = look_for(request);

			if (kept != NULL && serve_kept(request, kept))
				return ALLM_RECALLED_ANSWER;
			if (recall->landed && request->uncertain != NULL)
				return ALLM_RECALLED_VERDICT;
			if (recall->landed || allm_flight_leads(&request->seat))
				break;
		}
		role = follow_flight(request);
		if (role == ALLM_FLIGHT_WAITS)
			return ALLM_RECALLED_WAITS;
		if (role == ALLM_FLIGHT_TOLD)
			return ALLM_RECALLED_VERDICT;
		/* Whoever leads looks again: the last leader may just have landed. */
		if (role != ALLM_FLIGHT_LANDED && role != ALLM_FLIGHT_LEADER)
			break;
	}
	allm_cache_count(false);
	return ALLM_RECALLED_NOTHING;
}

/* Finds the key of a request; without one it has no recall. */
static void
start_recall(AllmRequest *request)
{
	AllmMemory *memory = is_turned_off() || request->is_shadow ? NULL :
	allm_memory_find(request->question, request->given_options,
					 allm_conversation_describe(request->earlier));

	if (memory == NULL)
		return;
	request->recall = palloc0(sizeof(AllmRecall));
	request->recall->memory = allm_memory_hold(memory);
	request->recall->epoch = allm_cache_epoch();
	request->recall->generation = allm_key_generation();
}

/* What is kept, if it may be for this request. */
static AllmKept *
look_for(AllmRequest *request)
{
	AllmRecall *recall = request->recall;
	AllmSpan   *span = allm_trace_open(&request->trace, "cache");
	AllmKept   *kept = allm_memory_read(recall->memory);

	if (kept != NULL && kept->for_followers && !recall->landed)
		kept = NULL;
	allm_trace_bool(span, "analytics_llm.kept", kept != NULL);
	allm_trace_close(span, kept != NULL ? ALLM_SPAN_OK : ALLM_SPAN_UNSET);
	return kept;
}

/* Answers with what is kept: with its rows, else by running its query. */
static bool
serve_kept(AllmRequest *request, AllmKept *kept)
{
	AllmRecall *recall = request->recall;
	bool		fresh = kept->for_followers ||
	are_fresh(kept->sql_at, allm_sql_cache_ttl);

	if (request->want == ALLM_WANT_ROWS && has_fresh_rows(kept) &&
		may_share_rows() && allm_memory_is_sound(recall->memory, kept))
		return serve_rows(request, kept);
	if (kept->sql_at == 0)
		return false;
	if (!fresh)
	{
		recall->expired = kept;
		return false;
	}
	/* Rows that many can have are read by one. */
	if (kept->origin.shareable && !recall->landed && !allm_flight_leads(&request->seat) &&
		may_share_rows() && request->want == ALLM_WANT_ROWS)
		return false;
	return run_again(request, kept, 0, NULL);
}

/* The rows are the answer. */
static bool
serve_rows(AllmRequest *request, AllmKept *kept)
{
	AllmAttempt *attempt = allm_request_attempt(request, 0, "Kept answers",
												"cache");

	request->answer = kept->answer;
	request->answer.origin = kept->origin;
	request->answer.status = "ok";
	request->answer.tier = 0;
	attempt->generated_query = kept->answer.sql;
	attempt->confidence = kept->answer.confidence;
	allm_request_attempt_end(attempt, "success");
	allm_cache_count(true);
	return true;
}

/* Runs a kept query as a candidate like any other. */
static bool
run_again(AllmRequest *request, const AllmKept *kept, int tier,
		  const char *doubt)
{
	AllmAttempt *attempt = allm_request_attempt(request, tier, "Kept answers",
												"cache");
	AllmCandidate candidate = {0};
	AllmTrial	trial;

	candidate.sql = pstrdup(kept->answer.sql);
	candidate.interpretation = kept->answer.interpretation;
	candidate.signal = kept->signal;
	candidate.status = doubt != NULL ? "cached" : "ok";
	candidate.model = kept->answer.model_used;
	candidate.doubt = doubt;
	candidate.assumptions = kept->assumptions;
	candidate.repairs = kept->repairs;
	candidate.min_confidence = doubt != NULL ? 0 : kept->min_confidence;
	candidate.second_way = allm_rules_rows;
	trial = allm_candidate_try(request, attempt, &candidate, NULL);
	allm_request_attempt_end(attempt, attempt->status);
	if (trial == ALLM_TRIAL_ANSWER)
	{
		if (request->answer.kept != NULL)
			request->answer.kept->sql_at = kept->sql_at;
		allm_cache_count(true);
		return true;
	}
	if (request->uncertain == NULL)
		allm_memory_forget(request->recall->memory);
	return false;
}

/*
 * Joins those who ask the same, and follows the one of them that asks.  A
 * transaction that has written may hold a lock that the others wait for, and
 * goes alone.
 */
static AllmFlightRole
follow_flight(AllmRequest *request)
{
	AllmRecall *recall = request->recall;
	AllmFlightRole role;

	if (request->seat.kind == ALLM_SEAT_FOLLOWER)
		role = allm_flight_look(&request->seat);
	else if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return ALLM_FLIGHT_ALONE;
	else
	{
		role = allm_flight_join(&request->seat, recall->memory->key.hash);
		if (role == ALLM_FLIGHT_WAITS)
			recall->waiting = allm_trace_open(&request->trace, "flight");
	}
	if (role != ALLM_FLIGHT_WAITS)
		allm_trace_close(recall->waiting, ALLM_SPAN_OK);
	else if (allm_deadline_left(request->decide_by) <= 0)
	{
		allm_flight_end(&request->seat, ALLM_FLIGHT_END_FAILED, 0);
		allm_trace_close(recall->waiting, ALLM_SPAN_ERROR);
		allm_verdict_note_late(request);
		return ALLM_FLIGHT_ALONE;
	}
	else
	{
		request->wait.until = allm_deadline_sooner(request->wait.until,
												   request->decide_by);
		request->wait.changed = allm_flight_changed(&request->seat);
	}
	recall->landed = (role == ALLM_FLIGHT_LANDED || role == ALLM_FLIGHT_TOLD);
	if (role == ALLM_FLIGHT_TOLD)
		allm_verdict_note(request, request->seat.verdict);
	return role;
}

/* Is there a query that is too old, and have models had no say? */
bool
allm_recall_has_expired(const AllmRequest *request)
{
	const AllmRecall *recall = request->recall;

	return recall != NULL && recall->expired != NULL &&
		allm_verdict_is_open(request) &&
		are_fresh(recall->expired->sql_at,
				  allm_sql_cache_ttl + allm_stale_ttl);
}

/*
 * The first of the tiers without a model: a query that is too old stands in,
 * with a doubt, where models could not be asked.
 */
bool
allm_recall_try_expired(AllmRequest *request, int tier)
{
	const AllmKept *kept = request->recall->expired;

	return run_again(request, kept, tier,
					 psprintf("a query of %s ago stands in for a model",
							  say_age(kept->sql_at)));
}

/*
 * A candidate has passed its check, and will be run next: what there will be
 * to keep of it, or NULL.  When its rows are for nobody else, those who wait
 * get the query, if it is a model's, and need not wait for the rows.
 */
AllmKept *
allm_recall_checked(AllmRequest *request, const AllmCandidate *candidate,
					const char *model, const AllmOrigin *origin)
{
	AllmKept   *next;

	if (request->recall == NULL || candidate->doubt != NULL)
		return NULL;
	next = palloc0(sizeof(AllmKept));
	next->answered_at = next->rows_at = GetCurrentTimestamp();
	next->signal = candidate->signal;
	next->repairs = candidate->repairs;
	next->min_confidence = candidate->min_confidence;
	next->assumptions = candidate->assumptions;
	next->answer.sql = candidate->sql;
	next->answer.interpretation = candidate->interpretation;
	next->answer.model_used = model;
	next->origin = *origin;

	if (allm_flight_is_followed(&request->seat) && !next->origin.shareable)
	{
		AllmKept	early = *next;

		early.rows_at = 0;
		early.sql_at = early.answered_at;
		early.for_followers = true;
		if (candidate->signal != ALLM_SIGNAL_MODEL)
			allm_flight_end(&request->seat, ALLM_FLIGHT_END_ALONE, 0);
		else if (keep(request, &early))
			allm_flight_end(&request->seat, ALLM_FLIGHT_END_KEPT, 0);
	}
	return next;
}

/*
 * The question is settled: keeps what is worth it, and tells those who wait
 * for it what to do.
 */
void
allm_recall_keep(AllmRequest *request)
{
	const AllmAnswer *answer = &request->answer;
	AllmKept   *next = answer->kept;
	AllmFlightEnd end = ALLM_FLIGHT_END_FAILED;
	AllmReason	verdict = allm_verdict_find(request);

	if (next != NULL)
	{
		bool		in_doubt = answer->warnings != NIL || answer->error_code != 0;

		next->answer = *answer;
		next->answer.notices = list_difference_ptr(answer->notices,
												   request->own_notices);
		next->answered_at = answer->answered_at;
		if (in_doubt || !are_rows_worth_keeping(request, next))
			next->rows_at = 0;
		if (next->signal == ALLM_SIGNAL_MODEL && next->sql_at == 0)
			next->sql_at = next->answered_at;
		next->for_followers = in_doubt;
		if (next->rows_at != 0 ||
			(next->sql_at != 0 && (!in_doubt || allm_flight_is_followed(&request->seat))))
			end = keep(request, next) ? ALLM_FLIGHT_END_KEPT :
				ALLM_FLIGHT_END_ALONE;
		else if (answer->error_code == 0)
			end = ALLM_FLIGHT_END_ALONE;
	}
	else if (verdict != ALLM_REASON_NONE)
		end = ALLM_FLIGHT_END_VERDICT;
	allm_flight_end(&request->seat, end, verdict);
}

/*
 * May the rows of an answer without doubt be given to others?  Not those of the
 * rules where a model would have been asked first, had it not failed.
 */
static bool
are_rows_worth_keeping(const AllmRequest *request, const AllmKept *next)
{
	const AllmRows *rows = request->answer.rows;
	ListCell   *cell;

	if (rows == NULL || !next->origin.shareable || !may_share_rows() ||
		allm_cache_ttl == 0 ||
		rows->bytes > (Size) allm_cache_max_entry * 1024)
		return false;
	if (request->answer.tier <= LAST_MODEL_TIER)
		return true;
	foreach(cell, request->attempts)
	{
		AllmAttempt *attempt = lfirst(cell);

		if (attempt->tier <= LAST_MODEL_TIER &&
			attempt->reason != ALLM_REASON_NONE)
			return false;
	}
	return true;
}

/* Keeps an answer; false when there was no room for it. */
static bool
keep(AllmRequest *request, const AllmKept *kept)
{
	AllmRecall *recall = request->recall;
	Size		length;
	char	   *data = allm_kept_pack(&recall->memory->key, kept, &length);

	if (!allm_cache_put(&recall->memory->key, request->user_id, data, length,
						recall->epoch, &recall->memory->ref))
		return false;

	/* It has just been checked; messages since then will tell. */
	recall->memory->sound_number = recall->memory->ref.number;
	recall->memory->sound_at = recall->generation;
	allm_memory_share(recall->memory);
	if (!kept->for_followers && allm_log_text == ALLM_LOG_TEXT_FULL)
		store(request, kept, data, length);
	return true;
}

/* Hands an answer over for the table. */
static void
store(const AllmRequest *request, const AllmKept *kept, const char *data,
	  Size length)
{
	const uint64 *hash = request->recall->memory->key.hash;
	const AllmAnswer *answer = &kept->answer;
	char	   *hex = palloc(2 * length + 3);
	TimestampTz expires_at;
	AllmJsonWriter w;

	hex[0] = '\\';
	hex[1] = 'x';
	hex[2 + hex_encode(data, length, hex + 2)] = '\0';
	expires_at = kept->sql_at != 0 ?
		kept->sql_at + (allm_sql_cache_ttl + allm_stale_ttl) * USECS_PER_SEC :
		kept->rows_at + allm_cache_ttl * USECS_PER_SEC;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "key", psprintf("%016llx%016llx",
									   (unsigned long long) hash[0],
									   (unsigned long long) hash[1]));
	allm_json_int(&w, "user_id", request->user_id);
	allm_json_text(&w, "user_name", request->user_name);
	allm_json_text(&w, "end_user", allm_end_user);
	allm_json_text(&w, "question", request->question);
	allm_json_text(&w, "model", answer->model_used);
	allm_json_text(&w, "sql", answer->sql);
	allm_json_time(&w, "answered_at", kept->answered_at);
	if (kept->rows_at != 0)
	{
		allm_json_time(&w, "rows_at", kept->rows_at);
		allm_json_int(&w, "row_count", answer->rows->count);
	}
	allm_json_time(&w, "expires_at", expires_at);
	allm_json_text(&w, "data", hex);
	allm_json_close(&w, '}');
	allm_stored_put(w.buf.data, request->recall->epoch);
}
