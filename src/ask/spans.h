/*
 * spans.h
 *		What the trace says of a question, its tries and its calls.
 */
#ifndef ALLM_ASK_SPANS_H
#define ALLM_ASK_SPANS_H

#include "postgres.h"

#include "ask/request.h"
#include "model/call.h"
#include "model/config.h"

extern void allm_spans_close_attempt(const AllmAttempt *attempt);
extern AllmSpan *allm_spans_open_call(AllmRequest *request,
									  const AllmTierModel *row,
									  const AllmModel *model,
									  const char *api);
extern void allm_spans_close_call(AllmSpan *span,
								  const AllmExchange *exchange);
extern void allm_spans_finish(AllmRequest *request);

#endif							/* ALLM_ASK_SPANS_H */
