/*
 * budget.c
 *		The table of budgets in shared memory: one for each database, role or
 *		group with a quota, and period.
 *
 * Locking.  One LWLock, the usage lock, guards all of it, so that a call is
 * reserved in all of its budgets at once or in none.  It is held for a few
 * assignments; never while memory is allocated, a table is read, something may
 * be raised, or anything is waited for.  Whoever waits for a change sleeps on
 * the condition variable without it.
 *
 * An entry is made from the table analytics_llm.usage when it is first needed,
 * by one process, while others wait.  From then on every call that the quota
 * applies to is charged here.  A process holds the entry until the records of
 * what it charged are in the queue: only then may the entry be made anew, or
 * leave for another one, since then the table and the queue have it all.
 *
 * Entries are found by hash; those of one hash form a chain.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/shmem.h"
#include "ledger/budget.h"

/*
 * Budgets at the same time, over all databases; 1 MB.  Not a limit on roles
 * with quotas: one that nobody holds gives way, and is made again when needed.
 */
#define ENTRIES		4096

/* Chains; a power of two. */
#define CHAINS		4096

typedef struct BudgetArea
{
	pg_atomic_uint64 made;		/* atomic; entries made so far */
	uint64		generation;		/* usage lock; the last one given */
	int			free;			/* usage lock; the first free entry, or -1 */
	ConditionVariable changed;	/* has a lock of its own */
	int			chains[CHAINS]; /* usage lock; -1: empty */
	AllmEntry	entries[ENTRIES];
} BudgetArea;

LWLock	   *allm_budget_lock = NULL;
ConditionVariable *allm_budget_changed = NULL;

static BudgetArea *budgets = NULL;

static Size area_size(void);
static void attach_area(void *area, bool found);
static int *find_chain(const AllmEntryKey *key);
static void unlink_entry(int entry);
static int	find_least_used(void);
static void advance_window(AllmEntry *entry, int64 second);
static int64 second_of(TimestampTz at);

static const AllmShmemArea budget_area =
{
	"analytics_llm usage", 1, area_size, attach_area
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_budget_install(void)
{
	allm_shmem_register(&budget_area);
}

/* The bytes of the area. */
static Size
area_size(void)
{
	return sizeof(BudgetArea);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_area(void *area, bool found)
{
	budgets = area;
	allm_budget_changed = &budgets->changed;
	allm_budget_lock = &GetNamedLWLockTranche(budget_area.name)[0].lock;
	if (found)
		return;

	memset(budgets, 0, sizeof(BudgetArea));
	pg_atomic_init_u64(&budgets->made, 0);
	ConditionVariableInit(&budgets->changed);
	for (int i = 0; i < CHAINS; i++)
		budgets->chains[i] = -1;
	for (int i = 0; i < ENTRIES; i++)
		budgets->entries[i].next = i + 1 < ENTRIES ? i + 1 : -1;
}

/* How many entries were made since the server started; needs no lock. */
uint64
allm_budget_made(void)
{
	return pg_atomic_read_u64(&budgets->made);
}

/* An entry by its number; what may be done with it is up to the lock. */
AllmEntry *
allm_budget_get(int entry)
{
	return &budgets->entries[entry];
}

/* The entry of a budget in the current database, or -1.  Under the lock. */
int
allm_budget_find(Oid grantee, AllmTerm period)
{
	AllmEntryKey key = {MyDatabaseId, grantee, period};

	for (int i = *find_chain(&key); i >= 0; i = budgets->entries[i].next)
	{
		if (memcmp(&budgets->entries[i].key, &key, sizeof(key)) == 0)
			return i;
	}
	return -1;
}

/*
 * Makes an entry that is not there, in state BUILDING: the caller has to find
 * out what was used.  -1 when all entries are held.  Under the exclusive lock.
 */
int
allm_budget_make(Oid grantee, AllmTerm period)
{
	AllmEntryKey key = {MyDatabaseId, grantee, period};
	AllmEntry  *entry;
	int		   *chain;
	int			i = budgets->free;

	if (i < 0)
	{
		i = find_least_used();
		if (i < 0)
			return -1;
		allm_budget_drop(i);
	}
	entry = &budgets->entries[i];
	budgets->free = entry->next;
	memset(entry, 0, sizeof(AllmEntry));
	entry->key = key;
	entry->state = ALLM_ENTRY_BUILDING;
	entry->generation = ++budgets->generation;
	chain = find_chain(&key);
	entry->next = *chain;
	*chain = i;
	pg_atomic_fetch_add_u64(&budgets->made, 1);
	return i;
}

/* Frees an entry that nobody holds.  Under the exclusive lock. */
void
allm_budget_drop(int entry)
{
	unlink_entry(entry);
	budgets->entries[entry].state = ALLM_ENTRY_FREE;
	budgets->entries[entry].next = budgets->free;
	budgets->free = entry;
}

/* The head of the chain that a key belongs to. */
static int *
find_chain(const AllmEntryKey *key)
{
	uint32		hash = hash_bytes((const unsigned char *) key, sizeof(*key));

	return &budgets->chains[hash % CHAINS];
}

/* Takes an entry out of its chain. */
static void
unlink_entry(int entry)
{
	int		   *link = find_chain(&budgets->entries[entry].key);

	while (*link != entry)
		link = &budgets->entries[*link].next;
	*link = budgets->entries[entry].next;
}

/* The entry that was not needed for longest, of those that may go; or -1. */
static int
find_least_used(void)
{
	int			found = -1;

	for (int i = 0; i < ENTRIES; i++)
	{
		AllmEntry  *entry = &budgets->entries[i];

		if (entry->holders == 0 && entry->state != ALLM_ENTRY_BUILDING &&
			(found < 0 ||
			 entry->last_used < budgets->entries[found].last_used))
			found = i;
	}
	return found;
}

/*
 * Begins the next period, when it is time: what is held and will be settled is
 * the last one's.  The clock may go back; a period does not.  Under the
 * exclusive lock.
 */
void
allm_budget_roll(AllmEntry *entry, TimestampTz now)
{
	TimestampTz start = allm_term_start(entry->key.period, now);

	if (start <= entry->period_start)
		return;
	entry->generation = ++budgets->generation;
	entry->period_start = start;
	memset(&entry->used, 0, sizeof(AllmAmount));
	memset(&entry->reserved, 0, sizeof(AllmAmount));
	entry->holders = 0;
	entry->alerted = false;
}

/*
 * Notes which budgets of this database have no quota any more, of all rows of
 * the table: what is used from now on is not charged to them.  Takes the lock.
 */
void
allm_budget_mark_stale(const List *rows)
{
	LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
	for (int i = 0; i < ENTRIES; i++)
	{
		AllmEntry  *entry = &budgets->entries[i];

		if (entry->state == ALLM_ENTRY_READY &&
			entry->key.database == MyDatabaseId &&
			!allm_quota_governs(rows, entry->key.grantee, entry->key.period))
			entry->state = ALLM_ENTRY_STALE;
	}
	LWLockRelease(allm_budget_lock);
}

/* The calls of the last minute.  Under the exclusive lock. */
int
allm_budget_calls(AllmEntry *entry, TimestampTz now)
{
	advance_window(entry, second_of(now));
	return entry->calls;
}

/*
 * When fewer calls than the limit will be in the window, which was advanced
 * and is full.  Under the lock.
 */
TimestampTz
allm_budget_room_at(const AllmEntry *entry, int limit)
{
	int			calls = entry->calls;
	int64		second = entry->second - ALLM_RATE_SECONDS;

	while (calls >= limit && second < entry->second)
		calls -= entry->window[++second % ALLM_RATE_SECONDS];
	return (second + ALLM_RATE_SECONDS) * USECS_PER_SEC;
}

/* Counts a call in the window, which was advanced.  Under the exclusive lock. */
void
allm_budget_count_call(AllmEntry *entry)
{
	entry->window[entry->second % ALLM_RATE_SECONDS]++;
	entry->calls++;
}

/* Takes back a call that was not made.  Under the exclusive lock. */
void
allm_budget_uncount_call(AllmEntry *entry, TimestampTz at)
{
	int64		second = second_of(at);

	if (second > entry->second - ALLM_RATE_SECONDS &&
		second <= entry->second &&
		entry->window[second % ALLM_RATE_SECONDS] > 0)
	{
		entry->window[second % ALLM_RATE_SECONDS]--;
		entry->calls--;
	}
}

/* Forgets the calls that are older than the window that ends with a second. */
static void
advance_window(AllmEntry *entry, int64 second)
{
	if (second - entry->second >= ALLM_RATE_SECONDS)
	{
		memset(entry->window, 0, sizeof(entry->window));
		entry->calls = 0;
		entry->second = second;
	}
	while (entry->second < second)
	{
		uint16	   *oldest;

		entry->second++;
		oldest = &entry->window[entry->second % ALLM_RATE_SECONDS];
		entry->calls -= *oldest;
		*oldest = 0;
	}
}

/* The second that a moment is in. */
static int64
second_of(TimestampTz at)
{
	return at / USECS_PER_SEC;
}

/*
 * Adds the roles with a budget of that period in the current database to a
 * list of OIDs.  Takes the lock.
 */
List *
allm_budget_roles(List *roles, AllmTerm period)
{
	Oid		   *found = palloc(sizeof(Oid) * ENTRIES);
	int			n = 0;

	LWLockAcquire(allm_budget_lock, LW_SHARED);
	for (int i = 0; i < ENTRIES; i++)
	{
		AllmEntry  *entry = &budgets->entries[i];

		if (entry->state != ALLM_ENTRY_FREE &&
			entry->key.database == MyDatabaseId && entry->key.period == period)
			found[n++] = entry->key.grantee;
	}
	LWLockRelease(allm_budget_lock);
	for (int i = 0; i < n; i++)
		roles = list_append_unique_oid(roles, found[i]);
	pfree(found);
	return roles;
}
