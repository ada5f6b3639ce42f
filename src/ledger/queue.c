/*
 * queue.c
 *		Handing records over, and waiting until they are written.
 *
 * Owns what a session knows of the queue: the room that was promised to its
 * questions, and the number of the last block that it handed over.  The shared
 * memory and its lock belong to slots.c.
 *
 * A record is never lost silently.  When it cannot be handed over, it is
 * printed to the server log here: on a standby, which has no writer; while the
 * server shuts down; and when the queue is full.  What is in the queue dies
 * with shared memory, that is with a crash or an immediate shutdown: what must
 * outlive one is waited for with allm_queue_commit(), or llm_flush().
 */
#include "postgres.h"

#include "access/xlog.h"
#include "fmgr.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "ledger/hits.h"
#include "ledger/queue.h"
#include "ledger/report.h"
#include "ledger/slots.h"

/*
 * How long a question waits for room.  A writer frees that of some thousand
 * records in this time; when it does not, it cannot write, and waiting longer
 * would not help.
 */
#define ROOM_PATIENCE		100 /* ms */

/*
 * How long an answer waits for the commit of what it cost.  A writer needs some
 * ten milliseconds; one that has others to serve, or has to be started on a
 * busy machine, gets to it in this time.
 */
#define COMMIT_PATIENCE		5000	/* ms */

/* The header of a block, and those of a question's few records. */
#define ROOM_OVERHEAD		256

/* Promised room this many times too large is exchanged for smaller. */
#define ROOM_EXCESS			2

struct AllmRoom
{
	dlist_node	node;			/* in "rooms", while "held" */
	bool		held;
	AllmPlace	place;
	MemoryContextCallback callback;
};

static dlist_head rooms = DLIST_STATIC_INIT(rooms);
static int	last_slot = -1;		/* of the last block handed over, */
static uint64 last_sequence = 0;	/* and its number */
static int64 printed_here = 0;	/* records, since the last llm_flush() */

extern PGDLLEXPORT Datum analytics_llm_flush(PG_FUNCTION_ARGS);

static bool has_queue(void);
static bool take_with_patience(Size size, AllmDeadline deadline,
							   AllmPlace *place);
static void release_callback(void *room);
static void release_at_exit(int code, Datum arg);
static void give_room_back(AllmRoom *room);
static bool hand_over(AllmRoom *room, const AllmRecord *records, int n,
					  const AllmGuard *guard);
static bool find_place(AllmRoom *room, Size size, AllmPlace *place);
static Size block_size(const AllmRecord *records, int n);
static void fill_block(AllmBlock *block, const AllmRecord *records, int n);
static void print_records(const AllmRecord *records, int n);
static bool wait_until_written(int slot, uint64 sequence,
							   AllmDeadline deadline, bool even_in_trouble);
static bool is_written(int slot, uint64 sequence);
static bool is_in_trouble(int slot);
static int	find_newest(uint64 *sequence);

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_queue_install(void)
{
	allm_slots_install();
}

/*
 * Promises room for records of "size" bytes in all, owned by the current memory
 * context; NULL when there is none, after a short wait that ends with the
 * deadline at the latest.  Serves interrupts.  The memory is really taken, so
 * that a record of what was spent finds its place.
 *
 * On a standby, nothing is taken: records go to the server log, which has room.
 */
AllmRoom *
allm_queue_reserve(Size size, AllmDeadline deadline)
{
	static bool exit_registered = false;
	AllmRoom   *room = palloc0(sizeof(AllmRoom));

	if (!has_queue())
		return room;

	room->callback.func = release_callback;
	room->callback.arg = room;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &room->callback);
	if (!take_with_patience(add_size(size, ROOM_OVERHEAD), deadline,
							&room->place))
		return NULL;
	room->held = true;
	dlist_push_head(&rooms, &room->node);

	/* Registered after the area's own, which has to run after it. */
	if (!exit_registered)
		on_shmem_exit(release_at_exit, (Datum) 0);
	exit_registered = true;
	return room;
}

/* Gives promised room back.  Nothing happens when it was used already. */
void
allm_queue_release(AllmRoom *room)
{
	if (room->held)
		give_room_back(room);
}

/*
 * Hands over all records of one question, in order: all of them come to the
 * writer together, or all are printed to the server log.  Uses up the room, if
 * there is any.  Never waits, reads no catalog, and serves no interrupt, so
 * that it may be called while a transaction or the process is ending.
 */
void
allm_queue_put(AllmRoom *room, const AllmRecord *records, int n)
{
	HOLD_INTERRUPTS();
	if (n > 0 && !(has_queue() && hand_over(room, records, n, NULL)))
		print_records(records, n);
	if (room != NULL)
		allm_queue_release(room);
	RESUME_INTERRUPTS();
}

/*
 * Waits until the last records that this session handed over are committed, so
 * that no crash can lose them; for some seconds, and until "latest" at most.
 * When the writer cannot do that, or not in time,
 * the server log gets a copy of those that are given.  Does not wait at all
 * when a writer has just failed: the session itself may hold the lock that it
 * waits for, which nobody would detect.  Serves interrupts.
 */
void
allm_queue_commit(const AllmRecord *records, int n, AllmDeadline latest)
{
	AllmDeadline patience = allm_deadline_in(COMMIT_PATIENCE);

	if (last_slot < 0 ||
		wait_until_written(last_slot, last_sequence,
						   allm_deadline_sooner(patience, latest), false))
		return;
	HOLD_INTERRUPTS();
	pg_atomic_fetch_add_u64(&allm_queue->copied, n);
	for (int i = 0; i < n; i++)
		allm_record_print(records[i].kind, records[i].json, true);
	RESUME_INTERRUPTS();
}

/*
 * Hands over a record that may be lost: false, and nothing happens, where
 * nobody will write it, when the guard says no, or when less than half of the
 * queue is free, which is for those that may not.  As allm_queue_put otherwise.
 */
bool
allm_queue_offer(const AllmRecord *record, const AllmGuard *guard)
{
	bool		taken = false;

	HOLD_INTERRUPTS();
	if (has_queue())
	{
		Size		size = block_size(record, 1);
		Size		used;

		LWLockAcquire(allm_queue_lock, LW_SHARED);
		used = allm_queue->bytes;
		LWLockRelease(allm_queue_lock);
		if (used + size <= allm_slots_limit() / 2)
			taken = hand_over(NULL, record, 1, guard);
	}
	RESUME_INTERRUPTS();
	return taken;
}

/*
 * Hands over a record of another database, or of this one.  As allm_queue_put
 * otherwise; it may be called where there is no database.
 */
void
allm_queue_put_for(Oid database, const AllmRecord *record)
{
	AllmPlace	place;
	uint64		sequence;
	bool		taken = false;

	HOLD_INTERRUPTS();
	if (!RecoveryInProgress() &&
		allm_slots_take_for(database, block_size(record, 1), &place))
	{
		fill_block(allm_slots_block(&place), record, 1);
		taken = allm_slots_append(&place, &sequence, NULL);
		if (!taken)
			allm_slots_give_back(&place);
		else if (database == MyDatabaseId)
		{
			last_slot = place.slot;
			last_sequence = sequence;
		}
	}
	if (!taken)
		print_records(record, 1);
	RESUME_INTERRUPTS();
}

/*
 * Is there a queue that a writer will empty?  Not without preloading, in
 * single-user mode, on a standby, or outside a database.
 */
static bool
has_queue(void)
{
	return allm_loaded() && IsUnderPostmaster && OidIsValid(MyDatabaseId) &&
		!RecoveryInProgress();
}

/* Takes room, waiting for it as long as that makes sense. */
static bool
take_with_patience(Size size, AllmDeadline deadline, AllmPlace *place)
{
	AllmDeadline patience;
	bool		taken;

	if (allm_slots_take(size, place))
		return true;
	if (size > allm_slots_limit())
		return false;

	patience = allm_deadline_sooner(deadline,
									allm_deadline_in(ROOM_PATIENCE));
	while (!(taken = allm_slots_take(size, place)))
	{
		long		left = allm_deadline_left(patience);

		if (left <= 0)
			break;
		(void) ConditionVariableTimedSleep(&allm_queue->room, left,
										   PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	return taken;
}

/* The memory context that owns a room goes away. */
static void
release_callback(void *room)
{
	allm_queue_release(room);
}

/*
 * Gives back what no memory context has, when the process exits.  Runs after
 * those callbacks that end a transaction and may still hand records over.
 */
static void
release_at_exit(int code, Datum arg)
{
	while (!dlist_is_empty(&rooms))
		give_room_back(dlist_head_element(AllmRoom, node, &rooms));
}

/* Takes promised memory off this session's list, and returns it to the queue. */
static void
give_room_back(AllmRoom *room)
{
	dlist_delete(&room->node);
	room->held = false;
	allm_slots_give_back(&room->place);
}

/* Gives the records to the writer; false when they have to be printed. */
static bool
hand_over(AllmRoom *room, const AllmRecord *records, int n,
		  const AllmGuard *guard)
{
	AllmPlace	place;
	uint64		sequence;

	if (!find_place(room, block_size(records, n), &place))
		return false;
	fill_block(allm_slots_block(&place), records, n);
	if (!allm_slots_append(&place, &sequence, guard))
	{
		allm_slots_give_back(&place);
		return false;
	}
	last_slot = place.slot;
	last_sequence = sequence;
	return true;
}

/*
 * Finds a block of at least that size: a new one when the promised one is too
 * small, or much too large, which matters when the writer cannot write and the
 * queue fills up; else the promised one.
 */
static bool
find_place(AllmRoom *room, Size size, AllmPlace *place)
{
	bool		held = room != NULL && room->held;

	if (!held || room->place.size < size ||
		room->place.size / ROOM_EXCESS > size)
	{
		if (allm_slots_take(size, place))
			return true;
		if (!held)
			return false;
		if (room->place.size < size)
		{
			/* Together with what was promised there may be enough. */
			give_room_back(room);
			return allm_slots_take(size, place);
		}
	}
	dlist_delete(&room->node);
	room->held = false;
	*place = room->place;
	return true;
}

/* The bytes that these records need in a block. */
static Size
block_size(const AllmRecord *records, int n)
{
	Size		size = MAXALIGN(sizeof(AllmBlock));

	for (int i = 0; i < n; i++)
		size += MAXALIGN(sizeof(AllmBlockRecord) +
						 strlen(records[i].json) + 1);
	return size;
}

/* Copies the records into a block that nobody else sees yet. */
static void
fill_block(AllmBlock *block, const AllmRecord *records, int n)
{
	char	   *at = (char *) block + MAXALIGN(sizeof(AllmBlock));

	block->nrecord = n;
	for (int i = 0; i < n; i++)
	{
		AllmBlockRecord *record = (AllmBlockRecord *) at;

		record->kind = records[i].kind;
		record->length = strlen(records[i].json);
		at += sizeof(AllmBlockRecord);
		memcpy(at, records[i].json, record->length + 1);
		at = (char *) record +
			MAXALIGN(sizeof(AllmBlockRecord) + record->length + 1);
	}
}

/* The way of records that no writer can take.  Counted before it can fail. */
static void
print_records(const AllmRecord *records, int n)
{
	if (allm_loaded())
		pg_atomic_fetch_add_u64(&allm_queue->printed, n);
	printed_here += n;
	for (int i = 0; i < n; i++)
		allm_record_print(records[i].kind, records[i].json, false);
}

/*
 * analytics_llm_flush
 *		Wait until a writer has dealt with all that this session handed over.
 *
 * SQL: llm_flush() returns void
 *
 * Raises 55000 with the cause when that takes longer than
 * analytics_llm.request_timeout.  Records of this session that went to the
 * server log will never be in the tables, which is a WARNING, once.  On a
 * standby that is the rule, and there is nothing to wait for.
 */
PG_FUNCTION_INFO_V1(analytics_llm_flush);
Datum
analytics_llm_flush(PG_FUNCTION_ARGS)
{
	AllmDeadline deadline;
	int64		printed = printed_here;

	allm_require_loaded();
	if (RecoveryInProgress())
		PG_RETURN_VOID();

	allm_hits_hand_over(true);
	deadline = allm_deadline_in(allm_request_timeout);
	if (last_slot >= 0 &&
		!wait_until_written(last_slot, last_sequence, deadline, true))
		allm_report_not_written();

	printed_here = 0;
	if (printed > 0)
		ereport(WARNING,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg_plural("%lld record of this session went to the server log instead of its table",
							   "%lld records of this session went to the server log instead of their tables",
							   (unsigned long) printed, (long long) printed)));
	PG_RETURN_VOID();
}

/*
 * Waits until a block of this database has left its list; false when the time
 * is up before or, unless that is to be waited for, the writer is in trouble.
 */
static bool
wait_until_written(int slot, uint64 sequence, AllmDeadline deadline,
				   bool even_in_trouble)
{
	bool		written;

	while (!(written = is_written(slot, sequence)))
	{
		long		left = allm_deadline_left(deadline);

		if (left <= 0 || (!even_in_trouble && is_in_trouble(slot)))
			break;
		(void) ConditionVariableTimedSleep(&allm_queue->slots[slot].popped,
										   left, PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	return written;
}

/*
 * Has that block left its list?  A slot that another database has taken over
 * was empty, and numbers are never used again.
 */
static bool
is_written(int slot, uint64 sequence)
{
	bool		written;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	written = allm_queue->slots[slot].database != MyDatabaseId ||
		allm_queue->slots[slot].written >= sequence;
	LWLockRelease(allm_queue_lock);
	return written;
}

/*
 * Has the last attempt to write the records of a slot failed?  Not when it did
 * because the postmaster is gone: then this process ends, too, at its next wait,
 * and must not tell its client before.
 */
static bool
is_in_trouble(int slot)
{
	bool		failed;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	failed = allm_queue->slots[slot].failures > 0;
	LWLockRelease(allm_queue_lock);
	return failed && PostmasterIsAlive();
}

/*
 * Waits until all records of this database that anybody has handed over so far
 * are out of the queue; false when the time is up before.  Serves interrupts.
 */
bool
allm_queue_wait(AllmDeadline deadline)
{
	uint64		sequence;
	int			slot;

	if (!has_queue())
		return true;
	allm_slots_attach();
	slot = find_newest(&sequence);
	return slot < 0 || wait_until_written(slot, sequence, deadline, true);
}

/* The slot of this database and its newest block; -1 when it is empty. */
static int
find_newest(uint64 *sequence)
{
	int			found = -1;

	LWLockAcquire(allm_queue_lock, LW_SHARED);
	for (int i = 0; i < ALLM_SLOTS; i++)
	{
		AllmSlot   *slot = &allm_queue->slots[i];

		if (slot->database == MyDatabaseId && DsaPointerIsValid(slot->tail))
		{
			AllmPlace	tail = {i, slot->tail, 0};

			found = i;
			*sequence = allm_slots_block(&tail)->sequence;
		}
	}
	LWLockRelease(allm_queue_lock);
	return found;
}
