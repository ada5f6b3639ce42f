/*
 * sample.h
 *		What may be said of a column's contents: labels, common values.
 */
#ifndef ALLM_SCHEMA_SAMPLE_H
#define ALLM_SCHEMA_SAMPLE_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/snapshot.h"

extern List *allm_sample_labels(const AllmColumn *column);
extern List *allm_sample_values(const AllmColumn *column);
extern List *allm_sample_known(const AllmColumn *column);

#endif							/* ALLM_SCHEMA_SAMPLE_H */
