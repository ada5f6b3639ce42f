/*
 * called.h
 *		Which of the names that words could be are worth a thought.
 */
#ifndef ALLM_SEMANTIC_CALLED_H
#define ALLM_SEMANTIC_CALLED_H

#include "postgres.h"

#include "semantic/lexicon.h"

/* What a name costs of which only the last words are said. */
#define ALLM_CALLED_END		3

extern void allm_called_keep_own(AllmLexicon *lexicon);

#endif							/* ALLM_SEMANTIC_CALLED_H */
