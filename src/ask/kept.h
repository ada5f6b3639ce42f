/*
 * kept.h
 *		An answer as the bytes that are kept of it.
 */
#ifndef ALLM_ASK_KEPT_H
#define ALLM_ASK_KEPT_H

#include "postgres.h"

#include "ask/candidate.h"
#include "ask/origin.h"
#include "ask/request.h"
#include "ledger/cache.h"

/* An answer that was kept, or is going to be. */
typedef struct AllmKept
{
	TimestampTz answered_at;
	TimestampTz rows_at;		/* before they were read; 0: without rows */
	TimestampTz sql_at;			/* of a model's query; 0: not to be run again */
	bool		for_followers;	/* doubtful: for those who wait for it now */
	AllmOrigin	origin;
	AllmSignal	signal;			/* these four as of AllmCandidate */
	int			repairs;
	float4		min_confidence;
	List	   *assumptions;
	AllmAnswer	answer;			/* what it says; rows if there are any */
} AllmKept;

extern char *allm_kept_pack(const AllmCacheKey *key, const AllmKept *kept,
							Size *length);
extern AllmKept *allm_kept_unpack(const AllmCacheKey *key, const char *data,
								  Size length);

#endif							/* ALLM_ASK_KEPT_H */
