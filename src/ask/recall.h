/*
 * recall.h
 *		Answers that were given before: which may be given again, and which are
 *		worth keeping.
 */
#ifndef ALLM_ASK_RECALL_H
#define ALLM_ASK_RECALL_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "ask/candidate.h"
#include "ask/kept.h"
#include "ask/origin.h"
#include "ask/request.h"

/* What came of looking for a kept answer. */
typedef enum AllmRecalled
{
	ALLM_RECALLED_NOTHING,		/* the tiers are asked */
	ALLM_RECALLED_ANSWER,		/* it is the answer */
	ALLM_RECALLED_VERDICT,		/* another session's: there is none */
	ALLM_RECALLED_WAITS			/* for another session */
} AllmRecalled;

extern AllmRequest *allm_recall_hit(const char *question, Jsonb *options,
									AllmWant want);
extern AllmRecalled allm_recall_try(AllmRequest *request);
extern bool allm_recall_has_expired(const AllmRequest *request);
extern bool allm_recall_try_expired(AllmRequest *request, int tier);
extern AllmKept *allm_recall_checked(AllmRequest *request,
									 const AllmCandidate *candidate,
									 const char *model,
									 const AllmOrigin *origin);
extern void allm_recall_keep(AllmRequest *request);

#endif							/* ALLM_ASK_RECALL_H */
