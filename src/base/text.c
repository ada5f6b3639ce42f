/*
 * text.c
 *		Questions as text: normal form, words, likeness of names.
 *
 * Pure functions of their arguments and of the database's encoding and
 * locale.  Nothing here knows a language.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_collation.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/varlena.h"

#include "base/text.h"

static bool is_word_byte(unsigned char c);
static int	word_length(const char *s);
static int	number_length(const char *s);
static AllmWord *make_word(AllmWordKind kind, const char *start, int len,
						   int offset);

/*
 * The form of a question that two askers share: words and quoted texts in
 * order, lower case but for what is quoted, one blank between them, and no
 * full stop, question or exclamation mark at the end.  Two questions with the
 * same normal form are the same question; "top" and "bottom" never are.
 */
char *
allm_text_normal_form(const char *question)
{
	StringInfoData form;
	List	   *words = allm_text_words(question);
	ListCell   *cell;

	while (words != NIL)
	{
		AllmWord   *last = llast(words);

		if (last->kind != ALLM_WORD_PUNCTUATION ||
			strchr(".?!", last->text[0]) == NULL)
			break;
		words = list_delete_last(words);
	}

	initStringInfo(&form);
	foreach(cell, words)
	{
		AllmWord   *word = lfirst(cell);

		if (form.len > 0)
			appendStringInfoChar(&form, ' ');
		if (word->kind == ALLM_WORD_QUOTED)
			appendStringInfoString(&form, quote_literal_cstr(word->text));
		else
			appendStringInfoString(&form, word->text);
	}
	return form.data;
}

/*
 * The words of a question, in order, as a list of AllmWord.  Blanks and
 * control characters separate; a quote opens a quoted text only when the same
 * quote closes it further on.
 */
List *
allm_text_words(const char *question)
{
	List	   *words = NIL;
	const char *s = question;

	while (*s != '\0')
	{
		int			offset = s - question;
		const char *close = NULL;
		int			len;

		if (isspace((unsigned char) *s) || iscntrl((unsigned char) *s))
		{
			s++;
			continue;
		}
		if (*s == '\'' || *s == '"')
			close = strchr(s + 1, *s);
		if (close != NULL && close > s + 1)
		{
			AllmWord   *word = make_word(ALLM_WORD_QUOTED, s, close + 1 - s,
										 offset);

			words = lappend(words, word);
			s = close + 1;
		}
		else if ((len = number_length(s)) > 0)
		{
			words = lappend(words, make_word(ALLM_WORD_NUMBER, s, len, offset));
			s += len;
		}
		else if ((len = word_length(s)) > 0)
		{
			words = lappend(words, make_word(ALLM_WORD, s, len, offset));
			s += len;
		}
		else
		{
			words = lappend(words,
							make_word(ALLM_WORD_PUNCTUATION, s, 1, offset));
			s++;
		}
	}
	return words;
}

/* Lower case by the database's locale. */
char *
allm_text_lower(const char *text)
{
	return str_tolower(text, strlen(text), DEFAULT_COLLATION_OID);
}

/* Are two lists of texts the same, in their order? */
bool
allm_text_equal_words(const List *a, const List *b)
{
	if (list_length(a) != list_length(b))
		return false;
	for (int i = 0; i < list_length(a); i++)
	{
		if (strcmp(list_nth(a, i), list_nth(b, i)) != 0)
			return false;
	}
	return true;
}

/*
 * The number of letters by which two names differ, or more than "max".  Long
 * names are not compared: the cost grows with the product of the lengths.
 */
int
allm_text_distance(const char *a, const char *b, int max)
{
	int			a_len = strlen(a);
	int			b_len = strlen(b);

	if (a_len >= NAMEDATALEN || b_len >= NAMEDATALEN)
		return max + 1;
	return varstr_levenshtein_less_equal(a, a_len, b, b_len, 1, 1, 1,
										 max, true);
}

/* Letters, digits, underscore, and whatever is not ASCII. */
static bool
is_word_byte(unsigned char c)
{
	return isalnum(c) || c == '_' || IS_HIGHBIT_SET(c);
}

/* Bytes of the word that starts here; an apostrophe or hyphen may join two. */
static int
word_length(const char *s)
{
	int			len = 0;

	while (is_word_byte(s[len]) ||
		   (len > 0 && (s[len] == '\'' || s[len] == '-') &&
			is_word_byte(s[len + 1])))
		len++;
	return len;
}

/*
 * Bytes of the number that starts here: digits, with commas between groups of
 * three, and a fraction.  "2024-01" and "3rd" are words.
 */
static int
number_length(const char *s)
{
	int			len = 0;

	while (isdigit((unsigned char) s[len]))
		len++;
	if (len == 0)
		return 0;
	while (s[len] == ',' && isdigit((unsigned char) s[len + 1]) &&
		   isdigit((unsigned char) s[len + 2]) &&
		   isdigit((unsigned char) s[len + 3]) &&
		   !isdigit((unsigned char) s[len + 4]))
		len += 4;
	if (s[len] == '.' && isdigit((unsigned char) s[len + 1]))
	{
		len++;
		while (isdigit((unsigned char) s[len]))
			len++;
	}
	if (is_word_byte(s[len]) || (s[len] == '-' && is_word_byte(s[len + 1])))
		return 0;
	return len;
}

/* One word of the given bytes of the question. */
static AllmWord *
make_word(AllmWordKind kind, const char *start, int len, int offset)
{
	AllmWord   *word = palloc0(sizeof(AllmWord));

	word->kind = kind;
	word->raw = pnstrdup(start, len);
	word->start = offset;
	if (kind == ALLM_WORD_QUOTED)
		word->text = pnstrdup(start + 1, len - 2);
	else
		word->text = allm_text_lower(word->raw);
	if (kind == ALLM_WORD_NUMBER)
	{
		char	   *to = word->text;

		for (char *from = word->text; *from != '\0'; from++)
		{
			if (*from != ',')
				*to++ = *from;
		}
		*to = '\0';
	}
	return word;
}
