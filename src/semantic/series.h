/*
 * series.h
 *		Clauses with "and", "but" or "or" between.
 */
#ifndef ALLM_SEMANTIC_SERIES_H
#define ALLM_SEMANTIC_SERIES_H

#include "postgres.h"

#include "semantic/chart.h"

extern void allm_series_add(AllmChart *chart, AllmCell *cell, int from,
							int to, AllmCategory category);

#endif							/* ALLM_SEMANTIC_SERIES_H */
