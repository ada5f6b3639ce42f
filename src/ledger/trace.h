/*
 * trace.h
 *		The steps of one question, with their times: a tree of spans.
 */
#ifndef ALLM_LEDGER_TRACE_H
#define ALLM_LEDGER_TRACE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "portability/instr_time.h"

#include "base/json.h"
#include "base/traceparent.h"

/* How a step went: the status of a span. */
#define ALLM_SPAN_OK		"ok"
#define ALLM_SPAN_ERROR		"error"
#define ALLM_SPAN_UNSET		"unset" /* neither: it had nothing to do */

/*
 * One step.  It lies below the step that was under way when it began, and ends
 * before that one.
 */
typedef struct AllmSpan
{
	struct AllmSpan *parent;	/* NULL: the question itself */
	struct AllmTrace *trace;
	uint64		id;				/* never 0 */
	const char *name;
	instr_time	began;
	double		duration_ms;
	const char *status;			/* NULL while it is under way */
	int			tier;			/* these two: inherited; 0: none */
	const char *model;			/* or NULL */
	AllmJsonWriter attributes;	/* members of an object; see add_attribute */
} AllmSpan;

/* The steps of one question. */
typedef struct AllmTrace
{
	MemoryContext context;		/* of the spans */
	char		trace_id[ALLM_TRACE_ID_DIGITS + 1];
	uint64		parent_id;		/* the caller's span; 0: none */
	bool		parent_sampled; /* the caller records it */
	uint64		seed;			/* of the spans' ids */
	TimestampTz start_time;		/* of the root */
	List	   *spans;			/* of AllmSpan, as they began; first the root */
	AllmSpan   *current;		/* the innermost that is under way */
	int			left_out;		/* steps that had no room */
} AllmTrace;

extern void allm_trace_start(AllmTrace *trace, const char *name,
							 TimestampTz start_time, instr_time began);
extern AllmSpan *allm_trace_open(AllmTrace *trace, const char *name);
extern AllmSpan *allm_trace_open_at(AllmTrace *trace, const char *name,
									instr_time began);
extern void allm_trace_scope(AllmSpan *span, int tier, const char *model);
extern void allm_trace_close(AllmSpan *span, const char *status);
extern void allm_trace_text(AllmSpan *span, const char *key,
							const char *value);
extern void allm_trace_int(AllmSpan *span, const char *key, int64 value);
extern void allm_trace_real(AllmSpan *span, const char *key, double value);
extern void allm_trace_bool(AllmSpan *span, const char *key, bool value);
extern void allm_trace_finish(AllmTrace *trace, const char *status);
extern void allm_trace_write(const AllmTrace *trace, AllmJsonWriter *w);

#endif							/* ALLM_LEDGER_TRACE_H */
