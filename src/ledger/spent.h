/*
 * spent.h
 *		What was spent in a period, as the table has it.
 */
#ifndef ALLM_LEDGER_SPENT_H
#define ALLM_LEDGER_SPENT_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "ledger/quota.h"

/* What calls use, or may use. */
typedef struct AllmAmount
{
	int64		tokens;			/* of all kinds */
	int64		micros;			/* micro-USD */
} AllmAmount;

extern AllmAmount allm_spent_sum(Oid grantee, AllmTerm period,
								 TimestampTz period_start);
extern List *allm_spent_roles(List *roles, AllmTerm period,
							  TimestampTz period_start);

#endif							/* ALLM_LEDGER_SPENT_H */
