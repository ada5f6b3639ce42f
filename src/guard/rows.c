/*
 * rows.c
 *		Keeps the rows of a query as JSON, up to a cap in rows and in bytes.
 *
 * A receiver of the executor's.  What a row becomes is what the server's own
 * row_to_json makes of it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "guard/rows.h"

/* The receiver of one query. */
typedef struct RowReceiver
{
	DestReceiver pub;
	AllmCaps	caps;
	AllmRows   *rows;
	MemoryContext keep;			/* of what is returned */
	MemoryContext scratch;		/* reset for each row */
	TupleDesc	desc;			/* the query's, with unique names */
} RowReceiver;

static void start_rows(DestReceiver *self, int operation, TupleDesc desc);
static bool receive_row(TupleTableSlot *slot, DestReceiver *self);
static void end_rows(DestReceiver *self);
static bool is_taken(TupleDesc desc, int attno, const char *name);
static void keep_row(RowReceiver *receiver, const char *json, Size len);

/*
 * A receiver that keeps rows in the context "keep", as many as the caps allow,
 * and what it will have kept.  Truncated says that there were more.  Made in
 * the current context, which must live as long as the query runs.
 */
DestReceiver *
allm_rows_receiver(AllmCaps caps, MemoryContext keep, AllmRows **rows)
{
	RowReceiver *receiver = palloc0(sizeof(RowReceiver));

	receiver->pub.receiveSlot = receive_row;
	receiver->pub.rStartup = start_rows;
	receiver->pub.rShutdown = end_rows;
	receiver->pub.rDestroy = end_rows;
	receiver->pub.mydest = DestNone;
	receiver->caps = caps;
	receiver->keep = keep;
	receiver->scratch = AllocSetContextCreate(CurrentMemoryContext,
											  "analytics_llm row",
											  ALLOCSET_DEFAULT_SIZES);
	receiver->rows = MemoryContextAllocZero(keep, sizeof(AllmRows));
	receiver->rows->all_null = true;
	*rows = receiver->rows;
	return &receiver->pub;
}

/* The columns are known: names are made unique, and kept with the types. */
static void
start_rows(DestReceiver *self, int operation, TupleDesc desc)
{
	RowReceiver *receiver = (RowReceiver *) self;
	AllmRows   *rows = receiver->rows;

	receiver->desc = CreateTupleDescCopy(desc);
	allm_rows_name_uniquely(receiver->desc);
	BlessTupleDesc(receiver->desc);

	rows->ncolumns = desc->natts;
	rows->names = MemoryContextAllocZero(receiver->keep,
										 Max(desc->natts, 1) * sizeof(char *));
	rows->types = MemoryContextAllocZero(receiver->keep,
										 Max(desc->natts, 1) * sizeof(Oid));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(receiver->desc, i);

		rows->names[i] = MemoryContextStrdup(receiver->keep,
											 NameStr(att->attname));
		rows->types[i] = att->atttypid;
	}
}

/*
 * One row.  Returns false, which ends the query, when a cap is reached and
 * there is a row that had no room.
 */
static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	AllmRows   *rows = receiver->rows;
	MemoryContext caller;
	HeapTuple	tuple;
	text	   *json;
	Size		len;
	bool		fits;

	if (rows->count >= receiver->caps.rows)
	{
		rows->truncated = true;
		return false;
	}

	caller = MemoryContextSwitchTo(receiver->scratch);
	slot_getallattrs(slot);
	tuple = heap_form_tuple(receiver->desc, slot->tts_values,
							slot->tts_isnull);
	json = DatumGetTextPP(DirectFunctionCall1(row_to_json,
											  heap_copy_tuple_as_datum(tuple,
																	   receiver->desc)));
	len = VARSIZE_ANY_EXHDR(json);
	fits = rows->bytes + len <= receiver->caps.bytes;
	if (fits)
	{
		keep_row(receiver, VARDATA_ANY(json), len);
		rows->all_null = rows->all_null && allm_rows_is_all_null(slot);
	}
	else
		rows->truncated = true;
	MemoryContextSwitchTo(caller);
	MemoryContextReset(receiver->scratch);
	return fits;
}

/* Nothing: the contexts hold all there is. */
static void
end_rows(DestReceiver *self)
{
}

/*
 * A second "name" becomes "name_2", or the next number that no column of the
 * query has: readers of JSON keep only the last of two equal keys.
 */
void
allm_rows_name_uniquely(TupleDesc desc)
{
	char		last_base[NAMEDATALEN] = "";
	int			last_n = 1;

	for (int i = 1; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		char		base[NAMEDATALEN];
		bool		repeated = false;

		CHECK_FOR_INTERRUPTS();
		strlcpy(base, NameStr(att->attname), NAMEDATALEN);
		/* Of a run of the same name, all numbers so far are taken. */
		if (strcmp(base, last_base) != 0)
			last_n = 1;
		strlcpy(last_base, base, NAMEDATALEN);
		for (int j = 0; j < i && !repeated; j++)
			repeated = strcmp(NameStr(TupleDescAttr(desc, j)->attname),
							  base) == 0;
		for (int n = last_n + 1; repeated; n++)
		{
			char		suffix[16];
			char		name[NAMEDATALEN * 2];
			int			len;

			snprintf(suffix, sizeof(suffix), "_%d", n);
			len = pg_mbcliplen(base, strlen(base),
							   NAMEDATALEN - 1 - (int) strlen(suffix));
			snprintf(name, sizeof(name), "%.*s%s", len, base, suffix);
			if (is_taken(desc, i, name))
				continue;
			namestrcpy(&att->attname, name);
			repeated = false;
			last_n = n;
		}
	}
}

/* Has another column that name, before this one or after it? */
static bool
is_taken(TupleDesc desc, int attno, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
	{
		if (i != attno &&
			strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return true;
	}
	return false;
}

/* Copies a row to the context that outlives the query. */
static void
keep_row(RowReceiver *receiver, const char *json, Size len)
{
	AllmRows   *rows = receiver->rows;
	char	   *copy;

	if (rows->count == rows->room)
	{
		Size		room = rows->room == 0 ? 64 : rows->room * 2;

		if (rows->rows == NULL)
			rows->rows = MemoryContextAllocHuge(receiver->keep,
												room * sizeof(char *));
		else
			rows->rows = repalloc_huge(rows->rows, room * sizeof(char *));
		rows->room = room;
	}
	copy = MemoryContextAllocHuge(receiver->keep, len + 1);
	memcpy(copy, json, len);
	copy[len] = '\0';
	rows->rows[rows->count++] = copy;
	rows->bytes += len;
}

/* Is there no value in a row whose columns have been read? */
bool
allm_rows_is_all_null(const TupleTableSlot *slot)
{
	for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		if (!slot->tts_isnull[i])
			return false;
	}
	return true;
}
