/*
 * values.c
 *		Words that no name explains, looked up in the data.
 *
 * The look-up asks small relations only, each with one query for all phrases,
 * and only relations that the names in the question lead to.  Phrases reach
 * the query as literals; what comes back are the values as they are stored.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "utils/builtins.h"

#include "schema/graph.h"
#include "semantic/column.h"
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
/* A value is a name, not a text; one is enough to know its column. */
#define MAX_VALUE_LENGTH	256
#define MAX_FOUND			200

/* Some tokens that may be a value. */
typedef struct Candidate
{
	int			start;
	int			length;
	char	   *lower;
} Candidate;

/* What one relation was asked for, and what it has of that. */
typedef struct Asked
{
	const AllmRelation *relation;
	Bitmapset  *words;			/* places of AllmLooked's */
	List	   *rows;			/* of char *[2]: column, value */
} Asked;

/*
 * What was looked up for one question: each way to read it has words of its
 * own, but most are the same.
 */
typedef struct AllmLooked
{
	List	   *words;			/* of char *: lower case, each once */
	List	   *asked;			/* of Asked */
} AllmLooked;

static List *list_candidates(const AllmLexicon *lexicon);
static List *list_relations(const AllmLexicon *lexicon,
							const AllmRelation *about);
static Bitmapset *number_words(const List *candidates, AllmLooked *looked);
static List *ask_relation(const AllmRelation *relation,
						  const Bitmapset *wanted, AllmLooked *looked,
						  const AllmReadInput *input);
static bool has_text(const AllmRelation *relation);
static char *write_probe(const AllmRelation *relation);
static void take_row(AllmLexicon *lexicon, const AllmRelation *relation,
					 const List *candidates, char **row);

/* Nothing was looked up yet. */
AllmLooked *
allm_values_begin(void)
{
	return palloc0(sizeof(AllmLooked));
}

/* Adds the values that are found in the data to the lexicon's items. */
void
allm_values_look_up(AllmLexicon *lexicon, const AllmReadInput *input)
{
	List	   *candidates = list_candidates(lexicon);
	AllmLooked *looked = input->looked;
	int			probes = 0;
	Bitmapset  *wanted;
	ListCell   *cell;

	if (candidates == NIL || input->probe == NULL)
		return;
	if (looked == NULL)
		looked = allm_values_begin();
	wanted = number_words(candidates, looked);
	foreach(cell, list_relations(lexicon, input->about))
	{
		AllmRelation *relation = lfirst(cell);
		ListCell   *row;

		CHECK_FOR_INTERRUPTS();
		if (!allm_values_may_probe(relation) || !has_text(relation))
			continue;
		if (probes++ == (lexicon->loose ? SMALL_SCHEMA : MAX_PROBES))
			return;
		foreach(row, ask_relation(relation, wanted, looked, input))
			take_row(lexicon, relation, candidates, lfirst(row));
	}
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
				break;
		}
	}
	return candidates;
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
	list_copy(allm_graph_walk(about)->relations);
	ListCell   *cell;
	ListCell   *inner;

	if (lexicon->loose &&
		list_length(lexicon->snapshot->relations) <= SMALL_SCHEMA)
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
											   allm_graph_walk(sense->relation)->relations);
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

/* Has it a column in which a name may stand? */
static bool
has_text(const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		if (allm_column_is_text(lfirst(cell)))
			return true;
	}
	return false;
}

/* What the question has asked the relation so far. */
static Asked *
find_asked(const AllmRelation *relation, AllmLooked *looked)
{
	Asked	   *asked;
	ListCell   *cell;

	foreach(cell, looked->asked)
	{
		asked = lfirst(cell);
		if (asked->relation == relation)
			return asked;
	}
	asked = palloc0(sizeof(Asked));
	asked->relation = relation;
	looked->asked = lappend(looked->asked, asked);
	return asked;
}

/* The places of the candidates' words among all that were looked for. */
static Bitmapset *
number_words(const List *candidates, AllmLooked *looked)
{
	Bitmapset  *wanted = NULL;
	ListCell   *cell;

	foreach(cell, candidates)
	{
		char	   *word = ((Candidate *) lfirst(cell))->lower;
		int			place = 0;

		while (place < list_length(looked->words) &&
			   strcmp(list_nth(looked->words, place), word) != 0)
			place++;
		if (place == list_length(looked->words))
			looked->words = lappend(looked->words, word);
		wanted = bms_add_member(wanted, place);
	}
	return wanted;
}

/* For list_sort: whatever order rows come in, it must not be seen. */
static int
compare_rows(const ListCell *a, const ListCell *b)
{
	char	  **left = lfirst(a);
	char	  **right = lfirst(b);
	int			order = strcmp(left[0], right[0]);

	return order != 0 ? order : strcmp(left[1], right[1]);
}

/*
 * The rows of a relation for some words, and perhaps more.  It is asked only
 * for what it was not asked for before, in this question.
 */
static List *
ask_relation(const AllmRelation *relation, const Bitmapset *wanted,
			 AllmLooked *looked, const AllmReadInput *input)
{
	Asked	   *asked = find_asked(relation, looked);
	Bitmapset  *missing = bms_difference(wanted, asked->words);
	List	   *words = NIL;
	AllmProbeQuery query;
	List	   *rows;

	if (bms_is_empty(missing))
		return asked->rows;
	for (int place = -1; (place = bms_next_member(missing, place)) >= 0;)
		words = lappend(words, list_nth(looked->words, place));
	query.before = write_probe(relation);
	query.words = words;
	query.after = psprintf("))\nLIMIT %d", MAX_FOUND);
	rows = list_concat(list_copy(asked->rows),
					   input->probe(input->probe_state, &query));
	list_sort(rows, compare_rows);

	/* Where some were left out, other words may have others. */
	if (list_length(rows) < MAX_FOUND)
	{
		asked->words = bms_add_members(asked->words, missing);
		asked->rows = rows;
	}
	return rows;
}

/*
 * The first half of one query for all text columns.  Long texts are left out
 * before they are read.
 */
static char *
write_probe(const AllmRelation *relation)
{
	StringInfoData sql;
	bool		any = false;
	ListCell   *cell;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT DISTINCT v.name, v.value\n"
					 "FROM %s AS t\nCROSS JOIN LATERAL (VALUES ",
					 relation->sql_name);
	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (!allm_column_is_text(column))
			continue;
		appendStringInfo(&sql, "%s(%s, t.", any ? ", " : "",
						 quote_literal_cstr(column->name));
		appendStringInfo(&sql, "%s::text)", quote_identifier(column->name));
		any = true;
	}
	appendStringInfo(&sql, ") AS v (name, value)\n"
					 "WHERE octet_length(v.value) <= %d AND lower(v.value) IN (SELECT unnest(",
					 MAX_VALUE_LENGTH);
	return sql.data;
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
			is_common_word(lexicon, candidate, column, row[1]))
			continue;
		item = allm_lexicon_item(lexicon, ALLM_ITEM_VALUE, candidate->start,
								 candidate->length);
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
