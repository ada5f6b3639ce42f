/*
 * stored.c
 *		The unlogged table analytics_llm.cache, behind the answers in shared
 *		memory.
 *
 * It is written by the writers only.  A backend reads it when the answer is not
 * in shared memory: past the executor, whatever the role may read, and only if
 * it gets the lock at once.  On a standby an unlogged table cannot be read.
 *
 * Shares nothing; locks nothing but the table.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "base/table.h"
#include "ledger/queue.h"
#include "ledger/stored.h"

PG_FUNCTION_INFO_V1(analytics_llm_cache_clear);

static bool may_clear_others(void);
static bool lock_table(Oid *relid);
static int64 count_stored(Oid role);

/*
 * Hands an answer over for the table, as a record; it is lost, and counted,
 * when the queue is short of room for what must not be lost, and when the cache
 * was cleared since that epoch: the record that clears the table may be in the
 * queue before it.
 */
void
allm_stored_put(char *json, uint64 epoch)
{
	AllmRecord	record = {ALLM_RECORD_CACHE, json};
	AllmGuard	guard = allm_cache_guard(epoch);

	if (!allm_queue_offer(&record, &guard))
		allm_cache_count_dropped();
}

/*
 * The bytes of an answer in the table, in the current memory context; NULL
 * when there is none, and when the table cannot be read without waiting.
 */
char *
allm_stored_fetch(const AllmCacheKey *key, Size *length)
{
	AllmTableScan scan;
	char	   *data = NULL;
	char		name[33];
	Oid			relid;

	if (!lock_table(&relid))
		return NULL;
	snprintf(name, sizeof(name), "%016llx%016llx",
			 (unsigned long long) key->hash[0],
			 (unsigned long long) key->hash[1]);
	if (allm_table_begin_own(&scan, "cache", "cache_pkey", "key", F_TEXTEQ,
							 CStringGetTextDatum(name)))
	{
		if (allm_table_next(&scan))
			data = allm_table_bytes(&scan, "data", length);
		allm_table_end(&scan);
	}
	UnlockRelationOid(relid, AccessShareLock);
	if (data != NULL &&
		(*length <= strlen(key->text) ||
		 memcmp(data, key->text, strlen(key->text) + 1) != 0))
		return NULL;
	return data;
}

/* Locks the table, if there is one that can be read, and nobody is waited for. */
static bool
lock_table(Oid *relid)
{
	Oid			namespace = get_namespace_oid("analytics_llm", true);

	if (RecoveryInProgress() || !OidIsValid(namespace))
		return false;
	*relid = get_relname_relid("cache", namespace);
	return OidIsValid(*relid) &&
		ConditionalLockRelationOid(*relid, AccessShareLock);
}

/*
 * analytics_llm_cache_clear
 *		Forget kept answers.
 *
 * SQL: llm_cache_clear(role regrole) returns bigint
 *
 * Of the current role when the argument is null, of every role of this
 * database when it is '-'.  Returns how many there were.  Raises 42501 for
 * those of others, without the privilege to delete from the table, and 55000
 * when the writer has not cleared the table in time.
 *
 * Between the two clearings of the memory an answer may come back from the
 * table, and goes with the second.  After it there is none that was made before
 * the first: what is under way is of an earlier epoch.
 */
Datum
analytics_llm_cache_clear(PG_FUNCTION_ARGS)
{
	Oid			role = PG_ARGISNULL(0) ? GetUserId() : PG_GETARG_OID(0);
	AllmRecord	record = {ALLM_RECORD_CLEARING, NULL};
	int64		count;

	allm_require_loaded();
	if (role != GetUserId() && !may_clear_others())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to clear the kept answers of other roles"),
				 errhint("Grant it with: GRANT DELETE ON analytics_llm.cache TO %s.",
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
	count = count_stored(role);
	count += allm_cache_clear(role);
	if (RecoveryInProgress())
		PG_RETURN_INT64(count);

	record.json = OidIsValid(role) ?
		psprintf("{\"user_id\":%u}", role) : pstrdup("{}");
	allm_queue_put(NULL, &record, 1);
	if (!allm_queue_wait(allm_deadline_in(allm_request_timeout)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the kept answers of table \"%s\" are not cleared yet",
						"analytics_llm.cache"),
				 errdetail("Those in shared memory are."),
				 errhint("llm_status() shows the state of the writer.")));
	(void) allm_cache_clear(role);
	PG_RETURN_INT64(count);
}

/* May the current role end the answers of others? */
static bool
may_clear_others(void)
{
	Oid			namespace = get_namespace_oid("analytics_llm", true);
	Oid			relid = OidIsValid(namespace) ?
	get_relname_relid("cache", namespace) : InvalidOid;

	return OidIsValid(relid) &&
		pg_class_aclcheck(relid, GetUserId(), ACL_DELETE) == ACLCHECK_OK;
}

/* How many answers are in the table alone, of a role or of all. */
static int64
count_stored(Oid role)
{
	AllmTableScan scan;
	int64		count = 0;
	Oid			relid;

	if (!lock_table(&relid))
		return 0;
	if (allm_table_begin_own(&scan, "cache", NULL, NULL, InvalidOid, (Datum) 0))
	{
		while (allm_table_next(&scan))
		{
			AllmCacheKey key;
			AllmCacheRef ref;
			Size		length;

			if (OidIsValid(role) && allm_table_oid(&scan, "user_id") != role)
				continue;
			key.text = allm_table_bytes(&scan, "data", &length);
			if (key.text == NULL || memchr(key.text, '\0', length) == NULL)
				continue;
			allm_cache_hash(&key);
			if (!allm_cache_find(&key, &ref))
				count++;
		}
		allm_table_end(&scan);
	}
	UnlockRelationOid(relid, AccessShareLock);
	return count;
}

PG_FUNCTION_INFO_V1(analytics_llm_note_change);

/*
 * analytics_llm_note_change
 *		Tell every session that the rows of a table were changed.
 *
 * SQL: analytics_llm.note_change() returns trigger
 *
 * The message travels with the commit, as one of DDL does, so that what a
 * session has kept of that table ends there, on a standby too.  Works without
 * preloading.
 */
Datum
analytics_llm_note_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is a trigger after a change")));
	CacheInvalidateRelcache(trigger->tg_relation);
	return PointerGetDatum(NULL);
}
