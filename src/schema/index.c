/*
 * index.c
 *		The words of a schema, and which relations hang together.
 *
 * Made once for a snapshot, in its memory or beside it on the shelf, when a
 * schema is first too large for a prompt.  Relations hang together by foreign
 * keys, and, since many schemas declare none, by columns of one name that look
 * like keys and by columns that are named after a relation.  Such a guess brings
 * a relation into a prompt; it never joins anything.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/text.h"
#include "schema/bond.h"
#include "schema/flat.h"
#include "schema/index.h"
#include "schema/sample.h"
#include "schema/shelf.h"
#include "schema/term.h"

/* A column name that is in more relations of one schema is no key. */
#define MAX_NAMESAKES	12

/* Words of one comment, and labels of one type, that are looked up. */
#define MAX_WORDS		50

/*
 * A larger schema is linked by names alone: reading so many columns' statistics
 * would take longer than a model call.
 */
#define MAX_COLUMNS_WITH_VALUES	5000

/* Of the values of a column, and of all columns, so many bytes are looked at. */
#define MAX_COLUMN_BYTES	2048
#define MAX_VALUE_BYTES		(256 * 1024)

/* The longest name of a relation, in words, that columns are named after. */
#define MAX_ROLE_WORDS	6

/* How sure a guessed way to join is, beside a foreign key. */
#define NAMESAKE_STRENGTH	0.8
#define ROLE_STRENGTH		0.6

/* A word while the index is built. */
typedef struct TermEntry
{
	char		text[NAMEDATALEN];	/* hash key; MUST BE FIRST */
	int			number;
} TermEntry;

/* Columns of one name, or a relation by its words, in one schema. */
typedef struct NameKey
{
	Oid			namespace;
	char		text[NAMEDATALEN];
} NameKey;

typedef struct NameEntry
{
	NameKey		key;			/* hash key; MUST BE FIRST */
	List	   *numbers;		/* of the columns, or relations */
} NameEntry;

/* A posting before they are sorted by their words. */
typedef struct RawPosting
{
	int			term;
	AllmPosting posting;
} RawPosting;

typedef struct Build
{
	AllmIndex  *index;
	MemoryContext context;		/* of the index; all else is scratch */
	MemoryContext scratch;
	HTAB	   *terms;			/* of TermEntry */
	HTAB	   *namesakes;		/* of NameEntry, columns */
	HTAB	   *relations;		/* of NameEntry, relations */
	List	  **relation_words; /* of char *, by relation */
	RawPosting *raw;
	int			nraw;
	int			room;
	Size		value_bytes;	/* of values that were entered */
} Build;

static bool has_values(const AllmIndex *index);
static HTAB *make_names(const char *name, Size keysize, Size entrysize,
						int flags);
static void begin_key(NameKey *key, Oid namespace);
static void extend_key(NameKey *key, const char *word);
static void add_name(HTAB *names, const NameKey *key, int number);
static void read_relation(Build *build, AllmRelation *relation);
static void read_columns(Build *build, const AllmRelation *relation);
static void read_column(Build *build, AllmColumn *column);
static void add_words(Build *build, const List *words, AllmPosting posting);
static void add_known_values(Build *build, const AllmColumn *column,
							 AllmPosting posting);
static void add_text(Build *build, const char *text, AllmPosting posting);
static uint8 find_traits(const AllmColumn *column, const List *words);
static bool begins_with(const List *words, const List *prefix);
static void add_namesakes(Build *build);
static void add_shared_key(AllmIndex *index, const List *numbers);
static bool is_shared_key(Build *build, const List *numbers);
static bool begins_with_relation(Build *build, const AllmColumn *column);
static void find_roles(Build *build, const AllmColumn *column,
					   const List *words);
static void join_role(Build *build, const AllmColumn *column, int to);
static void sort_postings(Build *build);

/* The index of a snapshot: its own, valid as long as it. */
const AllmIndex *
allm_index_get(const AllmSnapshot *snapshot)
{
	AllmDerived *derived = snapshot->derived;
	MemoryContext caller;
	Build		build = {0};
	AllmIndex  *index;
	ListCell   *cell;

	if (derived->index == NULL && derived->place != ALLM_SHELF_NONE)
		derived->index = allm_shelf_part(derived->place, ALLM_SHELF_INDEX);
	if (derived->index != NULL)
		return derived->index;
	build.scratch = AllocSetContextCreate(CurrentMemoryContext,
										  "analytics_llm index build",
										  ALLOCSET_DEFAULT_SIZES);
	/* It becomes the snapshot's when it is whole: an error leaves nothing. */
	build.context = AllocSetContextCreate(CurrentMemoryContext,
										  "analytics_llm index",
										  ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(build.context);
	build.index = index = palloc0(sizeof(AllmIndex));
	index->nrelations = list_length(snapshot->relations);
	index->ncolumns = snapshot->ncolumns;
	index->relations = palloc0(Max(index->nrelations, 1) *
							   sizeof(AllmIndexRelation));
	index->columns = palloc0(Max(index->ncolumns, 1) *
							 sizeof(AllmIndexColumn));

	MemoryContextSwitchTo(build.scratch);
	build.terms = make_names("analytics_llm terms", NAMEDATALEN,
							 sizeof(TermEntry), HASH_STRINGS);
	build.namesakes = make_names("analytics_llm namesakes", sizeof(NameKey),
								 sizeof(NameEntry), HASH_BLOBS);
	build.relations = make_names("analytics_llm relations by words",
								 sizeof(NameKey), sizeof(NameEntry),
								 HASH_BLOBS);
	build.relation_words = palloc0(Max(index->nrelations, 1) * sizeof(List *));
	/* Names of relations first: columns are named after them. */
	foreach(cell, snapshot->relations)
		read_relation(&build, lfirst(cell));
	foreach(cell, snapshot->relations)
		read_columns(&build, lfirst(cell));
	allm_bond_add_keys(index);
	add_namesakes(&build);
	allm_bond_find_names(index);
	allm_bond_find_centrality(index);
	sort_postings(&build);

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(build.scratch);
	if (derived->place != ALLM_SHELF_NONE && !has_values(index))
		derived->index = allm_shelf_add(derived->place, ALLM_SHELF_INDEX,
										allm_flat_index, index);
	if (derived->index != NULL)
		MemoryContextDelete(build.context);
	else
	{
		MemoryContextSetParent(build.context, derived->context);
		derived->index = index;
	}
	return derived->index;
}

/*
 * Are words of values in the index?  Then it is this session's own, and goes
 * with an ANALYZE, which changes nothing that is shared.
 */
static bool
has_values(const AllmIndex *index)
{
	return index->ncolumns <= MAX_COLUMNS_WITH_VALUES;
}

/* The letters of a word, as bits: a word that has another's letters may be like it. */
uint32
allm_index_letters(const char *word)
{
	uint32		letters = 0;

	for (const unsigned char *c = (const unsigned char *) word; *c != '\0'; c++)
	{
		if (*c >= 'a' && *c <= 'z')
			letters |= 1U << (*c - 'a');
		else
			letters |= 1U << (26 + *c % 6);
	}
	return letters;
}

/* A hash table of words or names, in the current memory context. */
static HTAB *
make_names(const char *name, Size keysize, Size entrysize, int flags)
{
	HASHCTL		control = {0};

	control.keysize = keysize;
	control.entrysize = entrysize;
	control.hcxt = CurrentMemoryContext;
	return hash_create(name, 1024, &control,
					   HASH_ELEM | HASH_CONTEXT | flags);
}

/* A key of the names of a schema; all of its bytes count. */
static void
begin_key(NameKey *key, Oid namespace)
{
	memset(key, 0, sizeof(NameKey));
	key->namespace = namespace;
}

/* Adds a word to a key. */
static void
extend_key(NameKey *key, const char *word)
{
	if (key->text[0] != '\0')
		strlcat(key->text, " ", sizeof(key->text));
	strlcat(key->text, word, sizeof(key->text));
}

/* Enters one more thing of a name. */
static void
add_name(HTAB *names, const NameKey *key, int number)
{
	bool		found;
	NameEntry  *entry = hash_search(names, key, HASH_ENTER, &found);

	if (!found)
		entry->numbers = NIL;
	if (list_length(entry->numbers) <= MAX_NAMESAKES)
		entry->numbers = lappend_int(entry->numbers, number);
}

/* Enters the words of a relation. */
static void
read_relation(Build *build, AllmRelation *relation)
{
	AllmPosting posting = {relation->number, -1, ALLM_PLACE_RELATION, 0};
	AllmIndexRelation *entry = &build->index->relations[relation->number];
	List	   *words = allm_term_split(relation->name);
	NameKey		key;

	CHECK_FOR_INTERRUPTS();
	if (list_length(words) > 1 &&
		allm_term_is(ALLM_TERM_PREFIX, linitial(words)))
		words = list_delete_first(words);
	entry->relation = relation;
	entry->first = ((AllmColumn *) linitial(relation->columns))->number;
	entry->ncolumns = list_length(relation->columns);
	build->relation_words[relation->number] = words;
	add_words(build, words, posting);
	begin_key(&key, relation->namespace);
	for (int i = 0; i < list_length(words); i++)
		extend_key(&key, list_nth(words, i));
	add_name(build->relations, &key, relation->number);
	if (relation->comment != NULL)
		add_text(build, relation->comment, posting);
}

/* Enters the words of a relation's columns; most of the work is here. */
static void
read_columns(Build *build, const AllmRelation *relation)
{
	MemoryContext caller = MemoryContextSwitchTo(build->scratch);
	ListCell   *cell;

	CHECK_FOR_INTERRUPTS();
	foreach(cell, relation->columns)
		read_column(build, lfirst(cell));
	MemoryContextSwitchTo(caller);
}

/* Enters the words of a column: of its name, comment, labels and values. */
static void
read_column(Build *build, AllmColumn *column)
{
	AllmRelation *relation = column->relation;
	AllmPosting posting = {relation->number, column->number, ALLM_PLACE_COLUMN, 0};
	List	   *words = allm_term_split(column->name);
	List	   *own = words;
	List	   *prefix = build->relation_words[relation->number];
	AllmIndexColumn *entry = &build->index->columns[column->number];
	NameKey		key;
	ListCell   *cell;

	entry->column = column;
	entry->traits = find_traits(column, words);
	if (begins_with(words, prefix))
		own = list_copy_tail(words, list_length(prefix));
	/* "area.area" names the area, whatever else it has. */
	else if (column->category == TYPCATEGORY_STRING &&
			 list_length(words) == list_length(prefix) &&
			 begins_with(lappend(list_copy(words), NULL), prefix))
	{
		entry->traits |= ALLM_TRAIT_LABEL;
		entry->traits &= ~ALLM_TRAIT_TEXT;
	}
	entry->nwords = Min(list_length(own), MAX_WORDS);
	build->index->relations[relation->number].has_time |=
		(entry->traits & ALLM_TRAIT_TIME) != 0;
	add_words(build, own, posting);
	begin_key(&key, relation->namespace);
	strlcpy(key.text, column->name, sizeof(key.text));
	add_name(build->namesakes, &key, column->number);
	find_roles(build, column, words);
	if (column->comment != NULL)
		add_text(build, column->comment, posting);
	foreach(cell, allm_sample_labels(column))
		add_text(build, lfirst(cell), posting);
	if (has_values(build->index))
		add_known_values(build, column, posting);
}

/*
 * Enters the words of a column's values, the most common first, as far as there
 * is room.  They say what the column is about, and are told nobody.
 */
static void
add_known_values(Build *build, const AllmColumn *column, AllmPosting posting)
{
	Size		left = Min(MAX_COLUMN_BYTES,
						   MAX_VALUE_BYTES - build->value_bytes);
	ListCell   *cell;

	posting.place = ALLM_PLACE_VALUE;
	foreach(cell, allm_sample_known(column))
	{
		Size		bytes = strlen(lfirst(cell));

		if (bytes > left)
			break;
		left -= bytes;
		build->value_bytes += bytes;
		add_words(build, allm_term_split(lfirst(cell)), posting);
	}
}

/* Enters words that stand together. */
static void
add_words(Build *build, const List *words, AllmPosting posting)
{
	ListCell   *cell;

	posting.width = Min(list_length(words), MAX_WORDS);
	foreach(cell, words)
	{
		TermEntry  *entry;
		bool		found;
		RawPosting *raw;

		if (foreach_current_index(cell) == MAX_WORDS)
			break;
		/* Numbers of a question mean values, and those of names nothing. */
		if (strspn(lfirst(cell), "0123456789") == strlen(lfirst(cell)))
			continue;
		entry = hash_search(build->terms, lfirst(cell), HASH_ENTER, &found);
		if (!found)
			entry->number = build->index->nterms++;
		if (build->nraw == build->room)
		{
			Size		room = Max(build->room * 2, 1024);

			build->raw = build->raw == NULL ?
				MemoryContextAllocHuge(build->scratch,
									   room * sizeof(RawPosting)) :
				repalloc_huge(build->raw, room * sizeof(RawPosting));
			build->room = room;
		}
		raw = &build->raw[build->nraw++];
		raw->term = entry->number;
		raw->posting = posting;
	}
}

/* Enters the words of a text that explains: those that say something. */
static void
add_text(Build *build, const char *text, AllmPosting posting)
{
	AllmAsked  *said = allm_term_read(text);

	posting.place = ALLM_PLACE_COMMENT;
	add_words(build, said->terms, posting);
}

/* What a column is good for, by its keys, its type and its name. */
static uint8
find_traits(const AllmColumn *column, const List *words)
{
	uint8		traits = 0;
	ListCell   *cell;

	if (column->in_key || column->in_foreign_key ||
		allm_term_is(ALLM_TERM_IDENTIFIER, llast(words)))
		traits |= ALLM_TRAIT_JOINS;
	if (column->category == TYPCATEGORY_DATETIME)
		traits |= ALLM_TRAIT_TIME;
	foreach(cell, words)
	{
		if (allm_term_is(ALLM_TERM_DATE, lfirst(cell)))
			traits |= ALLM_TRAIT_TIME;
	}
	if (column->category == TYPCATEGORY_STRING)
		traits |= allm_term_is(ALLM_TERM_LABEL, llast(words)) ?
			ALLM_TRAIT_LABEL : ALLM_TRAIT_TEXT;
	if (column->category == TYPCATEGORY_NUMERIC)
		traits |= ALLM_TRAIT_NUMBER;
	return traits;
}

/* Are these the words of the prefix and more? */
static bool
begins_with(const List *words, const List *prefix)
{
	if (list_length(words) <= list_length(prefix))
		return false;
	for (int i = 0; i < list_length(prefix); i++)
	{
		if (strcmp(list_nth(words, i), list_nth(prefix, i)) != 0)
			return false;
	}
	return true;
}

/* Relations hang together by columns of one name that look like keys. */
static void
add_namesakes(Build *build)
{
	AllmIndex  *index = build->index;
	HASH_SEQ_STATUS status;
	NameEntry  *entry;

	hash_seq_init(&status, build->namesakes);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		int			n = list_length(entry->numbers);

		if (n < 2 || n > MAX_NAMESAKES)
			continue;
		if (is_shared_key(build, entry->numbers))
			add_shared_key(index, entry->numbers);
		allm_bond_add_namesakes(index, entry->numbers);
	}
}

/* By each of them, the relations of the others are joined. */
static void
add_shared_key(AllmIndex *index, const List *numbers)
{
	for (int i = 0; i < list_length(numbers); i++)
	{
		AllmIndexColumn *one = &index->columns[list_nth_int(numbers, i)];

		one->traits |= ALLM_TRAIT_JOINS;
		for (int j = 0; j < i; j++)
		{
			const AllmIndexColumn *other =
			&index->columns[list_nth_int(numbers, j)];

			allm_bond_add_edge(index, one->column->relation->number,
							   other->column->relation->number,
							   NAMESAKE_STRENGTH);
		}
	}
}

/*
 * Do columns of one name look like the sides of a key?  One is a primary key,
 * or the name ends as identifiers do, or begins with a relation's.
 */
static bool
is_shared_key(Build *build, const List *numbers)
{
	ListCell   *cell;

	foreach(cell, numbers)
	{
		AllmIndexColumn *entry = &build->index->columns[lfirst_int(cell)];
		AllmColumn *column = entry->column;

		if (entry->traits & ALLM_TRAIT_LABEL)
			return false;
		if ((column->in_key &&
			 list_length(column->relation->primary_key) == 1) ||
			(entry->traits & ALLM_TRAIT_JOINS && !column->in_key &&
			 !column->in_foreign_key) ||
			begins_with_relation(build, column))
			return true;
	}
	return false;
}

/* Does the name begin with that of a relation of its schema, and go on? */
static bool
begins_with_relation(Build *build, const AllmColumn *column)
{
	List	   *words = allm_term_split(column->name);
	int			n = Min(list_length(words) - 1, MAX_ROLE_WORDS);
	NameKey		key;

	if (begins_with(words, build->relation_words[column->relation->number]))
		return true;
	begin_key(&key, column->relation->namespace);
	for (int i = 0; i < n; i++)
	{
		extend_key(&key, list_nth(words, i));
		if (hash_search(build->relations, &key, HASH_FIND, NULL) != NULL)
			return true;
	}
	return false;
}

/*
 * A column that is named after a relation speaks of it ("from_airport"): some of
 * its words in a row are the relation's.
 */
static void
find_roles(Build *build, const AllmColumn *column, const List *words)
{
	AllmIndex  *index = build->index;
	int			n = Min(list_length(words), MAX_ROLE_WORDS);
	NameKey		key;

	for (int from = 0; from < n; from++)
	{
		begin_key(&key, column->relation->namespace);
		for (int to = from; to < n; to++)
		{
			NameEntry  *entry;
			ListCell   *cell;

			extend_key(&key, list_nth(words, to));
			entry = hash_search(build->relations, &key, HASH_FIND, NULL);
			if (entry == NULL)
				continue;
			foreach(cell, entry->numbers)
			{
				int			to_relation = lfirst_int(cell);

				allm_bond_add_edge(index, column->relation->number,
								   to_relation, ROLE_STRENGTH);
				allm_bond_add_join(index, column, to_relation);
				if (to == list_length(words) - 1 &&
					to_relation != column->relation->number)
					join_role(build, column, to_relation);
			}
		}
	}
}

/*
 * A column whose name ends as a relation is called refers to its rows: to what
 * identifies them, declared or not.
 */
static void
join_role(Build *build, const AllmColumn *column, int to)
{
	const AllmRelation *relation = build->index->relations[to].relation;
	const AllmColumn *key = NULL;
	ListCell   *cell;

	allm_bond_add_role(build->index, column);
	if (list_length(relation->primary_key) == 1)
		key = linitial(relation->primary_key);
	foreach(cell, relation->columns)
	{
		const AllmColumn *other = lfirst(cell);
		List	   *words;

		if (key != NULL)
			break;
		words = allm_term_split(other->name);
		if (allm_term_is(ALLM_TERM_IDENTIFIER, llast(words)) &&
			(list_length(words) == 1 ||
			 begins_with(words, build->relation_words[to])))
			key = other;
	}
	if (key != NULL)
	{
		build->index->columns[key->number].traits |= ALLM_TRAIT_JOINS;
		allm_bond_add_join(build->index, key, column->relation->number);
	}
}

/*
 * Puts the postings in the order of their words, and finds how much each word
 * says: the fewer relations have it, the more.
 */
static void
sort_postings(Build *build)
{
	AllmIndex  *index = build->index;
	int		   *next = MemoryContextAllocZero(build->scratch,
											  (index->nterms + 1) * sizeof(int));
	HASH_SEQ_STATUS status;
	TermEntry  *entry;

	index->terms = MemoryContextAllocZero(build->context,
										  Max(index->nterms, 1) *
										  sizeof(AllmTerm));
	index->postings = MemoryContextAllocHuge(build->context,
											 Max(build->nraw, 1) *
											 sizeof(AllmPosting));
	hash_seq_init(&status, build->terms);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		index->terms[entry->number].text =
			MemoryContextStrdup(build->context, entry->text);
		index->terms[entry->number].letters = allm_index_letters(entry->text);
		index->terms[entry->number].kin = allm_term_kin(entry->text);
	}
	for (int i = 0; i < build->nraw; i++)
		index->terms[build->raw[i].term].count++;
	for (int i = 0, first = 0; i < index->nterms; i++)
	{
		next[i] = index->terms[i].first = first;
		first += index->terms[i].count;
	}
	for (int i = 0; i < build->nraw; i++)
		index->postings[next[build->raw[i].term]++] = build->raw[i].posting;

	for (int i = 0; i < index->nterms; i++)
	{
		AllmTerm   *term = &index->terms[i];
		int			relations = 0;
		int			last = -1;

		for (int j = term->first; j < term->first + term->count; j++)
		{
			if (index->postings[j].relation != last)
				relations++;
			last = index->postings[j].relation;
		}
		term->weight = log(1.0 + (double) index->nrelations / relations);
	}
}
