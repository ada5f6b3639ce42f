/*
 * compile.h
 *		From a plan to SQL.
 */
#ifndef ALLM_SEMANTIC_COMPILE_H
#define ALLM_SEMANTIC_COMPILE_H

#include "postgres.h"

#include "semantic/plan.h"

extern char *allm_compile_plan(const AllmPlan *plan);
extern char *allm_compile_part(const AllmPlan *plan, List **groups,
							   List **measures);

#endif							/* ALLM_SEMANTIC_COMPILE_H */
