/*
 * against.h
 *		What a property is compared with.
 */
#ifndef ALLM_SEMANTIC_AGAINST_H
#define ALLM_SEMANTIC_AGAINST_H

#include "postgres.h"

#include "semantic/clause.h"

extern int	allm_against_read(const AllmChart *chart, int from, int to,
							  AllmClause *clause);
extern void allm_against_add(AllmChart *chart, AllmCell *cell, int from,
							 int to);

#endif							/* ALLM_SEMANTIC_AGAINST_H */
