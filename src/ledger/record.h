/*
 * record.h
 *		What is recorded of a question: rows of the state tables, as JSON.
 *
 * A record is one JSON object whose keys are the columns of its table, so that
 * the same text can be inserted by a writer and, where no writer can take it,
 * printed to the server log: it is never lost.  Columns that a record does not
 * name are null.  A record names "user_id", the OID of the role that asks,
 * beside "user_name": without both, only members of pg_read_all_stats see the
 * row.
 */
#ifndef ALLM_LEDGER_RECORD_H
#define ALLM_LEDGER_RECORD_H

#include "postgres.h"

/* The state table that a record goes to; the writer has a row for each. */
typedef enum AllmRecordKind
{
	ALLM_RECORD_REQUEST,		/* analytics_llm.request, one a question */
	ALLM_RECORD_LOG,			/* analytics_llm.log, one an attempt */
	ALLM_RECORD_USAGE,			/* analytics_llm.usage, added to its row */
	ALLM_RECORD_ALERT,			/* analytics_llm.alert, one an occasion */
	ALLM_RECORD_RESOLVED,		/* analytics_llm.alert, its end */
	ALLM_RECORD_RESULT,			/* analytics_llm.result: never in the queue,
								 * written by the worker that has the answer */
	ALLM_RECORD_SHADOW,			/* analytics_llm.shadow_answer */
	ALLM_RECORD_HITS,			/* added to a row of analytics_llm.request */
	ALLM_RECORD_CACHE,			/* analytics_llm.cache, instead of its row */
	ALLM_RECORD_CLEARING		/* deletes from it; after all that is kept */
} AllmRecordKind;

#define ALLM_RECORD_KINDS	(ALLM_RECORD_CLEARING + 1)

typedef struct AllmRecord
{
	AllmRecordKind kind;
	char	   *json;
} AllmRecord;

extern const char *allm_record_table(AllmRecordKind kind);
extern const char *allm_record_insert(AllmRecordKind kind);
extern const char *allm_record_delete_old(AllmRecordKind kind);
extern bool allm_record_may_be_lost(AllmRecordKind kind);
extern void allm_record_print(AllmRecordKind kind, const char *json,
							  bool is_copy);

#endif							/* ALLM_LEDGER_RECORD_H */
