/*
 * request.h
 *		The life of one question: what travels through the walk, and what is
 *		recorded of it.
 */
#ifndef ALLM_ASK_REQUEST_H
#define ALLM_ASK_REQUEST_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "portability/instr_time.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "ask/confidence.h"
#include "ask/options.h"
#include "base/deadline.h"
#include "guard/execute.h"
#include "ledger/queue.h"

/* How far the walk goes: the rows, or only the checked query. */
typedef enum AllmWant
{
	ALLM_WANT_ROWS,
	ALLM_WANT_SQL
} AllmWant;

/* Why a tier gave no answer. */
typedef enum AllmReason
{
	ALLM_REASON_NONE,			/* it answered, or was never asked */
	ALLM_REASON_NOT_UNDERSTOOD, /* words or schema: LLM08 */
	ALLM_REASON_FAILED			/* outside the question: LLM01 */
} AllmReason;

/* One try of one tier: a row of analytics_llm.log. */
typedef struct AllmAttempt
{
	int			tier;
	const char *name;			/* of the tier, in words for a person */
	const char *model_used;
	const char *status;			/* success, invalid, timeout ... */
	instr_time	began;
	double		latency_ms;
	char	   *generated_query;
	bool		was_checked;
	bool		passed_check;
	bool		is_fallback;	/* an earlier tier was tried in vain */
	AllmReason	reason;
	char	   *sentence;		/* for the DETAIL; NULL: nothing to say */
	float4		confidence;		/* below 0: none */
	int			error_code;		/* packed SQLSTATE, 0: none */
	char	   *error_message;
} AllmAttempt;

/* A stretch of time inside the request. */
typedef struct AllmSpan
{
	char		id[17];
	const char *parent_id;		/* NULL: the request itself */
	const char *name;
	TimestampTz start_time;
	instr_time	began;
	double		duration_ms;
	const char *status;			/* ok, error; NULL while it is open */
} AllmSpan;

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
	char		trace_id[33];
	AllmWant	want;
	const char *question;
	const char *database;
	Oid			user_id;		/* whose rights hold */
	const char *user_name;
	const char *session_user_name;
	const char *search_path;	/* as set, under which names were resolved */
	AllmOptions options;
	TimestampTz asked_at;
	instr_time	began;
	AllmDeadline decide_by;		/* a checked query must be there by then */
	AllmRoom   *room;			/* for its records; NULL: there was none */
	List	   *attempts;		/* of AllmAttempt */
	List	   *spans;			/* of AllmSpan; the first is the request */
	AllmTally	tally;
	AllmAnswer	answer;
	bool		settled;
} AllmRequest;

extern AllmRequest *allm_request_begin(const char *question, Jsonb *options,
									   AllmWant want);
extern AllmAttempt *allm_request_attempt(AllmRequest *request, int tier,
										 const char *name,
										 const char *model_used);
extern void allm_request_attempt_end(AllmAttempt *attempt, const char *status);
extern AllmSpan *allm_request_span(AllmRequest *request, const char *name);
extern void allm_request_span_end(AllmSpan *span, bool ok);
extern void allm_request_settle(AllmRequest *request);
extern void allm_request_abort(AllmRequest *request, int error_code,
							   const char *message);

#endif							/* ALLM_ASK_REQUEST_H */
