/*
 * looked.h
 *		Asking relations for words, once for a question.
 */
#ifndef ALLM_SEMANTIC_LOOKED_H
#define ALLM_SEMANTIC_LOOKED_H

#include "postgres.h"

#include "nodes/bitmapset.h"

#include "semantic/match.h"

/* What was looked up for one question. */
typedef struct AllmLooked AllmLooked;

extern AllmLooked *allm_looked_begin(void);
extern int	allm_looked_number(AllmLooked *looked, const char *word);
extern void allm_looked_ask(const AllmReadInput *input, const List *relations,
							const Bitmapset *wanted, bool together);
extern const List *allm_looked_rows(AllmLooked *looked,
									const AllmRelation *relation);
extern bool allm_looked_may_ask(const AllmRelation *relation);

#endif							/* ALLM_SEMANTIC_LOOKED_H */
