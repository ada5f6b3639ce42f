/*
 * retention.h
 *		Deleting records that are older than they are to be kept.
 */
#ifndef ALLM_LEDGER_RETENTION_H
#define ALLM_LEDGER_RETENTION_H

#include "postgres.h"

extern bool allm_retention_step(int slot);
extern int	allm_retention_interval(void);

#endif							/* ALLM_LEDGER_RETENTION_H */
