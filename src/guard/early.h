/*
 * early.h
 *		Functions that run while the server analyses a text.
 */
#ifndef ALLM_GUARD_EARLY_H
#define ALLM_GUARD_EARLY_H

#include "postgres.h"

extern void allm_early_watch(void);
extern Oid	allm_early_unwatch(void);

#endif							/* ALLM_GUARD_EARLY_H */
