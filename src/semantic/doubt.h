/*
 * doubt.h
 *		Why a question that was understood is not answered all the same.
 */
#ifndef ALLM_SEMANTIC_DOUBT_H
#define ALLM_SEMANTIC_DOUBT_H

#include "postgres.h"

#include "semantic/plan.h"
#include "semantic/tree.h"

extern char *allm_doubt_plan(const AllmPlan *plan, AllmRef **open);
extern char *allm_doubt_query(const AllmQuery *query);

#endif							/* ALLM_SEMANTIC_DOUBT_H */
