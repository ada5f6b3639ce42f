/*
 * queue.h
 *		Records on their way from the backends to the writers.
 */
#ifndef ALLM_LEDGER_QUEUE_H
#define ALLM_LEDGER_QUEUE_H

#include "postgres.h"

#include "base/deadline.h"
#include "ledger/record.h"
#include "ledger/slots.h"

/* Room in the queue that was promised to one question. */
typedef struct AllmRoom AllmRoom;

extern void allm_queue_install(void);
extern AllmRoom *allm_queue_reserve(Size size, AllmDeadline deadline);
extern void allm_queue_release(AllmRoom *room);
extern bool allm_queue_wait(AllmDeadline deadline);
extern void allm_queue_put(AllmRoom *room, const AllmRecord *records, int n);
extern void allm_queue_commit(const AllmRecord *records, int n,
							  AllmDeadline latest);
extern bool allm_queue_offer(const AllmRecord *record, const AllmGuard *guard);
extern void allm_queue_put_for(Oid database, const AllmRecord *record);

#endif							/* ALLM_LEDGER_QUEUE_H */
