/*
 * stored.h
 *		The unlogged table analytics_llm.cache, behind the answers in shared
 *		memory.
 */
#ifndef ALLM_LEDGER_STORED_H
#define ALLM_LEDGER_STORED_H

#include "postgres.h"

#include "ledger/cache.h"

extern void allm_stored_put(char *json, uint64 epoch);
extern char *allm_stored_fetch(const AllmCacheKey *key, Size *length);

#endif							/* ALLM_LEDGER_STORED_H */
