/*
 * sweeper.h
 *		Databases whose old records nobody deletes, since none are added.
 */
#ifndef ALLM_LEDGER_SWEEPER_H
#define ALLM_LEDGER_SWEEPER_H

#include "postgres.h"

extern bool allm_sweeper_next(int *slot, Oid *database);
extern long allm_sweeper_due_in(void);

#endif							/* ALLM_LEDGER_SWEEPER_H */
