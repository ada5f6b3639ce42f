/*
 * names.c
 *		The words of a schema's names, kept with its snapshot.
 *
 * What a name is taken apart into depends on the snapshot alone.  It is made
 * when it is first wanted; the text of a word is stored once, however many
 * names have it.  An index leads from a word to the names that have it, so that
 * a question costs what its own words cost, and not what the schema is long.
 *
 * The index is generous: a name stands under each word of each form that
 * lexicon.c or naming.c give it.  Whoever looks it up still compares.
 *
 * All of it is this backend's, lies in a context below that of the snapshot,
 * and goes with it.  What is built whole is built aside, and kept when it is
 * complete: an error on the way leaves nothing behind.
 */
#include "postgres.h"

#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "semantic/lexicon.h"
#include "semantic/naming.h"
#include "semantic/names.h"
#include "semantic/way.h"

/* Most words are in few names. */
#define FIRST_ROOM	2

/* A name, by numbers: a relation, or one of its columns. */
typedef struct Posting
{
	int			relation;
	int			place;			/* among its columns, or NO_COLUMN */
} Posting;

#define NO_COLUMN	(-1)

/*
 * A word, and the names that have it, in their order.  What is longer than a
 * name may be stands under its beginning.
 */
typedef struct WordEntry
{
	char		text[NAMEDATALEN];	/* hash key; MUST BE FIRST */
	Posting    *postings;
	int			count;
	int			room;
} WordEntry;

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
	AllmNameWords *columns;		/* by number */
	HTAB	   *words;			/* of WordEntry */
	HTAB	   *verbs;			/* of VerbEntry: those that were asked for */
} AllmNames;

static AllmNames *get_names(AllmDerived *derived);
static HTAB *make_table(MemoryContext context, const char *name, Size entry);
static void index_relation(AllmNames *names, const AllmRelation *relation);
static void add_words(AllmNames *names, const List *words, int relation,
					  int place);
static WordEntry *find_word(const AllmNames *names, const char *word,
							HASHACTION action);
static List *list_named(const AllmSnapshot *snapshot, const List *entries);
static int	compare_postings(const void *a, const void *b);

/* What is kept of a relation's name; its owner fills it. */
AllmKeptRelation *
allm_names_relation(const AllmRelation *relation)
{
	return &get_names(relation->derived)->relations[relation->number];
}

/* The same of a column; NULL for one that stands for a metric. */
AllmNameWords *
allm_names_column(const AllmColumn *column)
{
	if (column->metric != NULL)
		return NULL;
	return &get_names(column->relation->derived)->columns[column->number];
}

/* A copy of words of the relation's schema, to be kept. */
List *
allm_names_keep(const AllmRelation *relation, const List *words)
{
	AllmNames  *names = get_names(relation->derived);
	MemoryContext caller = MemoryContextSwitchTo(names->context);
	List	   *copy = list_copy(words);
	ListCell   *cell;

	foreach(cell, copy)
	{
		WordEntry  *entry = find_word(names, lfirst(cell), HASH_FIND);

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
	AllmNames  *names = get_names(relation->derived);
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
	AllmNames  *names;
	List	   *entries = NIL;
	ListCell   *cell;

	if (snapshot->derived == NULL)
		return NIL;
	names = get_names(snapshot->derived);
	foreach(cell, words)
	{
		WordEntry  *entry = find_word(names, lfirst(cell), HASH_FIND);

		if (entry != NULL)
			entries = list_append_unique_ptr(entries, entry);
	}
	return list_named(snapshot, entries);
}

/* The names that have a word which could be a form of the verb. */
static List *
find_forms(const AllmSnapshot *snapshot, const char *verb)
{
	HASH_SEQ_STATUS status;
	WordEntry  *entry;
	List	   *entries = NIL;

	hash_seq_init(&status, get_names(snapshot->derived)->words);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
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
	MemoryContext context;
	MemoryContext work;
	MemoryContext caller;
	AllmNames  *names;
	ListCell   *cell;

	if (derived->names != NULL)
		return derived->names;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm names",
									ALLOCSET_DEFAULT_SIZES);
	work = AllocSetContextCreate(context, "analytics_llm words",
								 ALLOCSET_DEFAULT_SIZES);
	names = MemoryContextAllocZero(context, sizeof(AllmNames));
	names->context = context;
	names->relations =
		MemoryContextAllocExtended(context,
								   Max(list_length(snapshot->relations), 1) *
								   sizeof(AllmKeptRelation),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	names->columns =
		MemoryContextAllocExtended(context, Max(snapshot->ncolumns, 1) *
								   sizeof(AllmNameWords),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	names->words = make_table(context, "analytics_llm words",
							  sizeof(WordEntry));
	names->verbs = make_table(context, "analytics_llm verbs",
							  sizeof(VerbEntry));
	caller = MemoryContextSwitchTo(work);
	foreach(cell, snapshot->relations)
	{
		CHECK_FOR_INTERRUPTS();
		index_relation(names, lfirst(cell));
		MemoryContextReset(work);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	MemoryContextSetParent(context, derived->context);
	derived->names = names;
	return names;
}

/* A table by the text of a word. */
static HTAB *
make_table(MemoryContext context, const char *name, Size entry)
{
	HASHCTL		control = {0};

	control.keysize = NAMEDATALEN;
	control.entrysize = entry;
	control.hcxt = context;
	return hash_create(name, 256, &control,
					   HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/*
 * Enters the names of a relation.  A key by which a person numbers the things
 * is found by what these are called: "employee number".
 */
static void
index_relation(AllmNames *names, const AllmRelation *relation)
{
	List	   *words = allm_naming_words(relation->name + relation->prefix, NIL);
	List	   *bare = allm_naming_without_prefix(words);
	ListCell   *cell;

	add_words(names, words, relation->number, NO_COLUMN);
	add_words(names, allm_lexicon_split(relation->name + relation->prefix), relation->number,
			  NO_COLUMN);
	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		int			place = foreach_current_index(cell);

		add_words(names, allm_lexicon_split(column->name + column->prefix), relation->number,
				  place);
		add_words(names, allm_naming_words(column->name + column->prefix, words),
				  relation->number, place);
		if (bare != words)
			add_words(names, allm_naming_words(column->name + column->prefix, bare),
					  relation->number, place);
		if (column->in_key)
			add_words(names, list_make1(llast(words)), relation->number,
					  place);
	}
}

/* Enters a name under each of these words. */
static void
add_words(AllmNames *names, const List *words, int relation, int place)
{
	ListCell   *cell;

	foreach(cell, words)
	{
		WordEntry  *entry = find_word(names, lfirst(cell), HASH_ENTER);
		Posting    *last = entry->count > 0 ?
		&entry->postings[entry->count - 1] : NULL;

		if (last != NULL && last->relation == relation && last->place == place)
			continue;
		if (entry->room == 0)
		{
			entry->room = FIRST_ROOM;
			entry->postings = MemoryContextAlloc(names->context,
												 FIRST_ROOM * sizeof(Posting));
		}
		else if (entry->count == entry->room)
		{
			entry->room *= 2;
			entry->postings = repalloc_huge(entry->postings,
											entry->room * sizeof(Posting));
		}
		entry->postings[entry->count].relation = relation;
		entry->postings[entry->count++].place = place;
	}
}

/* The entry of a word; NULL when there is none, and it is only looked for. */
static WordEntry *
find_word(const AllmNames *names, const char *word, HASHACTION action)
{
	char		key[NAMEDATALEN] = {0};
	WordEntry  *entry;
	bool		found;

	strlcpy(key, word, NAMEDATALEN);
	entry = hash_search(names->words, key, action, &found);
	if (entry != NULL && !found)
	{
		entry->postings = NULL;
		entry->count = entry->room = 0;
	}
	return entry;
}

/* The names of some words, each once, in the order of the snapshot. */
static List *
list_named(const AllmSnapshot *snapshot, const List *entries)
{
	List	   *result = NIL;
	AllmNamed  *named = NULL;
	Posting    *postings;
	Size		count = 0;
	ListCell   *cell;

	foreach(cell, entries)
		count += ((WordEntry *) lfirst(cell))->count;
	if (count == 0)
		return NIL;
	postings = MemoryContextAllocHuge(CurrentMemoryContext,
									  count * sizeof(Posting));
	count = 0;
	foreach(cell, entries)
	{
		const WordEntry *entry = lfirst(cell);

		memcpy(&postings[count], entry->postings,
			   entry->count * sizeof(Posting));
		count += entry->count;
	}
	if (list_length(entries) > 1)
	{
		qsort(postings, count, sizeof(Posting), compare_postings);
		count = qunique(postings, count, sizeof(Posting), compare_postings);
	}
	for (Size i = 0; i < count; i++)
	{
		AllmRelation *relation = list_nth(snapshot->relations,
										  postings[i].relation);

		if (named == NULL || named->relation != relation)
		{
			named = palloc0(sizeof(AllmNamed));
			named->relation = relation;
			result = lappend(result, named);
		}
		if (postings[i].place != NO_COLUMN)
			named->columns = lappend(named->columns,
									 list_nth(relation->columns,
											  postings[i].place));
	}
	pfree(postings);
	return result;
}

/* For qsort and qunique: the relation itself before its columns. */
static int
compare_postings(const void *a, const void *b)
{
	const Posting *left = a;
	const Posting *right = b;

	if (left->relation != right->relation)
		return left->relation < right->relation ? -1 : 1;
	if (left->place != right->place)
		return left->place < right->place ? -1 : 1;
	return 0;
}
