/*
 * slots.c
 *		The queue in shared memory: room, lists of blocks, states of writers.
 *
 * One area: the head below, and behind it a DSA area made in place that never
 * grows beyond analytics_llm.queue_memory.  A block of that area holds all
 * records of one question.  Each database with records has a slot, which is a
 * list of blocks in the order in which they were handed over.
 *
 * Locking.  One LWLock, the queue lock, guards the head and every slot; it is
 * held for a few assignments, never while memory of the area is allocated or
 * freed, records are copied or printed, or a latch is set.  The area has locks
 * of its own, taken when the queue lock is not held.  A block that was taken
 * belongs to its process until it is appended, and from then on to the one
 * process that empties the slot: its writer, or the launcher when it has none
 * and cannot get one.  Blocks are freed by that process alone, so it may read
 * the list without the lock, but for the end of it.
 *
 * Memory that is promised or used is counted here, in the sizes that the area
 * really gives: that is what bounds one database against the others.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "ledger/record.h"
#include "ledger/slots.h"

/*
 * Blocks up to this size come in powers of two, so that the area needs few
 * size classes, each of which ties up 64 kB.  Larger ones are whole pages.
 */
#define LARGEST_CLASS		8192
#define SMALLEST_CLASS		1024
#define AREA_PAGE			4096

/*
 * A database may hold this many times what is left free.  One whose writer
 * cannot write thus fills four fifths of the queue, two of them four ninths
 * each, and there is always room for the records of the others.
 */
#define SHARE_OF_FREE		4

/*
 * Milliseconds between attempts to write: doubled from the first to the last,
 * which is short enough for a session that waits in llm_flush().
 */
#define FIRST_BACK_OFF		250
#define LAST_BACK_OFF		5000

/* A worker slot can become free at any time, and nobody tells. */
#define NO_WORKER_BACK_OFF	500

#define AREA_OFFSET			MAXALIGN(sizeof(AllmQueue))

AllmQueue  *allm_queue = NULL;
LWLock	   *allm_queue_lock = NULL;

static dsa_area *area = NULL;	/* this process's handle on it */
static int	own_slot = -1;		/* a guess; verified under the lock */

static Size queue_size(void);
static void attach_queue(void *place, bool found);
static void make_area(void *place);
static void detach_area(int code, Datum arg);
static Size round_size(Size size);
static AllmSlot *find_slot(Oid database);

static const AllmShmemArea queue_area =
{
	"analytics_llm queue", 1, queue_size, attach_queue
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_slots_install(void)
{
	allm_shmem_register(&queue_area);
}

/* The bytes of the head and of the DSA area behind it. */
static Size
queue_size(void)
{
	return add_size(AREA_OFFSET, allm_slots_limit());
}

/* The bytes that records and promised room may take. */
Size
allm_slots_limit(void)
{
	return mul_size(allm_queue_memory, 1024);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_queue(void *place, bool found)
{
	allm_queue = place;
	allm_queue_lock = &GetNamedLWLockTranche(queue_area.name)[0].lock;
	if (found)
		return;

	memset(allm_queue, 0, sizeof(AllmQueue));
	pg_atomic_init_u64(&allm_queue->printed, 0);
	pg_atomic_init_u64(&allm_queue->copied, 0);
	ConditionVariableInit(&allm_queue->room);
	for (int i = 0; i < ALLM_SLOTS; i++)
		ConditionVariableInit(&allm_queue->slots[i].popped);
	make_area((char *) place + AREA_OFFSET);
}

/*
 * Makes the DSA area.  The postmaster keeps no handle on it; pinning keeps the
 * area alive while no process has one.
 */
static void
make_area(void *place)
{
	dsa_area   *made = dsa_create_in_place(place, allm_slots_limit(),
										   allm_queue_lock->tranche, NULL);

	dsa_set_size_limit(made, allm_slots_limit());
	dsa_pin(made);
	dsa_detach(made);
}

/* Gets this process its handle, once. */
void
allm_slots_attach(void)
{
	MemoryContext caller;

	if (area != NULL)
		return;
	caller = MemoryContextSwitchTo(TopMemoryContext);
	area = dsa_attach_in_place((char *) allm_queue + AREA_OFFSET, NULL);
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
	dsa_release_in_place((char *) allm_queue + AREA_OFFSET);
}

/* What the area gives for a request of that size. */
static Size
round_size(Size size)
{
	if (size > LARGEST_CLASS)
		return TYPEALIGN(AREA_PAGE, size);
	return Max(SMALLEST_CLASS, pg_nextpower2_64(size));
}

/*
 * Takes room for "size" bytes for the current database; false when there is
 * none at this moment, or no slot.  Does not wait.  The caller owns the room,
 * and no interrupt is served between the taking and the return.
 */
bool
allm_slots_take(Size size, AllmPlace *place)
{
	return allm_slots_take_for(MyDatabaseId, size, place);
}

/* The same for another database. */
bool
allm_slots_take_for(Oid database, Size size, AllmPlace *place)
{
	Size		rounded;
	Size		left;
	AllmSlot   *slot;

	place->block = InvalidDsaPointer;
	if (size > allm_slots_limit() || !AllocSizeIsValid(size))
		return false;
	rounded = round_size(size);
	allm_slots_attach();

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	slot = find_slot(database);
	left = allm_slots_limit() - allm_queue->bytes;
	if (slot == NULL || rounded > left ||
		slot->bytes + rounded > left * SHARE_OF_FREE)
	{
		LWLockRelease(allm_queue_lock);
		return false;
	}
	slot->bytes += rounded;
	allm_queue->bytes += rounded;
	allm_queue->reserved += rounded;
	LWLockRelease(allm_queue_lock);

	place->slot = slot - allm_queue->slots;
	place->size = rounded;
	place->block = dsa_allocate_extended(area, rounded, DSA_ALLOC_NO_OOM);
	if (DsaPointerIsValid(place->block))
		return true;
	allm_slots_give_back(place);	/* there is room, but in pieces */
	return false;
}

/*
 * A slot for a database without records, so that a writer can be started for
 * something else; -1 when it has records or a writer, was swept since that
 * time, or no slot is free.
 */
int
allm_slots_open(Oid database, TimestampTz swept_before)
{
	AllmSlot   *slot;
	int			found = -1;

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	slot = find_slot(database);
	if (slot != NULL && slot->writer == 0 &&
		slot->state != ALLM_WRITER_STARTING &&
		!DsaPointerIsValid(slot->head) &&
		slot->sweep.ended_at < swept_before)
		found = slot - allm_queue->slots;
	LWLockRelease(allm_queue_lock);
	return found;
}

/*
 * Gives back room that was taken, and that no append has consumed; a place
 * whose block could not be had still has its size.
 */
void
allm_slots_give_back(AllmPlace *place)
{
	if (DsaPointerIsValid(place->block))
		dsa_free(area, place->block);
	place->block = InvalidDsaPointer;

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	allm_queue->slots[place->slot].bytes -= place->size;
	allm_queue->bytes -= place->size;
	allm_queue->reserved -= place->size;
	LWLockRelease(allm_queue_lock);
	ConditionVariableBroadcast(&allm_queue->room);
}

/* The memory of a block that was taken. */
AllmBlock *
allm_slots_block(const AllmPlace *place)
{
	return dsa_get_address(area, place->block);
}

/*
 * Hands a filled block over, and gives the number by which to wait for it.
 * False when nobody will empty the slot, since the server is shutting down, or
 * when "guard", if it is given, says no: the room then stays the caller's.
 */
bool
allm_slots_append(AllmPlace *place, uint64 *sequence, const AllmGuard *guard)
{
	AllmSlot   *slot = &allm_queue->slots[place->slot];
	AllmBlock  *block = allm_slots_block(place);
	AllmBlock  *last = NULL;
	Latch	   *latch = NULL;

	block->next = InvalidDsaPointer;
	block->size = place->size;

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	if ((allm_queue->closed && slot->writer == 0) ||
		(guard != NULL && pg_atomic_read_u64(guard->counter) != guard->value))
	{
		LWLockRelease(allm_queue_lock);
		return false;
	}
	block->sequence = *sequence = ++allm_queue->sequence;
	if (DsaPointerIsValid(slot->tail))
		last = dsa_get_address(area, slot->tail);
	if (last != NULL)
		last->next = place->block;
	else
		slot->head = place->block;
	slot->tail = place->block;
	slot->pending += block->nrecord;
	allm_queue->reserved -= place->size;

	/* Who has something to do already looks again before it sleeps. */
	if (last == NULL)
		latch = slot->writer != 0 ? slot->writer_latch : allm_queue->launcher_latch;
	if (slot->state == ALLM_WRITER_IDLE)
		allm_slots_mark(slot, ALLM_WRITER_WAITING);
	LWLockRelease(allm_queue_lock);

	place->block = InvalidDsaPointer;
	if (latch != NULL)
		SetLatch(latch);
	return true;
}

/* The blocks that one transaction may take: at least one, when there is one. */
void
allm_slots_peek(int slot_no, int max_records, Size max_bytes,
				AllmBatch *batch)
{
	int			nrecord = 0;
	Size		bytes = 0;
	dsa_pointer next;

	memset(batch, 0, sizeof(*batch));
	LWLockAcquire(allm_queue_lock, LW_SHARED);
	batch->first = next = allm_queue->slots[slot_no].head;
	batch->others_wait = allm_queue->waiting > 0;
	while (DsaPointerIsValid(next))
	{
		AllmBlock  *block = dsa_get_address(area, next);

		nrecord += block->nrecord;
		bytes += block->size;
		if (batch->nblock > 0 && (nrecord > max_records || bytes > max_bytes))
			break;
		batch->nblock++;
		next = block->next;
	}
	LWLockRelease(allm_queue_lock);
}

/* The next record of a batch, NULL after the last one. */
AllmBlockRecord *
allm_slots_walk(const AllmBatch *batch, AllmBatchWalk *walk)
{
	AllmBlockRecord *record;

	while (walk->block == NULL || walk->nrecord == walk->block->nrecord)
	{
		if (walk->nblock == batch->nblock)
			return NULL;
		walk->block = dsa_get_address(area, walk->block == NULL ?
									  batch->first : walk->block->next);
		walk->nblock++;
		walk->nrecord = 0;
		walk->next = (char *) walk->block + MAXALIGN(sizeof(AllmBlock));
	}
	record = (AllmBlockRecord *) walk->next;
	walk->next += MAXALIGN(sizeof(AllmBlockRecord) + record->length + 1);
	walk->nrecord++;
	return record;
}

/*
 * Takes the first blocks out of the list, frees them, and wakes those who
 * wait for that.  The records have been committed or printed; the caller holds
 * interrupts off from there to here.  That this worked ends a row of failures.
 */
void
allm_slots_pop(int slot_no, int nblock)
{
	AllmSlot   *slot = &allm_queue->slots[slot_no];
	dsa_pointer first;
	dsa_pointer end;
	AllmBlock  *block = NULL;
	Size		bytes = 0;

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	first = end = slot->head;
	for (int i = 0; i < nblock; i++)
	{
		block = dsa_get_address(area, end);
		end = block->next;
		bytes += block->size;
		slot->pending -= block->nrecord;
	}
	slot->head = end;
	if (!DsaPointerIsValid(end))
		slot->tail = InvalidDsaPointer;
	slot->written = block->sequence;
	slot->failures = 0;
	slot->error_code = 0;
	LWLockRelease(allm_queue_lock);

	for (int i = 0; i < nblock; i++)
	{
		block = dsa_get_address(area, first);
		end = block->next;
		dsa_free(area, first);
		first = end;
	}

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	slot->bytes -= bytes;
	allm_queue->bytes -= bytes;
	LWLockRelease(allm_queue_lock);
	ConditionVariableBroadcast(&slot->popped);
	ConditionVariableBroadcast(&allm_queue->room);
}

/*
 * Prints every record of a slot to the server log and takes it out, a block at
 * a time.  For the process that empties the slot, when nobody can write them.
 */
void
allm_slots_print_all(int slot)
{
	AllmBatch	batch;

	allm_slots_attach();
	for (;;)
	{
		AllmBatchWalk walk = {0};
		AllmBlockRecord *record;

		allm_slots_peek(slot, 1, 1, &batch);
		if (batch.nblock == 0)
			break;
		HOLD_INTERRUPTS();
		while ((record = allm_slots_walk(&batch, &walk)) != NULL)
		{
			if (allm_record_may_be_lost(record->kind))
				continue;
			pg_atomic_fetch_add_u64(&allm_queue->printed, 1);
			allm_record_print(record->kind, (char *) (record + 1), false);
		}
		allm_slots_pop(slot, 1);
		RESUME_INTERRUPTS();
	}
}

/*
 * Records why a database has no writer, and when the next attempt is due.  A
 * writer that says so of itself has left the slot with that.  Wakes those who
 * wait for its records.  The server log has the first failure of a row; the
 * others are in llm_status().
 */
void
allm_slots_fail(int slot_no, Oid database, AllmWriterState state,
				int error_code, const char *error)
{
	AllmSlot   *slot = &allm_queue->slots[slot_no];
	TimestampTz now = GetCurrentTimestamp();
	int			delay = NO_WORKER_BACK_OFF;
	int			failures = 0;
	int			length = pg_mbcliplen(error, strlen(error),
									  ALLM_CAUSE_BYTES - 1);
	Latch	   *latch;

	LWLockAcquire(allm_queue_lock, LW_EXCLUSIVE);
	if (slot->database == database &&
		(slot->writer == 0 || slot->writer == MyProcPid))
	{
		allm_slots_vacate(slot);
		allm_slots_mark(slot, state);
		failures = ++slot->failures;
		if (state != ALLM_WRITER_NO_WORKER)
			delay = Min(LAST_BACK_OFF, FIRST_BACK_OFF << Min(failures - 1, 8));
		slot->retry_at = TimestampTzPlusMilliseconds(now, delay);
		slot->error_code = error_code;
		memcpy(slot->error, error, length);
		slot->error[length] = '\0';
		slot->encoding = GetDatabaseEncoding();
	}
	latch = allm_queue->launcher_latch;
	LWLockRelease(allm_queue_lock);

	if (latch != NULL)
		SetLatch(latch);
	ConditionVariableBroadcast(&slot->popped);
	if (failures == 1)
		ereport(LOG,
				(errcode(error_code),
				 errmsg("analytics_llm could not write the records of the database with OID %u: %s",
						database, error),
				 errdetail("They stay in the queue, and writing them is tried again.")));
}

/*
 * The slot of a database, under the exclusive queue lock: the one that it has,
 * else one that is empty, with everything before counted as written; NULL when
 * all of them hold records of other databases.
 */
static AllmSlot *
find_slot(Oid database)
{
	AllmSlot   *free_slot = NULL;

	if (own_slot >= 0 && allm_queue->slots[own_slot].database == database)
		return &allm_queue->slots[own_slot];

	for (int i = 0; i < ALLM_SLOTS; i++)
	{
		AllmSlot   *slot = &allm_queue->slots[i];

		if (slot->database == database)
		{
			own_slot = i;
			return slot;
		}
		if (slot->bytes == 0 && slot->writer == 0 &&
			slot->state != ALLM_WRITER_STARTING &&
			(free_slot == NULL || !OidIsValid(slot->database)))
			free_slot = slot;
	}
	if (free_slot == NULL)
		return NULL;

	free_slot->database = database;
	free_slot->written = allm_queue->sequence;
	free_slot->retry_at = 0;
	free_slot->failures = 0;
	free_slot->error_code = 0;
	memset(&free_slot->sweep, 0, sizeof(AllmSweep));
	allm_slots_mark(free_slot, ALLM_WRITER_IDLE);
	own_slot = free_slot - allm_queue->slots;
	return free_slot;
}

/* Sets a state, and since when; under the exclusive queue lock. */
void
allm_slots_mark(AllmSlot *slot, AllmWriterState state)
{
	if (slot->state != state)
		slot->since = GetCurrentTimestamp();
	slot->state = state;
}

/* Takes the writer out of a slot; under the exclusive queue lock. */
void
allm_slots_vacate(AllmSlot *slot)
{
	slot->writer = 0;
	slot->writer_latch = NULL;
	slot->retry_at = 0;
	allm_slots_mark(slot, DsaPointerIsValid(slot->head) ?
					ALLM_WRITER_WAITING : ALLM_WRITER_IDLE);
}
