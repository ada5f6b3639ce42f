/*
 * models.h
 *		A tier of models: asked in turn.
 */
#ifndef ALLM_ASK_MODELS_H
#define ALLM_ASK_MODELS_H

#include "postgres.h"

#include "ask/request.h"
#include "ledger/report.h"

extern AllmStep allm_models_try(AllmRequest *request, int tier);
extern void allm_models_abandon(AllmRequest *request);
extern const char *allm_models_status(int tier, AllmStatusLine line,
									  void *state);

#endif							/* ALLM_ASK_MODELS_H */
