/*
 * trace.c
 *		The steps of one question, with their times: a tree of spans.
 *
 * A step that begins lies below the one that is under way, so that who opens
 * one need not know where in the tree it is.  Closing a step closes those that
 * an error left open below it.  The spans of a question ride in the record of
 * the question, and become JSON only then; until then a step costs one reading
 * of the clock at each end.
 *
 * Nothing here holds text of the question or of a query: attributes are names
 * of models, codes, and numbers.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "ledger/trace.h"

/*
 * More steps than these are counted, and left out: a record has its size.  A
 * question that walks down all tiers, with retries and repairs, has half.
 */
#define MAX_SPANS			100

/* No name or code needs more; what a provider says of itself may have more. */
#define MAX_ATTRIBUTE_BYTES	128

/* Hexadecimal digits of a span's id, and the NUL. */
#define SPAN_ID_SIZE		17

static uint64 make_span_id(uint64 seed, uint64 number);
static AllmJsonWriter *add_attribute(AllmSpan *span);
static void write_span(const AllmSpan *span, AllmJsonWriter *w);
static void write_id(AllmJsonWriter *w, const char *key, uint64 id);
static double interval_ms(instr_time from, instr_time to);

/*
 * Begins the trace of a question, with its root.  The ids are set already; the
 * spans live in the current memory context.
 */
void
allm_trace_start(AllmTrace *trace, const char *name, TimestampTz start_time,
				 instr_time began)
{
	trace->context = CurrentMemoryContext;
	trace->start_time = start_time;
	(void) allm_trace_open_at(trace, name, began);
	if (trace->parent_id != 0)
		allm_trace_bool(linitial(trace->spans), "analytics_llm.parent_sampled",
						trace->parent_sampled);
}

/*
 * Begins a step, below the one under way.  NULL when there are too many, which
 * every function here takes for a span.
 */
AllmSpan *
allm_trace_open(AllmTrace *trace, const char *name)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	return allm_trace_open_at(trace, name, now);
}

/* The same for a step that began earlier. */
AllmSpan *
allm_trace_open_at(AllmTrace *trace, const char *name, instr_time began)
{
	MemoryContext caller;
	AllmSpan   *span;

	if (list_length(trace->spans) >= MAX_SPANS)
	{
		trace->left_out++;
		return NULL;
	}
	caller = MemoryContextSwitchTo(trace->context);
	span = palloc0(sizeof(AllmSpan));
	span->trace = trace;
	span->parent = trace->current;
	if (span->parent != NULL)
	{
		span->tier = span->parent->tier;
		span->model = span->parent->model;
	}
	span->name = name;
	span->began = began;
	trace->spans = lappend(trace->spans, span);
	span->id = make_span_id(trace->seed, list_length(trace->spans));
	trace->current = span;
	MemoryContextSwitchTo(caller);
	return span;
}

/*
 * An id that looks random, and differs from the others of its trace: a step of
 * splitmix64, which maps different numbers to different ones.
 */
static uint64
make_span_id(uint64 seed, uint64 number)
{
	uint64		x = seed + number * UINT64CONST(0x9E3779B97F4A7C15);

	x = (x ^ (x >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64CONST(0x94D049BB133111EB);
	x ^= x >> 31;
	return x != 0 ? x : 1;
}

/* Says for which tier and model a step is, and all below it that begins now. */
void
allm_trace_scope(AllmSpan *span, int tier, const char *model)
{
	if (span == NULL)
		return;
	span->tier = tier;
	span->model = model == NULL ? NULL :
		MemoryContextStrdup(span->trace->context, model);
}

/*
 * Ends a step.  Those below it that are still under way were left by an error.
 * Nothing happens to one that has ended already.
 */
void
allm_trace_close(AllmSpan *span, const char *status)
{
	AllmTrace  *trace;
	instr_time	now;

	if (span == NULL || span->status != NULL)
		return;
	trace = span->trace;
	INSTR_TIME_SET_CURRENT(now);
	while (span->status == NULL)
	{
		AllmSpan   *innermost = trace->current;

		innermost->status = innermost == span ? status : ALLM_SPAN_ERROR;
		innermost->duration_ms = interval_ms(innermost->began, now);
		trace->current = innermost->parent;
	}
}

/* Ends all steps, the question with this status. */
void
allm_trace_finish(AllmTrace *trace, const char *status)
{
	if (trace->left_out > 0)
		allm_trace_int(linitial(trace->spans), "analytics_llm.spans_left_out",
					   trace->left_out);
	allm_trace_close(linitial(trace->spans), status);
}

/* An attribute of a step: the beginning of a name or code; none for NULL. */
void
allm_trace_text(AllmSpan *span, const char *key, const char *value)
{
	int			len;

	if (span == NULL || value == NULL)
		return;
	len = pg_mbcliplen(value, strlen(value), MAX_ATTRIBUTE_BYTES);
	allm_json_text(add_attribute(span), key, pnstrdup(value, len));
}

/* An attribute that is a whole number. */
void
allm_trace_int(AllmSpan *span, const char *key, int64 value)
{
	if (span != NULL)
		allm_json_int(add_attribute(span), key, value);
}

/* An attribute that is a number. */
void
allm_trace_real(AllmSpan *span, const char *key, double value)
{
	if (span != NULL)
		allm_json_real(add_attribute(span), key, value);
}

/* An attribute that is true or false. */
void
allm_trace_bool(AllmSpan *span, const char *key, bool value)
{
	if (span != NULL)
		allm_json_bool(add_attribute(span), key, value);
}

/* Where the next attribute of a step is written. */
static AllmJsonWriter *
add_attribute(AllmSpan *span)
{
	if (span->attributes.buf.data == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(span->trace->context);

		allm_json_start(&span->attributes);
		MemoryContextSwitchTo(caller);
	}
	return &span->attributes;
}

/* The spans as the elements of an array, in the order in which they began. */
void
allm_trace_write(const AllmTrace *trace, AllmJsonWriter *w)
{
	ListCell   *cell;

	foreach(cell, trace->spans)
		write_span(lfirst(cell), w);
}

/* One span; its time is the question's and what has passed since. */
static void
write_span(const AllmSpan *span, AllmJsonWriter *w)
{
	const AllmTrace *trace = span->trace;
	const AllmSpan *root = linitial(trace->spans);
	uint64		parent_id = trace->parent_id;
	double		offset_ms = interval_ms(root->began, span->began);

	if (span->parent != NULL)
		parent_id = span->parent->id;
	allm_json_open(w, NULL, '{');
	write_id(w, "span_id", span->id);
	if (parent_id != 0)
		write_id(w, "parent_span_id", parent_id);
	allm_json_text(w, "name", span->name);
	allm_json_time(w, "start_time",
				   trace->start_time + (TimestampTz) (offset_ms * 1000.0));
	allm_json_real(w, "duration_ms", span->duration_ms);
	if (span->attributes.buf.data != NULL)
		allm_json_raw(w, "attributes",
					  psprintf("{%s}", span->attributes.buf.data));
	allm_json_text(w, "status", span->status);
	if (span->tier != 0)
		allm_json_int(w, "tier", span->tier);
	if (span->model != NULL)
		allm_json_text(w, "model", span->model);
	allm_json_close(w, '}');
}

/* An id as hexadecimal digits. */
static void
write_id(AllmJsonWriter *w, const char *key, uint64 id)
{
	static const char digits[] = "0123456789abcdef";
	char		hex[SPAN_ID_SIZE] = {0};

	for (int i = SPAN_ID_SIZE - 2; i >= 0; i--, id >>= 4)
		hex[i] = digits[id & 0xF];
	allm_json_text(w, key, hex);
}

/* Milliseconds from one moment to another. */
static double
interval_ms(instr_time from, instr_time to)
{
	INSTR_TIME_SUBTRACT(to, from);
	return INSTR_TIME_GET_MILLISEC(to);
}
