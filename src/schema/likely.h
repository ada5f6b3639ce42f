/*
 * likely.h
 *		Keys that no constraint declares.
 */
#ifndef ALLM_SCHEMA_LIKELY_H
#define ALLM_SCHEMA_LIKELY_H

#include "postgres.h"

#include "schema/snapshot.h"

extern void allm_likely_add_keys(AllmSnapshot *snapshot);

#endif							/* ALLM_SCHEMA_LIKELY_H */
