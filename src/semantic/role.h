/*
 * role.h
 *		Columns that name a thing of another relation: "capital".
 */
#ifndef ALLM_SEMANTIC_ROLE_H
#define ALLM_SEMANTIC_ROLE_H

#include "postgres.h"

#include "semantic/chart.h"

extern void allm_role_add(AllmChart *chart, AllmCell *cell, int from, int to);
extern void allm_role_add_owned(AllmChart *chart, AllmCell *cell, int from,
								int to);

#endif							/* ALLM_SEMANTIC_ROLE_H */
