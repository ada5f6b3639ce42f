/*
 * functions.h
 *		Which functions a query may use.
 */
#ifndef ALLM_GUARD_FUNCTIONS_H
#define ALLM_GUARD_FUNCTIONS_H

#include "postgres.h"

#include "nodes/nodes.h"

/* Who wrote the call. */
typedef enum AllmWrittenBy
{
	ALLM_WRITTEN_BY_QUERY,		/* the query that is checked */
	ALLM_WRITTEN_BY_VIEW,		/* the owner of a view or a domain */
	ALLM_WRITTEN_BY_POLICY		/* the owner of a table, for its own safety */
} AllmWrittenBy;

extern const char *allm_functions_refuse(Oid function, AllmWrittenBy by);
extern bool allm_functions_is_plain(Oid function);
extern bool allm_functions_may_execute(Oid function);
extern const char *allm_functions_refuse_type(Oid type);
extern bool allm_functions_is_catalog_type(const char *name);
extern char *allm_functions_name(Oid function);
extern Node *allm_functions_defaults(Oid function);

#endif							/* ALLM_GUARD_FUNCTIONS_H */
