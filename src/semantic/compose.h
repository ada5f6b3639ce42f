/*
 * compose.h
 *		Shares, ratios, differences, growth: figures made of figures.
 */
#ifndef ALLM_SEMANTIC_COMPOSE_H
#define ALLM_SEMANTIC_COMPOSE_H

#include "postgres.h"

#include "semantic/match.h"

extern AllmReading *allm_compose_read(const AllmReadInput *input);

#endif							/* ALLM_SEMANTIC_COMPOSE_H */
