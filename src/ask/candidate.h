/*
 * candidate.h
 *		A query that a tier proposes: checked, run, and judged.
 */
#ifndef ALLM_ASK_CANDIDATE_H
#define ALLM_ASK_CANDIDATE_H

#include "postgres.h"

#include "ask/request.h"
#include "semantic/match.h"

typedef struct AllmCandidate
{
	char	   *sql;
	char	   *interpretation;
	AllmSignal	signal;			/* where it comes from: starts the confidence */
	const char *status;			/* of the answer, if it becomes one */
	const char *model;			/* that wrote it; NULL: as the attempt says */
	const char *doubt;			/* why it is only a stand-in; or NULL */
	const char *remark;			/* of the rows that it gives; or NULL */
	List	   *assumptions;	/* of char *: what a model took for granted */
	int			repairs;		/* how often it was written anew */
	float4		min_confidence; /* of its tier; below it there is no answer */
	AllmRows   *(*second_way) (AllmRequest *request);	/* or NULL */
} AllmCandidate;

/* What became of a candidate. */
typedef enum AllmTrial
{
	ALLM_TRIAL_ANSWER,			/* it is the answer */
	ALLM_TRIAL_REFUSED,			/* the guard refused it: see the findings */
	ALLM_TRIAL_BROKEN,			/* the server raised for it: likewise */
	ALLM_TRIAL_FAILED			/* it took too long, or is too uncertain */
} AllmTrial;

extern AllmTrial allm_candidate_try(AllmRequest *request, AllmAttempt *attempt,
									const AllmCandidate *candidate,
									List **findings);
extern AllmRows *allm_candidate_rows(AllmRequest *request, const char *sql);
extern bool allm_candidate_probe(void *state, const AllmProbeQuery *probe,
								 List **rows);

#endif							/* ALLM_ASK_CANDIDATE_H */
