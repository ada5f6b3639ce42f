/*
 * jobs.h
 *		Submitted questions that wait for a worker or are being answered.
 *
 * The head comment of jobs.c has the rules.  "Jobs lock" below is its lock.
 */
#ifndef ALLM_ASK_JOBS_H
#define ALLM_ASK_JOBS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/uuid.h"

#include "ask/origin.h"

/* What a submitted question is: all that a worker has to know of its asker. */
typedef struct AllmJobOrder
{
	pg_uuid_t	id;				/* of the request to come */
	Oid			database;
	Oid			user_id;		/* whose rights hold */
	Oid			session_user_id;
	const char *user_name;		/* this and the next: set by the worker */
	const char *search_path;
	const char *end_user;
	const char *question;
	const char *options;		/* JSON */
	const char *session;		/* what rows may depend on; see session.h */
	const char *shadow;			/* JSON, see shadow.c; NULL: none */
	const AllmOrigin *origin;	/* of the rows; NULL: there are none */
	const void *settings;		/* of the session, as SerializeGUCState has it */
	Size		settings_len;
	TimestampTz submitted_at;
	TimestampTz started_at;		/* set when it is claimed */
	bool		is_lost;		/* so is this: another worker had it */
} AllmJobOrder;

/* One start of one job: small enough for the arguments of a worker. */
typedef struct AllmJobStart
{
	int			job;
	int			start;			/* the first is 1 */
	Oid			database;
	pg_uuid_t	id;
} AllmJobStart;

/* Why the worker of a start did not come. */
typedef enum AllmStartFailure
{
	ALLM_START_NO_SLOT,
	ALLM_START_NO_CONNECTION,
	ALLM_START_NO_DATABASE
} AllmStartFailure;

/* What its asker may know of a job that is not done. */
typedef struct AllmJobView
{
	bool		is_running;
	int			before;			/* questions of the same role that come first */
	TimestampTz submitted_at;
	TimestampTz started_at;
} AllmJobView;

/* How many there are, over all databases. */
typedef struct AllmJobCounts
{
	int			waiting;
	int			running;
	int			failed_starts;	/* of those that wait */
} AllmJobCounts;

extern void allm_jobs_install(void);
extern void allm_jobs_add(const AllmJobOrder *order);
extern bool allm_jobs_offer(const AllmJobOrder *order);
extern bool allm_jobs_look(const pg_uuid_t *id, Oid user_id,
						   const char *end_user, AllmJobView *view);
extern bool allm_jobs_cancel(const pg_uuid_t *id, Oid user_id,
							 const char *end_user);
extern AllmJobCounts allm_jobs_count(void);

/* For the launcher. */
extern bool allm_jobs_start_next(int limit, AllmJobStart *start, long *wait_ms);
extern bool allm_jobs_not_started(const AllmJobStart *start,
								  AllmStartFailure why);
extern bool allm_jobs_is_starting(const AllmJobStart *start);
extern void allm_jobs_start_anew(void);

/* For the worker that was started. */
extern bool allm_jobs_claim(const AllmJobStart *start, AllmJobOrder *order);
extern void allm_jobs_close(const AllmJobStart *start);
extern void allm_jobs_end(const AllmJobStart *start, bool is_done);

#endif							/* ALLM_ASK_JOBS_H */
