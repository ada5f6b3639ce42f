/*
 * token.h
 *		The words of a question, one by one, as the lexicon takes them.
 */
#ifndef ALLM_SEMANTIC_TOKEN_H
#define ALLM_SEMANTIC_TOKEN_H

#include "postgres.h"

#include "semantic/lexicon.h"

extern void allm_token_read(AllmLexicon *lexicon);

#endif							/* ALLM_SEMANTIC_TOKEN_H */
