/*
 * quota.h
 *		Quotas as the table has them, and to whom they apply.
 */
#ifndef ALLM_LEDGER_QUOTA_H
#define ALLM_LEDGER_QUOTA_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "ledger/term.h"

/* The limit of a quota that is not there. */
#define ALLM_NO_LIMIT	(-1)

/* A row of analytics_llm.quota, or the default as one role's own. */
typedef struct AllmQuota
{
	Oid			grantee;		/* whose use counts; invalid: the default */
	char	   *name;			/* of that role; NULL: of the default */
	AllmTerm	period;
	int64		token_limit;
	int64		cost_limit;		/* micro-USD */
	int			requests_per_minute;
	bool		hard;
	bool		shadow;
} AllmQuota;

extern List *allm_quota_read(void);
extern List *allm_quota_apply(const List *rows, Oid user_id,
							  Oid session_user_id);
extern AllmQuota *allm_quota_default_for(const AllmQuota *row, Oid role);
extern bool allm_quota_has_own(const List *rows, Oid role);
extern bool allm_quota_governs(const List *rows, Oid grantee,
							   AllmTerm period);
extern bool allm_quota_counts(Oid grantee, Oid user_id, Oid session_user_id);

#endif							/* ALLM_LEDGER_QUOTA_H */
