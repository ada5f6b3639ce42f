/*
 * tiers.h
 *		The tiers, and the walk down them until one answers.
 */
#ifndef ALLM_ASK_TIERS_H
#define ALLM_ASK_TIERS_H

#include "postgres.h"

#include "ask/request.h"
#include "ledger/report.h"

/* The last resort, and the number of no tier that is walked. */
#define ALLM_TIER_DEGRADED	4

extern AllmStep allm_tiers_walk(AllmRequest *request);
extern void allm_tiers_status(AllmStatusLine line, void *state);

#endif							/* ALLM_ASK_TIERS_H */
