/*
 * quota.c
 *		Quotas as the table has them, and to whom they apply.
 *
 * The table is looked at for each call of a model, past the rights of the role
 * that asks: whoever could hide a row from itself would have no limit.  A
 * change acts at the next call, in a transaction that sees older data, too.
 *
 * Shares nothing and locks nothing.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "base/kept.h"
#include "ledger/quota.h"

static AllmQuota *read_row(const AllmTableScan *scan);
static AllmQuota *find_row(const List *rows, Oid grantee, AllmTerm period);
static List *apply_default(List *quotas, const List *rows, Oid role);

/* All rows of the table, as a list of AllmQuota in the current context. */
List *
allm_quota_read(void)
{
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_kept_begin_own(&scan, "quota"))
		return NIL;
	while (allm_table_next(&scan))
		rows = lappend(rows, read_row(&scan));
	allm_table_end(&scan);
	return rows;
}

/* The row that a scan is at. */
static AllmQuota *
read_row(const AllmTableScan *scan)
{
	AllmQuota  *row = palloc0(sizeof(AllmQuota));
	char	   *period = allm_table_text(scan, "period");

	row->grantee = allm_table_oid(scan, "grantee");
	row->period =
		strcmp(period, allm_term_name(ALLM_TERM_DAY)) == 0 ?
		ALLM_TERM_DAY : ALLM_TERM_MONTH;
	row->token_limit = allm_table_bigint(scan, "token_limit", ALLM_NO_LIMIT);
	row->cost_limit = allm_table_is_null(scan, "cost_limit") ? ALLM_NO_LIMIT :
		allm_table_micros(scan, "cost_limit");
	row->requests_per_minute = allm_table_int(scan, "requests_per_minute",
											  ALLM_NO_LIMIT);
	row->hard = allm_table_bool(scan, "hard");
	row->shadow = allm_table_bool(scan, "shadow");
	return row;
}

/*
 * The quotas that a call of these roles has to fit in, each once: those of
 * either, those of the groups of either, and the default for a role that has
 * no row of its own.  A superuser is a member of what it was made a member of.
 */
List *
allm_quota_apply(const List *rows, Oid user_id, Oid session_user_id)
{
	List	   *quotas = NIL;
	ListCell   *cell;

	foreach(cell, rows)
	{
		AllmQuota  *row = lfirst(cell);

		if (OidIsValid(row->grantee) &&
			allm_quota_counts(row->grantee, user_id, session_user_id))
		{
			row->name = GetUserNameFromId(row->grantee, false);
			quotas = lappend(quotas, row);
		}
	}
	quotas = apply_default(quotas, rows, user_id);
	if (session_user_id != user_id)
		quotas = apply_default(quotas, rows, session_user_id);
	return quotas;
}

/* Adds the rows of the default, when the role has none. */
static List *
apply_default(List *quotas, const List *rows, Oid role)
{
	ListCell   *cell;

	if (allm_quota_has_own(rows, role))
		return quotas;
	foreach(cell, rows)
	{
		AllmQuota  *row = lfirst(cell);

		if (!OidIsValid(row->grantee))
			quotas = lappend(quotas, allm_quota_default_for(row, role));
	}
	return quotas;
}

/* A row of the default as that of one role, which must exist. */
AllmQuota *
allm_quota_default_for(const AllmQuota *row, Oid role)
{
	AllmQuota  *quota = palloc(sizeof(AllmQuota));

	*quota = *row;
	quota->grantee = role;
	quota->name = GetUserNameFromId(role, false);
	return quota;
}

/* Has a role a row of its own, so that the default does not apply to it? */
bool
allm_quota_has_own(const List *rows, Oid role)
{
	return find_row(rows, role, ALLM_TERM_DAY) != NULL ||
		find_row(rows, role, ALLM_TERM_MONTH) != NULL;
}

/* Is there a quota of that role and period, its own or by default? */
bool
allm_quota_governs(const List *rows, Oid grantee, AllmTerm period)
{
	if (find_row(rows, grantee, period) != NULL)
		return true;
	return find_row(rows, InvalidOid, period) != NULL &&
		!allm_quota_has_own(rows, grantee);
}

/* Does what these roles use count for that one, or for that group? */
bool
allm_quota_counts(Oid grantee, Oid user_id, Oid session_user_id)
{
	return is_member_of_role_nosuper(user_id, grantee) ||
		(session_user_id != user_id &&
		 is_member_of_role_nosuper(session_user_id, grantee));
}

/* The row of a role, or of the default, for a period. */
static AllmQuota *
find_row(const List *rows, Oid grantee, AllmTerm period)
{
	ListCell   *cell;

	foreach(cell, rows)
	{
		AllmQuota  *row = lfirst(cell);

		if (row->grantee == grantee && row->period == period)
			return row;
	}
	return NULL;
}
