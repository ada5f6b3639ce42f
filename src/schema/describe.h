/*
 * describe.h
 *		A schema in words: for whoever has to write a query over it.
 */
#ifndef ALLM_SCHEMA_DESCRIBE_H
#define ALLM_SCHEMA_DESCRIBE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/snapshot.h"

extern const char *allm_describe_schema(const AllmSnapshot *snapshot,
										Size max_bytes);
extern void allm_describe_names(StringInfo out, const List *columns);
extern void allm_describe_enum(StringInfo out, const AllmColumn *column);
extern void allm_describe_values(StringInfo out, const char *before,
								 const AllmColumn *column, const char *after);

#endif							/* ALLM_SCHEMA_DESCRIBE_H */
