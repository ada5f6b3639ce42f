/*
 * fingerprint.h
 *		What a role may read, as one number.
 */
#ifndef ALLM_SCHEMA_FINGERPRINT_H
#define ALLM_SCHEMA_FINGERPRINT_H

#include "postgres.h"

#include "schema/snapshot.h"

extern void allm_fingerprint_snapshot(const AllmSnapshot *snapshot,
									  uint64 *fingerprint);

#endif							/* ALLM_SCHEMA_FINGERPRINT_H */
