/*
 * standing.h
 *		How much of each quota is used, for those who may know.
 */
#ifndef ALLM_LEDGER_STANDING_H
#define ALLM_LEDGER_STANDING_H

#include "postgres.h"

#include "ledger/report.h"

extern void allm_standing_status(AllmStatusLine line, void *state);

#endif							/* ALLM_LEDGER_STANDING_H */
