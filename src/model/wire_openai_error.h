/*
 * wire_openai_error.h
 *		What a failed call of chat completions means.
 */
#ifndef ALLM_MODEL_WIRE_OPENAI_ERROR_H
#define ALLM_MODEL_WIRE_OPENAI_ERROR_H

#include "postgres.h"

#include "model/wire.h"

extern const AllmWireRule allm_wire_openai_rules[];
extern const int allm_wire_openai_nrules;

#endif							/* ALLM_MODEL_WIRE_OPENAI_ERROR_H */
