/*
 * predicate.h
 *		Conditions on one column, and their opposites.
 */
#ifndef ALLM_SEMANTIC_PREDICATE_H
#define ALLM_SEMANTIC_PREDICATE_H

#include "postgres.h"

#include "semantic/tree.h"

extern char *allm_predicate_values(const AllmTest *test, const char *text);
extern char *allm_predicate_stretch(const AllmPeriod *period,
									const AllmColumn *column,
									const char *text);
extern char *allm_predicate_period(const AllmTest *test, const char *text);
extern char *allm_predicate_text(const AllmTest *test, const char *text);

#endif							/* ALLM_SEMANTIC_PREDICATE_H */
