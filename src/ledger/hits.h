/*
 * hits.h
 *		Answers that were given from the cache: counted, not recorded one by
 *		one.
 */
#ifndef ALLM_LEDGER_HITS_H
#define ALLM_LEDGER_HITS_H

#include "postgres.h"

#include "utils/timestamp.h"
#include "utils/uuid.h"

extern void allm_hits_install(void);
extern bool allm_hits_add(const uint64 *hash, TimestampTz now, pg_uuid_t *id);
extern void allm_hits_hand_over(bool all);
extern long allm_hits_settle(bool all);

#endif							/* ALLM_LEDGER_HITS_H */
