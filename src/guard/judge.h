/*
 * judge.h
 *		The walk over a query that the server has analysed.
 */
#ifndef ALLM_GUARD_JUDGE_H
#define ALLM_GUARD_JUDGE_H

#include "postgres.h"

#include "guard/analyze.h"

extern void allm_judge_written(AllmChecked *checked, Query *query);
extern void allm_judge_expanded(AllmChecked *checked, Query *query);

#endif							/* ALLM_GUARD_JUDGE_H */
