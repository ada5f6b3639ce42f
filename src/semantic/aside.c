/*
 * aside.c
 *		What stands in parentheses, and two words for one person: "full name
 *		(first and last name)", "sorted by x (in descending order)", "(s)he".
 *
 * Parentheses that only say what stands before them more exactly are taken
 * away.  All others stay, and have to be read.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/text.h"
#include "semantic/aside.h"
#include "semantic/vocabulary.h"

/* The text of a word, or "". */
static const char *
text_of(const List *words, int at)
{
	const AllmWord *word = at >= 0 && at < list_length(words) ?
	list_nth(words, at) : NULL;

	return word == NULL || word->kind == ALLM_WORD_QUOTED ? "" : word->text;
}

/* Is the word one of these? */
static bool
is_one_of(const char *text, const char *const *list, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(text, list[i]) == 0)
			return true;
	}
	return false;
}

/* Does the word begin where the one before it ends? */
static bool
is_close(const List *words, int at)
{
	const AllmWord *word = list_nth(words, at);
	const AllmWord *last = list_nth(words, at - 1);

	return word->start == last->start + (int) strlen(last->raw);
}

/* The closing parenthesis that belongs to an opening one, or -1. */
static int
find_end(const List *words, int at)
{
	for (int end = at + 1; end < list_length(words); end++)
	{
		if (strcmp(text_of(words, end), "(") == 0)
			return -1;
		if (strcmp(text_of(words, end), ")") == 0)
			return end;
	}
	return -1;
}

/* Without some words. */
static List *
without(List *words, int from, int count)
{
	while (count-- > 0)
		words = list_delete_nth_cell(words, from);
	return words;
}

/* "author(s)", "(s)he": with the letter, without the parentheses. */
static List *
join_plural(List *words, int at)
{
	const AllmWord *last;
	AllmWord   *joined;

	if (strcmp(text_of(words, at + 1), "s") != 0 ||
		strcmp(text_of(words, at + 2), ")") != 0 ||
		!is_close(words, at + 1) || !is_close(words, at + 2))
		return words;
	if (strcmp(text_of(words, at + 3), "he") == 0)
		return without(words, at, 3);
	last = at > 0 ? list_nth(words, at - 1) : NULL;
	if (last == NULL || last->kind != ALLM_WORD || !is_close(words, at))
		return words;
	joined = palloc(sizeof(AllmWord));
	*joined = *last;
	joined->text = psprintf("%ss", last->text);
	joined->raw = psprintf("%ss", last->raw);
	lfirst(list_nth_cell(words, at - 1)) = joined;
	return without(words, at, 3);
}

/* "(in descending order)" */
static List *
open_order(List *words, int at, int end)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = at + 1; i < end; i++)
	{
		if (strcmp(text_of(words, i), "the") != 0)
			appendStringInfo(&text, "%s%s", text.len > 0 ? " " : "",
							 text_of(words, i));
	}
	if (!allm_vocabulary_has_mark(text.data, ALLM_MARK_DESC) &&
		!allm_vocabulary_has_mark(text.data, ALLM_MARK_ASC) &&
		!allm_vocabulary_has_mark(text.data, ALLM_MARK_ALPHA))
		return words;
	return without(without(words, end, 1), at, 1);
}

/* "full name (first and last name)": the first and last name. */
static List *
open_name(List *words, int at, int end)
{
	static const char *const parts[] = {
		"&", ",", "and", "family", "first", "given", "last", "middle", "name",
		"names", "the"
	};
	static const char *const whole[] = {"complete", "full", "whole"};
	AllmWord   *name;

	if (at < 1 || end < at + 2 || strcmp(text_of(words, end - 1), "and") == 0 ||
		(strcmp(text_of(words, at - 1), "name") != 0 &&
		 strcmp(text_of(words, at - 1), "names") != 0))
		return words;
	for (int i = at + 1; i < end; i++)
	{
		if (!is_one_of(text_of(words, i), parts, lengthof(parts)))
			return words;
	}
	name = list_nth(words, at - 1);
	words = without(words, end, 1);

	/* "(first and last)" */
	if (strncmp(text_of(words, end - 1), "name", 4) != 0)
		words = list_insert_nth(words, end, name);
	words = without(words, at - 1, 2);
	if (is_one_of(text_of(words, at - 2), whole, lengthof(whole)))
		words = without(words, at - 2, 1);
	return words;
}

/* "he or she", "his/her": one of them. */
static List *
drop_other_gender(List *words, int at)
{
	static const char *const pairs[][2] = {
		{"he", "she"}, {"him", "her"}, {"his", "her"}
	};

	for (int i = 0; i < lengthof(pairs); i++)
	{
		if (strcmp(text_of(words, at - 1), pairs[i][0]) == 0 &&
			strcmp(text_of(words, at + 1), pairs[i][1]) == 0)
			return without(words, at, 2);
	}
	return words;
}

/*
 * The words of a question, of AllmWord, with what is said twice said once.  The
 * list is the caller's own.
 */
List *
allm_aside_read(List *words)
{
	for (int at = 0; at < list_length(words); at++)
	{
		int			end;

		if (strcmp(text_of(words, at), "or") == 0 ||
			strcmp(text_of(words, at), "/") == 0)
			words = drop_other_gender(words, at);
		if (strcmp(text_of(words, at), "(") != 0)
			continue;
		words = join_plural(words, at);
		end = strcmp(text_of(words, at), "(") == 0 ? find_end(words, at) : -1;
		if (end > 0)
			words = open_order(words, at, end);
		if (end > 0 && strcmp(text_of(words, at), "(") == 0)
			words = open_name(words, at, end);
	}
	return words;
}

/* "female guests (gender code 'Female')": what is said of them once more. */
void
allm_aside_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	ListCell   *inner;

	if (to - from < 4 || strcmp(allm_chart_text(chart, from), "(") != 0 ||
		strcmp(allm_chart_text(chart, to - 1), ")") != 0)
		return;
	foreach(inner, allm_trait_parse(chart, from + 1, to - 1))
	{
		const AllmClause *clause = lfirst(inner);

		if (clause->kind == ALLM_CLAUSE_VALUES && clause->attribute != NULL)
			allm_chart_add(chart, cell, lfirst(inner));
	}
}
