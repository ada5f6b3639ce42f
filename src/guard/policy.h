/*
 * policy.h
 *		What may be asked of the database, as far as the text tells.
 */
#ifndef ALLM_GUARD_POLICY_H
#define ALLM_GUARD_POLICY_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "guard/tree.h"

extern List *allm_policy_check(const AllmTree *tree);

#endif							/* ALLM_GUARD_POLICY_H */
