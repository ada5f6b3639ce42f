/*
 * subxact.h
 *		Work in a subtransaction, whose errors come back as a value.
 */
#ifndef ALLM_GUARD_SUBXACT_H
#define ALLM_GUARD_SUBXACT_H

#include "postgres.h"

/* Work that is done in a subtransaction. */
typedef void (*AllmSubxactWork) (void *arg);

/* Cleanup that an error needs before anything else is done. */
typedef void (*AllmSubxactCaught) (void *arg);

extern ErrorData *allm_subxact_run(AllmSubxactWork work,
								   AllmSubxactCaught caught,
								   void *arg, bool commit);

#endif							/* ALLM_GUARD_SUBXACT_H */
