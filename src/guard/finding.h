/*
 * finding.h
 *		What the guard has to say of a query.
 */
#ifndef ALLM_GUARD_FINDING_H
#define ALLM_GUARD_FINDING_H

#include "postgres.h"

#include "nodes/pg_list.h"

/*
 * One finding.  The code is the server's condition name where the server would
 * raise it, else policy_x.  An error means that the query may not run; a
 * warning costs confidence and is a doubt.
 */
typedef struct AllmFinding
{
	bool		is_error;
	const char *code;
	char	   *message;		/* one clause, lower case, no period */
	char	   *detail;			/* sentences, or NULL */
	char	   *hint;			/* sentences, or NULL */
	int			pos;			/* characters from 1; 0: not known */
	bool		quotes_data;	/* the message may have a value of the data */
} AllmFinding;

extern AllmFinding *allm_finding_make(bool is_error, const char *code, int pos,
									  const char *fmt,...) pg_attribute_printf(4, 5);
extern AllmFinding *allm_finding_from_error(const ErrorData *edata);
extern bool allm_finding_add(List **findings, AllmFinding *finding);
extern bool allm_finding_any_error(const List *findings);
extern bool allm_finding_is_verdict(const ErrorData *edata);

#endif							/* ALLM_GUARD_FINDING_H */
