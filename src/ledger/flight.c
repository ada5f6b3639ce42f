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
 * A question has one seat at most; a backend that asks several at once may have
 * both kinds in one flight.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"

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

static FlightArea *area = NULL;
static LWLock *lock = NULL;
static dlist_head seats = DLIST_STATIC_INIT(seats); /* of this backend */

static Size area_size(void);
static void attach_area(void *place, bool found);
static Flight *find_flight(const uint64 *hash);
static Flight *begin_flight(const uint64 *hash);
static void take_seat(AllmSeat *seat, AllmSeatKind kind,
					  const Flight *flight);
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
 * or where its leader has failed.  With a seat as follower the answer is WAITS.
 * A seat belongs to its caller, who has to end it before its memory goes.
 */
AllmFlightRole
allm_flight_join(AllmSeat *seat, const uint64 *hash)
{
	AllmFlightRole role = ALLM_FLIGHT_ALONE;
	static bool exit_registered = false;
	Flight	   *flight;

	if (!exit_registered)
		before_shmem_exit(leave_at_exit, (Datum) 0);
	exit_registered = true;
	Assert(seat->kind == ALLM_SEAT_NONE);

	LWLockAcquire(lock, LW_EXCLUSIVE);
	flight = find_flight(hash);
	if (flight != NULL && flight->leader != 0)
	{
		flight->followers++;
		take_seat(seat, ALLM_SEAT_FOLLOWER, flight);
		role = ALLM_FLIGHT_WAITS;
	}
	else
	{
		if (flight == NULL)
			flight = begin_flight(hash);
		if (flight != NULL)
		{
			flight->leader = MyProcPid;
			take_seat(seat, ALLM_SEAT_LEADER, flight);
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

/* Notes a seat, so that it can be given up.  Under the lock. */
static void
take_seat(AllmSeat *seat, AllmSeatKind kind, const Flight *flight)
{
	if (seat->kind == ALLM_SEAT_NONE)
		dlist_push_head(&seats, &seat->node);
	seat->kind = kind;
	seat->flight = flight - area->flights;
}

/*
 * What a follower's flight has come to.  It has no seat afterwards, unless it
 * WAITS or has become the leader.
 */
AllmFlightRole
allm_flight_look(AllmSeat *seat)
{
	Flight	   *flight = &area->flights[seat->flight];
	AllmFlightRole role = ALLM_FLIGHT_WAITS;

	Assert(seat->kind == ALLM_SEAT_FOLLOWER);
	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (flight->leader == 0)
	{
		switch (flight->end)
		{
			case ALLM_FLIGHT_END_KEPT:
				role = ALLM_FLIGHT_LANDED;
				break;
			case ALLM_FLIGHT_END_VERDICT:
				seat->verdict = flight->verdict;
				role = ALLM_FLIGHT_TOLD;
				break;
			case ALLM_FLIGHT_END_ALONE:
				role = ALLM_FLIGHT_ALONE;
				break;
			case ALLM_FLIGHT_END_FAILED:
				flight->followers--;
				flight->leader = MyProcPid;
				take_seat(seat, ALLM_SEAT_LEADER, flight);
				role = ALLM_FLIGHT_LEADER;
				break;
		}
	}
	LWLockRelease(lock);
	if (role != ALLM_FLIGHT_WAITS && role != ALLM_FLIGHT_LEADER)
		allm_flight_end(seat, ALLM_FLIGHT_END_FAILED, 0);
	return role;
}

/* What a follower that WAITS may sleep on until it looks again. */
ConditionVariable *
allm_flight_changed(const AllmSeat *seat)
{
	return &area->flights[seat->flight].changed;
}

/* Does a question ask for others, too? */
bool
allm_flight_leads(const AllmSeat *seat)
{
	return seat->kind == ALLM_SEAT_LEADER;
}

/* Does it lead a flight that somebody waits for? */
bool
allm_flight_is_followed(const AllmSeat *seat)
{
	bool		followed;

	if (seat->kind != ALLM_SEAT_LEADER)
		return false;
	LWLockAcquire(lock, LW_SHARED);
	followed = area->flights[seat->flight].followers > 0;
	LWLockRelease(lock);
	return followed;
}

/*
 * Gives a seat up, if it is one.  "end" is for a leader: what its followers are
 * to do, and why.
 */
void
allm_flight_end(AllmSeat *seat, AllmFlightEnd end, int verdict)
{
	Flight	   *flight = &area->flights[seat->flight];
	bool		leads = seat->kind == ALLM_SEAT_LEADER;

	if (seat->kind == ALLM_SEAT_NONE)
		return;
	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (leads)
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
	if (leads)
		ConditionVariableBroadcast(&flight->changed);
	dlist_delete(&seat->node);
	seat->kind = ALLM_SEAT_NONE;
}

/* The backend ends: gives up all seats that it has. */
static void
leave_at_exit(int code, Datum arg)
{
	while (!dlist_is_empty(&seats))
		allm_flight_end(dlist_head_element(AllmSeat, node, &seats),
						ALLM_FLIGHT_END_FAILED, 0);
}
