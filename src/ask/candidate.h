/*
 * candidate.h
 *		A query that a tier proposes: checked, run, and judged.
 */
#ifndef ALLM_ASK_CANDIDATE_H
#define ALLM_ASK_CANDIDATE_H

#include "postgres.h"

#include "ask/request.h"

typedef struct AllmCandidate
{
	char	   *sql;
	char	   *interpretation;
	AllmSignal	signal;			/* where it comes from: starts the confidence */
	const char *status;			/* of the answer, if it becomes one */
} AllmCandidate;

extern bool allm_candidate_try(AllmRequest *request, AllmAttempt *attempt,
							   AllmCandidate *candidate);
extern List *allm_candidate_probe(void *state, const char *sql);

#endif							/* ALLM_ASK_CANDIDATE_H */
