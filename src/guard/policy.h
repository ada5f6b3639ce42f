/*
 * policy.h
 *		What may be asked of the database, as far as the text tells.
 */
#ifndef ALLM_GUARD_POLICY_H
#define ALLM_GUARD_POLICY_H

#include "postgres.h"

#include "nodes/pg_list.h"

extern List *allm_policy_check(List *parsed, const char *sql);

#endif							/* ALLM_GUARD_POLICY_H */
