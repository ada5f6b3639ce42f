/*
 * wire_anthropic_error.h
 *		What a failed call of the Messages protocol means.
 */
#ifndef ALLM_MODEL_WIRE_ANTHROPIC_ERROR_H
#define ALLM_MODEL_WIRE_ANTHROPIC_ERROR_H

#include "postgres.h"

#include "model/wire.h"

extern AllmFailure allm_wire_anthropic_error_classify(const AllmHttpResponse *response,
													  const AllmReply *reply,
													  TimestampTz now);

#endif							/* ALLM_MODEL_WIRE_ANTHROPIC_ERROR_H */
