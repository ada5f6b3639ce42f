/*
 * defined.c
 *		Metrics and synonyms in a question.
 *
 * What a person has defined wins over what is derived from names: where its
 * words stand, nothing else is looked for.  A metric is met as a column of its
 * base that has an expression instead of a place in the table.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"

#include "semantic/defined.h"

/* The words of a definition as stems; articles say nothing. */
static List *
get_words(const AllmDefinition *definition)
{
	List	   *words = allm_lexicon_split(definition->word);
	ListCell   *cell;

	foreach(cell, words)
	{
		const char *word = lfirst(cell);

		if (list_length(words) > 1 &&
			(strcmp(word, "the") == 0 || strcmp(word, "a") == 0 ||
			 strcmp(word, "an") == 0))
			words = foreach_delete_current(words, cell);
	}
	return words;
}

/* The item of a definition at some tokens. */
static AllmItem *
make_item(AllmLexicon *lexicon, const AllmDefinition *definition, int start,
		  int length)
{
	AllmItem   *item = allm_lexicon_item(lexicon,
										 definition->means == ALLM_MEANS_VALUE ?
										 ALLM_ITEM_VALUE : ALLM_ITEM_NAME,
										 start, length);

	item->defined = true;
	return item;
}

/* What the words of a definition stand for. */
static AllmSense *
make_sense(const AllmDefinition *definition)
{
	AllmSense  *sense = palloc0(sizeof(AllmSense));

	sense->defined = true;
	sense->relation = definition->relation;
	switch (definition->means)
	{
		case ALLM_MEANS_METRIC:
			sense->kind = ALLM_SENSE_COLUMN;
			sense->column = definition->metric->column;
			break;
		case ALLM_MEANS_RELATION:
			sense->kind = ALLM_SENSE_RELATION;
			break;
		case ALLM_MEANS_COLUMN:
			sense->kind = ALLM_SENSE_COLUMN;
			sense->column = definition->column;
			break;
		case ALLM_MEANS_VALUE:
			sense->kind = ALLM_SENSE_VALUE;
			sense->column = definition->column;
			sense->values = list_make1(definition->value);
			break;
		case ALLM_MEANS_NOTHING:
			sense->kind = ALLM_SENSE_DATE;
			sense->problem = definition->problem;
			break;
	}
	return sense;
}

/* Adds the items of all definitions whose words stand in the question. */
void
allm_defined_add(AllmLexicon *lexicon, const List *definitions)
{
	ListCell   *cell;

	foreach(cell, definitions)
	{
		const AllmDefinition *definition = lfirst(cell);
		List	   *words = get_words(definition);

		for (int start = 0; start < lexicon->ntokens; start++)
		{
			int			length = allm_lexicon_match(lexicon, start, words);
			AllmItem   *item;

			if (length == 0)
				continue;
			item = make_item(lexicon, definition, start, length);
			item->senses = lappend(item->senses, make_sense(definition));
		}
	}
}

/* Does a longer definition, or one as long, cover the item? */
static bool
is_covered(const AllmLexicon *lexicon, const AllmItem *item)
{
	for (int start = 0; start <= item->start; start++)
	{
		ListCell   *cell;

		foreach(cell, lexicon->items[start])
		{
			AllmItem   *other = lfirst(cell);

			if (other != item && other->defined &&
				other->start + other->length >= item->start + item->length &&
				(!item->defined || other->length > item->length))
				return true;
		}
	}
	return false;
}

/* Drops the senses of a defined item that nobody defined. */
static void
drop_derived(AllmLexicon *lexicon, AllmItem *item)
{
	ListCell   *cell;

	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (!sense->defined ||
			(lexicon->loose && sense->column != NULL &&
			 allm_defined_is_aggregate(sense->column)))
			item->senses = foreach_delete_current(item->senses, cell);
	}
}

/* Why the definition of an item cannot be used, or NULL. */
static char *
find_problem(const AllmItem *item)
{
	ListCell   *cell;

	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->problem != NULL)
			return psprintf("The definition of \"%s\" %s.", item->text,
							sense->problem);
	}
	return NULL;
}

/*
 * Where the words of a definition stand, nothing else is meant.  What computes
 * one figure of many rows is no property of a thing: sentences about things do
 * not understand it, and must not take its words for something else.  Returns
 * the problem with a definition that cannot be used, or NULL.
 */
char *
allm_defined_settle(AllmLexicon *lexicon)
{
	List	   *dropped = NIL;
	char	   *problem = NULL;
	ListCell   *cell;

	for (int start = 0; start < lexicon->ntokens; start++)
	{
		foreach(cell, lexicon->items[start])
		{
			AllmItem   *item = lfirst(cell);

			if (is_covered(lexicon, item))
				dropped = lappend(dropped, item);
			else if (item->defined)
			{
				drop_derived(lexicon, item);
				if (problem == NULL)
					problem = find_problem(item);
			}
		}
	}
	foreach(cell, dropped)
	{
		AllmItem   *item = lfirst(cell);

		lexicon->items[item->start] =
			list_delete_ptr(lexicon->items[item->start], item);
	}
	return problem;
}

/* Does a metric that is a figure of many rows stand in the column's place? */
bool
allm_defined_is_aggregate(const AllmColumn *column)
{
	return column->metric != NULL && column->metric->aggregate;
}

/*
 * A text of a metric with the alias of its base.  The server wrote the text:
 * only what stands in quotes is not its own.
 */
char *
allm_defined_write(const char *text, const char *alias)
{
	static const char mark[] = ALLM_LAYER_ALIAS ".";
	StringInfoData out;
	char		quote = '\0';

	initStringInfo(&out);
	for (const char *c = text; *c != '\0'; c++)
	{
		bool		inside = c > text && (isalnum((unsigned char) c[-1]) ||
										  c[-1] == '_' || c[-1] == '.');

		if (quote == '\0' && !inside &&
			strncmp(c, mark, sizeof(mark) - 1) == 0)
		{
			appendStringInfo(&out, "%s.", alias);
			c += sizeof(mark) - 2;
			continue;
		}
		if (quote == '\0' && (*c == '\'' || *c == '"'))
			quote = *c;
		else if (*c == quote)
			quote = '\0';
		appendStringInfoChar(&out, *c);
	}
	return out.data;
}

/* The definitions whose words stand in a question, longer ones before parts. */
List *
allm_defined_named(const char *question, const AllmSnapshot *snapshot,
				   const List *definitions)
{
	AllmLexicon *lexicon;
	AllmSnapshot nothing = {0};
	List	   *named = NIL;
	ListCell   *cell;

	/* Without a schema: only the words are wanted. */
	lexicon = allm_lexicon_make(question, &nothing, 0, false);
	if (lexicon == NULL)
		return NIL;
	allm_defined_add(lexicon, definitions);
	foreach(cell, definitions)
	{
		AllmDefinition *definition = lfirst(cell);
		List	   *words = get_words(definition);

		for (int start = 0; start < lexicon->ntokens; start++)
		{
			int			length = allm_lexicon_match(lexicon, start, words);
			AllmItem	stretch = {.start = start,.length = length};

			stretch.defined = true;
			if (length > 0 && !is_covered(lexicon, &stretch))
				named = list_append_unique_ptr(named, definition);
		}
	}
	return named;
}
