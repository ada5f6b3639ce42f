/*
 * flight.h
 *		One flight: of those who ask the same at once, one asks for all.
 */
#ifndef ALLM_LEDGER_FLIGHT_H
#define ALLM_LEDGER_FLIGHT_H

#include "postgres.h"

#include "lib/ilist.h"
#include "storage/condition_variable.h"

/* What a question is to a flight. */
typedef enum AllmFlightRole
{
	ALLM_FLIGHT_ALONE,			/* nothing: it goes by itself */
	ALLM_FLIGHT_LEADER,			/* it asks, and tells the others */
	ALLM_FLIGHT_LANDED,			/* the leader has left something for it */
	ALLM_FLIGHT_TOLD,			/* the leader has found that there is nothing */
	ALLM_FLIGHT_WAITS			/* the leader is under way */
} AllmFlightRole;

typedef enum AllmSeatKind
{
	ALLM_SEAT_NONE,
	ALLM_SEAT_LEADER,
	ALLM_SEAT_FOLLOWER
} AllmSeatKind;

/* The place of a question in a flight.  Begins as zero: it has none. */
typedef struct AllmSeat
{
	dlist_node	node;			/* in flight.c's list, while there is one */
	AllmSeatKind kind;
	int			flight;
	int			verdict;		/* that a follower was told */
} AllmSeat;

/* How a flight ends for those who wait. */
typedef enum AllmFlightEnd
{
	ALLM_FLIGHT_END_FAILED,		/* one of them takes over */
	ALLM_FLIGHT_END_KEPT,		/* they find the answer in the cache */
	ALLM_FLIGHT_END_VERDICT,	/* there is no answer, for the reason given */
	ALLM_FLIGHT_END_ALONE		/* there is nothing that they could share */
} AllmFlightEnd;

extern void allm_flight_install(void);
extern AllmFlightRole allm_flight_join(AllmSeat *seat, const uint64 *hash);
extern AllmFlightRole allm_flight_look(AllmSeat *seat);
extern ConditionVariable *allm_flight_changed(const AllmSeat *seat);
extern bool allm_flight_leads(const AllmSeat *seat);
extern bool allm_flight_is_followed(const AllmSeat *seat);
extern void allm_flight_end(AllmSeat *seat, AllmFlightEnd end, int verdict);

#endif							/* ALLM_LEDGER_FLIGHT_H */
