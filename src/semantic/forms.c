/*
 * forms.c
 *		Questions that are made of other questions, by the words that say so:
 *		"share of revenue by region" is about "revenue by region".
 *
 * A table of English patterns; another language is another file of this form.
 * What stands in the places of a pattern is not understood here: it is put
 * together to questions for figures, and only where these are understood does
 * the pattern mean anything.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"

#include "base/text.h"
#include "semantic/forms.h"

/* Places of a pattern: "$a" to "$z". */
#define MAX_PLACES		26

/* Longer questions are not made of others. */
#define MAX_WORDS		40

/* Ways to take one question apart; ordinary ones have one or two. */
#define MAX_WAYS		24

/*
 * In a pattern, "a/b" is one of two words, a final "?" says that the word may be
 * left out, "$x" is a place of one word or more, "#c" a comparison, "#n" a
 * number, "#g" a unit of time.  In the questions, "$x" is what stood there.
 */
typedef struct PatternRow
{
	AllmForm	form;
	const char *pattern;
	const char *first;
	const char *second;
	bool		percent;
} PatternRow;

#define SHARES	"share/proportion/fraction"
#define PERCENT "percentage/percent"
#define CHANGE	"growth/change/increase/decrease"
#define GREW	"grow/change/increase/decrease/rise/fall/drop/decline"
#define WHO		"who/that/which/with/without/whose/having"
#define ARE		"are/were/have/had/do/did"
#define WITH	"with/have/has/having/had/whose/where"

static const PatternRow patterns[] =
{
	{ALLM_FORM_SHARE, SHARES " of $m", "$m"},
	{ALLM_FORM_SHARE, PERCENT " of $m", "$m", NULL, true},
	{ALLM_FORM_SHARE, SHARES " of each/every $g in/of $m", "$m by $g"},
	{ALLM_FORM_SHARE, PERCENT " of each/every $g in/of $m", "$m by $g", NULL, true},
	{ALLM_FORM_SHARE, "$m " SHARES " by/per $g", "$m by $g"},
	{ALLM_FORM_SHARE, "$m " PERCENT " by/per $g", "$m by $g", NULL, true},
	{ALLM_FORM_SHARE, "$m as " SHARES " of total/all", "$m"},
	{ALLM_FORM_SHARE, "$m as " PERCENT " of total/all", "$m", NULL, true},
	{ALLM_FORM_SHARE, "$m by $g as " SHARES " of total/all", "$m by $g"},
	{ALLM_FORM_SHARE, "$m by $g as " PERCENT " of total/all", "$m by $g", NULL, true},
	{ALLM_FORM_PART, SHARES " of $v in/of $m", "$m for $v", "$m"},
	{ALLM_FORM_PART, PERCENT " of $v in/of $m", "$m for $v", "$m", true},
	{ALLM_FORM_PART, SHARES " of $m is/was/comes/came from/for/in $v", "$m for $v", "$m"},
	{ALLM_FORM_PART, PERCENT " of $m is/was/comes/came from/for/in $v", "$m for $v", "$m", true},
	{ALLM_FORM_PART, SHARES " of $m is/was/comes/came $v", "$m for $v", "$m"},
	{ALLM_FORM_PART, PERCENT " of $m is/was/comes/came $v", "$m for $v", "$m", true},
	{ALLM_FORM_RATIO, "ratio of/between $a to/and $b", "$a", "$b"},
	{ALLM_FORM_RATIO, "ratio of/between $a to/and $b by/per $g", "$a by $g", "$b by $g"},
	{ALLM_FORM_RATIO, "ratio of $m in $v to $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_RATIO, "$a divided by $b", "$a", "$b"},
	{ALLM_FORM_RATIO, "$a divided by $b by/per $g", "$a by $g", "$b by $g"},
	{ALLM_FORM_DIFFERENCE, "difference between $a and $b", "$a", "$b"},
	{ALLM_FORM_DIFFERENCE, "difference in/of $m between $v and $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_DIFFERENCE, "difference in/of $m between $v and $w by/per $g", "$m in $v by $g", "$m in $w by $g"},
	{ALLM_FORM_DIFFERENCE, "difference in/of $m by/per $g between $v and $w", "$m in $v by $g", "$m in $w by $g"},
	{ALLM_FORM_DIFFERENCE, "$m difference between $v and $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_DIFFERENCE, "how much more/higher/larger is?/was? $m in $v than in? $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_GROWTH, CHANGE " of/in $m from/between $v to/and $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_GROWTH, CHANGE " of/in $m from/between $v to/and $w by/per $g", "$m in $v by $g", "$m in $w by $g"},
	{ALLM_FORM_GROWTH, CHANGE " of/in $m by/per $g from/between $v to/and $w", "$m in $v by $g", "$m in $w by $g"},
	{ALLM_FORM_GROWTH, "$m " CHANGE " from/between $v to/and $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_GROWTH, "$m " CHANGE " from/between $v to/and $w by/per $g", "$m in $v by $g", "$m in $w by $g"},
	{ALLM_FORM_GROWTH, "$m " CHANGE " by/per $g from/between $v to/and $w", "$m in $v by $g", "$m in $w by $g"},
	{ALLM_FORM_GROWTH, "how much did $m " GREW " from/between $v to/and $w", "$m in $v", "$m in $w"},
	{ALLM_FORM_STEPS, "#g over #g " CHANGE " of/in $m", "$m by #g"},
	{ALLM_FORM_STEPS, "#g over #g $m", "$m by #g"},
	{ALLM_FORM_STEPS, "#g over #g $m " CHANGE, "$m by #g"},
	{ALLM_FORM_STEPS, "$m " CHANGE " #g over #g", "$m by #g"},
	{ALLM_FORM_STEPS, "$m #g over #g", "$m by #g"},
	{ALLM_FORM_STEPS, CHANGE " of/in $m #g over #g", "$m by #g"},
	{ALLM_FORM_AVERAGE, "average/mean $m per $g", "$m by $g"},
	{ALLM_FORM_HAVING, "$g " WITH " $m #c #n", "$m by $g"},
	{ALLM_FORM_HAVING, "$g " WITH " $m #c #n in/since/before/after/for/during $r", "$m by $g in/since/before/after/for/during $r"},
	{ALLM_FORM_ABOVE, "$g " WITH " $m #c average", "$m by $g"},
	{ALLM_FORM_ABOVE, "$g " WITH " $m #c average in/since/before/after/for/during $r", "$m by $g in/since/before/after/for/during $r"},
	{ALLM_FORM_RATE, SHARES " of $t " WHO " $v", "how many $t " WHO " $v", "how many $t"},
	{ALLM_FORM_RATE, PERCENT " of $t " WHO " $v", "how many $t " WHO " $v", "how many $t", true},
	{ALLM_FORM_RATE, SHARES " of $t " ARE " $v", "how many $t " ARE " $v", "how many $t"},
	{ALLM_FORM_RATE, PERCENT " of $t " ARE " $v", "how many $t " ARE " $v", "how many $t", true},
	{ALLM_FORM_DID, SHARES " of $t $v", "how many $t $v", "how many $t"},
	{ALLM_FORM_DID, PERCENT " of $t $v", "how many $t $v", "how many $t", true},
	{ALLM_FORM_NUMBERS, "ratio of/between $a to/and $b", "how many $a", "how many $b"},
	{ALLM_FORM_NUMBERS, "ratio of/between total? number of $a to/and total? number of $b", "number of $a", "number of $b"},
};

/* A match in progress. */
typedef struct Match
{
	const PatternRow *row;
	const char *question;
	List	   *words;			/* of AllmWord, without what only asks */
	List	   *pieces;			/* of char *: of the pattern */
	int			from[MAX_PLACES];
	int			to[MAX_PLACES];
	AllmParts	parts;
	bool		has_grain;
	char	   *chosen;			/* of the last "a/b" that was met */
	List	  **found;			/* of AllmParts */
} Match;

static List *strip_words(List *words);
static void match_piece(Match *match, int piece, int word);
static int	read_compare(const List *words, int at, AllmCompare *compare);
static char *read_number(const List *words, int at, int *used);
static int	read_grain(const char *word);
static char *write_question(const Match *match, const char *text);

/* All ways to take a question apart, as a list of AllmParts. */
List *
allm_forms_read(const char *question)
{
	List	   *words = strip_words(allm_text_words(question));
	List	   *found = NIL;

	if (list_length(words) > MAX_WORDS)
		return NIL;
	for (int i = 0; i < lengthof(patterns); i++)
	{
		Match		match = {.row = &patterns[i],.question = question};
		char	   *rest = pstrdup(patterns[i].pattern);

		for (char *piece = strtok_r(rest, " ", &rest); piece != NULL;
			 piece = strtok_r(NULL, " ", &rest))
			match.pieces = lappend(match.pieces, piece);
		match.words = words;
		match.found = &found;
		match_piece(&match, 0, 0);
	}
	return found;
}

/* Words, as they are looked up: "month-over-month" is three of them. */
static List *
split_hyphens(List *words)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, words)
	{
		AllmWord   *word = lfirst(cell);
		char	   *hyphen;

		while (word->kind == ALLM_WORD && isalpha((unsigned char) word->raw[0]) &&
			   (hyphen = strchr(word->raw, '-')) != NULL &&
			   isalpha((unsigned char) hyphen[1]))
		{
			AllmWord   *first = palloc(sizeof(AllmWord));
			AllmWord   *last = palloc(sizeof(AllmWord));
			int			at = hyphen - word->raw;

			*first = *last = *word;
			first->raw = pnstrdup(word->raw, at);
			first->text = allm_text_lower(first->raw);
			last->raw = hyphen + 1;
			last->text = allm_text_lower(last->raw);
			last->start = word->start + at + 1;
			result = lappend(result, first);
			word = last;
		}
		result = lappend(result, word);
	}
	return result;
}

/* Without what only asks: words in front, articles, the mark at the end. */
static List *
strip_words(List *words)
{
	ListCell   *cell;

	words = split_hyphens(words);
	while (words != NIL && ((AllmWord *) llast(words))->kind ==
		   ALLM_WORD_PUNCTUATION && strchr(".?!", ((AllmWord *) llast(words))->text[0]) != NULL)
		words = list_delete_last(words);
	foreach(cell, words)
	{
		AllmWord   *word = lfirst(cell);

		if (word->kind == ALLM_WORD &&
			(strcmp(word->text, "the") == 0 || strcmp(word->text, "a") == 0 ||
			 strcmp(word->text, "an") == 0))
			words = foreach_delete_current(words, cell);
	}
	while (words != NIL)
	{
		AllmWord   *word = linitial(words);
		const AllmPhrase *phrase = word->kind == ALLM_WORD ?
		allm_words_find_phrase(word->text) : NULL;

		if (phrase == NULL || (phrase->role != ALLM_ROLE_FREE &&
							   phrase->role != ALLM_ROLE_LIST))
			break;
		words = list_delete_first(words);
	}
	return words;
}

/* Is the word one of those that a piece lists? */
static bool
is_listed(Match *match, const char *piece, const AllmWord *word)
{
	int			length = strlen(word->text);

	if (word->kind != ALLM_WORD)
		return false;
	for (const char *at = piece; at != NULL; at = strchr(at, '/'))
	{
		if (*at == '/')
			at++;
		if (strncmp(at, word->text, length) == 0 &&
			(at[length] == '\0' || at[length] == '/' || at[length] == '?'))
		{
			match->chosen = word->text;
			return true;
		}
	}
	return false;
}

/* The pattern is met: what the parts are. */
static void
add_parts(Match *match)
{
	AllmParts  *parts;

	if (list_length(*match->found) >= MAX_WAYS)
		return;
	parts = palloc(sizeof(AllmParts));
	*parts = match->parts;
	parts->form = match->row->form;
	parts->percent = match->row->percent;
	parts->first = write_question(match, match->row->first);
	if (match->row->second != NULL)
		parts->second = write_question(match, match->row->second);
	*match->found = lappend(*match->found, parts);
}

/* Matches "#c", "#n" or "#g", and what follows. */
static void
match_class(Match *match, int piece, int word)
{
	const char *class = list_nth(match->pieces, piece);
	AllmParts	before = match->parts;
	bool		had_grain = match->has_grain;
	int			used = 0;

	if (class[1] == 'c')
		used = read_compare(match->words, word, &match->parts.compare);
	else if (class[1] == 'n')
	{
		match->parts.number = read_number(match->words, word, &used);
		if (used > 0 && match->parts.compare == ALLM_COMPARE_BETWEEN)
		{
			int			more = 0;
			AllmWord   *joint = word + used < list_length(match->words) ?
			list_nth(match->words, word + used) : NULL;

			if (joint == NULL || strcmp(joint->text, "and") != 0)
				used = 0;
			else
			{
				match->parts.high = read_number(match->words,
												word + used + 1, &more);
				used = more > 0 ? used + 1 + more : 0;
			}
		}
	}
	else if (word < list_length(match->words))
	{
		int			grain = read_grain(((AllmWord *) list_nth(match->words, word))->text);

		if (grain >= 0 && (!match->has_grain || match->parts.step == grain))
		{
			match->parts.step = grain;
			match->has_grain = true;
			used = 1;
		}
	}
	if (used > 0)
		match_piece(match, piece + 1, word + used);
	match->parts = before;
	match->has_grain = had_grain;
}

/* Matches the pattern from "piece" on with the words from "word" on. */
static void
match_piece(Match *match, int piece, int word)
{
	const char *text;
	int			left = list_length(match->words) - word;

	if (piece == list_length(match->pieces))
	{
		if (left == 0)
			add_parts(match);
		return;
	}
	text = list_nth(match->pieces, piece);
	if (text[0] == '#')
	{
		match_class(match, piece, word);
		return;
	}
	if (text[0] == '$')
	{
		int			place = text[1] - 'a';

		for (int length = 1; length <= left; length++)
		{
			match->from[place] = word;
			match->to[place] = word + length;
			match_piece(match, piece + 1, word + length);
		}
		return;
	}
	if (left > 0 && is_listed(match, text, list_nth(match->words, word)))
		match_piece(match, piece + 1, word + 1);
	else if (text[strlen(text) - 1] == '?')
		match_piece(match, piece + 1, word);
}

/* The words of a comparison, and what they say. */
static int
read_compare(const List *words, int at, AllmCompare *compare)
{
	for (int length = Min(ALLM_MAX_PHRASE, list_length(words) - at);
		 length > 0; length--)
	{
		StringInfoData text;
		const AllmPhrase *phrase;

		initStringInfo(&text);
		for (int i = 0; i < length; i++)
			appendStringInfo(&text, "%s%s", i > 0 ? " " : "",
							 ((AllmWord *) list_nth(words, at + i))->text);
		phrase = allm_words_find_phrase(text.data);
		if (phrase == NULL || phrase->role != ALLM_ROLE_COMPARE)
			continue;
		*compare = phrase->argument;
		return length;
	}
	return 0;
}

/* A number, in digits or in letters, with what multiplies it behind. */
static char *
read_number(const List *words, int at, int *used)
{
	static const struct
	{
		const char *word;
		const char *zeros;
	}			scales[] = {
		{"thousand", "000"}, {"million", "000000"}, {"billion", "000000000"}
	};
	AllmWord   *word = at < list_length(words) ? list_nth(words, at) : NULL;
	AllmWord   *next = at + 1 < list_length(words) ?
	list_nth(words, at + 1) : NULL;
	char	   *number;

	*used = 0;
	if (word == NULL)
		return NULL;
	if (strspn(word->text, "0123456789.") == strlen(word->text) &&
		isdigit((unsigned char) word->text[0]))
		number = word->text;
	else if (word->kind == ALLM_WORD && allm_words_number(word->text) >= 0)
		number = psprintf("%d", allm_words_number(word->text));
	else
		return NULL;
	*used = 1;
	for (int i = 0; next != NULL && i < lengthof(scales); i++)
	{
		if (strcmp(next->text, scales[i].word) != 0)
			continue;
		*used = 2;
		return psprintf("%s * 1%s::numeric", number, scales[i].zeros);
	}
	return number;
}

/* The unit of time that a word names, or -1. */
static int
read_grain(const char *word)
{
	static const char *const grains[] = {
		[ALLM_GRAIN_DAY] = "day",[ALLM_GRAIN_WEEK] = "week",
		[ALLM_GRAIN_MONTH] = "month",[ALLM_GRAIN_QUARTER] = "quarter",
		[ALLM_GRAIN_YEAR] = "year"
	};

	for (int i = 0; i < lengthof(grains); i++)
	{
		if (strcmp(word, grains[i]) == 0)
			return i;
	}
	return -1;
}

/* The words in a place, as they were written. */
static void
append_place(StringInfo out, const Match *match, int place)
{
	for (int i = match->from[place]; i < match->to[place]; i++)
		appendStringInfo(out, "%s%s", i > match->from[place] ? " " : "",
						 ((AllmWord *) list_nth(match->words, i))->raw);
}

/* A question with what stood in the places of the pattern. */
static char *
write_question(const Match *match, const char *text)
{
	static const char *const grains[] = {
		"day", "week", "month", "quarter", "year"
	};
	StringInfoData out;
	char	   *rest = pstrdup(text);

	initStringInfo(&out);
	for (char *piece = strtok_r(rest, " ", &rest); piece != NULL;
		 piece = strtok_r(NULL, " ", &rest))
	{
		if (out.len > 0)
			appendStringInfoChar(&out, ' ');
		if (piece[0] == '$')
			append_place(&out, match, piece[1] - 'a');
		else if (piece[0] == '#')
			appendStringInfoString(&out, grains[match->parts.step]);
		else if (strchr(piece, '/') != NULL)
			appendStringInfoString(&out, match->chosen);
		else
			appendStringInfoString(&out, piece);
	}
	return out.data;
}
