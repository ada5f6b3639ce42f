/*
 * denoted.h
 *		Which column says in what the numbers of a row are.
 */
#ifndef ALLM_SEMANTIC_DENOTED_H
#define ALLM_SEMANTIC_DENOTED_H

#include "postgres.h"

#include "semantic/match.h"

extern const AllmColumn *allm_denoted_currency(const AllmColumn *amount);
extern const AllmColumn *allm_denoted_unit(const AllmColumn *quantity);
extern const AllmColumn *allm_denoted_summed(const AllmReadInput *input,
											 const AllmColumn *column);
extern char *allm_denoted_only(const AllmReadInput *input,
							   const AllmColumn *column);

#endif							/* ALLM_SEMANTIC_DENOTED_H */
