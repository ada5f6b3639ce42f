/*
 * complete.h
 *		Whether all things have something that belongs to them.
 */
#ifndef ALLM_SEMANTIC_COMPLETE_H
#define ALLM_SEMANTIC_COMPLETE_H

#include "postgres.h"

#include "semantic/chart.h"

extern bool allm_complete_is(AllmChart *chart, const AllmTerm *term);
extern bool allm_complete_are(AllmChart *chart, const List *terms);

#endif							/* ALLM_SEMANTIC_COMPLETE_H */
