/*
 * flight.c
 *		One flight: of those who ask the same at once, one asks for all.
 *
 * Owns who is asking what already.  A leader asks; followers wait, and then
 * find its answer in the cache, under the cache's rules and with the whole key
 * compared: here it is only its hash, by which somebody may at worst wait for
 * nothing.
 *
 * A seat is given up on every way out: by the leader when it knows its answer,
 * else when its request is settled; by both when an error or a cancel ends the
 * request, or the backend ends.  A leader that leaves without an answer makes
 * the first follower that wakes up the leader.
 *
 * Locking.  One LWLock, the flight lock, guards all of it, for a few
 * assignments.  Followers sleep on the flight's condition variable without it.
 * A backend has one seat at most, since it asks one question at a time.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "utils/wait_event.h"

#include "base/shmem.h"
#include "ledger/flight.h"

/*
 * Flights at once, over all databases.  One more question is asked without:
 * it is paid for twice at worst.
 */
#define FLIGHTS		512

/* All fields: flight lock. */
typedef struct Flight
{
	uint64		hash[2];
	uint64		number;			/* never used again; 0: free */
	pid_t		leader;			/* 0: it has landed, or needs a new one */
	AllmFlightEnd end;			/* without a leader: how it has ended */
	int			verdict;		/* with END_VERDICT: a number of the leader's */
	int			followers;
	ConditionVariable changed;	/* has a lock of its own */
} Flight;

typedef struct FlightArea
{
	uint64		numbers;		/* flight lock; the last one given */
	Flight		flights[FLIGHTS];
} FlightArea;

/* This backend's seat. */
typedef enum SeatKind
{
	SEAT_NONE,
	SEAT_LEADER,
	SEAT_FOLLOWER
} SeatKind;

static FlightArea *area = NULL;
static LWLock *lock = NULL;
static SeatKind seat = SEAT_NONE;
static int	seat_flight;
static int	seat_verdict;		/* that this follower was told last */

static Size area_size(void);
static void attach_area(void *place, bool found);
static Flight *find_flight(const uint64 *hash);
static Flight *begin_flight(const uint64 *hash);
static void take_seat(SeatKind kind, const Flight *flight);
static AllmFlightRole look_around(Flight *flight);
static void leave_at_exit(int code, Datum arg);

static const AllmShmemArea flight_area =
{
	"analytics_llm flight", 1, area_size, attach_area
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_flight_install(void)
{
	allm_shmem_register(&flight_area);
}

/* The bytes of the area. */
static Size
area_size(void)
{
	return sizeof(FlightArea);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_area(void *place, bool found)
{
	area = place;
	lock = &GetNamedLWLockTranche(flight_area.name)[0].lock;
	if (found)
		return;
	memset(area, 0, sizeof(FlightArea));
	for (int i = 0; i < FLIGHTS; i++)
		ConditionVariableInit(&area->flights[i].changed);
}

/*
 * Takes a seat in the flight of that hash: the leader's where there is none,
 * or where its leader has failed.  With a seat as follower the answer is
 * LANDED, and the caller waits next.
 */
AllmFlightRole
allm_flight_join(const uint64 *hash)
{
	AllmFlightRole role = ALLM_FLIGHT_ALONE;
	static bool exit_registered = false;
	Flight	   *flight;

	if (!exit_registered)
		before_shmem_exit(leave_at_exit, (Datum) 0);
	exit_registered = true;
	allm_flight_end(ALLM_FLIGHT_END_FAILED, 0);

	LWLockAcquire(lock, LW_EXCLUSIVE);
	flight = find_flight(hash);
	if (flight != NULL && flight->leader != 0)
	{
		flight->followers++;
		take_seat(SEAT_FOLLOWER, flight);
		role = ALLM_FLIGHT_LANDED;
	}
	else
	{
		if (flight == NULL)
			flight = begin_flight(hash);
		if (flight != NULL)
		{
			flight->leader = MyProcPid;
			take_seat(SEAT_LEADER, flight);
			role = ALLM_FLIGHT_LEADER;
		}
	}
	LWLockRelease(lock);
	return role;
}

/* The flight under way of that hash, or NULL.  Under the lock. */
static Flight *
find_flight(const uint64 *hash)
{
	for (int i = 0; i < FLIGHTS; i++)
	{
		Flight	   *flight = &area->flights[i];

		if (flight->number != 0 && flight->hash[0] == hash[0] &&
			flight->hash[1] == hash[1] &&
			(flight->leader != 0 || flight->end == ALLM_FLIGHT_END_FAILED))
			return flight;
	}
	return NULL;
}

/* A new flight without a leader; NULL when there are too many. */
static Flight *
begin_flight(const uint64 *hash)
{
	for (int i = 0; i < FLIGHTS; i++)
	{
		Flight	   *flight = &area->flights[i];

		if (flight->number != 0)
			continue;
		flight->number = ++area->numbers;
		flight->hash[0] = hash[0];
		flight->hash[1] = hash[1];
		flight->followers = 0;
		return flight;
	}
	return NULL;
}

/* Notes this backend's seat, so that it can be given up.  Under the lock. */
static void
take_seat(SeatKind kind, const Flight *flight)
{
	seat = kind;
	seat_flight = flight - area->flights;
}

/*
 * A follower waits until its flight has ended, or the time is up.  It has no
 * seat afterwards, unless it has become the leader.  Serves interrupts.
 */
AllmFlightRole
allm_flight_wait(AllmDeadline deadline)
{
	Flight	   *flight = &area->flights[seat_flight];
	AllmFlightRole role;

	Assert(seat == SEAT_FOLLOWER);
	ConditionVariablePrepareToSleep(&flight->changed);
	while ((role = look_around(flight)) == ALLM_FLIGHT_LATE)
	{
		long		left = allm_deadline_left(deadline);

		if (left <= 0)
			break;
		(void) ConditionVariableTimedSleep(&flight->changed, left,
										   PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	if (seat == SEAT_FOLLOWER)
		allm_flight_end(ALLM_FLIGHT_END_FAILED, 0);
	return role;
}

/* What a follower's flight has come to; LATE while it is under way. */
static AllmFlightRole
look_around(Flight *flight)
{
	AllmFlightRole role = ALLM_FLIGHT_LATE;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (flight->leader == 0)
	{
		switch (flight->end)
		{
			case ALLM_FLIGHT_END_KEPT:
				role = ALLM_FLIGHT_LANDED;
				break;
			case ALLM_FLIGHT_END_VERDICT:
				seat_verdict = flight->verdict;
				role = ALLM_FLIGHT_TOLD;
				break;
			case ALLM_FLIGHT_END_ALONE:
				role = ALLM_FLIGHT_ALONE;
				break;
			case ALLM_FLIGHT_END_FAILED:
				flight->followers--;
				flight->leader = MyProcPid;
				take_seat(SEAT_LEADER, flight);
				role = ALLM_FLIGHT_LEADER;
				break;
		}
	}
	LWLockRelease(lock);
	return role;
}

/* Does this backend ask for others, too? */
bool
allm_flight_leads(void)
{
	return seat == SEAT_LEADER;
}

/* Does it lead a flight that somebody waits for? */
bool
allm_flight_is_followed(void)
{
	bool		followed;

	if (seat != SEAT_LEADER)
		return false;
	LWLockAcquire(lock, LW_SHARED);
	followed = area->flights[seat_flight].followers > 0;
	LWLockRelease(lock);
	return followed;
}

/* The number that the leader has told a follower whose role is TOLD. */
int
allm_flight_verdict(void)
{
	return seat_verdict;
}

/*
 * Gives this backend's seat up, if it has one.  "end" is for a leader: what
 * its followers are to do, and why.
 */
void
allm_flight_end(AllmFlightEnd end, int verdict)
{
	Flight	   *flight = &area->flights[seat_flight];

	if (seat == SEAT_NONE)
		return;
	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (seat == SEAT_LEADER)
	{
		flight->leader = 0;
		flight->end = end;
		flight->verdict = verdict;
	}
	else
		flight->followers--;
	if (flight->followers == 0 && flight->leader == 0)
		flight->number = 0;
	LWLockRelease(lock);
	if (seat == SEAT_LEADER)
		ConditionVariableBroadcast(&flight->changed);
	seat = SEAT_NONE;
}

/* The backend ends. */
static void
leave_at_exit(int code, Datum arg)
{
	allm_flight_end(ALLM_FLIGHT_END_FAILED, 0);
}
