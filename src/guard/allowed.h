/*
 * allowed.h
 *		Functions that a DBA lets queries use.
 */
#ifndef ALLM_GUARD_ALLOWED_H
#define ALLM_GUARD_ALLOWED_H

#include "postgres.h"

extern bool allm_allowed_lists(Oid function);

#endif							/* ALLM_GUARD_ALLOWED_H */
