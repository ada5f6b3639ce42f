/*
 * touch.c
 *		Which part of a schema the words of a question name.
 *
 * A relation is touched when its name stands in the question, in the singular
 * or the plural, and when the name of a column does that no other relation
 * has.  This only estimates how hard a question is: what goes into a prompt is
 * decided elsewhere, with more care.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/hsearch.h"

#include "base/text.h"
#include "model/touch.h"
#include "schema/graph.h"

/* The longest name that is looked for, in words. */
#define MAX_NAME_WORDS		4

/*
 * Of more relations, columns are not looked at: there, a score that is a little
 * lower costs less than the look.
 */
#define MAX_SEARCHED		1000

/* Longer names are no words of a question. */
#define MAX_NAME_BYTES		NAMEDATALEN

/* A name that stands in the question, in the singular: "order_item". */
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
} Spoken;

static void list_spoken(Spoken *spoken, const List *words);
static void add_spoken(Spoken *spoken, const char *name);
static SpokenName *find_spoken(const Spoken *spoken, const char *name);
static void make_singular(const char *word, int len, StringInfo out);
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

	list_spoken(&spoken, words);
	foreach(cell, snapshot->relations)
	{
		const AllmRelation *relation = lfirst(cell);

		if (find_spoken(&spoken, relation->name) != NULL)
			touch_relation(touch, relation);
		if (search)
			look_at_columns(&spoken, relation);
	}
	hash_seq_init(&walk, spoken.names);
	while ((name = hash_seq_search(&walk)) != NULL)
	{
		if (name->column != NULL && !name->shared)
			touch_relation(touch, name->column->relation);
	}
	hash_destroy(spoken.names);
	touch->joins = count_joins(touch->relations);
	return touch;
}

/* All runs of words of the question, as names would have them. */
static void
list_spoken(Spoken *spoken, const List *words)
{
	HASHCTL		control = {0};
	StringInfoData name;

	control.keysize = MAX_NAME_BYTES;
	control.entrysize = sizeof(SpokenName);
	control.hcxt = CurrentMemoryContext;
	spoken->names = hash_create("analytics_llm spoken names", 64, &control,
								HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	initStringInfo(&name);
	for (int first = 0; first < list_length(words); first++)
	{
		resetStringInfo(&name);
		for (int i = first; i < Min(list_length(words), first + MAX_NAME_WORDS); i++)
		{
			AllmWord   *word = list_nth(words, i);

			if (word->kind != ALLM_WORD)
				break;
			if (i > first)
				appendStringInfoChar(&name, '_');
			make_singular(word->text, strlen(word->text), &name);
			add_spoken(spoken, name.data);
		}
	}
	pfree(name.data);
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
	entry = hash_search(spoken->names, name, HASH_ENTER, &found);
	if (!found)
	{
		entry->column = NULL;
		entry->shared = false;
	}
}

/* The entry of a name of the schema, or NULL. */
static SpokenName *
find_spoken(const Spoken *spoken, const char *name)
{
	char		buffer[MAX_NAME_BYTES + 1];
	StringInfoData out;
	const char *part = name;

	/* A singular begins as its plural does. */
	if (!spoken->begins[(unsigned char) name[0]])
		return NULL;
	/* On the stack, for speed: a singular is no longer than its plural. */
	out.data = buffer;
	out.maxlen = sizeof(buffer);
	out.len = 0;
	out.cursor = 0;
	if (strlen(name) >= MAX_NAME_BYTES)
		return NULL;
	for (;;)
	{
		int			len = strcspn(part, "_");

		make_singular(part, len, &out);
		if (part[len] == '\0')
			break;
		appendStringInfoChar(&out, '_');
		part += len + 1;
	}
	return hash_search(spoken->names, buffer, HASH_FIND, NULL);
}

/*
 * Appends the singular of an English word, or something that it shares with
 * its plural.  It is no longer than the word.
 */
static void
make_singular(const char *word, int len, StringInfo out)
{
	int			kept = len;

	if (len > 3 && strncmp(word + len - 3, "ies", 3) == 0)
		kept = len - 3;
	else if (len > 4 && (strncmp(word + len - 4, "sses", 4) == 0 ||
						 strncmp(word + len - 4, "ches", 4) == 0 ||
						 strncmp(word + len - 4, "shes", 4) == 0))
		kept = len - 2;
	else if (len > 3 && word[len - 1] == 's' && word[len - 2] != 's' &&
			 word[len - 2] != 'u')
		kept = len - 1;
	appendBinaryStringInfo(out, word, kept);
	if (kept == len - 3)
		appendStringInfoChar(out, 'y');
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
		SpokenName *name = find_spoken(spoken, column->name);

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
