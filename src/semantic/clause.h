/*
 * clause.h
 *		What the readers of clauses and of traits share.
 */
#ifndef ALLM_SEMANTIC_CLAUSE_H
#define ALLM_SEMANTIC_CLAUSE_H

#include "postgres.h"

#include "semantic/chart.h"

/* What has been read in front of a predicate. */
typedef struct AllmLead
{
	bool		negated;
	bool		linked;			/* "that", "is": a value may follow */
	bool		whose;
	char	   *verb;
	bool		passive;
	int			cost;
} AllmLead;

extern AllmClause *allm_clause_make(AllmClauseKind kind, const AllmLead *lead);
extern void allm_clause_add_objects(AllmChart *chart, AllmCell *cell, int at,
									int to, const AllmLead *lead);
extern void allm_clause_add_period(AllmChart *chart, AllmCell *cell, int at,
								   int to, const AllmLead *lead,
								   AllmAttribute *attribute);
extern void allm_done_add(AllmChart *chart, AllmCell *cell, int from, int to);
extern List *allm_done_attach(AllmChart *chart, const AllmSet *set,
							  const AllmClause *clause);
extern bool allm_clause_is_bare(const AllmChart *chart, int at);
extern int	allm_clause_top(const AllmChart *chart, int at);
extern int	allm_clause_number(const AllmChart *chart, int at, int to,
							   char **number);
extern char *allm_trait_pattern(const AllmChart *chart, int from, int to);
extern void allm_trait_add_text_in(AllmChart *chart, AllmCell *cell, int from,
								   int to);
extern void allm_trait_add_valued(AllmChart *chart, AllmCell *cell, int from,
								  int to, bool negated_lead);

#endif							/* ALLM_SEMANTIC_CLAUSE_H */
