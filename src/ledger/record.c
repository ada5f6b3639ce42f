/*
 * record.c
 *		The kinds of record: the table of each, and how it gets there.
 *
 * Shares nothing and locks nothing.
 */
#include "postgres.h"

#include "ledger/record.h"

typedef struct RecordTable
{
	const char *table;			/* in schema analytics_llm */
	const char *insert;			/* $1: a JSON array of records */
} RecordTable;

/* By AllmRecordKind. */
static const RecordTable tables[ALLM_RECORD_KINDS] =
{
	[ALLM_RECORD_REQUEST] = {
		"request",
		"INSERT INTO analytics_llm.request SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.request, $1)"
	},
	[ALLM_RECORD_LOG] = {
		"log",
		"INSERT INTO analytics_llm.log SELECT *"
		" FROM pg_catalog.json_populate_recordset("
		"NULL::analytics_llm.log, $1)"
	},
};

/* The name of the table, in schema analytics_llm. */
const char *
allm_record_table(AllmRecordKind kind)
{
	return tables[kind].table;
}

/* The statement that inserts a JSON array of such records, its $1. */
const char *
allm_record_insert(AllmRecordKind kind)
{
	return tables[kind].insert;
}

/*
 * Prints a record to the server log, as one line that the same insert takes.
 * Never sent to the client.  The caller holds interrupts off if it has more
 * than one to print: reporting is a place where a cancel is acted on.
 */
void
allm_record_print(AllmRecordKind kind, const char *json)
{
	if (strpbrk(json, "\r\n") != NULL)
	{
		/* Between the tokens of a document, the only place for them. */
		char	   *line = pstrdup(json);

		for (char *c = line; *c != '\0'; c++)
		{
			if (*c == '\r' || *c == '\n')
				*c = ' ';
		}
		json = line;
	}
	ereport(LOG_SERVER_ONLY,
			(errmsg_internal("analytics_llm: record of \"%s\": %s",
							 tables[kind].table, json),
			 errhidestmt(true), errhidecontext(true)));
}
