/*
 * standing.c
 *		How much of each quota is used, for those who may know.
 *
 * A role sees its own quotas, those of its groups, and the default as it
 * applies to itself; members of pg_read_all_stats see all.  What is not in
 * shared memory yet is read from the table, and stays out of shared memory.
 *
 * Locking: only through usage.c.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "base/shmem.h"
#include "ledger/budget.h"
#include "ledger/quota.h"
#include "ledger/standing.h"
#include "ledger/usage.h"

/* From this fraction on, llm_status() has a line. */
#define NEAR_LIMIT		0.9

/* A projection is made as if at least so much time had passed. */
#define MIN_ELAPSED		USECS_PER_HOUR

/* Columns of analytics_llm.quota_status, in order. */
enum
{
	COL_GRANTEE,
	COL_PERIOD,
	COL_TOKEN_LIMIT,
	COL_TOKENS_USED,
	COL_TOKENS_RESERVED,
	COL_TOKENS_REMAINING,
	COL_FRACTION_USED,
	COL_PROJECTED_TOKENS,
	COL_PROJECTED_OVERAGE,
	COL_COST_LIMIT,
	COL_COST_USED,
	COL_COST_RESERVED,
	COL_REQUESTS_LAST_MINUTE,
	COL_RESETS_AT,
	STANDING_COLUMNS
};

/* A quota and how it stands. */
typedef struct Standing
{
	const AllmQuota *quota;
	AllmBudget	budget;
	TimestampTz now;
} Standing;

extern PGDLLEXPORT Datum analytics_llm_quota_status(PG_FUNCTION_ARGS);

static List *list_standings(void);
static List *list_visible(const List *rows);
static List *list_default(List *quotas, const List *rows,
						  const AllmQuota *row, bool sees_all);
static bool role_exists(Oid role);
static Standing *find_standing(const AllmQuota *quota, TimestampTz now);
static double growth_left(const Standing *standing);
static void put_row(ReturnSetInfo *rsinfo, const Standing *standing);
static Datum micros_datum(int64 micros);

/* How each quota stands that the current role may know of. */
static List *
list_standings(void)
{
	TimestampTz now = GetCurrentTimestamp();
	List	   *standings = NIL;
	ListCell   *cell;

	foreach(cell, list_visible(allm_quota_read()))
		standings = lappend(standings, find_standing(lfirst(cell), now));
	return standings;
}

/* The quotas that the current role may know of, with the default as applied. */
static List *
list_visible(const List *rows)
{
	bool		sees_all = has_privs_of_role(GetUserId(),
											 ROLE_PG_READ_ALL_STATS);
	List	   *quotas = NIL;
	ListCell   *cell;

	foreach(cell, rows)
	{
		AllmQuota  *row = lfirst(cell);

		if (!OidIsValid(row->grantee))
			quotas = list_default(quotas, rows, row, sees_all);
		else if (sees_all ||
				 is_member_of_role_nosuper(GetUserId(), row->grantee))
		{
			row->name = GetUserNameFromId(row->grantee, true);
			if (row->name == NULL)
				row->name = psprintf("%u", row->grantee);
			quotas = lappend(quotas, row);
		}
	}
	return quotas;
}

/*
 * The default for the current role, and for who sees all, for those that have
 * used something.
 */
static List *
list_default(List *quotas, const List *rows, const AllmQuota *row,
			 bool sees_all)
{
	List	   *roles = list_make1_oid(GetUserId());
	ListCell   *cell;

	if (sees_all)
	{
		roles = allm_budget_roles(roles, row->period);
		roles = allm_spent_roles(roles, row->period,
								 allm_term_start(row->period,
												 GetCurrentTimestamp()));
	}
	foreach(cell, roles)
	{
		Oid			role = lfirst_oid(cell);

		/* A group that has no row has nothing by default. */
		if (!allm_quota_has_own(rows, role) && role_exists(role))
			quotas = lappend(quotas, allm_quota_default_for(row, role));
	}
	return quotas;
}

/* Is there still a role of that OID? */
static bool
role_exists(Oid role)
{
	return SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role));
}

/* What is used of a quota, as of now. */
static Standing *
find_standing(const AllmQuota *quota, TimestampTz now)
{
	Standing   *standing = palloc0(sizeof(Standing));

	standing->quota = quota;
	standing->now = now;
	if (!allm_usage_look(quota->grantee, quota->period, now,
						 &standing->budget))
		standing->budget.used =
			allm_spent_sum(quota->grantee, quota->period,
						   allm_term_start(quota->period, now));
	return standing;
}

/* What was used so far, times this, is what will be used in the period. */
static double
growth_left(const Standing *standing)
{
	AllmTerm	period = standing->quota->period;
	TimestampTz start = allm_term_start(period, standing->now);
	TimestampTz end = allm_term_end(period, standing->now);
	double		elapsed = Max(standing->now - start, MIN_ELAPSED);

	return (end - start) / elapsed;
}

/*
 * analytics_llm_quota_status
 *		How the quotas of the current role stand; of all, for monitoring.
 *
 * SQL: llm_quota_status() returns setof record: see quota_status
 */
PG_FUNCTION_INFO_V1(analytics_llm_quota_status);
Datum
analytics_llm_quota_status(PG_FUNCTION_ARGS)
{
	ListCell   *cell;

	allm_require_loaded();
	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, list_standings())
		put_row((ReturnSetInfo *) fcinfo->resultinfo, lfirst(cell));
	return (Datum) 0;
}

/* Adds one row of analytics_llm.quota_status. */
static void
put_row(ReturnSetInfo *rsinfo, const Standing *standing)
{
	const AllmQuota *quota = standing->quota;
	const AllmBudget *budget = &standing->budget;
	bool		has_tokens = quota->token_limit != ALLM_NO_LIMIT;
	bool		has_cost = quota->cost_limit != ALLM_NO_LIMIT;
	double		growth = growth_left(standing);
	double		tokens = budget->used.tokens * growth;
	double		cost = budget->used.micros * growth;
	Datum		values[STANDING_COLUMNS] = {0};
	bool		nulls[STANDING_COLUMNS] = {0};

	values[COL_GRANTEE] = ObjectIdGetDatum(quota->grantee);
	values[COL_PERIOD] =
		CStringGetTextDatum(allm_term_name(quota->period));
	values[COL_TOKEN_LIMIT] = Int64GetDatum(quota->token_limit);
	values[COL_TOKENS_USED] = Int64GetDatum(budget->used.tokens);
	values[COL_TOKENS_RESERVED] = Int64GetDatum(budget->reserved.tokens);
	values[COL_TOKENS_REMAINING] =
		Int64GetDatum(Max(quota->token_limit - budget->used.tokens -
						  budget->reserved.tokens, 0));
	values[COL_FRACTION_USED] = Float8GetDatum(allm_usage_fraction(standing->quota,
																   &standing->budget.used));
	values[COL_PROJECTED_TOKENS] = Int64GetDatum((int64) tokens);
	values[COL_PROJECTED_OVERAGE] =
		BoolGetDatum((has_tokens && tokens > quota->token_limit) ||
					 (has_cost && cost > quota->cost_limit));
	values[COL_COST_LIMIT] = micros_datum(quota->cost_limit);
	values[COL_COST_USED] = micros_datum(budget->used.micros);
	values[COL_COST_RESERVED] = micros_datum(budget->reserved.micros);
	values[COL_REQUESTS_LAST_MINUTE] = Int32GetDatum(budget->calls);
	values[COL_RESETS_AT] =
		TimestampTzGetDatum(allm_term_end(quota->period,
										  standing->now));
	nulls[COL_TOKEN_LIMIT] = nulls[COL_TOKENS_REMAINING] = !has_tokens;
	nulls[COL_COST_LIMIT] = !has_cost;
	nulls[COL_FRACTION_USED] = !has_tokens && !has_cost;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Micro-USD as a numeric of USD. */
static Datum
micros_datum(int64 micros)
{
	return NumericGetDatum(int64_div_fast_to_numeric(micros, 6));
}

/* Tells llm_status() about quotas that are used up, or soon will be. */
void
allm_standing_status(AllmStatusLine line, void *state)
{
	ListCell   *cell;

	foreach(cell, list_standings())
	{
		const Standing *standing = lfirst(cell);
		const AllmQuota *quota = standing->quota;
		double		fraction = allm_usage_fraction(standing->quota,
												   &standing->budget.used);
		AllmJsonWriter detail;

		if (fraction < NEAR_LIMIT)
			continue;
		allm_json_start(&detail);
		allm_json_open(&detail, NULL, '{');
		allm_json_text(&detail, "period",
					   allm_term_name(quota->period));
		allm_json_real(&detail, "fraction_used", fraction);
		allm_json_bool(&detail, "hard", quota->hard && !quota->shadow);
		allm_json_time(&detail, "resets_at",
					   allm_term_end(quota->period, standing->now));
		allm_json_close(&detail, '}');
		line(state, "quota", quota->name, fraction < 1 ?
			 "near its limit" : "used up", detail.buf.data);
	}
}
