/*
 * condition.h
 *		The conditions of a plan: values and comparisons.
 */
#ifndef ALLM_SEMANTIC_CONDITION_H
#define ALLM_SEMANTIC_CONDITION_H

#include "postgres.h"

#include "semantic/planner.h"

extern bool allm_condition_settle(AllmPlanner *planner);
extern bool allm_condition_only(AllmPlanner *planner, AllmRef *ref);

#endif							/* ALLM_SEMANTIC_CONDITION_H */
