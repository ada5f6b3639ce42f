/*
 * names.h
 *		All wrong names of a statement at once.
 */
#ifndef ALLM_GUARD_NAMES_H
#define ALLM_GUARD_NAMES_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "guard/tree.h"

extern List *allm_names_check(const AllmTree *tree);

#endif							/* ALLM_GUARD_NAMES_H */
