/*
 * touch.c
 *		Which part of a schema the words of a question name.
 *
 * A relation is touched when its name stands in the question, and when the name
 * of a column does that no other relation has.  Names and questions are taken
 * apart into words as for linking, by schema/term, and without what all names of
 * a schema begin with; but here a name has to be there as a whole.  This only
 * estimates how hard a question is: what goes into a prompt is decided by
 * schema/link, with more care, and with an index of the whole schema, which is
 * not made for that: it takes half a second where there are 10,000 relations.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/stem.h"
#include "base/text.h"
#include "model/touch.h"
#include "schema/graph.h"
#include "schema/term.h"

/* The longest name that is looked for, in words. */
#define MAX_NAME_WORDS		4

/*
 * Of more relations, columns are not looked at: there, a score that is a little
 * lower costs less than the look.
 */
#define MAX_SEARCHED		1000

/* Longer names are no words of a question. */
#define MAX_NAME_BYTES		NAMEDATALEN

/* A first word that is longer is not looked up by itself. */
#define MAX_PLAIN_BYTES		32

/* A plural of so many letters at least begins as its stem does, in two of them. */
#define MIN_PAIR_BYTES		5
#define LETTERS				26

/* A name that stands in the question, as stems: "order_item". */
typedef struct SpokenName
{
	char		name[MAX_NAME_BYTES];	/* hash key; MUST BE FIRST */
	const AllmColumn *column;	/* that has it, if just one has */
	bool		shared;			/* more than one relation has such a column */
} SpokenName;

/* All of them.  Most names of a schema begin like none. */
typedef struct Spoken
{
	HTAB	   *names;			/* of SpokenName */
	bool		begins[256];	/* does any, with that byte? */
	bool		pairs[LETTERS][LETTERS];	/* with these two letters? */
	MemoryContext scratch;		/* for the words of one relation's names */
} Spoken;

static void list_spoken(Spoken *spoken, const List *words);
static List *list_terms(const List *words);
static void add_spoken(Spoken *spoken, const char *name);
static SpokenName *find_spoken(const Spoken *spoken, const char *name);
static bool may_be_spoken(const Spoken *spoken, const char *name);
static bool is_letter(char c);
static void touch_relation(AllmTouch *touch, const AllmRelation *relation);
static void look_at_columns(const Spoken *spoken, const AllmRelation *relation);
static int	count_joins(const List *relations);
static int	count_steps(const AllmReach *a, const AllmReach *b);

/* What the words of a question name, in the current memory context. */
AllmTouch *
allm_touch_find(const List *words, const AllmSnapshot *snapshot)
{
	AllmTouch  *touch = palloc0(sizeof(AllmTouch));
	Spoken		spoken = {0};
	bool		search = list_length(snapshot->relations) <= MAX_SEARCHED;
	HASH_SEQ_STATUS walk;
	SpokenName *name;
	ListCell   *cell;

	spoken.scratch = AllocSetContextCreate(CurrentMemoryContext,
										   "analytics_llm touch",
										   ALLOCSET_SMALL_SIZES);
	list_spoken(&spoken, words);
	foreach(cell, snapshot->relations)
	{
		const AllmRelation *relation = lfirst(cell);

		if (find_spoken(&spoken, relation->name + relation->prefix) != NULL)
			touch_relation(touch, relation);
		if (search)
			look_at_columns(&spoken, relation);
		MemoryContextReset(spoken.scratch);
	}
	hash_seq_init(&walk, spoken.names);
	while ((name = hash_seq_search(&walk)) != NULL)
	{
		if (name->column != NULL && !name->shared)
			touch_relation(touch, name->column->relation);
	}
	hash_destroy(spoken.names);
	MemoryContextDelete(spoken.scratch);
	touch->joins = count_joins(touch->relations);
	return touch;
}

/* All runs of words of the question, as names would have them. */
static void
list_spoken(Spoken *spoken, const List *words)
{
	HASHCTL		control = {0};
	List	   *terms = list_terms(words);
	StringInfoData name;

	control.keysize = MAX_NAME_BYTES;
	control.entrysize = sizeof(SpokenName);
	control.hcxt = CurrentMemoryContext;
	spoken->names = hash_create("analytics_llm spoken names", 64, &control,
								HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	initStringInfo(&name);
	for (int first = 0; first < list_length(terms); first++)
	{
		int			end = Min(list_length(terms), first + MAX_NAME_WORDS);

		resetStringInfo(&name);
		for (int i = first; i < end && list_nth(terms, i) != NULL; i++)
		{
			appendStringInfo(&name, "%s%s", i > first ? "_" : "",
							 (const char *) list_nth(terms, i));
			add_spoken(spoken, name.data);
		}
	}
	pfree(name.data);
}

/* The stems of the question, with a NULL where no name goes on. */
static List *
list_terms(const List *words)
{
	List	   *terms = NIL;
	ListCell   *cell;

	foreach(cell, words)
	{
		const AllmWord *word = lfirst(cell);

		if (word->kind == ALLM_WORD)
			terms = list_concat(terms, allm_term_split(word->text));
		else
			terms = lappend(terms, NULL);
	}
	return terms;
}

/* Adds a name that stands in the question. */
static void
add_spoken(Spoken *spoken, const char *name)
{
	SpokenName *entry;
	bool		found;

	if (strlen(name) >= MAX_NAME_BYTES)
		return;
	spoken->begins[(unsigned char) name[0]] = true;
	if (is_letter(name[0]) && is_letter(name[1]))
		spoken->pairs[name[0] - 'a'][name[1] - 'a'] = true;
	entry = hash_search(spoken->names, name, HASH_ENTER, &found);
	if (!found)
	{
		entry->column = NULL;
		entry->shared = false;
	}
}

/* The entry of a name of the schema, or NULL.  Leaves its words in scratch. */
static SpokenName *
find_spoken(const Spoken *spoken, const char *name)
{
	char		key[MAX_NAME_BYTES] = "";
	MemoryContext caller;
	List	   *terms = NIL;
	ListCell   *cell;

	/* A stem begins as its word does. */
	if (!spoken->begins[pg_ascii_tolower((unsigned char) name[0])])
		return NULL;
	caller = MemoryContextSwitchTo(spoken->scratch);
	if (may_be_spoken(spoken, name))
		terms = allm_term_split(name);
	MemoryContextSwitchTo(caller);
	foreach(cell, terms)
	{
		if (key[0] != '\0')
			strlcat(key, "_", sizeof(key));
		strlcat(key, lfirst(cell), sizeof(key));
	}
	return terms != NIL ?
		hash_search(spoken->names, key, HASH_FIND, NULL) : NULL;
}

/*
 * Does the first word of a name stand in the question?  Few names of a large
 * schema are worth being taken apart.  A word of anything but plain letters is
 * for allm_term_split() to see.
 */
static bool
may_be_spoken(const Spoken *spoken, const char *name)
{
	char		word[MAX_PLAIN_BYTES];
	int			len = 0;

	while (len < MAX_PLAIN_BYTES - 1 && is_letter(name[len]))
	{
		word[len] = name[len];
		len++;
	}
	if (len == 0 || len == MAX_PLAIN_BYTES - 1 || IS_HIGHBIT_SET(name[len]))
		return true;
	if (len >= MIN_PAIR_BYTES && !spoken->pairs[word[0] - 'a'][word[1] - 'a'])
		return false;
	word[len] = '\0';
	return hash_search(spoken->names, allm_stem_make(word), HASH_FIND,
					   NULL) != NULL;
}

/* Is it a small letter, whatever the locale has beside those? */
static bool
is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Adds a relation, once. */
static void
touch_relation(AllmTouch *touch, const AllmRelation *relation)
{
	if (list_length(touch->relations) < ALLM_MAX_TOUCHED)
		touch->relations =
			list_append_unique_ptr(touch->relations,
								   unconstify(AllmRelation *, relation));
}

/* Notes which columns of a relation the question names. */
static void
look_at_columns(const Spoken *spoken, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		const AllmColumn *column = lfirst(cell);
		SpokenName *name = find_spoken(spoken, column->name + column->prefix);

		if (name == NULL)
			continue;
		if (name->column != NULL && name->column->relation != relation)
			name->shared = true;
		name->column = column;
	}
}

/*
 * The joins that connect relations: each is connected to the nearest of those
 * before it.  One that no way leads to counts as one join.
 */
static int
count_joins(const List *relations)
{
	AllmReach  *reaches[ALLM_MAX_TOUCHED];
	int			joins = 0;

	if (list_length(relations) < 2)
		return 0;
	for (int i = 0; i < list_length(relations); i++)
	{
		int			nearest = 0;

		reaches[i] = allm_graph_walk(list_nth(relations, i), false);
		for (int j = 0; j < i; j++)
		{
			int			steps = count_steps(reaches[i], reaches[j]);

			if (nearest == 0 || (steps > 0 && steps < nearest))
				nearest = steps;
		}
		joins += i > 0 ? Max(nearest, 1) : 0;
	}
	return joins;
}

/*
 * The steps between two relations, by a way from either to the other or from
 * both to a third one; 0 when there is none.
 */
static int
count_steps(const AllmReach *a, const AllmReach *b)
{
	int			best = 0;
	ListCell   *cell;

	foreach(cell, a->relations)
	{
		const AllmRelation *meeting = lfirst(cell);
		AllmWay		here = allm_graph_find_way(a, meeting);
		AllmWay		there = allm_graph_find_way(b, meeting);
		int			steps = list_length(here.keys) + list_length(there.keys);

		if (there.found && steps > 0 && (best == 0 || steps < best))
			best = steps;
	}
	return best;
}
