/*
 * names.c
 *		The words of a schema's names, kept with its snapshot.
 *
 * What a name is taken apart into depends on the snapshot alone.  It is made
 * when it is first wanted; the text of a word is stored once, however many
 * names have it.  An index leads from a word to the names that have it (see
 * entries.c), so that a question costs what its own words cost, and not what the
 * schema is long.
 *
 * What is kept here is this backend's, lies in a context below that of the
 * snapshot, and goes with it.  What is built whole is built aside, and kept when
 * it is complete: an error on the way leaves nothing behind.
 */
#include "postgres.h"

#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "semantic/entries.h"
#include "semantic/names.h"
#include "semantic/way.h"

/* Is a verb of the language a name of this schema? */
typedef struct VerbEntry
{
	char		text[NAMEDATALEN];	/* hash key; MUST BE FIRST */
	bool		is_name;
} VerbEntry;

typedef struct AllmNames
{
	MemoryContext context;
	AllmKeptRelation *relations;	/* by number */
	AllmNameWords **columns;	/* by the relation's number and the column's
								 * place; NULL until one is wanted */
	const AllmEntries *entries;
	HTAB	   *verbs;			/* of VerbEntry: those that were asked for */
} AllmNames;

static AllmNames *get_names(AllmDerived *derived);
static HTAB *make_verbs(MemoryContext context);
static List *list_named(const AllmSnapshot *snapshot, const List *entries);
static int	compare_names(const void *a, const void *b);

/* What is kept of a relation's name; its owner fills it. */
AllmKeptRelation *
allm_names_relation(const AllmRelation *relation)
{
	return &get_names(allm_snapshot_derived(relation))->relations[relation->number];
}

/* The same of a column; NULL for one that stands for a metric. */
AllmNameWords *
allm_names_column(const AllmColumn *column)
{
	const AllmRelation *relation = column->relation;
	AllmNames  *names;
	AllmNameWords **columns;
	int			first;

	if (column->metric != NULL)
		return NULL;
	names = get_names(allm_snapshot_derived(relation));
	columns = &names->columns[relation->number];
	if (*columns == NULL)
		*columns = MemoryContextAllocZero(names->context,
										  list_length(relation->columns) *
										  sizeof(AllmNameWords));
	first = ((AllmColumn *) linitial(relation->columns))->number;
	return &(*columns)[column->number - first];
}

/* A copy of words of the relation's schema, to be kept. */
List *
allm_names_keep(const AllmRelation *relation, const List *words)
{
	AllmNames  *names = get_names(allm_snapshot_derived(relation));
	MemoryContext caller = MemoryContextSwitchTo(names->context);
	List	   *copy = list_copy(words);
	ListCell   *cell;

	foreach(cell, copy)
	{
		const AllmEntry *entry = allm_entries_find(names->entries,
												   lfirst(cell));

		lfirst(cell) = entry != NULL && strcmp(entry->text, lfirst(cell)) == 0 ?
			entry->text : pstrdup(lfirst(cell));
	}
	MemoryContextSwitchTo(caller);
	return copy;
}

/* A copy of a list of the relation's columns, to be kept. */
List *
allm_names_keep_columns(const AllmRelation *relation, const List *columns)
{
	AllmNames  *names = get_names(allm_snapshot_derived(relation));
	MemoryContext caller = MemoryContextSwitchTo(names->context);
	List	   *copy = list_copy(columns);

	MemoryContextSwitchTo(caller);
	return copy;
}

/*
 * The names that have one of these words in one of their forms, as a list of
 * AllmNamed in the order of the snapshot.
 */
List *
allm_names_find(const AllmSnapshot *snapshot, const List *words)
{
	const AllmEntries *all;
	List	   *entries = NIL;
	ListCell   *cell;

	if (snapshot->derived == NULL)
		return NIL;
	all = get_names(snapshot->derived)->entries;
	foreach(cell, words)
	{
		const AllmEntry *entry = allm_entries_find(all, lfirst(cell));

		if (entry != NULL)
			entries = list_append_unique_ptr(entries,
											 unconstify(AllmEntry *, entry));
	}
	return list_named(snapshot, entries);
}

/* The names that have a word which could be a form of the verb. */
static List *
find_forms(const AllmSnapshot *snapshot, const char *verb)
{
	const AllmEntries *all = get_names(snapshot->derived)->entries;
	List	   *entries = NIL;

	for (int i = 0; i < all->count; i++)
	{
		AllmEntry  *entry = &all->entries[i];

		if (allm_way_names_words(list_make1(entry->text), verb))
			entries = lappend(entries, entry);
	}
	return list_named(snapshot, entries);
}

/*
 * Is the verb the name of a key or a relation of this schema?  What is found
 * is kept: there are as many verbs as the language has.  What the search needs
 * is given back.
 */
bool
allm_names_are_verb(const AllmSnapshot *snapshot, const char *verb)
{
	AllmNames  *names;
	MemoryContext work;
	MemoryContext caller;
	VerbEntry  *entry;
	char		key[NAMEDATALEN] = {0};
	bool		is_name;

	if (snapshot->derived == NULL || strlen(verb) >= NAMEDATALEN)
		return false;
	names = get_names(snapshot->derived);
	strlcpy(key, verb, NAMEDATALEN);
	entry = hash_search(names->verbs, key, HASH_FIND, NULL);
	if (entry != NULL)
		return entry->is_name;
	work = AllocSetContextCreate(CurrentMemoryContext, "analytics_llm verb",
								 ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(work);
	is_name = allm_way_any(find_forms(snapshot, verb), verb);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	entry = hash_search(names->verbs, key, HASH_ENTER, NULL);
	entry->is_name = is_name;
	return is_name;
}

/* What is kept of a snapshot; with the index when it is made. */
static AllmNames *
get_names(AllmDerived *derived)
{
	const AllmSnapshot *snapshot = derived->snapshot;
	int			nrelations = Max(list_length(snapshot->relations), 1);
	MemoryContext context;
	AllmNames  *names;

	if (derived->names != NULL)
		return derived->names;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm names",
									ALLOCSET_DEFAULT_SIZES);
	names = MemoryContextAllocZero(context, sizeof(AllmNames));
	names->context = context;
	names->relations =
		MemoryContextAllocExtended(context,
								   nrelations * sizeof(AllmKeptRelation),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	names->columns = MemoryContextAllocZero(context, nrelations *
											sizeof(AllmNameWords *));
	names->entries = allm_entries_make(snapshot, context);
	names->verbs = make_verbs(context);
	MemoryContextSetParent(context, derived->context);
	derived->names = names;
	return names;
}

/* A table of verbs by their text. */
static HTAB *
make_verbs(MemoryContext context)
{
	HASHCTL		control = {0};

	control.keysize = NAMEDATALEN;
	control.entrysize = sizeof(VerbEntry);
	control.hcxt = context;
	return hash_create("analytics_llm verbs", 64, &control,
					   HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/* The names of some words, each once, in the order of the snapshot. */
static List *
list_named(const AllmSnapshot *snapshot, const List *entries)
{
	List	   *result = NIL;
	AllmNamed  *named = NULL;
	AllmEntryName *found;
	Size		count = 0;
	ListCell   *cell;

	foreach(cell, entries)
		count += ((AllmEntry *) lfirst(cell))->count;
	if (count == 0)
		return NIL;
	found = MemoryContextAllocHuge(CurrentMemoryContext,
								   count * sizeof(AllmEntryName));
	count = 0;
	foreach(cell, entries)
	{
		const AllmEntry *entry = lfirst(cell);

		memcpy(&found[count], entry->names,
			   entry->count * sizeof(AllmEntryName));
		count += entry->count;
	}
	if (list_length(entries) > 1)
	{
		qsort(found, count, sizeof(AllmEntryName), compare_names);
		count = qunique(found, count, sizeof(AllmEntryName), compare_names);
	}
	for (Size i = 0; i < count; i++)
	{
		AllmRelation *relation = list_nth(snapshot->relations,
										  found[i].relation);

		if (named == NULL || named->relation != relation)
		{
			named = palloc0(sizeof(AllmNamed));
			named->relation = relation;
			result = lappend(result, named);
		}
		if (found[i].place != ALLM_ENTRY_RELATION)
			named->columns = lappend(named->columns,
									 list_nth(relation->columns,
											  found[i].place));
	}
	pfree(found);
	return result;
}

/* For qsort and qunique: the relation itself before its columns. */
static int
compare_names(const void *a, const void *b)
{
	const AllmEntryName *left = a;
	const AllmEntryName *right = b;

	if (left->relation != right->relation)
		return left->relation < right->relation ? -1 : 1;
	if (left->place != right->place)
		return left->place < right->place ? -1 : 1;
	return 0;
}
