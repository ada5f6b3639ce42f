/*
 * flight.h
 *		One flight: of those who ask the same at once, one asks for all.
 */
#ifndef ALLM_LEDGER_FLIGHT_H
#define ALLM_LEDGER_FLIGHT_H

#include "postgres.h"

#include "base/deadline.h"

/* What a backend is to a flight. */
typedef enum AllmFlightRole
{
	ALLM_FLIGHT_ALONE,			/* nothing: it goes by itself */
	ALLM_FLIGHT_LEADER,			/* it asks, and tells the others */
	ALLM_FLIGHT_LANDED,			/* the leader has left something for it */
	ALLM_FLIGHT_TOLD,			/* the leader has found that there is nothing */
	ALLM_FLIGHT_LATE			/* it has waited in vain */
} AllmFlightRole;

/* How a flight ends for those who wait. */
typedef enum AllmFlightEnd
{
	ALLM_FLIGHT_END_FAILED,		/* one of them takes over */
	ALLM_FLIGHT_END_KEPT,		/* they find the answer in the cache */
	ALLM_FLIGHT_END_VERDICT,	/* there is no answer, for the reason given */
	ALLM_FLIGHT_END_ALONE		/* there is nothing that they could share */
} AllmFlightEnd;

extern void allm_flight_install(void);
extern AllmFlightRole allm_flight_join(const uint64 *hash);
extern AllmFlightRole allm_flight_wait(AllmDeadline deadline);
extern bool allm_flight_leads(void);
extern bool allm_flight_is_followed(void);
extern int	allm_flight_verdict(void);
extern void allm_flight_end(AllmFlightEnd end, int verdict);

#endif							/* ALLM_LEDGER_FLIGHT_H */
