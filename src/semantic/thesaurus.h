/*
 * thesaurus.h
 *		Words and phrases that mean the same.
 */
#ifndef ALLM_SEMANTIC_THESAURUS_H
#define ALLM_SEMANTIC_THESAURUS_H

#include "postgres.h"

#include "semantic/lexicon.h"

/* What the words of one question may stand for. */
typedef struct AllmThesaurus AllmThesaurus;

extern AllmThesaurus *allm_thesaurus_make(const AllmToken *tokens,
										  int ntokens);
extern List *allm_thesaurus_others(const AllmThesaurus *thesaurus,
								   const List *words);
extern List *allm_thesaurus_words(const AllmThesaurus *thesaurus);

#endif							/* ALLM_SEMANTIC_THESAURUS_H */
