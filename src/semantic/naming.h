/*
 * naming.h
 *		All that the relations and columns of a schema may be called.
 */
#ifndef ALLM_SEMANTIC_NAMING_H
#define ALLM_SEMANTIC_NAMING_H

#include "postgres.h"

#include "semantic/lexicon.h"

extern void allm_naming_add(AllmLexicon *lexicon);
extern List *allm_naming_words(const char *name, const List *context);
extern List *allm_naming_column_words(const AllmColumn *column);
extern List *allm_naming_relation_words(const AllmRelation *relation);
extern List *allm_naming_without_prefix(List *words);
extern const AllmColumn *allm_naming_stored_number(const AllmRelation *relation);
extern bool allm_naming_exists(const AllmSnapshot *snapshot,
							   const char *first, const char *second);
extern AllmForeignKey *allm_naming_label_key(const AllmRelation *relation);
extern List *allm_naming_labels(const AllmRelation *relation);

#endif							/* ALLM_SEMANTIC_NAMING_H */
