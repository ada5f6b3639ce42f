/*
 * pronoun.h
 *		Properties that are told by a pronoun: "the number of orders they made".
 */
#ifndef ALLM_SEMANTIC_PRONOUN_H
#define ALLM_SEMANTIC_PRONOUN_H

#include "postgres.h"

#include "semantic/chart.h"

/* What is said behind a property that points back. */
typedef struct AllmPointing
{
	AllmItem   *item;			/* "that team": what it is, or NULL */
	char	   *verb;			/* that says more than to belong, or NULL */
	const char *stem;			/* of the verb as it is said */
} AllmPointing;

extern AllmPointing *allm_pronoun_tail(const AllmChart *chart, int from,
									   int to);
extern void allm_pronoun_add(AllmChart *chart, AllmCell *cell, int from,
							 int to);
extern bool allm_pronoun_fits(const AllmSet *set, const List *attributes);
extern bool allm_pronoun_fits_groups(const List *groups,
									 const List *attributes);
extern bool allm_pronoun_passes(const AllmAttribute *attribute,
								const List *steps);
extern bool allm_pronoun_bind(AllmQuery *query,
							  const AllmAttribute *attribute,
							  const AllmTerm *term);

#endif							/* ALLM_SEMANTIC_PRONOUN_H */
