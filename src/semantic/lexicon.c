/*
 * lexicon.c
 *		What the words of a question may mean: the items that it is made of.
 *
 * An item is one way to understand some words in a row: a phrase of the
 * language, a number, a time, a name of the schema, a value in the data.  All
 * ways are kept; which of them hang together is decided elsewhere.  Names are
 * compared by their words, in the stem form, and as a whole: a column is
 * meant only when all its words are there.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "semantic/lexicon.h"
#include "semantic/names.h"
#include "semantic/naming.h"
#include "semantic/token.h"
#include "semantic/vocabulary.h"
#include "semantic/words.h"

/* Words that a name holds without a mark between: "hours per week". */
#define MAX_JOINED	3

static void add_phrases(AllmLexicon *lexicon);
static void add_number(AllmLexicon *lexicon, int start);
static void add_times(AllmLexicon *lexicon, DateADT today);
static void add_names(AllmLexicon *lexicon);
static void add_relation(AllmLexicon *lexicon, const AllmRelation *relation,
						 List *words);
static void add_column(AllmLexicon *lexicon, const AllmColumn *column,
					   List *relation_words);
static void add_date_verb(AllmLexicon *lexicon, const AllmColumn *column,
						  List *words);
static void add_roles(AllmLexicon *lexicon, const AllmRelation *relation);
static int	match_words(const AllmLexicon *lexicon, int start,
						const List *words, bool verb);
static bool is_verb_of(const char *token, const char *word);
static bool is_upper_start(const char *name, int at);

/*
 * Takes a question apart.  Everything is made in the current memory context.
 * NULL when it has more words than the rules look at.
 */
AllmLexicon *
allm_lexicon_make(const char *question, const AllmSnapshot *snapshot,
				  DateADT today, bool loose)
{
	AllmLexicon *lexicon = palloc0(sizeof(AllmLexicon));

	lexicon->question = question;
	lexicon->snapshot = snapshot;
	lexicon->loose = loose;
	lexicon->items_context = CurrentMemoryContext;
	allm_token_read(lexicon);
	if (lexicon->ntokens > ALLM_MAX_TOKENS)
		return NULL;
	add_phrases(lexicon);
	add_times(lexicon, today);
	if (loose)
		allm_naming_add(lexicon);
	else
		add_names(lexicon);
	return lexicon;
}

/* Does any item cover this token? */
bool
allm_lexicon_explains(const AllmLexicon *lexicon, int token)
{
	for (int start = 0; start <= token; start++)
	{
		ListCell   *cell;

		foreach(cell, lexicon->items[start])
		{
			AllmItem   *item = lfirst(cell);

			if (start + item->length > token)
				return true;
		}
	}
	return false;
}

/* The question's own text of some tokens; without quotes for a quoted one. */
char *
allm_lexicon_text(const AllmLexicon *lexicon, int start, int length)
{
	int			from = lexicon->tokens[start].start;
	int			to = lexicon->tokens[start + length - 1].end;

	return pnstrdup(lexicon->question + from, to - from);
}

/* The item of that kind over these tokens, made if there is none yet. */
AllmItem *
allm_lexicon_item(AllmLexicon *lexicon, AllmItemKind kind, int start,
				  int length)
{
	AllmItem   *item;
	ListCell   *cell;

	foreach(cell, lexicon->items[start])
	{
		item = lfirst(cell);
		if (item->kind == kind && item->length == length)
			return item;
	}
	item = palloc0(sizeof(AllmItem));
	item->kind = kind;
	item->start = start;
	item->length = length;
	item->text = allm_lexicon_text(lexicon, start, length);
	lexicon->items[start] = lappend(lexicon->items[start], item);
	return item;
}

/* Phrases of the language, the longest at each place; numbers; quoted texts. */
static void
add_phrases(AllmLexicon *lexicon)
{
	for (int start = 0; start < lexicon->ntokens; start++)
	{
		AllmToken  *token = &lexicon->tokens[start];

		if (token->kind == ALLM_WORD_QUOTED)
		{
			allm_lexicon_item(lexicon, ALLM_ITEM_VALUE, start, 1);
			continue;
		}
		add_number(lexicon, start);
		for (int length = Min(ALLM_MAX_PHRASE, lexicon->ntokens - start);
			 length > 0; length--)
		{
			StringInfoData text;
			const AllmPhrase *phrase;

			initStringInfo(&text);
			for (int i = 0; i < length; i++)
			{
				if (i > 0)
					appendStringInfoChar(&text, ' ');
				appendStringInfoString(&text, lexicon->tokens[start + i].text);
			}
			phrase = allm_words_find_phrase(text.data);
			if (phrase == NULL)
				continue;
			allm_lexicon_item(lexicon, ALLM_ITEM_PHRASE, start,
							  length)->phrase = phrase;
			break;
		}
	}
}

/* A number, in digits or in letters; its text is the digits. */
static void
add_number(AllmLexicon *lexicon, int start)
{
	AllmToken  *token = &lexicon->tokens[start];
	int			value = allm_words_number(token->text);

	if (token->kind == ALLM_WORD_NUMBER)
		allm_lexicon_item(lexicon, ALLM_ITEM_NUMBER, start,
						  1)->text = token->text;
	else if (token->kind == ALLM_WORD && value > 0)
		allm_lexicon_item(lexicon, ALLM_ITEM_NUMBER, start,
						  1)->text = psprintf("%d", value);
}

/* Times, wherever one begins. */
static void
add_times(AllmLexicon *lexicon, DateADT today)
{
	for (int start = 0; start < lexicon->ntokens; start++)
	{
		AllmPeriod	period;
		int			length = allm_period_read(&lexicon->tokens[start],
											  lexicon->ntokens - start,
											  today, &period);

		if (length > 0)
			allm_lexicon_item(lexicon, ALLM_ITEM_TIME, start,
							  length)->period = period;
	}
}

/* Adds what the words from here on make without a mark between. */
static List *
add_joined(const AllmLexicon *lexicon, int start, List *words)
{
	char	   *joined = lexicon->tokens[start].text;

	for (int i = start + 1; lexicon->loose && i < lexicon->ntokens &&
		 i < start + MAX_JOINED; i++)
	{
		const AllmToken *token = &lexicon->tokens[i];

		words = lappend(words, psprintf("%s%s", joined, token->stem));
		joined = psprintf("%s%s", joined, token->text);
		words = lappend(words, joined);
	}
	return words;
}

/*
 * The words that names of the schema are looked for by: stems, and what past
 * forms may come from, whether or not it is a word ("shipped": ship).
 */
List *
allm_lexicon_words(const AllmLexicon *lexicon)
{
	List	   *words = NIL;

	for (int i = 0; i < lexicon->ntokens; i++)
	{
		const char *text = lexicon->tokens[i].text;
		int			len = strlen(text);

		words = lappend(words, lexicon->tokens[i].stem);
		words = add_joined(lexicon, i, words);
		if (len < 2 || text[len - 1] != 'd')
			continue;
		words = lappend(words, pnstrdup(text, len - 1));
		for (int drop = 2; drop < 4 && text[len - 2] == 'e'; drop++)
		{
			if (len > drop)
				words = lappend(words, pnstrdup(text, len - drop));
		}
	}
	return words;
}

/*
 * Names of the schema.  The words of all names are made in a context of their
 * own: a large schema has many, a question few.
 */
static void
add_names(AllmLexicon *lexicon)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller, "analytics_llm names",
											   ALLOCSET_DEFAULT_SIZES);
	ListCell   *cell;

	foreach(cell, allm_names_find(lexicon->snapshot,
								  allm_lexicon_words(lexicon)))
	{
		AllmNamed  *named = lfirst(cell);
		ListCell   *column;
		List	   *words;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(work);
		words = allm_naming_without_prefix(allm_lexicon_relation_words(named->relation));
		add_relation(lexicon, named->relation, words);
		foreach(column, named->columns)
			add_column(lexicon, lfirst(column), words);
		add_roles(lexicon, named->relation);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(work);
	}
	MemoryContextDelete(work);
}

/* A relation is meant by all its words. */
static void
add_relation(AllmLexicon *lexicon, const AllmRelation *relation, List *words)
{
	AllmSense	sense = {.kind = ALLM_SENSE_RELATION,.relation = relation};

	allm_lexicon_add_sense(lexicon, words, &sense, 0);
}

/*
 * A column is meant by all its words, of which the relation's own name may be
 * left out or be put in front.
 */
static void
add_column(AllmLexicon *lexicon, const AllmColumn *column,
		   List *relation_words)
{
	AllmSense	sense = {
		.kind = ALLM_SENSE_COLUMN,
		.relation = column->relation,
		.column = column
	};
	List	   *words = allm_lexicon_column_words(column);

	allm_lexicon_add_sense(lexicon, words, &sense, 0);
	if (allm_lexicon_begins(words, relation_words))
		allm_lexicon_add_sense(lexicon, list_copy_tail(words, list_length(relation_words)), &sense, 0);
	else
		allm_lexicon_add_sense(lexicon, list_concat_copy(relation_words, words), &sense, 0);
	if (column->type == DATEOID || column->type == TIMESTAMPOID ||
		column->type == TIMESTAMPTZOID)
		add_date_verb(lexicon, column, words);
}

/* "shipped" means shipped_date, and "signed up" signed_up_on. */
static void
add_date_verb(AllmLexicon *lexicon, const AllmColumn *column, List *words)
{
	AllmSense  *sense;
	int			count = list_length(words) - 1;

	if (count < 1 || !allm_words_has(ALLM_WORDS_DATE_SUFFIX, llast(words)))
		return;
	words = list_truncate(list_copy(words), count);
	for (int start = 0; start < lexicon->ntokens; start++)
	{
		MemoryContext caller;
		AllmItem   *item;

		if (match_words(lexicon, start, words, true) == 0)
			continue;
		caller = MemoryContextSwitchTo(lexicon->items_context);
		sense = palloc0(sizeof(AllmSense));
		sense->kind = ALLM_SENSE_DATE;
		sense->relation = column->relation;
		sense->column = column;
		item = allm_lexicon_item(lexicon, ALLM_ITEM_NAME, start, count);
		item->senses = lappend(item->senses, sense);
		MemoryContextSwitchTo(caller);
	}
}

/* "manager" means what the key manager_id refers to. */
static void
add_roles(AllmLexicon *lexicon, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);
		AllmColumn *column = linitial(key->from_columns);
		AllmSense	sense = {
			.kind = ALLM_SENSE_ROLE,.relation = key->to,.key = key
		};
		List	   *words = allm_lexicon_column_words(column);

		if (list_length(key->from_columns) != 1 || list_length(words) < 2 ||
			!allm_words_has(ALLM_WORDS_IDENTIFIER, llast(words)))
			continue;
		allm_lexicon_add_sense(lexicon, list_truncate(list_copy(words), list_length(words) - 1), &sense, 0);
	}
}

/* Adds a sense wherever these words stand in the question. */
void
allm_lexicon_add_sense(AllmLexicon *lexicon, const List *words,
					   const AllmSense *sense, int cost)
{
	MemoryContext caller = CurrentMemoryContext;

	for (int start = 0; start < lexicon->ntokens; start++)
	{
		int			length = match_words(lexicon, start, words, false);
		AllmItem   *item;
		AllmSense  *copy;

		if (length == 0)
			continue;
		MemoryContextSwitchTo(lexicon->items_context);
		item = allm_lexicon_item(lexicon, ALLM_ITEM_NAME, start, length);
		copy = palloc(sizeof(AllmSense));
		*copy = *sense;
		copy->cost = cost;
		item->senses = lappend(item->senses, copy);
		MemoryContextSwitchTo(caller);
	}
}

/* The same for who adds items of other kinds. */
int
allm_lexicon_match(const AllmLexicon *lexicon, int start, const List *words)
{
	return match_words(lexicon, start, words, false);
}

/*
 * The number of tokens from "at" on that make a word which the schema writes
 * without a mark between: "unit price" of unitprice; 0 if they do not.
 */
static int
match_joined(const AllmLexicon *lexicon, int at, const char *word)
{
	size_t		length = strlen(word);
	size_t		done = 0;

	for (int i = at; lexicon->loose && i < lexicon->ntokens &&
		 i < at + MAX_JOINED; i++)
	{
		const AllmToken *token = &lexicon->tokens[i];
		size_t		bytes = strlen(token->text);

		if (token->kind != ALLM_WORD || bytes < 2)
			return 0;
		if (i > at && (strcmp(token->text, word + done) == 0 ||
					   strcmp(token->stem, word + done) == 0))
			return i + 1 - at;
		if (done + bytes >= length ||
			strncmp(token->text, word + done, bytes) != 0)
			return 0;
		done += bytes;
	}
	return 0;
}

/* The number of tokens from "start" on that are these words, 0 if not all. */
static int
match_words(const AllmLexicon *lexicon, int start, const List *words,
			bool verb)
{
	ListCell   *cell;
	int			at = start;

	if (words == NIL || start + list_length(words) > lexicon->ntokens)
		return 0;
	foreach(cell, words)
	{
		AllmToken  *token = &lexicon->tokens[at];
		int			length = 1;

		if (at >= lexicon->ntokens || token->kind == ALLM_WORD_QUOTED)
			return 0;
		if (strcmp(token->stem, lfirst(cell)) != 0 &&
			!(verb && is_verb_of(token->text, lfirst(cell))))
			length = match_joined(lexicon, at, lfirst(cell));
		if (length == 0)
			return 0;
		at += length;
	}
	return at - start;
}

/* Is it the past form: hire, hired; order, ordered; ship, shipped? */
static bool
is_verb_of(const char *token, const char *word)
{
	int			len = strlen(word);

	if (len < 3 || strncmp(token, word, len) != 0)
		return false;
	token += len;
	return strcmp(token, "d") == 0 || strcmp(token, "ed") == 0 ||
		(token[0] == word[len - 1] && strcmp(token + 1, "ed") == 0);
}

/* Do the words begin with these, and go on? */
bool
allm_lexicon_begins(const List *words, const List *prefix)
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

/*
 * The words of a name, as stems: it is taken apart where it is not a letter or
 * digit, and where a capital begins a word.  There is always one.
 */
List *
allm_lexicon_split(const char *name)
{
	List	   *words = NIL;
	int			from = 0;
	int			len = strlen(name);

	for (int at = 0; at <= len; at++)
	{
		unsigned char c = name[at];
		bool		inside = isalnum(c) || IS_HIGHBIT_SET(c);

		if (inside && !(at > from && is_upper_start(name, at)))
			continue;
		if (at > from)
		{
			char	   *word = pnstrdup(name + from, at - from);

			words = lappend(words, allm_words_stem(allm_text_lower(word)));
		}
		from = inside ? at : at + 1;
	}
	return words != NIL ? words : list_make1(pstrdup(name));
}

/* Does a capital here begin a word: "unitPrice", "HTTPServer"? */
static bool
is_upper_start(const char *name, int at)
{
	return isupper((unsigned char) name[at]) &&
		(islower((unsigned char) name[at - 1]) ||
		 (isupper((unsigned char) name[at - 1]) &&
		  islower((unsigned char) name[at + 1])));
}

/* The words of a column's name.  They are kept: nobody changes the list. */
List *
allm_lexicon_column_words(const AllmColumn *column)
{
	AllmNameWords *kept = allm_names_column(column);

	if (kept == NULL)
		return allm_lexicon_split(column->name + column->prefix);
	if (kept->split == NIL)
		kept->split = allm_names_keep(column->relation,
									  allm_lexicon_split(column->name +
														 column->prefix));
	return kept->split;
}

/* The same of a relation. */
List *
allm_lexicon_relation_words(const AllmRelation *relation)
{
	AllmKeptRelation *kept = allm_names_relation(relation);

	if (kept->name.split == NIL)
		kept->name.split = allm_names_keep(relation,
										   allm_lexicon_split(relation->name +
															  relation->prefix));
	return kept->name.split;
}

/* The words of a column without those of its relation in front. */
List *
allm_lexicon_own_words(const AllmColumn *column)
{
	List	   *words = allm_lexicon_column_words(column);
	List	   *prefix = allm_naming_without_prefix(allm_lexicon_relation_words(column->relation));

	if (allm_lexicon_begins(words, prefix))
		return list_copy_tail(words, list_length(prefix));
	return words;
}

/*
 * Does the last word of a value name a column that holds the words before it?
 */
bool
allm_lexicon_names_value(const AllmLexicon *lexicon, const AllmItem *item)
{
	int			last = item->start + item->length - 1;
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *name;

	foreach(cell, lexicon->items[item->start])
	{
		AllmItem   *shorter = lfirst(cell);

		if (shorter->kind != ALLM_ITEM_VALUE ||
			shorter->length != item->length - 1)
			continue;
		foreach(name, lexicon->items[last])
		{
			foreach(inner, ((AllmItem *) lfirst(name))->senses)
			{
				AllmSense  *sense = lfirst(inner);
				ListCell   *value;

				foreach(value, shorter->senses)
				{
					const AllmSense *held = lfirst(value);

					if (sense->cost < 2 &&
						(sense->kind == ALLM_SENSE_COLUMN ?
						 held->column == sense->column :
						 held->relation == sense->relation))
						return true;
				}
			}
		}
	}
	return false;
}
