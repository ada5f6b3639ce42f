/*
 * relevance.h
 *		How much each part of a schema has to do with a question.
 */
#ifndef ALLM_SCHEMA_RELEVANCE_H
#define ALLM_SCHEMA_RELEVANCE_H

#include "postgres.h"

#include "schema/index.h"
#include "schema/term.h"

/*
 * What is known of one question over one schema.  "score" and "match" are of
 * things: columns by their number, then relations by theirs.
 */
typedef struct AllmRelevance
{
	const AllmIndex *index;
	const AllmAsked *asked;
	int			unexplained;	/* words that match nothing */
	float	   *score;			/* matches, by how much they say */
	float	   *match;			/* share of the name that is matched */
	float	   *silent;			/* of columns: share of the name in silent
								 * words */
	float	   *own;			/* of relations, without neighbours */
	float	   *whole;			/* of relations, with what they are passed */
	uint8	   *distance;		/* of relations, from the best one, in steps */
	bool	   *touched;		/* relations that have any of this */
	int		   *candidates;		/* relations, the best first */
	int			ncandidates;
	int			nranked;		/* of them, those that scored */
	float		best;
	float	   *near;			/* of columns, by examples; NULL: none */
	float		near_share;		/* how near the examples are */
	const int  *uses;			/* of columns, in examples */
	int			nexamples;		/* that "uses" is of */
} AllmRelevance;

/* A column that may be taken. */
typedef struct AllmWish
{
	const AllmColumn *column;
	float		score;
} AllmWish;

extern AllmRelevance *allm_relevance_find(const AllmSnapshot *snapshot,
										  const char *question);
extern AllmWish *allm_relevance_wishes(const AllmRelevance *relevance,
									   int candidate, int *nwishes);

#endif							/* ALLM_SCHEMA_RELEVANCE_H */
