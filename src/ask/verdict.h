/*
 * verdict.h
 *		What models have said to one question, for another one that asks the
 *		same at that time.
 */
#ifndef ALLM_ASK_VERDICT_H
#define ALLM_ASK_VERDICT_H

#include "postgres.h"

#include "ask/request.h"

extern AllmReason allm_verdict_find(const AllmRequest *request);
extern void allm_verdict_note_late(AllmRequest *request);
extern void allm_verdict_note(AllmRequest *request, AllmReason verdict);
extern bool allm_verdict_is_open(const AllmRequest *request);

#endif							/* ALLM_ASK_VERDICT_H */
