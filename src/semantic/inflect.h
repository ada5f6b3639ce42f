/*
 * inflect.h
 *		Other forms of the words of a name.
 */
#ifndef ALLM_SEMANTIC_INFLECT_H
#define ALLM_SEMANTIC_INFLECT_H

#include "postgres.h"

#include "schema/snapshot.h"

extern bool allm_inflect_names_other(const AllmSnapshot *snapshot,
									 const AllmColumn *column,
									 const List *words);
extern List *allm_inflect_forms(const AllmColumn *column, const List *words);

#endif							/* ALLM_SEMANTIC_INFLECT_H */
