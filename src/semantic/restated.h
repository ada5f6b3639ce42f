/*
 * restated.h
 *		A second sentence that says once more what figures show.
 */
#ifndef ALLM_SEMANTIC_RESTATED_H
#define ALLM_SEMANTIC_RESTATED_H

#include "postgres.h"

#include "semantic/match.h"

extern AllmReading *allm_restated_read(const AllmReadInput *input);

#endif							/* ALLM_SEMANTIC_RESTATED_H */
