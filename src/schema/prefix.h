/*
 * prefix.h
 *		Beginnings of names that only say where a name belongs.
 */
#ifndef ALLM_SCHEMA_PREFIX_H
#define ALLM_SCHEMA_PREFIX_H

#include "postgres.h"

#include "schema/snapshot.h"

extern void allm_prefix_find(AllmSnapshot *snapshot);

#endif							/* ALLM_SCHEMA_PREFIX_H */
