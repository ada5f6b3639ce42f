/*
 * depends.h
 *		What the rows of a query depend on besides the data.
 */
#ifndef ALLM_GUARD_DEPENDS_H
#define ALLM_GUARD_DEPENDS_H

#include "postgres.h"

#include "nodes/primnodes.h"

/*
 * Bits of AllmChecked.depends.  Rows that depend on none of them are the same
 * for every role that may read the relations, until these change.
 */
typedef enum AllmDepends
{
	ALLM_DEPENDS_TIME = 1,		/* the clock */
	ALLM_DEPENDS_SESSION = 2,	/* settings, connection, temporary tables */
	ALLM_DEPENDS_USER = 4,		/* who asks, by more than privileges */
	ALLM_DEPENDS_CHANCE = 8,	/* other rows each time */
	ALLM_DEPENDS_OUTSIDE = 16	/* data that is not in this database */
} AllmDepends;

extern int	allm_depends_function(Oid function);
extern int	allm_depends_value(const SQLValueFunction *value);
extern int	allm_depends_literal(const char *sql, const Const *constant);
extern int	allm_depends_relation(Oid relid);
extern int	allm_depends_output(Oid type);

#endif							/* ALLM_GUARD_DEPENDS_H */
