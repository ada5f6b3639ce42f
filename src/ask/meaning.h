/*
 * meaning.h
 *		Definitions that the asking role may use: checked metrics, synonyms.
 */
#ifndef ALLM_ASK_MEANING_H
#define ALLM_ASK_MEANING_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/deadline.h"
#include "schema/layer.h"

extern ErrorData *allm_meaning_get(AllmDeadline deadline,
								   const List **definitions);
extern char *allm_meaning_check_query(const char *sql);
extern char *allm_meaning_check_metric(const AllmMetricRow *row);
extern char *allm_meaning_check_synonym(const AllmSynonymRow *row);

#endif							/* ALLM_ASK_MEANING_H */
