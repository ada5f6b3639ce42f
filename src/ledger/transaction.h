/*
 * transaction.h
 *		A transaction of a writer.
 */
#ifndef ALLM_LEDGER_TRANSACTION_H
#define ALLM_LEDGER_TRANSACTION_H

#include "postgres.h"

#include "ledger/record.h"

/* What is done in one, in an SPI connection; or after its commit. */
typedef void (*AllmTransactionWork) (void *state);

extern bool allm_transaction_run(AllmTransactionWork work,
								 AllmTransactionWork committed, void *state,
								 ErrorData **error);
extern bool allm_transaction_lock_tables(void);
extern void allm_transaction_execute(AllmRecordKind kind, const char *sql,
									 int nargs, Oid *types, Datum *values);

#endif							/* ALLM_LEDGER_TRANSACTION_H */
