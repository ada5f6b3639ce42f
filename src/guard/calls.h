/*
 * calls.h
 *		Functions by their names, as the asking role sees them.
 */
#ifndef ALLM_GUARD_CALLS_H
#define ALLM_GUARD_CALLS_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "guard/scope.h"

extern bool allm_calls_known(List *parts);
extern char *allm_calls_name(List *parts);
extern char *allm_calls_suggest(const char *name);
extern AllmRowSource allm_calls_columns(List *parts, int nargs,
										const char *alias);

#endif							/* ALLM_GUARD_CALLS_H */
