/*
 * own_writes.h
 *		When this session has last committed something.
 */
#ifndef ALLM_ASK_OWN_WRITES_H
#define ALLM_ASK_OWN_WRITES_H

#include "postgres.h"

#include "datatype/timestamp.h"

extern void allm_own_writes_install(void);
extern bool allm_own_writes_are_before(TimestampTz time);

#endif							/* ALLM_ASK_OWN_WRITES_H */
