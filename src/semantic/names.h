/*
 * names.h
 *		The words of a schema's names, kept with its snapshot.
 */
#ifndef ALLM_SEMANTIC_NAMES_H
#define ALLM_SEMANTIC_NAMES_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/snapshot.h"

/* The words of one name; NIL until they are first wanted. */
typedef struct AllmNameWords
{
	List	   *split;			/* as written: see allm_lexicon_split */
	List	   *words;			/* written out: see allm_naming_words */
} AllmNameWords;

/* What is kept of a relation. */
typedef struct AllmKeptRelation
{
	AllmNameWords name;
	List	   *labels;			/* of AllmColumn: see allm_naming_labels */
	List	   *plain_labels;	/* see allm_column_labels */
	bool		has_labels;		/* they were looked for */
	bool		has_plain_labels;
} AllmKeptRelation;

/* Names of a relation that share a word with what was looked for. */
typedef struct AllmNamed
{
	AllmRelation *relation;
	List	   *columns;		/* of AllmColumn, in their order */
} AllmNamed;

extern AllmKeptRelation *allm_names_relation(const AllmRelation *relation);
extern AllmNameWords *allm_names_column(const AllmColumn *column);
extern List *allm_names_keep(const AllmRelation *relation, const List *words);
extern List *allm_names_keep_columns(const AllmRelation *relation,
									 const List *columns);
extern List *allm_names_find(const AllmSnapshot *snapshot, const List *words);
extern bool allm_names_are_verb(const AllmSnapshot *snapshot,
								const char *verb);

#endif							/* ALLM_SEMANTIC_NAMES_H */
