/*
 * types.h
 *		What is in a value of a type that somebody made.
 */
#ifndef ALLM_GUARD_TYPES_H
#define ALLM_GUARD_TYPES_H

#include "postgres.h"

#include "nodes/pg_list.h"

extern List *allm_types_parts(Oid type);
extern List *allm_types_json_casts(Oid type);
extern bool allm_types_is_own(Oid type);
extern bool allm_types_is_record(Oid type);

#endif							/* ALLM_GUARD_TYPES_H */
