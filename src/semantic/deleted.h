/*
 * deleted.h
 *		Rows that are marked as deleted, and are there all the same.
 */
#ifndef ALLM_SEMANTIC_DELETED_H
#define ALLM_SEMANTIC_DELETED_H

#include "postgres.h"

#include "semantic/plan.h"
#include "semantic/tree.h"

extern char *allm_deleted_plan(const AllmReadInput *input,
							   const AllmPlan *plan);
extern char *allm_deleted_query(const AllmReadInput *input,
								const AllmQuery *query);

#endif							/* ALLM_SEMANTIC_DELETED_H */
