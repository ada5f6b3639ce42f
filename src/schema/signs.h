/*
 * signs.h
 *		What speaks for a column of a relation.
 */
#ifndef ALLM_SCHEMA_SIGNS_H
#define ALLM_SCHEMA_SIGNS_H

#include "postgres.h"

#include "schema/relevance.h"

/* What the columns of one relation have in common. */
typedef struct AllmFacts
{
	float		own;			/* scores, beside the best one */
	float		score;
	float		rank;			/* 1, 1/2, 1/3 ... */
	float		named;			/* see SIGN_RELATION and on */
	float		beside;
	float		near;
	float		central;
	float		small;
	float		narrow;
	float		referred;
	float		has_time;
} AllmFacts;

extern void allm_signs_read(const AllmRelevance *relevance, int relation,
							int rank, AllmFacts *facts);
extern float allm_signs_score(const AllmRelevance *relevance,
							  const AllmFacts *of,
							  const AllmIndexColumn *entry);

#endif							/* ALLM_SCHEMA_SIGNS_H */
