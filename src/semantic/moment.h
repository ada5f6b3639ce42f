/*
 * moment.h
 *		The time of a plan: which date is meant, and the stretch of it.
 */
#ifndef ALLM_SEMANTIC_MOMENT_H
#define ALLM_SEMANTIC_MOMENT_H

#include "postgres.h"

#include "semantic/planner.h"

extern bool allm_moment_add_grain(AllmPlanner *planner, AllmGrain grain);
extern bool allm_moment_settle(AllmPlanner *planner);

#endif							/* ALLM_SEMANTIC_MOMENT_H */
