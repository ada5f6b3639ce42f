/*
 * values.h
 *		Words that no name explains, looked up in the data.
 */
#ifndef ALLM_SEMANTIC_VALUES_H
#define ALLM_SEMANTIC_VALUES_H

#include "postgres.h"

#include "semantic/lexicon.h"
#include "semantic/match.h"

extern void allm_values_look_up(AllmLexicon *lexicon,
								const AllmReadInput *input);
extern bool allm_values_may_probe(const AllmRelation *relation);

#endif							/* ALLM_SEMANTIC_VALUES_H */
