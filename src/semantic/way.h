/*
 * way.h
 *		Which way from one thing to another a clause means.
 */
#ifndef ALLM_SEMANTIC_WAY_H
#define ALLM_SEMANTIC_WAY_H

#include "postgres.h"

#include "semantic/chart.h"

extern bool allm_way_names_words(const List *words, const char *verb);
extern bool allm_way_any(const List *names, const char *verb);
extern bool allm_way_names_schema(const AllmChart *chart, const char *verb);
extern bool allm_way_passes(const List *steps, const char *verb);
extern bool allm_way_is_unclear(const AllmClause *clause, const List *steps);
extern bool allm_way_has_pieces(const List *steps,
								const AllmRelation *to);
extern List *allm_way_find(const AllmChart *chart, const AllmClause *clause,
						   const AllmRelation *from, const AllmRelation *to);

#endif							/* ALLM_SEMANTIC_WAY_H */
