/*
 * history.c
 *		The trigger that keeps each change of the configuration.
 *
 * Whoever may change a row need not be able to write the history: it is
 * written with the rights of its owner, in a statement all of whose operators
 * and functions are qualified, since the search_path is the session's.
 *
 * Locking: the table of the history, against others who write to it, until the
 * transaction ends.  So the versions are in the order of the commits.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "base/table.h"

#define HISTORY_TABLE	"config_history"

/* Parameters of the statement below. */
#define PARAMETERS		7

/*
 * The row before is of this transaction, too, unless it was restored from
 * another server, whose transactions have numbers of their own.  A conflict can
 * only be with a version that the snapshot is too old to see, which the server
 * raises as a failure to serialize.
 */
static const char insert_row[] =
"INSERT INTO analytics_llm.config_history (version, changed_at, user_name,"
" relation, action, old_row, new_row, entry, session_user_name, xact)"
" SELECT v.version, pg_catalog.clock_timestamp(), $1, $2, $3, $4, $5,"
"  (SELECT COALESCE(pg_catalog.max(h.entry), 0) OPERATOR(pg_catalog.+) 1"
"     FROM analytics_llm.config_history AS h"
"    WHERE h.version OPERATOR(pg_catalog.=) v.version),"
"  $6, pg_catalog.pg_current_xact_id()"
" FROM (SELECT CASE WHEN $7 THEN 0"
"   WHEN last.xact OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()"
"    AND last.changed_at OPERATOR(pg_catalog.>=)"
"     pg_catalog.transaction_timestamp()"
"   THEN last.version"
"   ELSE COALESCE(last.version, 0) OPERATOR(pg_catalog.+) 1 END"
"  FROM (VALUES (1)) AS one(n) LEFT JOIN"
"   (SELECT h.version, h.xact, h.changed_at"
"      FROM analytics_llm.config_history AS h"
"     WHERE h.version OPERATOR(pg_catalog.>) 0"
"     ORDER BY h.version DESC, h.entry DESC LIMIT 1) AS last ON true)"
"  AS v(version) ON CONFLICT DO NOTHING";

PG_FUNCTION_INFO_V1(analytics_llm_config_history);

static Oid	find_history(Oid *owner);
static char *write_row(HeapTuple tuple, Relation table);
static void keep_change(const TriggerData *trigger, const char *old_row,
						const char *new_row, Oid owner);
static const char *name_action(TriggerEvent event);

/*
 * analytics_llm_config_history
 *		Keep a change of a row of the configuration.
 *
 * SQL: analytics_llm.config_history_keep() returns trigger, after each row
 *
 * An update that changes nothing leaves nothing.  Waits for a transaction that
 * has changed the configuration and not ended.
 */
Datum
analytics_llm_config_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	char	   *old_row = NULL;
	char	   *new_row = NULL;
	Oid			history;
	Oid			owner;

	(void) allm_table_trigger_row(fcinfo, TRIGGER_EVENT_AFTER, NULL);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		new_row = write_row(trigger->tg_trigtuple, trigger->tg_relation);
	else
		old_row = write_row(trigger->tg_trigtuple, trigger->tg_relation);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		new_row = write_row(trigger->tg_newtuple, trigger->tg_relation);
	if (old_row != NULL && new_row != NULL && strcmp(old_row, new_row) == 0)
		return PointerGetDatum(NULL);

	history = find_history(&owner);
	if (!OidIsValid(history))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" of extension \"%s\" does not exist",
						HISTORY_TABLE, "analytics_llm")));
	LockRelationOid(history, ShareRowExclusiveLock);
	keep_change(trigger, old_row, new_row, owner);
	return PointerGetDatum(NULL);
}

/* The table of the history and its owner; invalid unless it is ours. */
static Oid
find_history(Oid *owner)
{
	Oid			extension = get_extension_oid("analytics_llm", true);
	Oid			relid = get_relname_relid(HISTORY_TABLE,
										  get_namespace_oid("analytics_llm",
															true));
	HeapTuple	tuple;

	if (!OidIsValid(relid) ||
		getExtensionOfObject(RelationRelationId, relid) != extension)
		return InvalidOid;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	*owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return relid;
}

/* A row as the text of a JSON object. */
static char *
write_row(HeapTuple tuple, Relation table)
{
	Datum		row = heap_copy_tuple_as_datum(tuple, RelationGetDescr(table));

	return TextDatumGetCString(DirectFunctionCall1(row_to_json, row));
}

/*
 * Inserts the row of the history.  Both settings are off in a restore, also
 * inside functions with settings of their own, and hardly elsewhere.  An error leaves it to the transaction to put the role back.
 */
static void
keep_change(const TriggerData *trigger, const char *old_row,
			const char *new_row, Oid owner)
{
	Oid			types[PARAMETERS] = {
		TEXTOID, TEXTOID, TEXTOID, JSONBOID, JSONBOID, TEXTOID, BOOLOID
	};
	Datum		values[PARAMETERS];
	char		nulls[PARAMETERS + 1] = "       ";
	Oid			user;
	int			context;

	values[0] = CStringGetTextDatum(GetUserNameFromId(GetOuterUserId(), false));
	values[1] = CStringGetTextDatum(RelationGetRelationName(trigger->tg_relation));
	values[2] = CStringGetTextDatum(name_action(trigger->tg_event));
	for (int i = 0; i < 2; i++)
	{
		const char *row = i == 0 ? old_row : new_row;

		if (row == NULL)
			nulls[3 + i] = 'n';
		else
			values[3 + i] = DirectFunctionCall1(jsonb_in, CStringGetDatum(row));
	}
	values[5] = CStringGetTextDatum(GetUserNameFromId(GetSessionUserId(),
													  false));
	/* A restore is the owner's: nobody else's change goes without a number. */
	values[6] = BoolGetDatum(!check_function_bodies && !row_security &&
							 has_privs_of_role(GetOuterUserId(), owner));

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	if (SPI_execute_with_args(insert_row, PARAMETERS, types, values, nulls,
							  false, 0) != SPI_OK_INSERT || SPI_processed != 1)
		elog(ERROR, "a change of the configuration was not kept");
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/* The action as the table spells it. */
static const char *
name_action(TriggerEvent event)
{
	if (TRIGGER_FIRED_BY_INSERT(event))
		return "INSERT";
	return TRIGGER_FIRED_BY_UPDATE(event) ? "UPDATE" : "DELETE";
}
