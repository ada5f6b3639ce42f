/*
 * toward.h
 *		Which end of a way "from" and "to" speak of.
 */
#ifndef ALLM_SEMANTIC_TOWARD_H
#define ALLM_SEMANTIC_TOWARD_H

#include "postgres.h"

#include "semantic/chart.h"

extern bool allm_toward_turns(const AllmClause *clause, const AllmSet *result);

#endif							/* ALLM_SEMANTIC_TOWARD_H */
