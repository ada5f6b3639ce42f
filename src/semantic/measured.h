/*
 * measured.h
 *		What a column is compared with.
 */
#ifndef ALLM_SEMANTIC_MEASURED_H
#define ALLM_SEMANTIC_MEASURED_H

#include "postgres.h"

#include "semantic/chart.h"

extern List *allm_measured_compare(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_measured_period(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_measured_adjective(AllmChart *chart, const AllmSet *set, const AllmClause *clause);
extern List *allm_measured_text(AllmChart *chart, const AllmSet *set, const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_MEASURED_H */
