/*
 * pairs.h
 *		What refers to things, shown beside them or as a figure over it.
 */
#ifndef ALLM_SEMANTIC_PAIRS_H
#define ALLM_SEMANTIC_PAIRS_H

#include "postgres.h"

#include "semantic/tree.h"

extern AllmQuery *allm_pairs_list(const AllmQuery *query);
extern AllmQuery *allm_pairs_figure(const AllmQuery *query);

#endif							/* ALLM_SEMANTIC_PAIRS_H */
