/*
 * compile.h
 *		From a plan to SQL.
 */
#ifndef ALLM_SEMANTIC_COMPILE_H
#define ALLM_SEMANTIC_COMPILE_H

#include "postgres.h"

#include "semantic/plan.h"

extern char *allm_compile_plan(const AllmPlan *plan);

#endif							/* ALLM_SEMANTIC_COMPILE_H */
