/*
 * describe.h
 *		A schema in words: for whoever has to write a query over it.
 */
#ifndef ALLM_SCHEMA_DESCRIBE_H
#define ALLM_SCHEMA_DESCRIBE_H

#include "postgres.h"

#include "schema/link.h"
#include "schema/snapshot.h"

extern const char *allm_describe_schema(const AllmSnapshot *snapshot,
										Size max_bytes);
extern char *allm_describe_linked(const AllmLinked *linked);
extern Size allm_describe_relation_bytes(const AllmRelation *relation);
extern Size allm_describe_column_bytes(const AllmColumn *column,
									   List **types);

#endif							/* ALLM_SCHEMA_DESCRIBE_H */
