/*
 * sse.h
 *		Reading a stream of events while it comes in.
 */
#ifndef ALLM_NET_SSE_H
#define ALLM_NET_SSE_H

#include "postgres.h"

#include "lib/stringinfo.h"

/*
 * A reader.  It is given all bytes that have come so far, each time, and keeps
 * where it is in them.
 */
typedef struct AllmSse
{
	Size		next;			/* first byte that was not read */
	bool		skip_lf;		/* the line before ended with a CR */
	bool		has_data;		/* of the event that is being read */
	StringInfoData data;		/* its data, lines joined by LF */
} AllmSse;

extern void allm_sse_start(AllmSse *sse);
extern bool allm_sse_next(AllmSse *sse, const char *stream, Size len);
extern bool allm_sse_last(AllmSse *sse, const char *stream, Size len);

#endif							/* ALLM_NET_SSE_H */
