/*
 * portal.h
 *		The fence around a query that stands in its caller's own statement.
 */
#ifndef ALLM_GUARD_PORTAL_H
#define ALLM_GUARD_PORTAL_H

#include "postgres.h"

#include "nodes/parsenodes.h"
#include "utils/date.h"

/*
 * What the run of such a query has to know.  It travels with the statement and
 * its plan, however long these are kept.
 */
typedef struct AllmPortalNote
{
	Oid			function;		/* whose call the query replaces */
	int64		row_cap;
	DateADT		written_on;
	bool		is_whole;		/* its statement has no LIMIT or OFFSET */
	bool		is_ordered;		/* these three as of AllmChecked */
	bool		is_aggregate;
	int			count_column;
	List	   *doubts;			/* of char *, one clause each */
	List	   *notices;		/* of char * */
} AllmPortalNote;

extern void allm_portal_install(void);
extern void allm_portal_announce(const AllmPortalNote *note);
extern void allm_portal_mark(RangeTblEntry *rte, const AllmPortalNote *note);

#endif							/* ALLM_GUARD_PORTAL_H */
