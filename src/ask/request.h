/*
 * request.h
 *		The life of one question: what travels through the walk, and what is
 *		recorded of it.
 */
#ifndef ALLM_ASK_REQUEST_H
#define ALLM_ASK_REQUEST_H

#include "postgres.h"

#include "lib/ilist.h"
#include "nodes/pg_list.h"
#include "portability/instr_time.h"
#include "storage/condition_variable.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "ask/confidence.h"
#include "ask/options.h"
#include "ask/origin.h"
#include "ask/routing.h"
#include "base/deadline.h"
#include "guard/execute.h"
#include "ledger/flight.h"
#include "ledger/queue.h"
#include "ledger/trace.h"
#include "ledger/usage.h"
#include "model/gate.h"

/* How far the walk goes: the rows, or only the checked query. */
typedef enum AllmWant
{
	ALLM_WANT_ROWS,
	ALLM_WANT_SQL
} AllmWant;

/*
 * What a part of the walk came to.  One that WAITS is called again, after the
 * request's "wait" says so or earlier, and goes on where it was.
 */
typedef enum AllmStep
{
	ALLM_STEP_NO,
	ALLM_STEP_YES,
	ALLM_STEP_WAITS
} AllmStep;

/* What a walk waits for, besides its exchange with a model. */
typedef struct AllmWait
{
	AllmDeadline until;
	ConditionVariable *changed; /* or for this; or NULL */
} AllmWait;

/*
 * How long a question may take, where others are asked with it.  The time that
 * its options give it is its own, and goes before.
 */
typedef struct AllmBounds
{
	AllmDeadline decide_by;		/* models must have answered */
	AllmDeadline end_by;		/* its query must have been run */
	bool		may_wait;		/* for room for its records */
} AllmBounds;

/* How far the walk of a question has come. */
typedef enum AllmStage
{
	ALLM_STAGE_BEGUN,
	ALLM_STAGE_RECALL,			/* is there an answer, or will there be one? */
	ALLM_STAGE_TIERS
} AllmStage;

/* Why a tier gave no answer. */
typedef enum AllmReason
{
	ALLM_REASON_NONE,			/* it answered, or was never asked */
	ALLM_REASON_USED_UP,		/* a quota is: LLM02 */
	ALLM_REASON_NOT_UNDERSTOOD, /* by the rules, which know few words: LLM08 */
	ALLM_REASON_UNANSWERABLE,	/* understood, but not in the schema: LLM08 */
	ALLM_REASON_UNCERTAIN,		/* an answer below the tier's bound: LLM04 */
	ALLM_REASON_REFUSED,		/* a model's query, by the check: LLM03 */
	ALLM_REASON_OTHER_COLUMNS,	/* than were asked for: LLM07 */
	ALLM_REASON_NOTHING_BEFORE, /* that it could go on from: LLM08 */
	ALLM_REASON_NO_ROOM,		/* a call could not be recorded: 53400 */
	ALLM_REASON_FAILED			/* outside the question: LLM01 */
} AllmReason;

/* One try of one tier: a row of analytics_llm.log. */
typedef struct AllmAttempt
{
	int			tier;
	AllmSpan   *span;			/* from here to its last check */
	const char *name;			/* of the tier, in words for a person */
	const char *model_used;
	const char *model_served;	/* as the provider says, or NULL */
	const char *query_type;		/* what the call was for */
	const char *status;			/* success, invalid, timeout ... */
	int			http_status;	/* 0: none came */
	AllmTokens	tokens;
	bool		estimated;		/* tokens are an upper bound */
	int64		cost_micros;	/* micro-USD */
	AllmTokens	bound;			/* what the call can use at most, */
	int64		bound_micros;	/* and cost */
	AllmTokens	usual;			/* the same, held to the usual output; output
								 * 0: not known */
	int64		usual_micros;
	bool		left;			/* the call left whole: it may be billed */
	TimestampTz called_at;		/* whose day and month it is charged to */
	AllmReservation *reservation;	/* in its quotas; or NULL */
	AllmReservation *wanted;	/* the same while it holds nothing yet */
	bool		over_shadow;	/* a quota that only records was used up */
	AllmGatePass pass;			/* its place in the breakers */
	bool		under_way;		/* its end was not told yet */
	instr_time	began;
	double		latency_ms;
	char	   *generated_query;
	bool		was_checked;
	bool		passed_check;
	bool		is_fallback;	/* something else was tried in vain before */
	AllmReason	reason;
	char	   *sentence;		/* for the DETAIL; NULL: nothing to say */
	const char *fallback_reason;	/* one word for the log; NULL: the
									 * sentence */
	float4		confidence;		/* below 0: none */
	int			error_code;		/* packed SQLSTATE, 0: none */
	char	   *error_message;
} AllmAttempt;

struct AllmKept;
struct AllmRecall;
struct AllmTierWalk;
struct AllmModelsWalk;

/* What came of a question. */
typedef struct AllmAnswer
{
	const char *status;			/* ok, templated, degraded ... */
	int			tier;			/* 4 when degraded */
	const char *model_used;		/* NULL when degraded */
	float4		confidence;
	char	   *sql;			/* NULL when degraded */
	char	   *interpretation;
	AllmRows   *rows;			/* NULL unless rows were wanted and came */
	bool		repeatable;		/* the query reads no setting and no clock */
	AllmOrigin	origin;			/* of the rows, where there are any */
	struct AllmKept *kept;		/* what may be kept of it, or NULL */
	List	   *warnings;		/* of char *: the doubts */
	List	   *notices;		/* of char *: information */
	int			error_code;		/* packed SQLSTATE, 0: none */
	char	   *message;
	char	   *detail;
	char	   *hint;
	TimestampTz answered_at;
	double		latency_ms;
} AllmAnswer;

typedef struct AllmRequest
{
	MemoryContext context;		/* everything of the request lives here */
	pg_uuid_t	id;
	AllmTrace	trace;
	AllmWant	want;
	AllmStage	stage;
	AllmWait	wait;
	const char *question;
	List	   *earlier;		/* of char *: questions that it goes on from,
								 * the oldest first; NIL: it stands alone */
	bool		begins_anew;	/* it could have gone on, and stands alone */
	const char *whole;			/* the question with these, as words */
	Jsonb	   *given_options;	/* of the caller's memory; or NULL */
	const char *database;
	Oid			user_id;		/* whose rights hold */
	Oid			session_user_id;
	const char *user_name;
	const char *session_user_name;
	const char *search_path;	/* as set, under which names were resolved */
	AllmOptions options;
	TimestampTz asked_at;
	TimestampTz settled_at;
	instr_time	began;
	AllmDeadline decide_by;		/* models must have answered by then */
	AllmDeadline check_by;		/* a checked query must be there by then */
	AllmDeadline end_by;		/* it must have been run by then */
	AllmRoom   *room;			/* for its records; NULL: there was none */
	const AllmRouting *routing; /* NULL: it did not come to that */
	List	   *arms;			/* of AllmTierModel: places that are dealt out */
	List	   *attempts;		/* of AllmAttempt */
	AllmAnswer	answer;
	const AllmExcess *used_up;	/* of a hard quota, the last to have room */
	List	   *own_notices;	/* of char *: of this asking, and of no answer */
	struct AllmRecall *recall;	/* what is kept of its kind; or NULL */
	AllmSeat	seat;			/* among those who ask the same */
	struct AllmTierWalk *tiers; /* where the walk of the tiers is */
	struct AllmModelsWalk *models;	/* likewise in a tier; or NULL */
	int			hits;			/* it is one of the cache, and not made */
	AllmAnswer *uncertain;		/* the first that was below a bound, or NULL */
	bool		has_company;	/* others are asked with it */
	bool		unanswerable;	/* a model says so: */
	int			unanswerable_tier;	/* this, for itself and weaker ones */
	TimestampTz try_again_at;	/* a model that rests can be asked; or 0 */
	bool		disputed;		/* a model gave other rows than the rules */
	dlist_node	node;			/* of those under way, unless it is settled */
	bool		settled;
	bool		is_shadow;		/* asked beside another: see shadow.h */
} AllmRequest;

extern const char *allm_request_problem(const char *question, char **detail);
extern void allm_request_admit(const char *question);
extern AllmRequest *allm_request_begin(const char *question, Jsonb *options,
									   AllmWant want,
									   const AllmBounds *bounds);
extern void allm_request_make_id(pg_uuid_t *id);
extern void allm_request_name_next(const pg_uuid_t *id);
extern bool allm_request_is_named(void);
extern void allm_request_shadow_next(void);
extern void allm_request_require_none(void);
extern void allm_request_join_trace(AllmRequest *request);
extern AllmAttempt *allm_request_attempt(AllmRequest *request, int tier,
										 const char *name,
										 const char *model_used);
extern void allm_request_attempt_end(AllmAttempt *attempt, const char *status);
extern void allm_request_attempt_close(AllmAttempt *attempt);
extern void allm_request_charge_bound(AllmAttempt *attempt);
extern bool allm_request_may_be_billed(const AllmAttempt *attempt);
extern int64 allm_request_input_tokens(const AllmRequest *request);
extern int64 allm_request_output_tokens(const AllmRequest *request);
extern int64 allm_request_cost(const AllmRequest *request);
extern bool allm_request_settle(AllmRequest *request, AllmRecord **records,
								int *n);
extern void allm_request_fail(AllmRequest *request, int error_code,
							  const char *message);
extern void allm_request_abort(AllmRequest *request, int error_code,
							   const char *message);

#endif							/* ALLM_ASK_REQUEST_H */
