/*
 * values.c
 *		Words that no name explains, looked up in the data.
 *
 * The look-up asks small relations only, and in all but small schemas only
 * those that the names in the question lead to.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_class.h"
#include "miscadmin.h"

#include "schema/graph.h"
#include "semantic/looked.h"
#include "semantic/naming.h"
#include "semantic/values.h"
#include "semantic/vocabulary.h"

/* Names of things are rarely longer: "District of Columbia". */
#define MAX_PHRASE_WORDS	5
/* A scan of so many rows takes some 50 ms, which a person does not notice. */
#define MAX_ROWS			50000
/* Twelve such scans stay under a second. */
#define MAX_PROBES			12
/* Relations among which those to ask are sought. */
#define MAX_RELATIONS		100
/* More words than this are not a value but another subject. */
#define MAX_UNEXPLAINED		8
#define MAX_UNEXPLAINED_LOOSE	20
/* A schema so small is asked as a whole. */
#define SMALL_SCHEMA		30

/* Some tokens that may be a value. */
typedef struct Candidate
{
	int			start;
	int			length;
	char	   *lower;
	bool		gender;			/* a letter that says the gender */
	int			half;			/* 1: a first name, 2: a last one; else 0 */
} Candidate;

static bool asks_all(const AllmLexicon *lexicon);
static List *list_candidates(const AllmLexicon *lexicon);
static List *list_relations(const AllmLexicon *lexicon,
							const AllmRelation *about);
static List *keep_askable(const List *relations, int most);
static void take_row(AllmLexicon *lexicon, const AllmRelation *relation,
					 const List *candidates, char **row);

/* Adds the values that are found in the data to the lexicon's items. */
void
allm_values_look_up(AllmLexicon *lexicon, const AllmReadInput *input)
{
	List	   *candidates = list_candidates(lexicon);
	List	   *relations;
	Bitmapset  *wanted = NULL;
	ListCell   *cell;
	ListCell   *row;

	if (candidates == NIL || input->probe == NULL)
		return;
	foreach(cell, candidates)
		wanted = bms_add_member(wanted,
								allm_looked_number(input->looked,
												   ((Candidate *) lfirst(cell))->lower));
	relations = keep_askable(list_relations(lexicon, input->about),
							 lexicon->loose ? SMALL_SCHEMA : MAX_PROBES);
	allm_looked_ask(input, relations, wanted, asks_all(lexicon));
	foreach(cell, relations)
	{
		foreach(row, allm_looked_rows(input->looked, lfirst(cell)))
			take_row(lexicon, lfirst(cell), candidates, lfirst(row));
	}
}

/* Those relations that may be asked, so many at most. */
static List *
keep_askable(const List *relations, int most)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, relations)
	{
		if (list_length(result) < most && allm_looked_may_ask(lfirst(cell)))
			result = lappend(result, lfirst(cell));
	}
	return result;
}

/* Is it a word that sentences are built with: "that", "older"? */
static bool
is_grammar(const AllmToken *token)
{
	return token->kind == ALLM_WORD &&
		(allm_vocabulary_marks(token->text) != NIL ||
		 allm_vocabulary_adjective(token->text, ALLM_DEGREE_MORE,
								   false) != NULL ||
		 allm_vocabulary_adjective(token->text, ALLM_DEGREE_MOST,
								   false) != NULL);
}

/* May the token be a value, or part of one? */
static bool
is_wanted(const AllmLexicon *lexicon, int at)
{
	const AllmToken *token = &lexicon->tokens[at];

	if (token->kind == ALLM_WORD_QUOTED)
		return true;
	if (!allm_lexicon_explains(lexicon, at) && !is_grammar(token))
		return true;

	/* A capital inside a sentence is a name, whatever else it may be. */
	return lexicon->loose && at > 0 && token->kind == ALLM_WORD &&
		isupper((unsigned char) lexicon->question[token->start]);
}

/* Adds one form of some tokens. */
static List *
add_candidate(List *candidates, int start, int length, const char *text)
{
	Candidate  *candidate = palloc0(sizeof(Candidate));

	candidate->start = start;
	candidate->length = length;
	candidate->lower = allm_text_lower(text);
	return lappend(candidates, candidate);
}

/* Adds some tokens as they are, with their article, without a genitive. */
static List *
add_candidates(const AllmLexicon *lexicon, List *candidates, int start,
			   int length)
{
	char	   *text = allm_lexicon_text(lexicon, start, length);
	int			bytes = strlen(text);
	int			article = lexicon->tokens[start].article;

	candidates = add_candidate(candidates, start, length, text);
	if (!lexicon->loose)
		return candidates;
	if (allm_vocabulary_gender(allm_text_lower(text)) != NULL)
	{
		candidates = add_candidate(candidates, start, length,
								   allm_vocabulary_gender(allm_text_lower(text)));
		((Candidate *) llast(candidates))->gender = true;
	}
	if (article >= 0)
		candidates = add_candidate(candidates, start, length,
								   pnstrdup(lexicon->question + article,
											lexicon->tokens[start + length - 1].end -
											article));
	for (const char *const *other = allm_vocabulary_countries(allm_text_lower(text));
		 other != NULL && *other != NULL; other++)
		candidates = add_candidate(candidates, start, length, *other);
	if (bytes > 2 && strcmp(text + bytes - 2, "'s") == 0)
		candidates = add_candidate(candidates, start, length,
								   pnstrdup(text, bytes - 2));
	else if (bytes > 1 && text[bytes - 1] == '\'')
		candidates = add_candidate(candidates, start, length,
								   pnstrdup(text, bytes - 1));
	return candidates;
}

/* The parts of a quoted "first last", as names of a person. */
static List *
add_halves(const AllmLexicon *lexicon, List *candidates, int at)
{
	char	   *text = allm_lexicon_text(lexicon, at, 1);
	char	   *blank = strchr(text, ' ');

	if (!lexicon->loose || blank == NULL || blank == text ||
		blank[1] == '\0' || strchr(blank + 1, ' ') != NULL)
		return candidates;
	candidates = add_candidate(candidates, at, 1, pnstrdup(text, blank - text));
	((Candidate *) llast(candidates))->half = 1;
	candidates = add_candidate(candidates, at, 1, blank + 1);
	((Candidate *) llast(candidates))->half = 2;
	return candidates;
}

/* Tokens in a row of which at least one is not explained, or a quoted one. */
static List *
list_candidates(const AllmLexicon *lexicon)
{
	List	   *candidates = NIL;
	int			unexplained = 0;

	for (int start = 0; start < lexicon->ntokens; start++)
	{
		bool		wanted = false;

		if (!allm_lexicon_explains(lexicon, start) &&
			++unexplained > (lexicon->loose ? MAX_UNEXPLAINED_LOOSE :
							 MAX_UNEXPLAINED))
			return NIL;
		for (int length = 1; length <= MAX_PHRASE_WORDS &&
			 start + length <= lexicon->ntokens; length++)
		{
			int			last = start + length - 1;

			if (length > 1 &&
				lexicon->tokens[last].kind == ALLM_WORD_QUOTED)
				break;
			wanted |= is_wanted(lexicon, last);
			if (!wanted)
				continue;
			candidates = add_candidates(lexicon, candidates, start, length);
			if (lexicon->tokens[start].kind == ALLM_WORD_QUOTED)
			{
				candidates = add_halves(lexicon, candidates, start);
				break;
			}
		}
	}
	return candidates;
}

/* Is every relation of the schema asked? */
static bool
asks_all(const AllmLexicon *lexicon)
{
	return lexicon->loose &&
		list_length(lexicon->snapshot->relations) <= SMALL_SCHEMA;
}

/* Names that mean few things first: they say most of what it is about. */
static int
compare_items(const ListCell *a, const ListCell *b)
{
	return list_length(((AllmItem *) lfirst(a))->senses) -
		list_length(((AllmItem *) lfirst(b))->senses);
}

/*
 * The relations of the names in the question, and what these refer to: as many
 * as are worth looking at.  What it was about before comes first.
 */
static List *
list_relations(const AllmLexicon *lexicon, const AllmRelation *about)
{
	List	   *items = NIL;
	List	   *relations = about == NULL ? NIL :
	list_copy(allm_graph_walk(about, false)->relations);
	ListCell   *cell;
	ListCell   *inner;

	if (asks_all(lexicon))
		return lexicon->snapshot->relations;
	for (int start = 0; start < lexicon->ntokens; start++)
	{
		foreach(cell, lexicon->items[start])
		{
			if (((AllmItem *) lfirst(cell))->senses != NIL)
				items = lappend(items, lfirst(cell));
		}
	}
	list_sort(items, compare_items);
	foreach(cell, items)
	{
		foreach(inner, ((AllmItem *) lfirst(cell))->senses)
		{
			AllmSense  *sense = lfirst(inner);

			if (list_length(relations) >= MAX_RELATIONS)
				return relations;
			if (list_member_ptr(relations, sense->relation))
				continue;
			relations = list_concat_unique_ptr(relations,
											   allm_graph_walk(sense->relation, false)->relations);
		}
	}
	return relations;
}

/* Is it stored here, and small for all that is known? */
bool
allm_values_may_probe(const AllmRelation *relation)
{
	return (relation->kind == RELKIND_RELATION ||
			relation->kind == RELKIND_PARTITIONED_TABLE ||
			relation->kind == RELKIND_MATVIEW) &&
		relation->rows >= 0 && relation->rows <= MAX_ROWS;
}

/*
 * Is it rather a word of the language?  Who writes names with capitals does not
 * mean the song "Money" by money.
 */
static bool
is_common_word(const AllmLexicon *lexicon, const Candidate *candidate,
			   const AllmColumn *column, const char *value)
{
	const AllmToken *tokens = lexicon->tokens;

	if (!lexicon->loose || candidate->length > 1 ||
		tokens[candidate->start].kind == ALLM_WORD_QUOTED ||
		!isupper((unsigned char) value[0]) ||
		!islower((unsigned char) lexicon->question[tokens[candidate->start].start]) ||
		!list_member_ptr(allm_naming_labels(column->relation), column))
		return false;
	for (int at = 1; at < lexicon->ntokens; at++)
	{
		if (tokens[at].kind == ALLM_WORD &&
			isupper((unsigned char) lexicon->question[tokens[at].start]))
			return true;
	}
	return false;
}

/* Does the column say the gender? */
static bool
is_gender(const AllmColumn *column)
{
	const char *last = llast(allm_naming_column_words(column));

	return strcmp(last, "gender") == 0 || strcmp(last, "sex") == 0;
}

/* Is the column where a part of a name has to stand, if it is one? */
static bool
fits_half(const Candidate *candidate, const AllmColumn *column)
{
	List	   *labels = allm_naming_labels(column->relation);

	return candidate->half == 0 ||
		(list_length(labels) == 2 &&
		 list_nth(labels, candidate->half - 1) == column);
}

/* Adds the sense that a row of column name and value gives. */
static void
take_row(AllmLexicon *lexicon, const AllmRelation *relation,
		 const List *candidates, char **row)
{
	char	   *lower = allm_text_lower(row[1]);
	AllmColumn *column = NULL;
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		if (strcmp(((AllmColumn *) lfirst(cell))->name, row[0]) == 0)
			column = lfirst(cell);
	}
	foreach(cell, candidates)
	{
		Candidate  *candidate = lfirst(cell);
		AllmItem   *item;
		AllmSense  *sense = NULL;
		ListCell   *inner;

		if (column == NULL || strcmp(candidate->lower, lower) != 0 ||
			(candidate->gender && !is_gender(column)) ||
			!fits_half(candidate, column) ||
			is_common_word(lexicon, candidate, column, row[1]))
			continue;
		item = allm_lexicon_item(lexicon, candidate->half > 0 ?
								 ALLM_ITEM_WHOLE : ALLM_ITEM_VALUE,
								 candidate->start, candidate->length);
		foreach(inner, item->senses)
		{
			if (((AllmSense *) lfirst(inner))->column == column)
				sense = lfirst(inner);
		}
		if (sense == NULL)
		{
			sense = palloc0(sizeof(AllmSense));
			sense->kind = ALLM_SENSE_VALUE;
			sense->relation = relation;
			sense->column = column;
			item->senses = lappend(item->senses, sense);
		}
		foreach(inner, sense->values)
		{
			if (strcmp(lfirst(inner), row[1]) == 0)
				break;
		}
		if (inner == NULL)
			sense->values = lappend(sense->values, pstrdup(row[1]));
	}
}
