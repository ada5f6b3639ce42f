/*
 * analyze.h
 *		The whole check of one SQL text: gate, names, policy, and the server's
 *		own analysis.
 */
#ifndef ALLM_GUARD_ANALYZE_H
#define ALLM_GUARD_ANALYZE_H

#include "postgres.h"

#include "nodes/parsenodes.h"

/*
 * A query that was checked.  When no finding is an error, "query" is the
 * analysed and rewritten statement, to be run in the same fence: the locks of
 * its relations are held until the fence ends.
 */
typedef struct AllmChecked
{
	const char *sql;
	List	   *findings;		/* of AllmFinding */
	Query	   *query;			/* NULL when a finding is an error */
	List	   *relations;		/* OIDs of all relations, views expanded */
	bool		row_security;	/* a policy filters for this role */
	bool		is_aggregate;	/* one row of aggregates, no GROUP BY */
	bool		is_ordered;		/* has a top-level ORDER BY */
} AllmChecked;

extern AllmChecked *allm_analyze_check(const char *sql);

#endif							/* ALLM_GUARD_ANALYZE_H */
