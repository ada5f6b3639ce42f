/*
 * wire_anthropic.h
 *		The Messages protocol of Anthropic, which local servers speak as well.
 */
#ifndef ALLM_MODEL_WIRE_ANTHROPIC_H
#define ALLM_MODEL_WIRE_ANTHROPIC_H

#include "postgres.h"

#include "model/wire.h"

extern const AllmWire allm_wire_anthropic;

#endif							/* ALLM_MODEL_WIRE_ANTHROPIC_H */
