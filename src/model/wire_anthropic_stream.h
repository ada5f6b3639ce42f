/*
 * wire_anthropic_stream.h
 *		A streamed message of the Messages protocol, put together.
 */
#ifndef ALLM_MODEL_WIRE_ANTHROPIC_STREAM_H
#define ALLM_MODEL_WIRE_ANTHROPIC_STREAM_H

#include "postgres.h"

#include "base/json.h"

extern AllmJson *allm_wire_anthropic_stream_join(const char *body, Size len,
												 bool *whole);
extern AllmJson *allm_wire_anthropic_stream_usage(const char *body, Size len);

#endif							/* ALLM_MODEL_WIRE_ANTHROPIC_STREAM_H */
