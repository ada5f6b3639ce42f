/*
 * batch.h
 *		One transaction of a writer.
 */
#ifndef ALLM_LEDGER_BATCH_H
#define ALLM_LEDGER_BATCH_H

#include "postgres.h"

#include "ledger/slots.h"

typedef enum AllmBatchResult
{
	ALLM_BATCH_WRITTEN,			/* and out of the queue */
	ALLM_BATCH_NO_TABLES,		/* the extension is not in this database */
	ALLM_BATCH_TROUBLE			/* the records stay in the queue for now */
} AllmBatchResult;

extern AllmBatchResult allm_batch_write(int slot, const AllmBatch *batch,
										ErrorData **error);

#endif							/* ALLM_LEDGER_BATCH_H */
