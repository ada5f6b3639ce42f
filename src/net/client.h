/*
 * client.h
 *		Driving libcurl's transfers without being deaf meanwhile.
 */
#ifndef ALLM_NET_CLIENT_H
#define ALLM_NET_CLIENT_H

#include "postgres.h"

#include <curl/curl.h>

#include "base/deadline.h"

/* A transfer; several can be under way. */
typedef struct AllmTransfer
{
	CURL	   *easy;			/* made and set up by the owner */
	bool		started;
	bool		done;
	CURLcode	result;			/* when done */
} AllmTransfer;

extern bool allm_client_has_place(int most);
extern void allm_client_start(AllmTransfer *transfer);
extern bool allm_client_work(void);
extern void allm_client_wait(AllmDeadline until);
extern void allm_client_end(AllmTransfer *transfer);
extern uint64 allm_client_ended(void);

#endif							/* ALLM_NET_CLIENT_H */
