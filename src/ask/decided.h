/*
 * decided.h
 *		The queries that this session was given for its questions.
 */
#ifndef ALLM_ASK_DECIDED_H
#define ALLM_ASK_DECIDED_H

#include "postgres.h"

#include "utils/date.h"
#include "utils/jsonb.h"

#include "ask/request.h"

/* A question that has its query. */
typedef struct AllmDecided
{
	char	   *sql;
	char	   *model;			/* what wrote it */
	pg_uuid_t	request_id;
	float4		confidence;
	DateADT		day;			/* on which it was written */
	List	   *doubts;			/* of char * */
	List	   *notices;		/* of char * */
} AllmDecided;

extern AllmDecided *allm_decided_find(const char *question, Jsonb *options,
									  const char *conversation);
extern AllmDecided *allm_decided_keep(const AllmRequest *request,
									  Jsonb *options,
									  const char *conversation);
extern void allm_decided_forget(const AllmDecided *decided);
extern void allm_decided_forget_all(void);

#endif							/* ALLM_ASK_DECIDED_H */
