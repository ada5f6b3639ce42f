/*
 * wire_openai.h
 *		Chat completions, the protocol of OpenAI, which many servers speak.
 */
#ifndef ALLM_MODEL_WIRE_OPENAI_H
#define ALLM_MODEL_WIRE_OPENAI_H

#include "postgres.h"

#include "model/wire.h"

extern const AllmWire allm_wire_openai;

#endif							/* ALLM_MODEL_WIRE_OPENAI_H */
