/*
 * jobs.c
 *		Submitted questions that wait for a worker or are being answered.
 *
 * One area of shared memory: a table of jobs, and behind it a DSA area made in
 * place for what has no fixed size.  A job goes from free to queued, starting,
 * running and closing, and back to free; its answer is a row of a table by
 * then.  One that loses its worker is queued once more, without its payload:
 * the next worker answers that it was lost.  What is here dies with a crash of
 * the server.
 *
 * Roles take turns: of the queued jobs that one is next whose role has waited
 * longest since a job of it was started, and of a role the one that was
 * submitted first.  A role that had none waits since the latest start: it comes
 * before who was started then, and after all who wait for longer, so that many
 * who ask one question after the other do not keep out who asks many.  Shadows,
 * which nobody waits for, come after all others, and leave half of the workers
 * free.
 *
 * Locking.  One LWLock, the jobs lock, guards the table; it is held for a few
 * comparisons and assignments, and while a worker is signalled, so that the
 * process is still the one that is meant.  The payload of a job is written
 * before the job is in the table, and read by its worker alone, which frees it.
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/dsa.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "ask/jobs.h"
#include "ask/payload.h"
#include "base/settings.h"
#include "base/shmem.h"

/* Jobs at once: a day's backlog of a few workers; one is 0.4 kB. */
#define MAX_JOBS			1024

/* So that one role leaves room for three others at the least. */
#define MAX_JOBS_OF_ROLE	256

/* Shadows at once: those of a burst; what is more is not asked. */
#define MAX_SHADOWS			64

/* Of all payloads: a question and the settings of a session are some kB. */
#define PAYLOAD_MEMORY		(8 * 1024 * 1024)

/* Of those of one role, or of all shadows: for three others at the least. */
#define PAYLOAD_OF_ROLE		(PAYLOAD_MEMORY / 4)

/* As long as the setting may be, and a NUL. */
#define END_USER_BYTES		257

/* A database that no worker can connect to is given up after so many. */
#define MAX_STARTS			5
#define START_BACK_OFF		1000	/* ms */

typedef enum JobState
{
	JOB_FREE,
	JOB_QUEUED,
	JOB_STARTING,				/* a worker was asked for */
	JOB_RUNNING,
	JOB_CLOSING					/* the answer is being kept: too late to
								 * cancel */
} JobState;

/* One job.  All fields: jobs lock. */
typedef struct Job
{
	JobState	state;
	bool		is_shadow;
	pg_uuid_t	id;
	Oid			database;
	Oid			user_id;
	char		end_user[END_USER_BYTES];
	uint64		sequence;		/* of its submission */
	uint64		turn;			/* when a job of its role was last started */
	int			starts;			/* workers that were asked for */
	int			failures;		/* of these, that came to nothing */
	pid_t		worker;			/* while it runs */
	TimestampTz submitted_at;
	TimestampTz started_at;
	TimestampTz retry_at;		/* no worker is asked for sooner, unless the
								 * clock was set back */
	bool		is_lost;		/* with its worker; it has no payload */
	dsa_pointer payload;
	Size		payload_size;
} Job;

/* Why a job is not added to the queue. */
typedef enum Refusal
{
	REFUSED_NOT,
	REFUSED_FULL,
	REFUSED_TOO_MANY,			/* of its role, or shadows */
	REFUSED_TOO_LARGE			/* together with those */
} Refusal;

/* The head of the area.  All fields: jobs lock. */
typedef struct Jobs
{
	uint64		sequence;		/* of the newest job */
	uint64		turn;			/* of the newest start */
	Job			jobs[MAX_JOBS];
} Jobs;

#define AREA_OFFSET			MAXALIGN(sizeof(Jobs))

static Jobs *jobs = NULL;
static LWLock *jobs_lock = NULL;
static dsa_area *area = NULL;	/* this process's handle on it */

static Size jobs_size(void);
static void attach_jobs(void *place, bool found);
static void attach_area(void);
static void detach_area(int code, Datum arg);
static Refusal add_job(const AllmJobOrder *order);
static Job *find_place(const AllmJobOrder *order, Size size, uint64 *turn,
					   Refusal *refusal);
static void fill_job(Job *job, const AllmJobOrder *order,
					 dsa_pointer payload);
static int	count_before(const Job *job);
static Job *find_own(const pg_uuid_t *id, Oid user_id, const char *end_user);
static bool comes_before(const Job *a, const Job *b);
static Job *find_next(int limit, long *wait_ms);
static Job *find_start(const AllmJobStart *start, JobState state);
static void take_turn(const Job *job);

static const AllmShmemArea jobs_area =
{
	"analytics_llm jobs", 1, jobs_size, attach_jobs
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_jobs_install(void)
{
	allm_shmem_register(&jobs_area);
}

/* The bytes of the table and of the DSA area; without workers, of neither. */
static Size
jobs_size(void)
{
	if (allm_background_workers == 0)
		return 0;
	return add_size(AREA_OFFSET, PAYLOAD_MEMORY);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_jobs(void *place, bool found)
{
	dsa_area   *made;

	jobs_lock = &GetNamedLWLockTranche(jobs_area.name)[0].lock;
	if (allm_background_workers == 0)
		return;
	jobs = place;
	if (found)
		return;
	memset(jobs, 0, sizeof(Jobs));
	made = dsa_create_in_place((char *) place + AREA_OFFSET, PAYLOAD_MEMORY,
							   jobs_lock->tranche, NULL);
	dsa_set_size_limit(made, PAYLOAD_MEMORY);
	dsa_pin(made);
	dsa_detach(made);
}

/* Gets this process its handle, once. */
static void
attach_area(void)
{
	MemoryContext caller;

	if (area != NULL)
		return;
	caller = MemoryContextSwitchTo(TopMemoryContext);
	area = dsa_attach_in_place((char *) jobs + AREA_OFFSET, NULL);
	dsa_pin_mapping(area);
	MemoryContextSwitchTo(caller);
	on_shmem_exit(detach_area, (Datum) 0);
}

/* Lets the handle go when the process exits, after all who may use it. */
static void
detach_area(int code, Datum arg)
{
	dsa_detach(area);
	area = NULL;
	dsa_release_in_place((char *) jobs + AREA_OFFSET);
}

/*
 * Adds a job to the queue.  Raises 53400 when there is no room for one more
 * question, or for one more of this role.
 */
void
allm_jobs_add(const AllmJobOrder *order)
{
	Refusal		refusal = add_job(order);
	const char *role;

	if (refusal == REFUSED_NOT)
		return;
	role = GetUserNameFromId(order->user_id, false);
	ereport(ERROR,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 refusal == REFUSED_TOO_MANY ?
			 errmsg("role \"%s\" has %d submitted questions that are not answered yet",
					role, MAX_JOBS_OF_ROLE) :
			 refusal == REFUSED_TOO_LARGE ?
			 errmsg("submitted questions of role \"%s\" would take more than %d kB",
					role, PAYLOAD_OF_ROLE / 1024) :
			 errmsg("there is no room for one more submitted question"),
			 refusal == REFUSED_TOO_LARGE ?
			 errdetail("Each is kept with its options and the settings of its session.") : 0,
			 errhint("Try again when some of them are answered; llm_status() shows how many there are.")));
}

/* Adds a shadow to the queue; false when there is no room for it. */
bool
allm_jobs_offer(const AllmJobOrder *order)
{
	return jobs != NULL && add_job(order) == REFUSED_NOT;
}

/* Adds a job, if there is room for it. */
static Refusal
add_job(const AllmJobOrder *order)
{
	Refusal		refusal = REFUSED_NOT;
	uint64		turn;
	Size		size;
	dsa_pointer payload;
	Job		   *job;

	attach_area();
	payload = allm_payload_write(area, order, PAYLOAD_OF_ROLE, &size);
	if (!DsaPointerIsValid(payload))
		return size > PAYLOAD_OF_ROLE ? REFUSED_TOO_LARGE : REFUSED_FULL;
	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	job = find_place(order, size, &turn, &refusal);
	if (job != NULL)
	{
		fill_job(job, order, payload);
		job->turn = turn;
		job->payload_size = size;
	}
	LWLockRelease(jobs_lock);
	if (job == NULL)
		dsa_free(area, payload);
	return refusal;
}

/* Makes a free place a job that waits.  Under the jobs lock. */
static void
fill_job(Job *job, const AllmJobOrder *order, dsa_pointer payload)
{
	memset(job, 0, sizeof(Job));
	job->state = JOB_QUEUED;
	job->is_shadow = order->shadow != NULL;
	job->id = order->id;
	job->database = order->database;
	job->user_id = order->user_id;
	strlcpy(job->end_user, order->end_user, END_USER_BYTES);
	job->sequence = ++jobs->sequence;
	job->submitted_at = order->submitted_at;
	job->payload = payload;
}

/*
 * A free place for a payload of that size, or NULL, and why.  "turn" is that of
 * the role.  Shadows count by themselves: nobody's question is refused for them.
 * Under the jobs lock.
 */
static Job *
find_place(const AllmJobOrder *order, Size size, uint64 *turn,
		   Refusal *refusal)
{
	Job		   *place = NULL;
	bool		is_shadow = order->shadow != NULL;
	int			of_kind = 0;

	*turn = 0;
	for (int i = 0; i < MAX_JOBS; i++)
	{
		Job		   *job = &jobs->jobs[i];

		if (job->state == JOB_FREE)
			place = place != NULL ? place : job;
		else if (job->is_shadow == is_shadow &&
				 (is_shadow || job->user_id == order->user_id))
		{
			of_kind++;
			size += job->payload_size;
			*turn = Max(*turn, job->turn);
		}
	}
	if (of_kind == 0 && jobs->turn > 0)
		*turn = jobs->turn - 1;
	if (of_kind >= (is_shadow ? MAX_SHADOWS : MAX_JOBS_OF_ROLE))
		*refusal = REFUSED_TOO_MANY;
	else if (size > PAYLOAD_OF_ROLE)
		*refusal = REFUSED_TOO_LARGE;
	else
		*refusal = place == NULL ? REFUSED_FULL : REFUSED_NOT;
	return *refusal == REFUSED_NOT ? place : NULL;
}

/*
 * The job of that id, if it is that role's and end user's; an invalid role may
 * have any.  Under the lock.
 */
static Job *
find_own(const pg_uuid_t *id, Oid user_id, const char *end_user)
{
	for (int i = 0; i < MAX_JOBS; i++)
	{
		Job		   *job = &jobs->jobs[i];

		if (job->state != JOB_FREE && !job->is_shadow &&
			memcmp(&job->id, id, sizeof(pg_uuid_t)) == 0)
			return job->database == MyDatabaseId &&
				(!OidIsValid(user_id) ||
				 (job->user_id == user_id &&
				  strcmp(job->end_user, end_user) == 0)) ? job : NULL;
	}
	return NULL;
}

/* What there is to know of a job that is not done; false: the role has none. */
bool
allm_jobs_look(const pg_uuid_t *id, Oid user_id, const char *end_user,
			   AllmJobView *view)
{
	const Job  *job;

	if (jobs == NULL)
		return false;
	memset(view, 0, sizeof(AllmJobView));
	LWLockAcquire(jobs_lock, LW_SHARED);
	job = find_own(id, user_id, end_user);
	if (job != NULL)
	{
		view->is_running = (job->state >= JOB_RUNNING);
		view->submitted_at = job->submitted_at;
		view->started_at = job->started_at;
		view->before = count_before(job);
	}
	LWLockRelease(jobs_lock);
	return job != NULL;
}

/* How many jobs of the same role wait that were submitted before one. */
static int
count_before(const Job *job)
{
	int			n = 0;

	for (int i = 0; i < MAX_JOBS; i++)
	{
		const Job  *other = &jobs->jobs[i];

		if (other->state == JOB_QUEUED && !other->is_shadow &&
			other->user_id == job->user_id &&
			other->sequence < job->sequence)
			n++;
	}
	return n;
}

/*
 * Cancels a job of that role, or of any.  One that waits is gone; the worker of one that
 * runs is interrupted, and keeps that as its answer.  False when there is
 * none, or it is done.
 */
bool
allm_jobs_cancel(const pg_uuid_t *id, Oid user_id, const char *end_user)
{
	dsa_pointer payload = InvalidDsaPointer;
	bool		cancelled = false;
	Job		   *job;

	if (jobs == NULL)
		return false;
	attach_area();
	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	job = find_own(id, user_id, end_user);
	if (job != NULL && job->state == JOB_RUNNING)
		cancelled = (kill(job->worker, SIGINT) == 0);
	else if (job != NULL && job->state < JOB_RUNNING)
	{
		payload = job->payload;
		job->state = JOB_FREE;
		cancelled = true;
	}
	LWLockRelease(jobs_lock);
	if (DsaPointerIsValid(payload))
		dsa_free(area, payload);
	return cancelled;
}

/* How many jobs there are. */
AllmJobCounts
allm_jobs_count(void)
{
	AllmJobCounts counts = {0};

	if (jobs == NULL)
		return counts;
	LWLockAcquire(jobs_lock, LW_SHARED);
	for (int i = 0; i < MAX_JOBS; i++)
	{
		const Job  *job = &jobs->jobs[i];

		if (job->state >= JOB_RUNNING)
			counts.running++;
		else if (job->state != JOB_FREE)
		{
			counts.waiting++;
			counts.failed_starts += Max(job->starts - 1, 0);
		}
	}
	LWLockRelease(jobs_lock);
	return counts;
}

/* Is the turn of one queued job before that of another? */
static bool
comes_before(const Job *a, const Job *b)
{
	if (a->is_shadow != b->is_shadow)
		return b->is_shadow;
	return a->turn != b->turn ? a->turn < b->turn : a->sequence < b->sequence;
}

/*
 * The job to be started next, if fewer than "limit" are started or running;
 * else NULL, and how long until one may be, if time is all it needs.
 */
static Job *
find_next(int limit, long *wait_ms)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz soonest = 0;
	Job		   *next = NULL;
	int			busy = 0;
	int			shadows = 0;	/* of those */

	*wait_ms = -1;
	for (int i = 0; i < MAX_JOBS; i++)
	{
		Job		   *job = &jobs->jobs[i];

		if (job->state > JOB_QUEUED)
		{
			busy++;
			shadows += job->is_shadow ? 1 : 0;
		}
		else if (job->state == JOB_QUEUED && job->retry_at > now &&
				 job->retry_at <= TimestampTzPlusMilliseconds(now, START_BACK_OFF))
			soonest = soonest == 0 ? job->retry_at :
				Min(soonest, job->retry_at);
		else if (job->state == JOB_QUEUED &&
				 (next == NULL || comes_before(job, next)))
			next = job;
	}
	if (busy >= limit)
		return NULL;
	if (next != NULL &&
		!(next->is_shadow && shadows >= Max(limit / 2, 1)))
		return next;
	if (soonest != 0)
		*wait_ms = TimestampDifferenceMilliseconds(now, soonest);
	return NULL;
}

/*
 * A job of a role is started: its others wait until all have had a turn, unless
 * it is a shadow, which takes nobody's.
 */
static void
take_turn(const Job *started)
{
	if (started->is_shadow)
		return;
	jobs->turn++;
	for (int i = 0; i < MAX_JOBS; i++)
	{
		Job		   *job = &jobs->jobs[i];

		if (job->state != JOB_FREE && !job->is_shadow &&
			job->user_id == started->user_id)
			job->turn = jobs->turn;
	}
}

/*
 * Chooses the job that a worker is to be started for.  False when none is due
 * or "limit" are under way; then "wait_ms" is the time until one is due, or
 * -1.
 */
bool
allm_jobs_start_next(int limit, AllmJobStart *start, long *wait_ms)
{
	Job		   *job;

	*wait_ms = -1;
	if (jobs == NULL)
		return false;
	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	job = find_next(limit, wait_ms);
	if (job != NULL)
	{
		job->state = JOB_STARTING;
		job->started_at = GetCurrentTimestamp();
		take_turn(job);
		start->job = job - jobs->jobs;
		start->start = ++job->starts;
		start->database = job->database;
		start->id = job->id;
	}
	LWLockRelease(jobs_lock);
	return job != NULL;
}

/* The job of a start, if it is still in that state; under the jobs lock. */
static Job *
find_start(const AllmJobStart *start, JobState state)
{
	Job		   *job = &jobs->jobs[start->job];

	return job->state == state && job->starts == start->start &&
		memcmp(&job->id, &start->id, sizeof(pg_uuid_t)) == 0 ? job : NULL;
}

/*
 * The worker of a start did not come: the job is queued again for later, or
 * given up, which is false.  While no worker could even be started, which is no
 * fault of its database, it is neither given up nor put behind others of its role.
 */
bool
allm_jobs_not_started(const AllmJobStart *start, AllmStartFailure why)
{
	dsa_pointer payload = InvalidDsaPointer;
	Job		   *job;

	attach_area();
	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	job = find_start(start, JOB_STARTING);
	if (job != NULL && why == ALLM_START_NO_CONNECTION)
		job->failures++;
	if (job != NULL && why != ALLM_START_NO_DATABASE &&
		job->failures < MAX_STARTS)
	{
		job->state = JOB_QUEUED;
		if (why == ALLM_START_NO_CONNECTION)
			job->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
														START_BACK_OFF);
	}
	else if (job != NULL)
	{
		payload = job->payload;
		job->state = JOB_FREE;
	}
	LWLockRelease(jobs_lock);
	if (!DsaPointerIsValid(payload))
		return true;
	dsa_free(area, payload);
	return false;
}

/* Is the worker of a start still expected? */
bool
allm_jobs_is_starting(const AllmJobStart *start)
{
	bool		is;

	LWLockAcquire(jobs_lock, LW_SHARED);
	is = find_start(start, JOB_STARTING) != NULL;
	LWLockRelease(jobs_lock);
	return is;
}

/*
 * A new launcher knows of no worker that its predecessor has asked for: what
 * was starting is queued again, and such a worker finds nothing to do.
 */
void
allm_jobs_start_anew(void)
{
	if (jobs == NULL)
		return;
	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_JOBS; i++)
	{
		if (jobs->jobs[i].state == JOB_STARTING)
			jobs->jobs[i].state = JOB_QUEUED;
	}
	LWLockRelease(jobs_lock);
}

/*
 * Makes this process the worker of a job, and copies it to the current memory
 * context.  False when it was cancelled meanwhile, or another start came first.
 */
bool
allm_jobs_claim(const AllmJobStart *start, AllmJobOrder *order)
{
	dsa_pointer payload = InvalidDsaPointer;
	char		end_user[END_USER_BYTES];
	Job		   *job;

	memset(order, 0, sizeof(AllmJobOrder));
	attach_area();
	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	job = find_start(start, JOB_STARTING);
	if (job != NULL)
	{
		job->state = JOB_RUNNING;
		job->worker = MyProcPid;
		payload = job->payload;
		job->payload = InvalidDsaPointer;
		job->payload_size = 0;
		order->is_lost = job->is_lost;
		order->id = job->id;
		order->database = job->database;
		order->user_id = job->user_id;
		order->submitted_at = job->submitted_at;
		order->started_at = job->started_at;
		memcpy(end_user, job->end_user, END_USER_BYTES);
	}
	LWLockRelease(jobs_lock);
	if (job == NULL)
		return false;
	order->end_user = pstrdup(end_user);
	if (DsaPointerIsValid(payload))
		allm_payload_read(area, payload, order);
	return true;
}

/* The answer is there, and will be kept: no cancel is sent from here on. */
void
allm_jobs_close(const AllmJobStart *start)
{
	Job		   *job;

	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	job = find_start(start, JOB_RUNNING);
	if (job != NULL)
		job->state = JOB_CLOSING;
	LWLockRelease(jobs_lock);
}

/*
 * The job that this worker had is done, or lost with the worker: then it is
 * queued once more, for another one to say so.  Nobody waits for a shadow.
 */
void
allm_jobs_end(const AllmJobStart *start, bool is_done)
{
	Job		   *job = &jobs->jobs[start->job];

	LWLockAcquire(jobs_lock, LW_EXCLUSIVE);
	if (job->state >= JOB_RUNNING && job->worker == MyProcPid)
	{
		job->worker = 0;
		job->is_lost = !is_done && !job->is_shadow;
		job->state = job->is_lost ? JOB_QUEUED : JOB_FREE;
	}
	LWLockRelease(jobs_lock);
}
