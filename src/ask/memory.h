/*
 * memory.h
 *		What this backend knows of the questions that it was asked: their keys,
 *		where their answers are, and which of these it has looked at.
 */
#ifndef ALLM_ASK_MEMORY_H
#define ALLM_ASK_MEMORY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "ask/kept.h"
#include "ledger/cache.h"

typedef struct AllmMemory
{
	uint64		hash;			/* of question and options as given */
	char	   *question;		/* NULL: unused */
	char	   *options;		/* bytes of the jsonb */
	Size		options_len;
	uint64		circumstances;
	char	   *earlier;		/* what it goes on from; or empty */
	bool		use_cache;
	AllmCacheKey key;
	AllmCacheRef ref;			/* of the answer; number 0: none is known */
	uint64		sound_number;	/* of the answer that was looked at, */
	uint64		sound_at;		/* and the generation then */
} AllmMemory;

extern AllmMemory *allm_memory_find(const char *question, Jsonb *options,
									const char *earlier);
extern AllmMemory *allm_memory_hold(const AllmMemory *memory);
extern void allm_memory_share(const AllmMemory *held);
extern AllmKept *allm_memory_read(AllmMemory *memory);
extern bool allm_memory_is_sound(AllmMemory *memory, const AllmKept *kept);
extern void allm_memory_forget(AllmMemory *memory);

#endif							/* ALLM_ASK_MEMORY_H */
