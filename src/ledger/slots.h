/*
 * slots.h
 *		The queue in shared memory: a first-in first-out list of blocks for
 *		each database that has records, and the state of its writer.
 *
 * The head comment of slots.c has the rules of locking.  "Queue lock" below is
 * allm_queue_lock.
 */
#ifndef ALLM_LEDGER_SLOTS_H
#define ALLM_LEDGER_SLOTS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "utils/dsa.h"

/*
 * Databases that can have records at the same time.  A slot is 0.5 kB, and is
 * taken over by another database when it is empty, so this is not a limit on
 * the databases of a server.  When all of them have records, the records of
 * one more go to the server log.
 */
#define ALLM_SLOTS			256

/* Longer causes are cut: they are for a person to read. */
#define ALLM_CAUSE_BYTES	256

/* What the writer of a database is doing, or why there is none. */
typedef enum AllmWriterState
{
	ALLM_WRITER_IDLE,			/* none, and no records */
	ALLM_WRITER_WAITING,		/* for its turn */
	ALLM_WRITER_NO_WORKER,		/* no background worker slot was free */
	ALLM_WRITER_NO_CONNECTION,	/* the database takes no connections */
	ALLM_WRITER_BLOCKED,		/* records could not be written, will retry */
	ALLM_WRITER_STARTING,
	ALLM_WRITER_RUNNING
} AllmWriterState;

/* How far the deletion of old records is.  All fields: queue lock. */
typedef struct AllmSweep
{
	bool		running;
	int			kind;			/* the AllmRecordKind that it is at */
	int			steps;			/* of the sweep that runs, or the last one */
	int64		rows;			/* deleted in it */
	TimestampTz ended_at;		/* the last one; 0: none yet */
	TimestampTz not_before;		/* after a failure */
} AllmSweep;

/* The records of one database.  All fields: queue lock. */
typedef struct AllmSlot
{
	Oid			database;		/* invalid: never used */
	dsa_pointer head;
	dsa_pointer tail;
	int64		pending;		/* records in the list */
	Size		bytes;			/* blocks in the list, and promised ones */
	uint64		written;		/* everything up to this is out of the list */
	AllmWriterState state;
	TimestampTz since;			/* of that state */
	pid_t		writer;			/* 0: none has claimed the slot */
	Latch	   *writer_latch;	/* in the writer's PGPROC, hence shared */
	TimestampTz retry_at;		/* no writer is started sooner */
	int			failures;		/* in a row */
	int			error_code;		/* SQLSTATE of the last failure; 0: none */
	char		error[ALLM_CAUSE_BYTES];	/* its message, */
	int			encoding;		/* in that of the database */
	AllmSweep	sweep;
	ConditionVariable popped;	/* has a lock of its own */
} AllmSlot;

/* The head of the area. */
typedef struct AllmQueue
{
	uint64		sequence;		/* queue lock; of the newest block */
	Size		bytes;			/* queue lock; over all slots */
	Size		reserved;		/* queue lock; the part without records yet */
	int			waiting;		/* queue lock; databases that want a writer */
	bool		closed;			/* queue lock; no new writer will start */
	pid_t		launcher;		/* queue lock; 0: there is none */
	Latch	   *launcher_latch; /* queue lock; in its PGPROC */
	pg_atomic_uint64 printed;	/* atomic; records in the server log, */
	pg_atomic_uint64 copied;	/* and those that are in the queue as well */
	ConditionVariable room;		/* has a lock of its own */
	AllmSlot	slots[ALLM_SLOTS];
} AllmQueue;

/* Room that was taken from the queue; block is invalid when it was not. */
typedef struct AllmPlace
{
	int			slot;
	dsa_pointer block;
	Size		size;			/* bytes that are accounted for it */
} AllmPlace;

/*
 * What must not have happened when a block is handed over: a counter of shared
 * memory is still at that value.
 */
typedef struct AllmGuard
{
	pg_atomic_uint64 *counter;
	uint64		value;
} AllmGuard;

/* One record in a block, followed by its JSON and a zero byte. */
typedef struct AllmBlockRecord
{
	int32		kind;			/* an AllmRecordKind */
	int32		length;			/* of the JSON, without the zero byte */
} AllmBlockRecord;

/*
 * All records of one question.  Filled by the process that took the room,
 * before it is in a list; read only by the one process that empties the slot.
 */
typedef struct AllmBlock
{
	dsa_pointer next;			/* queue lock; constant but in the last one */
	uint64		sequence;		/* queue lock */
	Size		size;			/* bytes that are accounted for it */
	int32		nrecord;
	/* records follow, each at a MAXALIGNed offset */
} AllmBlock;

/* The blocks that one transaction of a writer takes. */
typedef struct AllmBatch
{
	dsa_pointer first;
	int			nblock;
	bool		others_wait;	/* other databases wait for a writer */
} AllmBatch;

/* Where a walk over the records of a batch is; zero at the start. */
typedef struct AllmBatchWalk
{
	AllmBlock  *block;
	int			nblock;			/* begun so far */
	int			nrecord;		/* begun so far, of the block */
	char	   *next;			/* record */
} AllmBatchWalk;

extern AllmQueue *allm_queue;
extern LWLock *allm_queue_lock;

extern void allm_slots_install(void);
extern Size allm_slots_limit(void);
extern void allm_slots_attach(void);

/* For the launcher. */
extern int	allm_slots_open(Oid database, TimestampTz swept_before);

/* For those who hand over. */
extern bool allm_slots_take(Size size, AllmPlace *place);
extern bool allm_slots_take_for(Oid database, Size size, AllmPlace *place);
extern void allm_slots_give_back(AllmPlace *place);
extern AllmBlock *allm_slots_block(const AllmPlace *place);
extern bool allm_slots_append(AllmPlace *place, uint64 *sequence,
							  const AllmGuard *guard);

/* For the process that empties a slot. */
extern void allm_slots_peek(int slot, int max_records, Size max_bytes,
							AllmBatch *batch);
extern AllmBlockRecord *allm_slots_walk(const AllmBatch *batch,
										AllmBatchWalk *walk);
extern void allm_slots_pop(int slot, int nblock);
extern void allm_slots_print_all(int slot);

/* The state of a slot; the first two under the exclusive queue lock. */
extern void allm_slots_mark(AllmSlot *slot, AllmWriterState state);
extern void allm_slots_vacate(AllmSlot *slot);
extern void allm_slots_fail(int slot, Oid database, AllmWriterState state,
							int error_code, const char *error);

#endif							/* ALLM_LEDGER_SLOTS_H */
