/*
 * kept.h
 *		Rows of small tables of ours, kept between questions.
 */
#ifndef ALLM_BASE_KEPT_H
#define ALLM_BASE_KEPT_H

#include "postgres.h"

#include "base/table.h"

extern bool allm_kept_begin(AllmTableScan *scan, const char *table);
extern bool allm_kept_begin_own(AllmTableScan *scan, const char *table);

#endif							/* ALLM_BASE_KEPT_H */
