/*
 * sweeper.c
 *		Databases whose old records nobody deletes, since none are added: the
 *		launcher has a writer look at each of them now and then.
 *
 * A round goes through all databases that take connections, one after the
 * other, and leaves out those that were swept since the last one.  Which of them
 * have the extension only a process that is connected can tell; one without it
 * costs that connection.  The first round comes a while after the start of the
 * server, which has other things to do.
 *
 * There are no rounds while pg_upgrade has the server: it relies on nobody
 * else's taking transaction numbers.
 *
 * Called by the launcher alone, outside a transaction; nothing is shared.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/settings.h"
#include "ledger/retention.h"
#include "ledger/slots.h"
#include "ledger/sweeper.h"

static List *databases = NIL;	/* of this round, still to be looked at */
static TimestampTz began_at = 0;	/* the last round, or the launcher */
static TimestampTz before_that = 0; /* the one before */

static bool begin_round(void);
static void list_databases(void);

/*
 * The next database that is due, with a slot that it has and no writer; false
 * when there is none now.
 */
bool
allm_sweeper_next(int *slot, Oid *database)
{
	if (databases == NIL && !begin_round())
		return false;
	while (databases != NIL)
	{
		*database = linitial_oid(databases);
		databases = list_delete_first(databases);
		*slot = allm_slots_open(*database, before_that);
		if (*slot >= 0)
			return true;
	}
	return false;
}

/* Milliseconds until a round is due; -1 when there will be none. */
long
allm_sweeper_due_in(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (allm_log_retention == 0 || IsBinaryUpgrade)
		return -1;
	if (began_at == 0)
		began_at = now;
	return TimestampDifferenceMilliseconds(now,
										   TimestampTzPlusMilliseconds(began_at,
																	   allm_retention_interval() * INT64CONST(1000)));
}

/* Begins a round, if one is due. */
static bool
begin_round(void)
{
	if (allm_sweeper_due_in() != 0)
		return false;
	before_that = began_at;
	began_at = GetCurrentTimestamp();
	list_databases();
	return databases != NIL;
}

/* All databases that take connections, but for templates. */
static void
list_databases(void)
{
	MemoryContext caller = CurrentMemoryContext;
	Relation	catalog;
	SysScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	catalog = table_open(DatabaseRelationId, AccessShareLock);
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext work;

		if (!form->datallowconn || form->datistemplate ||
			database_is_invalid_form(form))
			continue;
		work = MemoryContextSwitchTo(TopMemoryContext);
		databases = lappend_oid(databases, form->oid);
		MemoryContextSwitchTo(work);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
}
