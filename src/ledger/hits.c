/*
 * hits.c
 *		Answers that were given from the cache: counted, not recorded one by
 *		one.
 *
 * The first hit of a key in a minute is a row of analytics_llm.request; those
 * that follow are counted here, and added to that row: when the minute is over
 * by the launcher, or by the next hit of the key, whoever is first; and by
 * llm_flush(), a backend that is terminated, and a shutdown.  A crash loses
 * what is not added yet: hits of the minute, which cost nothing.
 *
 * Locking.  One LWLock, the hits lock: shared to count, which is atomic,
 * exclusive to begin a minute and to take counts.  Nothing is handed over, and
 * nothing raised, while it is held.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/shmem.h"
#include "ledger/hits.h"
#include "ledger/queue.h"

/*
 * Keys with hits at the same time, over all databases; 128 kB.  A hit of one
 * more key is a row by itself.
 */
#define COUNTERS	2048

/* A key's counter is one of so many. */
#define PLACES		8

/* Counts that are taken out at once, to be handed over without the lock. */
#define TAKEN		64

/* All fields: hits lock, but for the count. */
typedef struct Counter
{
	uint64		hash[2];
	Oid			database;		/* invalid: free */
	int64		minute;
	pg_uuid_t	id;				/* of the row */
	pg_atomic_uint32 count;		/* atomic; not added to the row yet */
} Counter;

/* A count that was taken out. */
typedef struct TakenCount
{
	Oid			database;
	pg_uuid_t	id;
	uint32		count;
} TakenCount;

static Counter *counters = NULL;
static LWLock *lock = NULL;

static Size area_size(void);
static void attach_area(void *area, bool found);
static Counter *find_counter(const uint64 *hash);
static Counter *find_place(const uint64 *hash, int64 minute);
static bool begin_minute(const uint64 *hash, int64 minute, pg_uuid_t *id);
static void take_count(Counter *counter, TakenCount *taken);
static int	take_counts(Oid database, int64 before, TakenCount *taken);
static void hand_over(const TakenCount *taken);
static void make_uuid(pg_uuid_t *id);
static void hand_over_at_exit(int code, Datum arg);

static const AllmShmemArea hits_area =
{
	"analytics_llm hits", 1, area_size, attach_area
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_hits_install(void)
{
	allm_shmem_register(&hits_area);
}

/* The bytes of the area. */
static Size
area_size(void)
{
	return mul_size(COUNTERS, sizeof(Counter));
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_area(void *area, bool found)
{
	counters = area;
	lock = &GetNamedLWLockTranche(hits_area.name)[0].lock;
	if (found)
		return;
	memset(counters, 0, area_size());
	for (int i = 0; i < COUNTERS; i++)
		pg_atomic_init_u32(&counters[i].count, 0);
}

/*
 * Counts a hit of a key, and says which row of analytics_llm.request stands
 * for it.  False when there is no such row yet: the caller records it, as one
 * hit.
 */
bool
allm_hits_add(const uint64 *hash, TimestampTz now, pg_uuid_t *id)
{
	int64		minute = now / USECS_PER_MINUTE;
	bool		counted = false;
	Counter    *counter;

	LWLockAcquire(lock, LW_SHARED);
	counter = find_counter(hash);
	if (counter != NULL && counter->minute == minute)
	{
		pg_atomic_fetch_add_u32(&counter->count, 1);
		*id = counter->id;
		counted = true;
	}
	LWLockRelease(lock);
	return counted || begin_minute(hash, minute, id);
}

/* The counter of a key in this database, or NULL.  Under the lock. */
static Counter *
find_counter(const uint64 *hash)
{
	for (int i = 0; i < PLACES; i++)
	{
		Counter    *counter = &counters[(hash[0] + i) % COUNTERS];

		if (counter->hash[0] == hash[0] && counter->hash[1] == hash[1] &&
			counter->database == MyDatabaseId)
			return counter;
	}
	return NULL;
}

/*
 * Where a key that has no counter may have one: a free place, or one whose
 * minute is over; NULL when there is none.  Under the exclusive lock.
 */
static Counter *
find_place(const uint64 *hash, int64 minute)
{
	for (int i = 0; i < PLACES; i++)
	{
		Counter    *counter = &counters[(hash[0] + i) % COUNTERS];

		if (!OidIsValid(counter->database) || counter->minute < minute)
			return counter;
	}
	return NULL;
}

/*
 * Begins a key's minute, with a row that the caller records; true when another
 * process has begun it meanwhile, and the hit is counted.
 */
static bool
begin_minute(const uint64 *hash, int64 minute, pg_uuid_t *id)
{
	static bool exit_registered = false;
	TakenCount	before = {0};
	Counter    *counter;
	pg_uuid_t	fresh;
	bool		counted = false;

	if (!exit_registered)
		before_shmem_exit(hand_over_at_exit, (Datum) 0);
	exit_registered = true;
	make_uuid(&fresh);
	*id = fresh;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	counter = find_counter(hash);
	if (counter != NULL && counter->minute == minute)
	{
		pg_atomic_fetch_add_u32(&counter->count, 1);
		*id = counter->id;
		counted = true;
	}
	else
	{
		if (counter == NULL)
			counter = find_place(hash, minute);
		if (counter != NULL)
		{
			take_count(counter, &before);
			counter->hash[0] = hash[0];
			counter->hash[1] = hash[1];
			counter->database = MyDatabaseId;
			counter->minute = minute;
			counter->id = fresh;
		}
	}
	LWLockRelease(lock);
	hand_over(&before);
	return counted;
}

/* Takes what a counter has counted.  Under the exclusive lock. */
static void
take_count(Counter *counter, TakenCount *taken)
{
	taken->database = counter->database;
	taken->id = counter->id;
	taken->count = pg_atomic_exchange_u32(&counter->count, 0);
}

/*
 * Hands over what this database's minutes that are over have counted; "all":
 * the minute under way as well.
 */
void
allm_hits_hand_over(bool all)
{
	int64		now = GetCurrentTimestamp() / USECS_PER_MINUTE;
	TakenCount	taken[TAKEN];
	int			n;

	do
	{
		n = take_counts(MyDatabaseId, all ? now + 1 : now, taken);
		for (int i = 0; i < n; i++)
			hand_over(&taken[i]);
	} while (n == TAKEN);
}

/*
 * For the launcher: hands over what the minutes that are over have counted, of
 * every database; "all": the minute under way as well.  Returns the
 * milliseconds until there may be more, -1 when nothing is being counted.
 */
long
allm_hits_settle(bool all)
{
	TimestampTz now = GetCurrentTimestamp();
	int64		minute = now / USECS_PER_MINUTE;
	TakenCount	taken[TAKEN];
	bool		counting = false;
	int			n;

	do
	{
		n = take_counts(InvalidOid, all ? minute + 1 : minute, taken);
		for (int i = 0; i < n; i++)
			hand_over(&taken[i]);
	} while (n == TAKEN);

	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < COUNTERS && !counting; i++)
		counting = OidIsValid(counters[i].database) &&
			counters[i].minute >= minute;
	LWLockRelease(lock);
	if (!counting)
		return -1;
	return TimestampDifferenceMilliseconds(now,
										   (minute + 1) * USECS_PER_MINUTE) + 1;
}

/*
 * Takes some counts of a database, or of all, from minutes before that one.
 * Returns how many; TAKEN when there may be more.
 */
static int
take_counts(Oid database, int64 before, TakenCount *taken)
{
	int			n = 0;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 0; i < COUNTERS && n < TAKEN; i++)
	{
		Counter    *counter = &counters[i];

		if (!OidIsValid(counter->database) || counter->minute >= before ||
			(OidIsValid(database) && counter->database != database))
			continue;
		take_count(counter, &taken[n]);
		if (taken[n].count > 0)
			n++;
	}
	LWLockRelease(lock);
	return n;
}

/* One count on its way to its row. */
static void
hand_over(const TakenCount *taken)
{
	AllmRecord	record = {ALLM_RECORD_HITS, NULL};
	char	   *id;

	if (taken->count == 0)
		return;
	id = DatumGetCString(DirectFunctionCall1(uuid_out,
											 UUIDPGetDatum(&taken->id)));
	record.json = psprintf("{\"request_id\":\"%s\",\"hits\":%u}", id,
						   taken->count);
	pfree(id);
	allm_queue_put_for(taken->database, &record);
	pfree(record.json);
}

/* A random identifier of version 4. */
static void
make_uuid(pg_uuid_t *id)
{
	if (!pg_strong_random(id->data, UUID_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	id->data[6] = (id->data[6] & 0x0F) | 0x40;
	id->data[8] = (id->data[8] & 0x3F) | 0x80;
}

/*
 * A backend that has begun minutes ends.  One that is terminated may be so by
 * a shutdown, with nobody left to hand over later.
 */
static void
hand_over_at_exit(int code, Datum arg)
{
	allm_hits_hand_over(code != 0);
}
