/*
 * attach.h
 *		What the ways to attach clauses share.
 */
#ifndef ALLM_SEMANTIC_ATTACH_H
#define ALLM_SEMANTIC_ATTACH_H

#include "postgres.h"

#include "semantic/chart.h"

/* What a thing costs that is found over a key. */
#define ALLM_COST_UP	3

extern AllmTest *allm_attach_make_test(AllmTestKind kind, AllmTerm *term);
extern AllmTest *allm_attach_move_test(AllmTest *test, List *steps,
									   bool negated);
extern List *allm_attach_values(AllmChart *chart, const AllmSet *set,
								const AllmClause *clause);

#endif							/* ALLM_SEMANTIC_ATTACH_H */
