/*
 * pipeline.h
 *		The order of things: the only place that knows it.
 */
#ifndef ALLM_ASK_PIPELINE_H
#define ALLM_ASK_PIPELINE_H

#include "postgres.h"

#include "ask/request.h"

extern bool allm_pipeline_step(AllmRequest *request);

#endif							/* ALLM_ASK_PIPELINE_H */
