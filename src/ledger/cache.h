/*
 * cache.h
 *		Answers that are kept for whoever asks the same again.
 *
 * Here an answer is bytes with a key; what they say, and whether they may
 * still be used, is for who put them here to decide.
 */
#ifndef ALLM_LEDGER_CACHE_H
#define ALLM_LEDGER_CACHE_H

#include "postgres.h"

#include "ledger/report.h"
#include "ledger/slots.h"

/*
 * What an answer is kept under.  The text says all that the answer depends on
 * and is compared to its end; the hash only finds it.
 */
typedef struct AllmCacheKey
{
	uint64		hash[2];
	const char *text;
} AllmCacheKey;

/* One answer in shared memory, for as long as it is there. */
typedef struct AllmCacheRef
{
	int			entry;
	uint64		number;			/* never used again; 0: none */
	Size		length;			/* of its bytes */
} AllmCacheRef;

extern void allm_cache_install(void);

extern void allm_cache_hash(AllmCacheKey *key);
extern bool allm_cache_find(const AllmCacheKey *key, AllmCacheRef *ref);
extern bool allm_cache_read(const AllmCacheRef *ref, char *data);
extern uint64 allm_cache_epoch(void);
extern AllmGuard allm_cache_guard(uint64 epoch);
extern bool allm_cache_put(const AllmCacheKey *key, Oid role, const char *data,
						   Size length, uint64 epoch, AllmCacheRef *ref);
extern void allm_cache_drop(const AllmCacheRef *ref);

extern int64 allm_cache_clear(Oid role);

extern void allm_cache_count(bool hit);
extern void allm_cache_count_dropped(void);
extern void allm_cache_status(AllmStatusLine line, void *state);

#endif							/* ALLM_LEDGER_CACHE_H */
