/*
 * usage.h
 *		Budgets in shared memory: reserved before a call, settled after it.
 */
#ifndef ALLM_LEDGER_USAGE_H
#define ALLM_LEDGER_USAGE_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "storage/condition_variable.h"

#include "base/deadline.h"
#include "ledger/quota.h"
#include "ledger/record.h"
#include "ledger/spent.h"

/* What was reserved for one call, in all budgets that it has to fit in. */
typedef struct AllmReservation AllmReservation;

/* May the call be made? */
typedef enum AllmGrant
{
	ALLM_GRANT_YES,
	ALLM_GRANT_USED_UP,			/* a hard quota is */
	ALLM_GRANT_HELD,			/* by calls under way */
	ALLM_GRANT_NOT_YET,			/* somebody finds out what was used */
	ALLM_GRANT_UNKNOWN			/* what was used could not be found out */
} AllmGrant;

/* What a call does not fit in. */
typedef struct AllmExcess
{
	const AllmQuota *quota;
	bool		by_rate;		/* calls in a minute; else tokens or cost */
	AllmAmount	used;
	TimestampTz until;			/* then there is room again */
} AllmExcess;

typedef struct AllmGrantReply
{
	AllmGrant	grant;
	AllmReservation *reservation;	/* NULL: there is nothing to settle */
	TimestampTz called_at;		/* the moment whose periods are charged */
	AllmExcess	excess;			/* USED_UP, HELD: of the last to have room */
	List	   *soft;			/* of AllmExcess: quotas that only warn */
	bool		shadow;			/* one that only records would not do */
} AllmGrantReply;

/* A budget, as llm_status() and analytics_llm.quota_status show it. */
typedef struct AllmBudget
{
	AllmAmount	used;
	AllmAmount	reserved;
	int			calls;			/* in the last minute */
} AllmBudget;

extern void allm_usage_install(void);
extern AllmReservation *allm_usage_want(Oid user_id, Oid session_user_id);
extern AllmReservation *allm_usage_want_in(const List *quotas);
extern AllmGrantReply allm_usage_reserve(AllmReservation *reservation,
										 AllmAmount need,
										 AllmDeadline deadline);
extern ConditionVariable *allm_usage_changed(void);
extern void allm_usage_settle(AllmReservation *reservation, AllmAmount used,
							  bool called);
extern double allm_usage_fraction(const AllmQuota *quota,
								  const AllmAmount *used);
extern int	allm_usage_alerts(const AllmReservation *reservation,
							  AllmRecord *records);
extern int	allm_usage_quotas(const AllmReservation *reservation);
extern void allm_usage_release(AllmReservation *reservation);
extern bool allm_usage_look(Oid grantee, AllmTerm period, TimestampTz now,
							AllmBudget *budget);

#endif							/* ALLM_LEDGER_USAGE_H */
