/*
 * thing.h
 *		What the rows of a relation without a key are.
 */
#ifndef ALLM_SEMANTIC_THING_H
#define ALLM_SEMANTIC_THING_H

#include "postgres.h"

#include "semantic/chart.h"

typedef enum AllmThing
{
	ALLM_THING_UNKNOWN,
	ALLM_THING_ROW,				/* each row is one */
	ALLM_THING_NAME				/* all rows of a name are one */
} AllmThing;

extern AllmThing allm_thing_of(AllmChart *chart, const AllmRelation *relation);
extern AllmStep *allm_thing_step(AllmChart *chart,
								 const AllmRelation *relation);

extern bool allm_thing_repeats(AllmChart *chart, const AllmSet *set);
extern void allm_thing_count(AllmChart *chart, AllmTerm *term);

#endif							/* ALLM_SEMANTIC_THING_H */
