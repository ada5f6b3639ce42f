/*
 * exclusion.h
 *		What is left out, and what something is or is not.
 */
#ifndef ALLM_SEMANTIC_EXCLUSION_H
#define ALLM_SEMANTIC_EXCLUSION_H

#include "postgres.h"

#include "semantic/clause.h"

extern void allm_exclusion_add(AllmChart *chart, AllmCell *cell, int from,
							   int to);
extern void allm_exclusion_add_one(AllmChart *chart, AllmCell *cell, int from,
								   int to, const AllmLead *lead);
extern List *allm_exclusion_attach(AllmChart *chart, const AllmSet *set,
								   const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_EXCLUSION_H */
