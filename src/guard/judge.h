/*
 * judge.h
 *		The walk over a query that the server has analysed.
 */
#ifndef ALLM_GUARD_JUDGE_H
#define ALLM_GUARD_JUDGE_H

#include "postgres.h"

#include "guard/analyze.h"
#include "guard/finding.h"

extern void allm_judge_written(AllmChecked *checked, Query *query);
extern void allm_judge_expanded(AllmChecked *checked, Query *query);
extern AllmFinding *allm_judge_refusal(Oid function, int pos);

#endif							/* ALLM_GUARD_JUDGE_H */
