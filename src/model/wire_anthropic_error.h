/*
 * wire_anthropic_error.h
 *		What a failed call of the Messages protocol means.
 */
#ifndef ALLM_MODEL_WIRE_ANTHROPIC_ERROR_H
#define ALLM_MODEL_WIRE_ANTHROPIC_ERROR_H

#include "postgres.h"

#include "model/wire.h"

extern const AllmWireRule allm_wire_anthropic_rules[];
extern const int allm_wire_anthropic_nrules;

#endif							/* ALLM_MODEL_WIRE_ANTHROPIC_ERROR_H */
