/*
 * pipeline.h
 *		The order of things: the only place that knows it.
 */
#ifndef ALLM_ASK_PIPELINE_H
#define ALLM_ASK_PIPELINE_H

#include "postgres.h"

#include "ask/request.h"

extern AllmRequest *allm_pipeline_run(const char *question, Jsonb *options,
									  AllmWant want);

#endif							/* ALLM_ASK_PIPELINE_H */
