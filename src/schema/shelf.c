/*
 * shelf.c
 *		Snapshots of large schemas, in memory that all sessions share.
 *
 * To read the catalogs of ten thousand tables takes a second of a processor and
 * tens of megabytes; with a pool of connections, for each of them.  So the first
 * session that has made such a snapshot puts a copy here, and what else it makes
 * of it beside that.  All sessions of the role use the copy where it lies: shared
 * memory has the same address in each process, so the pointers in it are good,
 * and nothing in it is ever changed.
 *
 * A place is freed for another snapshot when nobody holds it and it is out of
 * date, or has not been used for a while.  A session holds what it uses until its
 * transaction ends, and so is given it again by the next one only if it is still
 * there.  Where there is no room a session keeps its own.
 *
 * Whether a snapshot is still right is the business of who takes it: see
 * changes.c and snapshot.c.
 *
 * Locking: one lock over the places, and over who has which room.  Pins are
 * added under the shared lock, taken away without, and looked at under the
 * exclusive one.  Room is written without a lock by who reserved it, and holds
 * the place; it is seen by others when "root" says so.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/lwlock.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "schema/changes.h"
#include "schema/shelf.h"

/* Places, as bits of a uint64: roles with a search path, of large schemas. */
#define PLACES			64

/* A snapshot that nobody has used for so long makes room for another. */
#define IDLE_MS			(10 * 60 * 1000)

/* Room in the memory.  Offset and size: the lock. */
typedef struct Part
{
	Size		offset;
	Size		size;			/* 0: there is none */
	void	   *root;			/* NULL: not written yet; set under the lock */
} Part;

/* A place.  The key and the serial change when nobody holds it. */
typedef struct Place
{
	uint64		serial;			/* of the snapshot; 0: it is free */
	AllmShelfKey key;
	uint64		position;		/* changes before it are in the snapshot */
	bool		is_stale;
	Part		parts[ALLM_SHELF_PARTS];
	pg_atomic_uint32 pins;		/* sessions that hold it */
	pg_atomic_uint64 used_at;	/* a TimestampTz */
} Place;

/* The area, before the memory itself. */
typedef struct Shelf
{
	pg_atomic_uint64 serial;	/* the last one that was given away */
	Place		places[PLACES];
} Shelf;

static Shelf *shelf = NULL;
static char *memory = NULL;
static LWLock *shelf_lock = NULL;

/* The places that this session holds until its transaction ends. */
static uint64 held = 0;
static bool will_let_go = false;

static Size shelf_size(void);
static Size memory_size(void);
static void attach_shelf(void *area, bool found);
static void prepare_to_hold(void);
static void hold(int number, TimestampTz now);
static bool is_held(int number);
static void let_go(void *arg);
static int	find_place(const AllmShelfKey *key);
static int	find_free(TimestampTz now);
static bool reserve(Part *part, Size size, TimestampTz now);
static bool find_gap(Size size, Size *offset);
static int	compare_parts(const void *a, const void *b);
static int	find_idle(TimestampTz now);
static void free_place(int number);
static void write_part(int number, AllmShelfPart part, AllmImageWrite write,
					   const void *what);

static const AllmShmemArea shelf_area =
{
	"analytics_llm schemas", 1, shelf_size, attach_shelf
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_shelf_install(void)
{
	allm_shmem_register(&shelf_area);
}

/* The bytes of the area. */
static Size
shelf_size(void)
{
	return add_size(MAXALIGN(sizeof(Shelf)), memory_size());
}

/* The bytes for snapshots. */
static Size
memory_size(void)
{
	return mul_size(allm_schema_memory, 1024);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_shelf(void *area, bool found)
{
	shelf = area;
	memory = (char *) area + MAXALIGN(sizeof(Shelf));
	shelf_lock = &GetNamedLWLockTranche(shelf_area.name)[0].lock;
	if (found)
		return;
	memset(shelf, 0, sizeof(Shelf));
	pg_atomic_init_u64(&shelf->serial, 0);
	for (int i = 0; i < PLACES; i++)
	{
		pg_atomic_init_u32(&shelf->places[i].pins, 0);
		pg_atomic_init_u64(&shelf->places[i].used_at, 0);
	}
}

/* A serial for a snapshot that no other one has, here or in another session. */
uint64
allm_shelf_next_serial(void)
{
	return pg_atomic_add_fetch_u64(&shelf->serial, 1);
}

/*
 * Puts a copy of a snapshot on the shelf, in which all changes before a position
 * are, unless there is one of its key, or no room.
 */
void
allm_shelf_offer(const AllmShelfKey *key, uint64 serial, uint64 position,
				 AllmImageWrite write, const void *snapshot)
{
	TimestampTz now = GetCurrentTimestamp();
	Size		size = allm_image_measure(write, snapshot);
	int			number;

	prepare_to_hold();
	LWLockAcquire(shelf_lock, LW_EXCLUSIVE);
	number = find_place(key) == ALLM_SHELF_NONE ?
		find_free(now) : ALLM_SHELF_NONE;
	if (number != ALLM_SHELF_NONE &&
		reserve(&shelf->places[number].parts[ALLM_SHELF_SNAPSHOT], size, now))
	{
		Place	   *place = &shelf->places[number];

		place->serial = serial;
		memcpy(&place->key, key, sizeof(AllmShelfKey));
		place->position = position;
		place->is_stale = false;
		hold(number, now);
	}
	else
		number = ALLM_SHELF_NONE;
	LWLockRelease(shelf_lock);
	if (number != ALLM_SHELF_NONE)
		write_part(number, ALLM_SHELF_SNAPSHOT, write, snapshot);
}

/*
 * The place of a snapshot, which this session then holds until its transaction
 * ends, with its serial and the position up to which it is known to be right; or
 * ALLM_SHELF_NONE.
 */
int
allm_shelf_find(const AllmShelfKey *key, uint64 *serial, uint64 *position)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	int			number;

	prepare_to_hold();
	LWLockAcquire(shelf_lock, LW_SHARED);
	number = find_place(key);
	if (number != ALLM_SHELF_NONE &&
		shelf->places[number].parts[ALLM_SHELF_SNAPSHOT].root == NULL)
		number = ALLM_SHELF_NONE;
	if (number != ALLM_SHELF_NONE)
	{
		*serial = shelf->places[number].serial;
		*position = shelf->places[number].position;
		hold(number, now);
	}
	LWLockRelease(shelf_lock);
	return number;
}

/*
 * Holds a place again, in a new transaction.  False: what was there is gone.
 */
bool
allm_shelf_hold(int number, uint64 serial)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	bool		is_there;

	if (is_held(number))
		return shelf->places[number].serial == serial;
	prepare_to_hold();
	LWLockAcquire(shelf_lock, LW_SHARED);
	is_there = shelf->places[number].serial == serial;
	if (is_there)
		hold(number, now);
	LWLockRelease(shelf_lock);
	return is_there;
}

/* The snapshot of a place that is held is right, up to a position. */
void
allm_shelf_confirm(int number, uint64 position)
{
	Place	   *place = &shelf->places[number];

	LWLockAcquire(shelf_lock, LW_EXCLUSIVE);
	place->position = Max(place->position, position);
	LWLockRelease(shelf_lock);
}

/* The snapshot of a place that is held is out of date: nobody finds it again. */
void
allm_shelf_retire(int number)
{
	LWLockAcquire(shelf_lock, LW_EXCLUSIVE);
	shelf->places[number].is_stale = true;
	LWLockRelease(shelf_lock);
}

/* A part of a place that is held, or NULL. */
const void *
allm_shelf_part(int number, AllmShelfPart part)
{
	const void *root;

	LWLockAcquire(shelf_lock, LW_SHARED);
	root = shelf->places[number].parts[part].root;
	LWLockRelease(shelf_lock);
	return root;
}

/*
 * Adds a part to a place that is held, and returns it; that of another session,
 * if it was quicker.  NULL: there is no room, or another one is at it.
 */
const void *
allm_shelf_add(int number, AllmShelfPart part, AllmImageWrite write,
			   const void *what)
{
	TimestampTz now = GetCurrentTimestamp();
	Size		size = allm_image_measure(write, what);
	bool		is_mine;

	LWLockAcquire(shelf_lock, LW_EXCLUSIVE);
	is_mine = shelf->places[number].parts[part].size == 0 &&
		reserve(&shelf->places[number].parts[part], size, now);
	LWLockRelease(shelf_lock);
	if (is_mine)
		write_part(number, part, write, what);
	return allm_shelf_part(number, part);
}

/*
 * Reports how full the shelf is.  Names are nobody's business here, and
 * numbers are no secret.
 */
void
allm_shelf_status(AllmStatusLine line, void *state)
{
	AllmJsonWriter detail;
	Size		bytes = 0;
	int			places = 0;
	int			stale = 0;
	int64		pins = 0;

	LWLockAcquire(shelf_lock, LW_SHARED);
	for (int i = 0; i < PLACES; i++)
	{
		Place	   *place = &shelf->places[i];

		pins += pg_atomic_read_u32(&place->pins);
		places += place->serial != 0;
		stale += place->serial != 0 && place->is_stale;
		for (int j = 0; j < ALLM_SHELF_PARTS; j++)
			bytes += place->parts[j].size;
	}
	LWLockRelease(shelf_lock);

	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "snapshots", places);
	allm_json_int(&detail, "stale", stale);
	allm_json_int(&detail, "held", pins);
	allm_json_int(&detail, "bytes", bytes);
	allm_json_int(&detail, "limit", memory_size());
	allm_json_close(&detail, '}');
	line(state, "schemas", "snapshots",
		 !allm_changes_are_known() ? "each session has its own" : "shared",
		 detail.buf.data);
}

/* What is held now is let go when the transaction ends, however it does. */
static void
prepare_to_hold(void)
{
	static MemoryContextCallback callback = {.func = let_go};

	if (will_let_go)
		return;
	MemoryContextRegisterResetCallback(TopTransactionContext, &callback);
	will_let_go = true;
}

/* Holds a place.  Under the lock. */
static void
hold(int number, TimestampTz now)
{
	pg_atomic_write_u64(&shelf->places[number].used_at, now);
	if (is_held(number))
		return;
	pg_atomic_fetch_add_u32(&shelf->places[number].pins, 1);
	held |= UINT64CONST(1) << number;
}

/* Does this session hold a place? */
static bool
is_held(int number)
{
	return (held & (UINT64CONST(1) << number)) != 0;
}

/* The transaction has ended. */
static void
let_go(void *arg)
{
	for (int i = 0; i < PLACES; i++)
	{
		if (is_held(i))
			pg_atomic_fetch_sub_u32(&shelf->places[i].pins, 1);
	}
	held = 0;
	will_let_go = false;
}

/* The place with the snapshot of a key.  Under the lock. */
static int
find_place(const AllmShelfKey *key)
{
	for (int i = 0; i < PLACES; i++)
	{
		const Place *place = &shelf->places[i];

		if (place->serial != 0 && !place->is_stale &&
			memcmp(&place->key, key, sizeof(AllmShelfKey)) == 0)
			return i;
	}
	return ALLM_SHELF_NONE;
}

/* A free place, if need be one that is made free.  Under the exclusive lock. */
static int
find_free(TimestampTz now)
{
	int			number;

	for (int i = 0; i < PLACES; i++)
	{
		if (shelf->places[i].serial == 0)
			return i;
	}
	number = find_idle(now);
	if (number != ALLM_SHELF_NONE)
		free_place(number);
	return number;
}

/* Reserves room for a part.  Under the exclusive lock. */
static bool
reserve(Part *part, Size size, TimestampTz now)
{
	Size		offset;

	if (size > memory_size())
		return false;
	while (!find_gap(size, &offset))
	{
		int			idle = find_idle(now);

		if (idle == ALLM_SHELF_NONE)
			return false;
		free_place(idle);
	}
	part->offset = offset;
	part->size = size;
	part->root = NULL;
	return true;
}

/* The first room between the parts that is large enough.  Under the lock. */
static bool
find_gap(Size size, Size *offset)
{
	Part		parts[PLACES * ALLM_SHELF_PARTS + 1];
	int			n = 0;

	for (int i = 0; i < PLACES; i++)
	{
		for (int j = 0; j < ALLM_SHELF_PARTS; j++)
		{
			if (shelf->places[i].parts[j].size > 0)
				parts[n++] = shelf->places[i].parts[j];
		}
	}
	qsort(parts, n, sizeof(Part), compare_parts);
	parts[n++].offset = memory_size();
	*offset = 0;
	for (int i = 0; i < n; i++)
	{
		if (parts[i].offset >= *offset && parts[i].offset - *offset >= size)
			return true;
		if (i < n - 1)
			*offset = MAXALIGN(parts[i].offset + parts[i].size);
	}
	return false;
}

/* For qsort: as they lie. */
static int
compare_parts(const void *a, const void *b)
{
	Size		left = ((const Part *) a)->offset;
	Size		right = ((const Part *) b)->offset;

	return left < right ? -1 : left > right;
}

/*
 * The place that can be spared most: one that is out of date, else the one that
 * has not been used for longest.  Under the exclusive lock.
 */
static int
find_idle(TimestampTz now)
{
	int			found = ALLM_SHELF_NONE;
	TimestampTz oldest = now - (TimestampTz) IDLE_MS * 1000;

	for (int i = 0; i < PLACES; i++)
	{
		Place	   *place = &shelf->places[i];
		TimestampTz used_at = place->is_stale ? 0 :
		(TimestampTz) pg_atomic_read_u64(&place->used_at);

		if (place->serial == 0 || pg_atomic_read_u32(&place->pins) > 0 ||
			used_at > oldest)
			continue;
		oldest = used_at;
		found = i;
	}
	return found;
}

/* Frees a place that nobody holds, with its room.  Under the exclusive lock. */
static void
free_place(int number)
{
	Place	   *place = &shelf->places[number];

	place->serial = 0;
	memset(place->parts, 0, sizeof(place->parts));
}

/* Writes a part into its room, and lets it be seen. */
static void
write_part(int number, AllmShelfPart part, AllmImageWrite write,
		   const void *what)
{
	Part	   *to = &shelf->places[number].parts[part];
	void	   *root = allm_image_write(memory + to->offset, write, what);

	LWLockAcquire(shelf_lock, LW_EXCLUSIVE);
	to->root = root;
	LWLockRelease(shelf_lock);
}
