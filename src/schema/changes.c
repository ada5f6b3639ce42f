/*
 * changes.c
 *		A log of what is changed in the catalogs that snapshots are made of.
 *
 * A session hears of a change through the server's invalidations, from the
 * moment on when it began to listen.  A snapshot that another session made is
 * older than that.  So each transaction that changed something notes it here
 * before it commits, and counts as under way until its invalidations have been
 * sent.  Who makes a snapshot while nobody is under way, and keeps the position
 * of that moment, can be sure that all before it is in the snapshot; who takes it
 * later looks at all that came after.
 *
 * What is noted are the invalidations of the transaction itself, as far as a
 * snapshot depends on them, so that there is one notion of a change.  What the
 * server tells without a transaction are figures of a relation in pg_class,
 * estimates in a snapshot.  Prepared transactions end elsewhere, and a
 * standby has its changes from a log that no session commits: there, the changes
 * are not known.
 *
 * What a session hears by itself, from the server's invalidations, is classified
 * here as well.
 *
 * Locking: one lock over everything here; nothing is waited for under it.
 */
#include "postgres.h"

#include "access/twophase.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/sinval.h"
#include "utils/inval.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

#include "base/shmem.h"
#include "schema/changes.h"

/* Changes that are remembered; who is further behind reads all anew. */
#define LOG_CHANGES		4096

/* More of one transaction are noted as one that may be anything. */
#define MAX_NOTED		64

/* One change. */
typedef struct Change
{
	Oid			database;		/* InvalidOid: of the cluster */
	uint32		value;
	uint8		change;			/* an AllmChange */
} Change;

/* The area.  All fields: its lock. */
typedef struct Log
{
	uint64		position;		/* changes since the server started */
	int			under_way;		/* transactions between their note and the end
								 * of their invalidations */
	Change		ring[LOG_CHANGES];	/* the last ones, by position */
} Log;

/* Caches whose rows snapshots are made of. */
static const struct
{
	int			cacheid;
	AllmChange	change;
}			watched[] =

{
	{AUTHMEMMEMROLE, ALLM_CHANGE_ANY},
	{AUTHOID, ALLM_CHANGE_ANY},
	{CONSTROID, ALLM_CHANGE_ROW},
	{ENUMOID, ALLM_CHANGE_ANY},
	{NAMESPACEOID, ALLM_CHANGE_ANY},
	{TYPEOID, ALLM_CHANGE_ROW}
};

static Log *changes = NULL;
static LWLock *changes_lock = NULL;

/* This transaction is under way. */
static bool is_under_way = false;

/* Who is told of what this session hears; NULL: nobody yet. */
static AllmTakeChange listener = NULL;

static Size changes_size(void);
static void attach_changes(void *area, bool found);
static void note_transaction(XactEvent event, void *arg);
static void end_transaction(ResourceReleasePhase phase, bool is_commit,
							bool is_top_level, void *arg);
static void hear_of_relation(Datum arg, Oid relid);
static void hear_of_row(Datum arg, int cacheid, uint32 hashvalue);
static bool classify(int cacheid, AllmChange *change);
static int	list_changes(Change *list);
static bool read_message(const SharedInvalidationMessage *message,
						 Change *change);
static bool is_listed(const Change *list, int n, const Change *change);
static void append_changes(const Change *list, int n);

static const AllmShmemArea changes_area =
{
	"analytics_llm changes", 1, changes_size, attach_changes
};

/*
 * Registers the shared memory, and what all processes do when they commit.
 * Called once, from _PG_init.
 */
void
allm_changes_install(void)
{
	allm_shmem_register(&changes_area);
	RegisterXactCallback(note_transaction, NULL);
	RegisterResourceReleaseCallback(end_transaction, NULL);
}

/* The bytes of the area. */
static Size
changes_size(void)
{
	return sizeof(Log);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_changes(void *area, bool found)
{
	changes = area;
	changes_lock = &GetNamedLWLockTranche(changes_area.name)[0].lock;
	if (!found)
		memset(changes, 0, sizeof(Log));
}

/* Is everything that changes the catalogs noted here? */
bool
allm_changes_are_known(void)
{
	return changes != NULL && max_prepared_xacts == 0 && !RecoveryInProgress();
}

/*
 * Gives each change that this session hears of from now on, its own ones too,
 * and whether they are known or not.  Called once in a session.
 */
void
allm_changes_watch(AllmTakeChange take)
{
	listener = take;
	CacheRegisterRelcacheCallback(hear_of_relation, (Datum) 0);
	for (int i = 0; i < lengthof(watched); i++)
		CacheRegisterSyscacheCallback(watched[i].cacheid, hear_of_row,
									  (Datum) 0);
}

/* The server tells of a relation; of any, if it is none. */
static void
hear_of_relation(Datum arg, Oid relid)
{
	listener(OidIsValid(relid) ? ALLM_CHANGE_RELATION : ALLM_CHANGE_ANY, relid);
}

/* The server tells of a row in one of its caches. */
static void
hear_of_row(Datum arg, int cacheid, uint32 hashvalue)
{
	AllmChange	change;

	if (classify(cacheid, &change))
		listener(change, hashvalue);
}

/* What does a change in that cache mean?  False: snapshots need no such rows. */
static bool
classify(int cacheid, AllmChange *change)
{
	for (int i = 0; i < lengthof(watched); i++)
	{
		if (watched[i].cacheid == cacheid)
		{
			*change = watched[i].change;
			return true;
		}
	}
	return false;
}

/*
 * How many changes were noted.  Quiet: all of them are visible, and their
 * invalidations sent.
 */
uint64
allm_changes_position(bool *is_quiet)
{
	uint64		position;

	LWLockAcquire(changes_lock, LW_SHARED);
	position = changes->position;
	*is_quiet = changes->under_way == 0;
	LWLockRelease(changes_lock);
	return position;
}

/*
 * Gives what was noted after a position and concerns this database, and returns
 * the position behind it.  This session has then processed the invalidations of
 * all that is quiet, so that what it looks up is what they left.
 */
uint64
allm_changes_replay(uint64 from, AllmTakeChange take, bool *is_quiet)
{
	Change	   *list = palloc(LOG_CHANGES * sizeof(Change));
	int			n = 0;
	uint64		position;
	bool		is_gone;

	LWLockAcquire(changes_lock, LW_SHARED);
	position = changes->position;
	*is_quiet = changes->under_way == 0;
	is_gone = position - from > LOG_CHANGES;
	for (uint64 i = from; i < position && !is_gone; i++)
	{
		const Change *change = &changes->ring[i % LOG_CHANGES];

		if (change->database == MyDatabaseId || !OidIsValid(change->database))
			list[n++] = *change;
	}
	LWLockRelease(changes_lock);

	AcceptInvalidationMessages();
	if (is_gone)
		take(ALLM_CHANGE_ANY, 0);
	for (int i = 0; i < n; i++)
		take(list[i].change, list[i].value);
	pfree(list);
	return position;
}

/*
 * Before a transaction commits: what it changed is noted.  All that the server
 * still changes after this is to drop its temporary tables.
 */
static void
note_transaction(XactEvent event, void *arg)
{
	Change		list[MAX_NOTED];
	int			n;

	if (event != XACT_EVENT_PRE_COMMIT || changes == NULL)
		return;
	n = list_changes(list);
	if (n > 0)
		append_changes(list, n);
}

/*
 * After it has committed or failed, and has sent its invalidations: locks are
 * released after that.
 */
static void
end_transaction(ResourceReleasePhase phase, bool is_commit, bool is_top_level,
				void *arg)
{
	if (!is_under_way || !is_top_level ||
		phase != RESOURCE_RELEASE_AFTER_LOCKS)
		return;
	LWLockAcquire(changes_lock, LW_EXCLUSIVE);
	changes->under_way--;
	LWLockRelease(changes_lock);
	is_under_way = false;
}

/* What this transaction changed, each once; returns how many. */
static int
list_changes(Change *list)
{
	SharedInvalidationMessage *messages;
	bool		is_init_file;
	int			nmessages;
	int			n = 0;

	nmessages = xactGetCommittedInvalidationMessages(&messages, &is_init_file);
	for (int i = 0; i < nmessages; i++)
	{
		Change		change = {0};

		if (!read_message(&messages[i], &change) ||
			is_listed(list, n, &change))
			continue;
		if (n == MAX_NOTED)
		{
			list[0].database = InvalidOid;
			list[0].change = ALLM_CHANGE_ANY;
			list[0].value = 0;
			n = 1;
			break;
		}
		list[n++] = change;
	}
	if (nmessages > 0)
		pfree(messages);
	return n;
}

/* What a message says, if it says anything of what snapshots are made of. */
static bool
read_message(const SharedInvalidationMessage *message, Change *change)
{
	AllmChange	kind = ALLM_CHANGE_ANY;

	if (message->id >= 0)
	{
		if (!classify(message->cc.id, &kind))
			return false;
		change->database = message->cc.dbId;
		change->value = message->cc.hashValue;
	}
	else if (message->id == SHAREDINVALRELCACHE_ID)
	{
		kind = OidIsValid(message->rc.relId) ?
			ALLM_CHANGE_RELATION : ALLM_CHANGE_ANY;
		change->database = message->rc.dbId;
		change->value = message->rc.relId;
	}
	else if (message->id == SHAREDINVALCATALOG_ID)
		change->database = message->cat.dbId;
	else
		return false;
	if (kind == ALLM_CHANGE_ANY)
		change->value = 0;
	change->change = kind;
	return true;
}

/* Is a change in the list?  Most come several times in a row. */
static bool
is_listed(const Change *list, int n, const Change *change)
{
	for (int i = n - 1; i >= 0; i--)
	{
		if (list[i].database == change->database &&
			list[i].value == change->value &&
			list[i].change == change->change)
			return true;
	}
	return false;
}

/* Notes changes; from then on this transaction is under way. */
static void
append_changes(const Change *list, int n)
{
	LWLockAcquire(changes_lock, LW_EXCLUSIVE);
	for (int i = 0; i < n; i++)
		changes->ring[changes->position++ % LOG_CHANGES] = list[i];
	changes->under_way++;
	LWLockRelease(changes_lock);
	is_under_way = true;
}
