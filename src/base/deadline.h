/*
 * deadline.h
 *		One budget in time, handed down from the question to each wait.
 */
#ifndef ALLM_BASE_DEADLINE_H
#define ALLM_BASE_DEADLINE_H

#include "postgres.h"

#include "utils/timestamp.h"

/* A moment by which something must have ended. */
typedef struct AllmDeadline
{
	TimestampTz at;
} AllmDeadline;

extern AllmDeadline allm_deadline_in(int ms);
extern AllmDeadline allm_deadline_sooner(AllmDeadline a, AllmDeadline b);
extern long allm_deadline_left(AllmDeadline deadline);
extern int64 allm_deadline_share(int64 left, int64 own, int64 later);
extern char *allm_deadline_say(TimestampTz at);

extern void allm_deadline_arm(AllmDeadline deadline);
extern bool allm_deadline_disarm(void);

#endif							/* ALLM_BASE_DEADLINE_H */
