/*
 * execute.h
 *		The fence, and the only execution of generated queries.
 */
#ifndef ALLM_GUARD_EXECUTE_H
#define ALLM_GUARD_EXECUTE_H

#include "postgres.h"

#include "nodes/params.h"

#include "base/deadline.h"
#include "guard/analyze.h"

/* How much of a result is taken. */
typedef struct AllmCaps
{
	int64		rows;
	Size		bytes;
} AllmCaps;

/* The rows of a query: one JSON object each, keys in column order, unique. */
typedef struct AllmRows
{
	int			ncolumns;
	char	  **names;			/* made unique: name, name_2 ... */
	Oid		   *types;
	int64		count;
	int64		room;			/* allocated length of rows */
	char	  **rows;
	Size		bytes;
	bool		truncated;
	bool		all_null;		/* not one value that is not null */
} AllmRows;

/* Work that is done inside the fence. */
typedef void (*AllmFenced) (void *arg);

extern ErrorData *allm_execute_fenced(AllmFenced work, void *arg,
									  AllmDeadline deadline);
extern ErrorData *allm_execute_checked_here(AllmFenced work, void *arg,
											AllmDeadline deadline);
extern void allm_execute_in_portal(AllmFenced work, void *arg,
								   AllmDeadline deadline);
extern bool allm_execute_in_fence(void);
extern AllmRows *allm_execute_plan(PlannedStmt *plan, const char *sql,
								   ParamListInfo params, AllmCaps caps,
								   MemoryContext keep);
extern AllmRows *allm_execute_query(AllmChecked *checked, AllmCaps caps,
									MemoryContext keep);

#endif							/* ALLM_GUARD_EXECUTE_H */
