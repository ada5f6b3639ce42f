/*
 * defined.h
 *		Metrics and synonyms in a question.
 */
#ifndef ALLM_SEMANTIC_DEFINED_H
#define ALLM_SEMANTIC_DEFINED_H

#include "postgres.h"

#include "schema/layer.h"
#include "semantic/lexicon.h"

extern void allm_defined_add(AllmLexicon *lexicon, const List *definitions);
extern char *allm_defined_settle(AllmLexicon *lexicon);
extern bool allm_defined_is_aggregate(const AllmColumn *column);
extern char *allm_defined_write(const char *text, const char *alias);
extern List *allm_defined_named(const char *question,
								const AllmSnapshot *snapshot,
								const List *definitions);

#endif							/* ALLM_SEMANTIC_DEFINED_H */
