/*
 * wire_error.h
 *		What a failed call means, whatever the protocol.
 */
#ifndef ALLM_MODEL_WIRE_ERROR_H
#define ALLM_MODEL_WIRE_ERROR_H

#include "postgres.h"

#include "model/wire.h"

extern AllmFailure allm_wire_error_classify(const AllmWire *wire,
											const AllmHttpResponse *response,
											const AllmReply *reply,
											TimestampTz now);
extern const char *allm_wire_error_code(AllmFailureKind kind);

#endif							/* ALLM_MODEL_WIRE_ERROR_H */
