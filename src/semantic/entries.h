/*
 * entries.h
 *		From a word to the names of a schema that have it.
 */
#ifndef ALLM_SEMANTIC_ENTRIES_H
#define ALLM_SEMANTIC_ENTRIES_H

#include "postgres.h"

#include "schema/snapshot.h"

/* A name, by numbers: a relation, or one of its columns. */
typedef struct AllmEntryName
{
	int			relation;
	int			place;			/* among its columns, or ALLM_ENTRY_RELATION */
} AllmEntryName;

#define ALLM_ENTRY_RELATION	(-1)

/*
 * A word, and the names that have it, in their order.  What is longer than a
 * name may be stands under its beginning.
 */
typedef struct AllmEntry
{
	char	   *text;
	AllmEntryName *names;
	int			count;
} AllmEntry;

typedef struct AllmEntries
{
	AllmEntry  *entries;		/* by text */
	int			count;
} AllmEntries;

extern const AllmEntries *allm_entries_make(const AllmSnapshot *snapshot,
											MemoryContext context);
extern const AllmEntry *allm_entries_find(const AllmEntries *entries,
										  const char *word);

#endif							/* ALLM_SEMANTIC_ENTRIES_H */
