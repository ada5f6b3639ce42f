/*
 * flat.h
 *		A snapshot, and the index of one, in one piece of memory.
 */
#ifndef ALLM_SCHEMA_FLAT_H
#define ALLM_SCHEMA_FLAT_H

#include "postgres.h"

#include "schema/image.h"

extern void *allm_flat_snapshot(AllmImage *image, const void *what);
extern void *allm_flat_index(AllmImage *image, const void *what);

#endif							/* ALLM_SCHEMA_FLAT_H */
