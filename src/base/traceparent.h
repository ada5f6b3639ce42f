/*
 * traceparent.h
 *		The trace that a caller is in, as the W3C's trace context writes it.
 */
#ifndef ALLM_BASE_TRACEPARENT_H
#define ALLM_BASE_TRACEPARENT_H

#include "postgres.h"

#include "utils/guc.h"

/* Hexadecimal digits of a trace id. */
#define ALLM_TRACE_ID_DIGITS	32

typedef struct AllmTraceparent
{
	char		trace_id[ALLM_TRACE_ID_DIGITS + 1];
	uint64		parent_id;		/* the caller's span, never 0 */
	bool		sampled;		/* the caller records the trace */
} AllmTraceparent;

extern bool allm_traceparent_parse(const char *text, AllmTraceparent *parent);
extern bool allm_traceparent_in_comment(const char *statement,
										AllmTraceparent *parent);
extern bool allm_traceparent_check(char **newval, void **extra,
								   GucSource source);

#endif							/* ALLM_BASE_TRACEPARENT_H */
