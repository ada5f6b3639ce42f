/*
 * precedent.h
 *		Verified examples whose question is near to another one.
 */
#ifndef ALLM_SCHEMA_PRECEDENT_H
#define ALLM_SCHEMA_PRECEDENT_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/snapshot.h"

/* A verified example, as far as it says what questions need. */
typedef struct AllmPrecedent
{
	const char *name;
	const char *question;
	const char *sql;
	bool		is_ok;			/* a pair, found right when it was written */
	int			nwords;
	uint32	   *words;			/* hash values of the question's, sorted */
	float		length;			/* of the vector of their weights */
	List	   *columns;		/* numbers of those in the SQL that are
								 * visible */
} AllmPrecedent;

/* One that is near, and how near: 1 for the same words. */
typedef struct AllmNear
{
	const AllmPrecedent *precedent;
	float		nearness;
} AllmNear;

extern List *allm_precedent_find(const AllmSnapshot *snapshot,
								 const char *question, int max);
extern int	allm_precedent_uses(const int **uses);

#endif							/* ALLM_SCHEMA_PRECEDENT_H */
