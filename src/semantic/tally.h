/*
 * tally.h
 *		Numbers that are asked for beside what they are broken down by.
 */
#ifndef ALLM_SEMANTIC_TALLY_H
#define ALLM_SEMANTIC_TALLY_H

#include "postgres.h"

#include "semantic/chart.h"

extern AllmTerm *allm_tally_number(const AllmQuery *query);
extern bool allm_tally_is_count(const AllmChart *chart, int from, int to);
extern bool allm_tally_is_light(const AllmChart *chart, int at);
extern bool allm_tally_names_same(const AllmItem *item,
								  const AllmAttribute *attribute);
extern bool allm_tally_is_tail(const AllmChart *chart, int from, int to);
extern bool allm_tally_is_bare(AllmChart *chart, int from, int to);

#endif							/* ALLM_SEMANTIC_TALLY_H */
