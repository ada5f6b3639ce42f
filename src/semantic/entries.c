/*
 * entries.c
 *		From a word to the names of a schema that have it.
 *
 * The index is generous: a name stands under each word of each form that
 * lexicon.c or naming.c give it.  Whoever looks it up still compares.
 *
 * It is made whole, and never changed: of a snapshot that is shared it lies
 * beside it, for all sessions, where there is room.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "schema/image.h"
#include "schema/shelf.h"
#include "semantic/entries.h"
#include "semantic/lexicon.h"
#include "semantic/naming.h"

/* Most words are in few names. */
#define FIRST_ROOM	2

/* A word while the index is made. */
typedef struct Word
{
	char		text[NAMEDATALEN];	/* hash key; MUST BE FIRST */
	AllmEntryName *names;
	int			count;
	int			room;
} Word;

/* The words so far; all of it is given back. */
typedef struct Build
{
	MemoryContext context;
	HTAB	   *words;			/* of Word */
} Build;

static void add_relation(Build *build, const AllmRelation *relation);
static void add_words(Build *build, const List *words, int relation, int place);
static Word *find_word(Build *build, const char *text);
static AllmEntries *sort_words(Build *build);
static void *write_entries(AllmImage *image, const void *what);
static int	compare_entries(const void *a, const void *b);

/*
 * The index of a snapshot: from the shelf, or made in that memory.
 */
const AllmEntries *
allm_entries_make(const AllmSnapshot *snapshot, MemoryContext context)
{
	int			place = snapshot->derived->place;
	const AllmEntries *shared = NULL;
	AllmEntries *entries;
	Build		build;
	MemoryContext work;
	MemoryContext caller;
	HASHCTL		control = {0};
	ListCell   *cell;

	if (place != ALLM_SHELF_NONE)
		shared = allm_shelf_part(place, ALLM_SHELF_NAMES);
	if (shared != NULL)
		return shared;
	build.context = AllocSetContextCreate(CurrentMemoryContext,
										  "analytics_llm words",
										  ALLOCSET_DEFAULT_SIZES);
	work = AllocSetContextCreate(build.context, "analytics_llm words of a name",
								 ALLOCSET_DEFAULT_SIZES);
	control.keysize = NAMEDATALEN;
	control.entrysize = sizeof(Word);
	control.hcxt = build.context;
	build.words = hash_create("analytics_llm words", 256, &control,
							  HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	caller = MemoryContextSwitchTo(work);
	foreach(cell, snapshot->relations)
	{
		CHECK_FOR_INTERRUPTS();
		add_relation(&build, lfirst(cell));
		MemoryContextReset(work);
	}
	MemoryContextSwitchTo(build.context);
	entries = sort_words(&build);
	if (place != ALLM_SHELF_NONE)
		shared = allm_shelf_add(place, ALLM_SHELF_NAMES, write_entries, entries);
	if (shared == NULL)
		shared = allm_image_make(context, write_entries, entries);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(build.context);
	return shared;
}

/* The entry of a word, or NULL. */
const AllmEntry *
allm_entries_find(const AllmEntries *entries, const char *word)
{
	char		text[NAMEDATALEN];
	AllmEntry	key = {.text = text};

	strlcpy(text, word, NAMEDATALEN);
	return bsearch(&key, entries->entries, entries->count, sizeof(AllmEntry),
				   compare_entries);
}

/*
 * Enters the names of a relation.  A key by which a person numbers the things
 * is found by what these are called: "employee number".
 */
static void
add_relation(Build *build, const AllmRelation *relation)
{
	List	   *words = allm_naming_words(relation->name + relation->prefix, NIL);
	List	   *bare = allm_naming_without_prefix(words);
	ListCell   *cell;

	add_words(build, words, relation->number, ALLM_ENTRY_RELATION);
	add_words(build, allm_lexicon_split(relation->name + relation->prefix),
			  relation->number, ALLM_ENTRY_RELATION);
	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		const char *name = column->name + column->prefix;
		int			place = foreach_current_index(cell);

		add_words(build, allm_lexicon_split(name), relation->number, place);
		add_words(build, allm_naming_words(name, words), relation->number,
				  place);
		if (bare != words)
			add_words(build, allm_naming_words(name, bare), relation->number,
					  place);
		if (column->in_key)
			add_words(build, list_make1(llast(words)), relation->number,
					  place);
	}
}

/* Enters a name under each of these words. */
static void
add_words(Build *build, const List *words, int relation, int place)
{
	ListCell   *cell;

	foreach(cell, words)
	{
		Word	   *word = find_word(build, lfirst(cell));
		AllmEntryName *last = word->count > 0 ?
		&word->names[word->count - 1] : NULL;

		if (last != NULL && last->relation == relation && last->place == place)
			continue;
		if (word->room == 0)
		{
			word->room = FIRST_ROOM;
			word->names = MemoryContextAlloc(build->context, FIRST_ROOM *
											 sizeof(AllmEntryName));
		}
		else if (word->count == word->room)
		{
			word->room *= 2;
			word->names = repalloc_huge(word->names,
										word->room * sizeof(AllmEntryName));
		}
		word->names[word->count].relation = relation;
		word->names[word->count++].place = place;
	}
}

/* A word, entered if it is not there yet. */
static Word *
find_word(Build *build, const char *text)
{
	char		key[NAMEDATALEN] = {0};
	Word	   *word;
	bool		found;

	strlcpy(key, text, NAMEDATALEN);
	word = hash_search(build->words, key, HASH_ENTER, &found);
	if (!found)
	{
		word->names = NULL;
		word->count = word->room = 0;
	}
	return word;
}

/* The words in the order of their text. */
static AllmEntries *
sort_words(Build *build)
{
	AllmEntries *entries = palloc0(sizeof(AllmEntries));
	HASH_SEQ_STATUS status;
	Word	   *word;

	entries->entries =
		palloc_extended(Max(hash_get_num_entries(build->words), 1) *
						sizeof(AllmEntry), MCXT_ALLOC_HUGE);
	hash_seq_init(&status, build->words);
	while ((word = hash_seq_search(&status)) != NULL)
	{
		AllmEntry  *entry = &entries->entries[entries->count++];

		entry->text = word->text;
		entry->names = word->names;
		entry->count = word->count;
	}
	qsort(entries->entries, entries->count, sizeof(AllmEntry), compare_entries);
	return entries;
}

/* Writes the index (an AllmEntries) in one piece. */
static void *
write_entries(AllmImage *image, const void *what)
{
	const AllmEntries *entries = what;
	AllmEntries copy = *entries;

	copy.entries = allm_image_reserve(image,
									  entries->count * sizeof(AllmEntry));
	for (int i = 0; i < entries->count; i++)
	{
		AllmEntry	entry = entries->entries[i];

		entry.names = allm_image_add(image, entry.names,
									 entry.count * sizeof(AllmEntryName));
		entry.text = allm_image_text(image, entry.text);
		allm_image_store(image, &copy.entries[i], &entry, sizeof(entry));
	}
	return allm_image_add(image, &copy, sizeof(copy));
}

/* For qsort and bsearch. */
static int
compare_entries(const void *a, const void *b)
{
	return strcmp(((const AllmEntry *) a)->text, ((const AllmEntry *) b)->text);
}
