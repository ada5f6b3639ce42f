/*
 * sanity.h
 *		Is a result plausible?
 */
#ifndef ALLM_GUARD_SANITY_H
#define ALLM_GUARD_SANITY_H

#include "postgres.h"

#include "guard/execute.h"

/* A remark on a result: a doubt, or information. */
typedef struct AllmRemark
{
	bool		is_doubt;
	char	   *text;			/* one clause, lower case, no period */
} AllmRemark;

extern List *allm_sanity_remarks(const AllmChecked *checked,
								 const AllmRows *rows);
extern char *allm_sanity_doubt_line(const List *doubts);

#endif							/* ALLM_GUARD_SANITY_H */
