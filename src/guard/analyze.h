/*
 * analyze.h
 *		The whole check of one SQL text: gate, names, policy, and the server's
 *		own analysis.
 */
#ifndef ALLM_GUARD_ANALYZE_H
#define ALLM_GUARD_ANALYZE_H

#include "postgres.h"

#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

#include "guard/depends.h"

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
	Query	   *written;		/* before it was rewritten, where asked for */
	PlannedStmt *plan;			/* of the query, when its cost was asked */
	List	   *relations;		/* OIDs of all relations, views expanded */
	List	   *foreign_tables; /* OIDs, of the relations */
	List	   *functions;		/* OIDs of those that are not the server's */
	int			depends;		/* bits of AllmDepends */
	bool		row_security;	/* a policy filters for this role */
	bool		expands;		/* has a view, or a relation with policies */
	bool		column_privileges;	/* some relation may be read in part only */
	bool		is_aggregate;	/* one row of aggregates, no GROUP BY */
	bool		is_ordered;		/* has a top-level ORDER BY */
	int			count_column;	/* number of a count(*) of all rows, or -1 */
} AllmChecked;

extern AllmChecked *allm_analyze_check(const char *sql);
extern AllmChecked *allm_analyze_written(const char *sql);

#endif							/* ALLM_GUARD_ANALYZE_H */
