/*
 * key.h
 *		All that an answer depends on besides the data, as the key that it is
 *		kept under.
 */
#ifndef ALLM_ASK_KEY_H
#define ALLM_ASK_KEY_H

#include "postgres.h"

#include "ask/options.h"
#include "ledger/cache.h"

extern uint64 allm_key_circumstances(void);
extern uint64 allm_key_settings(void);
extern uint64 allm_key_generation(void);
extern char *allm_key_definitions(void);
extern void allm_key_make(const char *question, const AllmOptions *options,
						  const char *earlier, AllmCacheKey *key);

#endif							/* ALLM_ASK_KEY_H */
