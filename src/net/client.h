/*
 * client.h
 *		Driving libcurl's transfers without being deaf meanwhile.
 */
#ifndef ALLM_NET_CLIENT_H
#define ALLM_NET_CLIENT_H

#include "postgres.h"

#include <curl/curl.h>

#include "base/deadline.h"

/*
 * A transfer; several can be under way.  "woken" is called at each wake-up of
 * the wait, off libcurl's stack: it may raise; or it is NULL.
 */
typedef struct AllmTransfer
{
	CURL	   *easy;			/* made and set up by the owner */
	AllmDeadline idle_by;		/* something must have come; may move on */
	void		(*woken) (struct AllmTransfer *transfer);	/* see below */
	bool		started;
	bool		done;
	CURLcode	result;			/* when done */
} AllmTransfer;

/* How a wait for a transfer ended. */
typedef enum AllmWait
{
	ALLM_WAIT_DONE,
	ALLM_WAIT_LATE,				/* the deadline came first */
	ALLM_WAIT_STOPPED			/* "stopped" said so */
} AllmWait;

extern void allm_client_start(AllmTransfer *transfer);
extern AllmWait allm_client_wait(AllmTransfer *transfer, AllmDeadline deadline,
								 bool (*stopped) (void));
extern void allm_client_end(AllmTransfer *transfer);

#endif							/* ALLM_NET_CLIENT_H */
