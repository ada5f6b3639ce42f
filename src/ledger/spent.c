/*
 * spent.c
 *		What was spent in a period, as the table analytics_llm.usage has it.
 *
 * Read past the rights of the current role, which may not see what other
 * members of its groups have used.  No row gets out, only sums.
 *
 * Shares nothing and locks nothing.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/table.h"
#include "ledger/spent.h"

/* Told of each row of the period. */
typedef void (*SeeRow) (const AllmTableScan *scan, void *state);

/* A sum of what counts for a role. */
typedef struct Sum
{
	Oid			grantee;
	AllmAmount	amount;
} Sum;

/* The roles that have used something. */
typedef struct Roles
{
	MemoryContext context;		/* of the list */
	List	   *oids;
} Roles;

static void see_period(AllmTerm period, TimestampTz period_start,
					   SeeRow see, void *state);
static void add_to_sum(const AllmTableScan *scan, void *state);
static void add_to_roles(const AllmTableScan *scan, void *state);

/*
 * What a role, or the members of a group as they are now, have used in the
 * period that begins then.
 */
AllmAmount
allm_spent_sum(Oid grantee, AllmTerm period, TimestampTz period_start)
{
	Sum			sum = {grantee};

	see_period(period, period_start, add_to_sum, &sum);
	return sum.amount;
}

/* Adds the roles that have used something in a period to a list of OIDs. */
List *
allm_spent_roles(List *roles, AllmTerm period, TimestampTz period_start)
{
	Roles		state = {CurrentMemoryContext, roles};

	see_period(period, period_start, add_to_roles, &state);
	return state.oids;
}

/* Looks at the rows of a period, in a context that is reset for each. */
static void
see_period(AllmTerm period, TimestampTz period_start, SeeRow see,
		   void *state)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext row;
	AllmTableScan scan;

	if (!allm_table_begin_own(&scan, "usage", "usage_pkey", "period_start",
							  F_TIMESTAMPTZ_EQ,
							  TimestampTzGetDatum(period_start)))
		return;
	row = AllocSetContextCreate(caller, "analytics_llm usage",
								ALLOCSET_SMALL_SIZES);
	while (allm_table_next(&scan))
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(row);
		/* A day and a month may begin at the same moment. */
		if (strcmp(allm_table_text(&scan, "period"),
				   allm_term_name(period)) == 0)
			see(&scan, state);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(row);
	}
	MemoryContextDelete(row);
	allm_table_end(&scan);
}

/* SeeRow: adds what counts for a role. */
static void
add_to_sum(const AllmTableScan *scan, void *state)
{
	Sum		   *sum = state;

	if (!allm_quota_counts(sum->grantee, allm_table_oid(scan, "user_id"),
						   allm_table_oid(scan, "session_user_id")))
		return;
	sum->amount.tokens += allm_table_bigint(scan, "input_tokens", 0) +
		allm_table_bigint(scan, "output_tokens", 0) +
		allm_table_bigint(scan, "cache_read_tokens", 0) +
		allm_table_bigint(scan, "cache_write_tokens", 0);
	sum->amount.micros += allm_table_micros(scan, "cost");
}

/* SeeRow: notes whose it is. */
static void
add_to_roles(const AllmTableScan *scan, void *state)
{
	Roles	   *roles = state;

	MemoryContextSwitchTo(roles->context);
	roles->oids = list_append_unique_oid(roles->oids,
										 allm_table_oid(scan, "user_id"));
	roles->oids = list_append_unique_oid(roles->oids,
										 allm_table_oid(scan, "session_user_id"));
}
