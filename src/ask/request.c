/*
 * request.c
 *		The life of one question: admitted, carried, settled.
 *
 * A request lives in a memory context of its own, below the caller's.  It is
 * settled exactly once, whatever becomes of it: on the way out, when an error
 * passes through the pipeline, or when the backend ends while it is under way.
 * Settling hands its records to the ledger and never raises for want of room.
 * Several can be under way, if they were asked together.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "ask/spend.h"
#include "ask/record.h"
#include "ask/remnant.h"
#include "ask/request.h"
#include "ask/spans.h"
#include "base/errcodes.h"
#include "base/settings.h"
#include "base/text.h"
#include "model/cost.h"

/*
 * The records of a question beside its own text: columns, spans, one query,
 * what its calls have used.
 */
#define RECORD_BYTES	16384

/*
 * What needs no network has so much longer than the models: they may have taken
 * all the time, and must not silence the tier that is there for that case.
 */
#define LOCAL_GRACE_MS	1000

/* The requests under way in this backend, for the end of the backend. */
static dlist_head live_requests = DLIST_STATIC_INIT(live_requests);

/* The id of the next request, where its asker was told one already. */
static pg_uuid_t named_id;
static bool id_is_named = false;

/* Is the next request asked beside another one? */
static bool next_is_shadow = false;

static bool is_fallback(const AllmRequest *request,
						const AllmAttempt *attempt);
static void make_version_4(pg_uuid_t *id);
static void make_ids(AllmRequest *request);
static bool was_paid(const AllmRequest *request);
static void release_places(const AllmRequest *request);
static int	hand_over(AllmRequest *request, AllmRecord **records);
static int	build_records(AllmRequest *request, AllmRecord **records);
static void describe_abort(AllmRequest *request, int error_code,
						   const char *message);
static void charge_unfinished(AllmRequest *request, int error_code);
static void set_deadlines(AllmRequest *request, const AllmBounds *bounds);
static void forget_request(void *arg);
static void settle_first_at_exit(void);
static void settle_at_exit(int code, Datum arg);
static double elapsed_ms(instr_time began);

/* Why a text cannot be a question, and more of it in "detail"; or NULL. */
const char *
allm_request_problem(const char *question, char **detail)
{
	int			length = pg_mbstrlen(question);
	ListCell   *cell;

	if (length > allm_max_question_length)
	{
		*detail = psprintf("It has %d characters.", length);
		return psprintf("the question is longer than %d characters",
						allm_max_question_length);
	}
	foreach(cell, allm_text_words(question))
	{
		AllmWord   *word = lfirst(cell);

		if (word->kind != ALLM_WORD_PUNCTUATION)
			return NULL;
	}
	*detail = psprintf("A question has at least one word and at most %d characters.",
					   allm_max_question_length);
	return "the question has no words";
}

/* Raises 22023 unless the text can be a question. */
void
allm_request_admit(const char *question)
{
	char	   *detail;
	const char *problem = allm_request_problem(question, &detail);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_internal("%s", problem),
				 errdetail_internal("%s", detail)));
}

/*
 * Admits a question, and starts its clock.  Raises 22023 for a question that
 * is empty or too long, and for wrong options; and 25000 in a parallel
 * operation.  The request belongs to the current memory context.  NULL bounds:
 * it is alone.
 */
AllmRequest *
allm_request_begin(const char *question, Jsonb *options, AllmWant want,
				   const AllmBounds *bounds)
{
	AllmOptions read_options;
	MemoryContext context;
	MemoryContext caller;
	MemoryContextCallback *callback;
	AllmRequest *request;
	AllmSpan   *span;
	instr_time	began;

	INSTR_TIME_SET_CURRENT(began);
	if (IsInParallelMode())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("a question cannot be asked during a parallel operation"),
				 errhint("Mark the function that asks it PARALLEL UNSAFE.")));
	allm_request_admit(question);
	allm_options_read(options, &read_options);

	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm request",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	request = palloc0(sizeof(AllmRequest));
	request->context = context;
	request->want = want;
	request->is_shadow = next_is_shadow;
	next_is_shadow = false;
	request->question = request->whole = pstrdup(question);
	request->given_options = options;
	request->options = read_options;
	request->options.text = pstrdup(read_options.text);
	if (read_options.feature != NULL)
		request->options.feature = pstrdup(read_options.feature);
	if (read_options.model != NULL)
		request->options.model = pstrdup(read_options.model);
	if (read_options.verify != NULL)
		request->options.verify = pstrdup(read_options.verify);
	request->database = get_database_name(MyDatabaseId);
	request->user_id = GetUserId();
	request->user_name = GetUserNameFromId(request->user_id, false);
	request->session_user_id = GetSessionUserId();
	request->session_user_name = GetUserNameFromId(request->session_user_id,
												   false);
	request->search_path = pstrdup(namespace_search_path);
	request->asked_at = GetCurrentTimestamp();
	request->began = began;
	set_deadlines(request, bounds);
	make_ids(request);
	allm_trace_start(&request->trace, "llm_request", request->asked_at, began);
	span = allm_trace_open_at(&request->trace, "admit", began);
	allm_remnant_prepare();

	/* Room for what will be recorded, before anything is done. */
	request->room = allm_queue_reserve(RECORD_BYTES + 4 * strlen(question),
									   bounds == NULL || bounds->may_wait ?
									   request->decide_by :
									   allm_deadline_in(0));
	allm_trace_close(span, request->room != NULL ? ALLM_SPAN_OK :
					 ALLM_SPAN_ERROR);

	settle_first_at_exit();
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = forget_request;
	callback->arg = request;
	MemoryContextRegisterResetCallback(context, callback);
	dlist_push_tail(&live_requests, &request->node);

	MemoryContextSwitchTo(caller);
	return request;
}

/* By when what has to be done, with others or alone. */
static void
set_deadlines(AllmRequest *request, const AllmBounds *bounds)
{
	int			timeout_ms = request->options.timeout_ms;

	request->decide_by = allm_deadline_in(timeout_ms);
	request->check_by = allm_deadline_in(timeout_ms + LOCAL_GRACE_MS);
	request->end_by.at = DT_NOEND;
	if (bounds == NULL)
		return;
	request->has_company = true;
	request->decide_by = allm_deadline_sooner(request->decide_by,
											  bounds->decide_by);
	request->check_by = allm_deadline_sooner(request->check_by,
											 bounds->end_by);
	request->end_by = bounds->end_by;
}

/*
 * Raises 0A000 while a question is under way in this backend.  A policy or a
 * function that its query calls could ask another one, and what the first
 * works with, the snapshot of the schema above all, is there once.
 */
void
allm_request_require_none(void)
{
	if (!dlist_is_empty(&live_requests))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a question cannot be asked by the query of another")));
}

/* Starts a try of a tier.  It counts as failed until its end is told. */
AllmAttempt *
allm_request_attempt(AllmRequest *request, int tier, const char *name,
					 const char *model_used)
{
	MemoryContext caller = MemoryContextSwitchTo(request->context);
	AllmAttempt *attempt = palloc0(sizeof(AllmAttempt));

	attempt->tier = tier;
	attempt->name = name;
	attempt->model_used = model_used;
	attempt->status = "error";
	attempt->query_type = "sql_generation";
	attempt->confidence = -1;
	attempt->under_way = true;
	attempt->is_fallback = is_fallback(request, attempt);
	attempt->called_at = GetCurrentTimestamp();
	INSTR_TIME_SET_CURRENT(attempt->began);
	request->attempts = lappend(request->attempts, attempt);
	attempt->span = allm_trace_open(&request->trace, "attempt");
	allm_trace_int(attempt->span, "analytics_llm.attempt",
				   list_length(request->attempts));
	allm_trace_scope(attempt->span, tier, model_used);
	MemoryContextSwitchTo(caller);
	return attempt;
}

/*
 * Did something else try in vain before?  A model that this role cannot call
 * was not tried, and a retry is no fallback.
 */
static bool
is_fallback(const AllmRequest *request, const AllmAttempt *attempt)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
	{
		AllmAttempt *earlier = lfirst(cell);

		if (earlier->reason != ALLM_REASON_NONE &&
			(earlier->tier != attempt->tier ||
			 strcmp(earlier->name, attempt->name) != 0))
			return true;
	}
	return false;
}

/* Ends a try: its status, and how long it took. */
void
allm_request_attempt_end(AllmAttempt *attempt, const char *status)
{
	attempt->status = status;
	attempt->latency_ms = elapsed_ms(attempt->began);
	allm_request_attempt_close(attempt);
}

/* Ends a try whose status and time were told already. */
void
allm_request_attempt_close(AllmAttempt *attempt)
{
	attempt->under_way = false;
	allm_spans_close_attempt(attempt);
}

/*
 * Charges a call that left, and whose usage nobody knows, what it can have used
 * at most.
 */
void
allm_request_charge_bound(AllmAttempt *attempt)
{
	attempt->tokens = attempt->bound;
	attempt->cost_micros = attempt->bound_micros;
	attempt->estimated = true;
}

/* Was it a call that a provider has answered, or may have? */
bool
allm_request_may_be_billed(const AllmAttempt *attempt)
{
	return attempt->left || attempt->tokens.known || attempt->estimated;
}

/* Tokens that went into models for a request, kept prompts included. */
int64
allm_request_input_tokens(const AllmRequest *request)
{
	int64		sum = 0;
	ListCell   *cell;

	foreach(cell, request->attempts)
		sum += allm_cost_prompt_tokens(&((AllmAttempt *) lfirst(cell))->tokens);
	return sum;
}

/* Tokens that models wrote for a request, thinking included. */
int64
allm_request_output_tokens(const AllmRequest *request)
{
	int64		sum = 0;
	ListCell   *cell;

	foreach(cell, request->attempts)
		sum += ((AllmAttempt *) lfirst(cell))->tokens.output;
	return sum;
}

/* What all calls of a request cost, in micro-USD. */
int64
allm_request_cost(const AllmRequest *request)
{
	int64		sum = 0;
	ListCell   *cell;

	foreach(cell, request->attempts)
		sum += ((AllmAttempt *) lfirst(cell))->cost_micros;
	return sum;
}

/*
 * Hands the records of a request to the ledger, once, without waiting for
 * anything.  Returns whether that has to be committed before the answer goes
 * out, so that no crash can lose what models were paid for.  The records, if
 * they could be made, live as long as the request.
 */
bool
allm_request_settle(AllmRequest *request, AllmRecord **records, int *n)
{
	if (request->settled)
		return false;
	*n = hand_over(request, records);
	return was_paid(request);
}

/* Did a call leave for which somebody may be billed? */
static bool
was_paid(const AllmRequest *request)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
	{
		if (allm_request_may_be_billed(lfirst(cell)))
			return true;
	}
	return false;
}

/* Gives up the places in the breakers of calls that were cut short. */
static void
release_places(const AllmRequest *request)
{
	ListCell   *cell;

	foreach(cell, request->attempts)
		allm_gate_release(&((AllmAttempt *) lfirst(cell))->pass);
}

/*
 * Puts the records of a request into the queue, without waiting for anything.
 * Returns how many; they live as long as the request.  Never raises: without
 * the memory for whole records, what was spent is recorded without its texts.
 */
static int
hand_over(AllmRequest *request, AllmRecord **records)
{
	MemoryContext caller;
	int			n;

	request->settled = true;
	dlist_delete(&request->node);
	request->answer.latency_ms = elapsed_ms(request->began);
	request->settled_at = GetCurrentTimestamp();
	if (request->answer.answered_at == 0)
		request->answer.answered_at = request->settled_at;
	allm_spend_settle_all(request);
	release_places(request);

	HOLD_INTERRUPTS();
	caller = MemoryContextSwitchTo(request->context);
	n = build_records(request, records);
	if (n > 0)
		allm_queue_put(request->room, *records, n);
	else
		allm_remnant_put(request);
	request->room = NULL;
	allm_spend_release_all(request);
	MemoryContextSwitchTo(caller);
	RESUME_INTERRUPTS();
	return n;
}

/*
 * Builds the records; 0 when there is no memory for them.  Interrupts are held
 * afterwards as before: an error lets them go.
 */
static int
build_records(AllmRequest *request, AllmRecord **records)
{
	uint32		held = InterruptHoldoffCount;
	volatile int n = 0;

	PG_TRY();
	{
		allm_spans_finish(request);
		n = allm_record_build(request, records);
	}
	PG_CATCH();
	{
		InterruptHoldoffCount = held;
		MemoryContextSwitchTo(request->context);
		FlushErrorState();
	}
	PG_END_TRY();
	return n;
}

/*
 * Makes an error the answer of a request, a cancel among them: the try that was
 * under way failed with it.  A call of which nothing more was heard may still
 * be billed.  "message" may be NULL.  The error must not be the one that is being
 * handled any more.
 */
void
allm_request_fail(AllmRequest *request, int error_code, const char *message)
{
	AllmAnswer *answer = &request->answer;
	uint32		held = InterruptHoldoffCount;

	charge_unfinished(request, error_code);
	PG_TRY();
	{
		MemoryContextSwitchTo(request->context);
		describe_abort(request, error_code, message);
	}
	PG_CATCH();
	{
		/* Without the memory to say so. */
		InterruptHoldoffCount = held;
		MemoryContextSwitchTo(request->context);
		FlushErrorState();
	}
	PG_END_TRY();
	answer->status = "degraded";
	answer->error_code = error_code;
	answer->tier = 4;
	answer->model_used = NULL;
	answer->confidence = 0;
	answer->rows = NULL;
	answer->kept = NULL;
}

/*
 * Settles a request that an error ends.  Waits for nothing: there is no answer
 * to hold back.
 */
void
allm_request_abort(AllmRequest *request, int error_code, const char *message)
{
	AllmRecord *records;

	if (request->settled)
		return;
	allm_request_fail(request, error_code, message);
	(void) hand_over(request, &records);
}

/*
 * The try that was under way has failed, and is charged if it was a call of
 * which nothing more was heard.
 */
static void
charge_unfinished(AllmRequest *request, int error_code)
{
	AllmAttempt *last = request->attempts != NIL ?
	llast(request->attempts) : NULL;

	if (last == NULL || !last->under_way)
		return;
	last->error_code = error_code;
	if (last->left && !last->tokens.known)
		allm_request_charge_bound(last);
}

/* Says of the try and of the step that were under way what has ended them. */
static void
describe_abort(AllmRequest *request, int error_code, const char *message)
{
	AllmAttempt *last = request->attempts != NIL ?
	llast(request->attempts) : NULL;

	if (request->trace.current->parent != NULL)
		allm_trace_text(request->trace.current, "error.type",
						unpack_sql_state(error_code));
	if (last != NULL && last->under_way)
	{
		double		call_ms = last->latency_ms;

		if (message != NULL)
			last->error_message = pstrdup(message);
		allm_request_attempt_end(last, "error");
		if (call_ms > 0)
			last->latency_ms = call_ms;
	}
}

/* Makes random bytes the id of a request: a version 4 UUID. */
static void
make_version_4(pg_uuid_t *id)
{
	id->data[6] = (id->data[6] & 0x0F) | 0x40;
	id->data[8] = (id->data[8] & 0x3F) | 0x80;
}

/* An id for a request that will be made elsewhere. */
void
allm_request_make_id(pg_uuid_t *id)
{
	if (!pg_strong_random(id->data, UUID_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	make_version_4(id);
}

/* Gives the next request of this process an id that is known already. */
void
allm_request_name_next(const pg_uuid_t *id)
{
	named_id = *id;
	id_is_named = true;
}

/* Was the id of the next request told to its asker? */
bool
allm_request_is_named(void)
{
	return id_is_named;
}

/* The next request of this process is asked beside another: see shadow.h. */
void
allm_request_shadow_next(void)
{
	next_is_shadow = true;
}

/* The id of the request, and those of its trace: all that is random. */
static void
make_ids(AllmRequest *request)
{
	struct
	{
		uint8		uuid[UUID_LEN];
		uint8		trace[ALLM_TRACE_ID_DIGITS / 2];
		uint64		seed;
	}			random;

	if (!pg_strong_random(&random, sizeof(random)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	memcpy(request->id.data, random.uuid, UUID_LEN);
	make_version_4(&request->id);
	if (id_is_named)
		request->id = named_id;
	id_is_named = false;
	hex_encode((const char *) random.trace, sizeof(random.trace),
			   request->trace.trace_id);
	request->trace.trace_id[ALLM_TRACE_ID_DIGITS] = '\0';
	request->trace.seed = random.seed;
	allm_request_join_trace(request);
}

/*
 * Joins the trace that the caller is in: as the option says, else the setting,
 * else a comment in the client's statement.
 */
void
allm_request_join_trace(AllmRequest *request)
{
	AllmTraceparent parent = request->options.parent;

	if (!request->options.has_parent &&
		!allm_traceparent_parse(allm_traceparent, &parent) &&
		!allm_traceparent_in_comment(debug_query_string, &parent))
		return;
	strlcpy(request->trace.trace_id, parent.trace_id,
			sizeof(request->trace.trace_id));
	request->trace.parent_id = parent.parent_id;
	request->trace.parent_sampled = parent.sampled;
}

/* The request's memory goes: it is no longer under way. */
static void
forget_request(void *arg)
{
	AllmRequest *request = arg;

	allm_flight_end(&request->seat, ALLM_FLIGHT_END_FAILED, 0);
	if (!request->settled)
		dlist_delete(&request->node);
}

/*
 * What is registered last is called first when the process exits.  A session
 * that has made a temporary table since has registered what aborts the
 * transaction, and the requests' memory goes with that: so this is made the
 * last again.  That it is not the last is an error which concerns nobody.
 */
static void
settle_first_at_exit(void)
{
	static bool is_registered = false;
	MemoryContext caller = CurrentMemoryContext;

	if (is_registered)
	{
		PG_TRY();
		{
			cancel_before_shmem_exit(settle_at_exit, (Datum) 0);
		}
		PG_CATCH();
		{
			MemoryContextSwitchTo(caller);
			FlushErrorState();
		}
		PG_END_TRY();
	}
	before_shmem_exit(settle_at_exit, (Datum) 0);
	is_registered = true;
}

/*
 * The backend ends with questions under way: a terminate, a fast shutdown, a
 * client that went away.  Runs before the transaction is aborted, while the
 * requests' memory is still there.
 */
static void
settle_at_exit(int code, Datum arg)
{
	while (!dlist_is_empty(&live_requests))
		allm_request_abort(dlist_head_element(AllmRequest, node,
											  &live_requests),
						   ERRCODE_ADMIN_SHUTDOWN, "the session ended");
}

/* Milliseconds since a moment. */
static double
elapsed_ms(instr_time began)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, began);
	return INSTR_TIME_GET_MILLISEC(now);
}
