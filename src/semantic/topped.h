/*
 * topped.h
 *		The first so many things by a number that stands behind them.
 */
#ifndef ALLM_SEMANTIC_TOPPED_H
#define ALLM_SEMANTIC_TOPPED_H

#include "postgres.h"

#include "semantic/chart.h"

extern void allm_topped_add(AllmChart *chart, AllmCell *cell, int from,
							int to);

#endif							/* ALLM_SEMANTIC_TOPPED_H */
