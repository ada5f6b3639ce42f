/*
 * token.c
 *		The words of a question, one by one, as the lexicon takes them.
 *
 * Which of them say nothing, which are written together, and which are said
 * once and meant twice.
 */
#include "postgres.h"

#include "semantic/aside.h"
#include "semantic/token.h"
#include "semantic/vocabulary.h"
#include "semantic/words.h"

static bool is_article(const AllmWord *word);
static bool begins_with_article(const List *words, const ListCell *cell);
static bool is_silent(AllmLexicon *lexicon, const AllmWord *word);
static void repeat_shared_words(AllmLexicon *lexicon);
static void add_token(AllmLexicon *lexicon, const AllmWord *word);
static bool is_iso_date(const char *text);
static void add_part(AllmLexicon *lexicon, const AllmWord *word, int from,
					 int to);

/* Fills the tokens.  Stops counting when there are too many. */
void
allm_token_read(AllmLexicon *lexicon)
{
	List	   *words = allm_text_words(lexicon->question);
	ListCell   *cell;

	lexicon->article = -1;
	lexicon->tokens = palloc0_array(AllmToken, ALLM_MAX_TOKENS);
	if (lexicon->loose)
		words = allm_aside_read(words);
	foreach(cell, words)
	{
		AllmWord   *word = lfirst(cell);

		if (lexicon->loose && (is_article(word) ||
							   begins_with_article(words, cell)))
		{
			lexicon->article = word->start;
			continue;
		}
		if (lexicon->loose && is_silent(lexicon, word))
			continue;
		add_token(lexicon, word);
		if (lexicon->ntokens > ALLM_MAX_TOKENS)
			return;
	}
	if (lexicon->loose)
		repeat_shared_words(lexicon);
}

/* An article says nothing, but may be part of a value. */
static bool
is_article(const AllmWord *word)
{
	return word->kind == ALLM_WORD &&
		(strcmp(word->text, "the") == 0 || strcmp(word->text, "an") == 0 ||
		 (strcmp(word->text, "a") == 0 && word->raw[0] == 'a'));
}

/* "A list of x": the question begins with an article. */
static bool
begins_with_article(const List *words, const ListCell *cell)
{
	const AllmWord *word = lfirst(cell);
	const AllmWord *next = list_length(words) > 1 ? lsecond(words) : NULL;

	return cell == list_head(words) && word->kind == ALLM_WORD &&
		strcmp(word->text, "a") == 0 && next != NULL &&
		next->kind == ALLM_WORD && strcmp(next->text, "list") == 0;
}

/* Puts a copy of a token behind another one. */
static void
insert_token(AllmLexicon *lexicon, int at, const AllmToken *token)
{
	AllmToken	copy = *token;

	if (lexicon->ntokens >= ALLM_MAX_TOKENS)
		return;
	memmove(&lexicon->tokens[at + 1], &lexicon->tokens[at],
			(lexicon->ntokens - at) * sizeof(AllmToken));
	copy.article = -1;
	lexicon->tokens[at] = copy;
	lexicon->ntokens++;
}

/*
 * "first and last names" are first names and last names: what is opposite to
 * each other is said of the same word.
 */
static void
repeat_shared_words(AllmLexicon *lexicon)
{
	for (int at = 1; at + 2 < lexicon->ntokens; at++)
	{
		const AllmToken *tokens = lexicon->tokens;
		const char *between = tokens[at].text;

		if ((strcmp(between, "and") != 0 && strcmp(between, "or") != 0 &&
			 strcmp(between, ",") != 0 && strcmp(between, "&") != 0) ||
			tokens[at + 2].kind != ALLM_WORD ||
			!allm_vocabulary_are_opposite(tokens[at - 1].text,
										  tokens[at + 1].text))
			continue;
		insert_token(lexicon, at, &tokens[at + 2]);
		at += 2;
	}
}

/*
 * Is it a sign that says nothing: the one of "$60"?  The apostrophe of
 * "students' names" stays with its word.
 */
static bool
is_silent(AllmLexicon *lexicon, const AllmWord *word)
{
	AllmToken  *last = lexicon->ntokens > 0 ?
	&lexicon->tokens[lexicon->ntokens - 1] : NULL;

	if (word->kind != ALLM_WORD_PUNCTUATION || strlen(word->text) != 1)
		return false;
	if (word->text[0] == '\'' && last != NULL && last->kind == ALLM_WORD &&
		last->end == word->start && last->text[strlen(last->text) - 1] == 's')
	{
		last->text = psprintf("%s'", last->text);
		return true;
	}
	return word->text[0] == '$';
}

/* A word, or its parts where a hyphen or an underscore joins them. */
static void
add_token(AllmLexicon *lexicon, const AllmWord *word)
{
	int			len = strlen(word->raw);
	int			from = 0;

	if (word->kind == ALLM_WORD_QUOTED)
	{
		add_part(lexicon, word, 1, len - 1);
		return;
	}
	if (word->kind != ALLM_WORD || is_iso_date(word->raw))
	{
		add_part(lexicon, word, 0, len);
		return;
	}
	for (int at = 0; at <= len; at++)
	{
		if (at < len && word->raw[at] != '-' && word->raw[at] != '_')
			continue;
		if (at > from)
			add_part(lexicon, word, from, at);
		from = at + 1;
	}
}

/* Dates keep their hyphens. */
static bool
is_iso_date(const char *text)
{
	size_t		len = strlen(text);

	return (len == 10 || len == 7) && strspn(text, "0123456789-") == len;
}

/* One token of the bytes "from" to "to" of a word. */
static void
add_part(AllmLexicon *lexicon, const AllmWord *word, int from, int to)
{
	AllmToken  *token;
	char	   *raw = pnstrdup(word->raw + from, to - from);

	if (lexicon->ntokens >= ALLM_MAX_TOKENS)
	{
		lexicon->ntokens++;
		return;
	}
	token = &lexicon->tokens[lexicon->ntokens++];
	token->kind = word->kind;
	token->start = word->start + from;
	token->end = word->start + to;
	token->article = lexicon->article;
	lexicon->article = -1;
	token->text = word->kind == ALLM_WORD_NUMBER ? word->text :
		allm_text_lower(raw);
	token->stem = allm_words_stem(token->text);
	if (word->kind == ALLM_WORD && raw[0] != '\0' &&
		strspn(raw, "0123456789") == strlen(raw))
		token->kind = ALLM_WORD_NUMBER;
}
