/*
 * refer.h
 *		Which columns of a schema the text of a query refers to.
 */
#ifndef ALLM_SCHEMA_REFER_H
#define ALLM_SCHEMA_REFER_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/snapshot.h"

/* A schema, ready for many queries; opaque. */
typedef struct AllmReferences AllmReferences;

extern AllmReferences *allm_refer_begin(const AllmSnapshot *snapshot);
extern List *allm_refer_columns(AllmReferences *references, const char *sql);
extern void allm_refer_end(AllmReferences *references);

#endif							/* ALLM_SCHEMA_REFER_H */
