/*
 * budget.h
 *		The table of budgets in shared memory.
 *
 * The head comment of budget.c has the rules.  "Usage lock" below is
 * allm_budget_lock.
 */
#ifndef ALLM_LEDGER_BUDGET_H
#define ALLM_LEDGER_BUDGET_H

#include "postgres.h"

#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/lwlock.h"

#include "ledger/quota.h"
#include "ledger/spent.h"

/* The window of a limit of calls per minute, in parts of a second. */
#define ALLM_RATE_SECONDS	60

typedef enum AllmEntryState
{
	ALLM_ENTRY_FREE,
	ALLM_ENTRY_BUILDING,		/* one process finds out what was used */
	ALLM_ENTRY_READY,
	ALLM_ENTRY_STALE			/* for a while there was no quota: to be built
								 * again when nobody holds it */
} AllmEntryState;

/* Whose budget it is. */
typedef struct AllmEntryKey
{
	Oid			database;
	Oid			grantee;
	int32		period;			/* an AllmTerm */
} AllmEntryKey;

/* One budget in one period.  All fields: usage lock. */
typedef struct AllmEntry
{
	AllmEntryKey key;
	int			next;			/* in its chain, or of the free ones; -1: end */
	AllmEntryState state;
	uint64		generation;		/* of the entry and its period; never reused */
	TimestampTz period_start;
	TimestampTz last_used;
	AllmAmount	used;
	AllmAmount	reserved;		/* by calls under way */
	int			holders;		/* whose records are not in the queue yet */
	bool		alerted;		/* in this period */
	int64		second;			/* of the newest part of the window */
	int			calls;			/* in the window */
	uint16		window[ALLM_RATE_SECONDS];	/* calls, by second */
} AllmEntry;

extern LWLock *allm_budget_lock;
extern ConditionVariable *allm_budget_changed;

extern void allm_budget_install(void);
extern uint64 allm_budget_made(void);
extern AllmEntry *allm_budget_get(int entry);
extern int	allm_budget_find(Oid grantee, AllmTerm period);
extern int	allm_budget_make(Oid grantee, AllmTerm period);
extern void allm_budget_drop(int entry);
extern void allm_budget_roll(AllmEntry *entry, TimestampTz now);
extern void allm_budget_mark_stale(const List *rows);
extern int	allm_budget_calls(AllmEntry *entry, TimestampTz now);
extern TimestampTz allm_budget_room_at(const AllmEntry *entry, int limit);
extern void allm_budget_count_call(AllmEntry *entry);
extern void allm_budget_uncount_call(AllmEntry *entry, TimestampTz at);
extern List *allm_budget_roles(List *roles, AllmTerm period);

#endif							/* ALLM_LEDGER_BUDGET_H */
