/*
 * trait.c
 *		What stands behind "with", "have" or "whose" in a question.
 */
#include "postgres.h"

#include "semantic/against.h"
#include "semantic/clause.h"
#include "semantic/common.h"
#include "semantic/lacking.h"
#include "semantic/series.h"
#include "semantic/stored.h"
#include "semantic/verbal.h"

static void add_counted(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_first(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_having(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_text(AllmChart *chart, AllmCell *cell, int from, int to);

/* The clauses that a stretch behind "with", "have" or "whose" may be. */
List *
allm_trait_parse(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_TRAIT, from, to);

	if (cell->done || from >= to)
		return cell->pieces;
	cell->done = true;
	allm_trait_add_valued(chart, cell, from, to, false);
	allm_against_add(chart, cell, from, to);
	allm_lacking_add_said(chart, cell, from, to);
	add_counted(chart, cell, from, to);
	add_first(chart, cell, from, to);
	allm_common_add_trait(chart, cell, from, to);
	add_having(chart, cell, from, to);
	add_text(chart, cell, from, to);
	allm_stored_add_higher(chart, cell, from, to);
	allm_series_add(chart, cell, from, to, ALLM_CATEGORY_TRAIT);
	return cell->pieces;
}

/* Skips "is", "of", "named", "=" between a property and its value. */
static int
skip_link(const AllmChart *chart, int at, bool *negated)
{
	static const AllmMark links[] = {
		ALLM_MARK_AUX, ALLM_MARK_NOT, ALLM_MARK_NAMED, ALLM_MARK_PREP
	};
	int			start = at;

	for (int i = 0; i < lengthof(links); i++)
	{
		int			length = allm_chart_mark(chart, at, links[i], NULL);
		int			compare;

		/* "over 50" is no place. */
		if (links[i] == ALLM_MARK_PREP &&
			allm_chart_mark(chart, at, ALLM_MARK_CMP, NULL) > 0)
			length = 0;
		if (length > 0 && links[i] == ALLM_MARK_NOT)
			*negated = true;
		at += length;
		length = allm_chart_mark(chart, at, ALLM_MARK_CMP, &compare);
		if (length > 0 && compare == ALLM_COMPARE_EQ)
			return at + length - start;
	}
	return at - start;
}

/* "name is x", "rank of x", "x rank". */
void
allm_trait_add_valued(AllmChart *chart, AllmCell *cell, int from, int to,
					  bool negated_lead)
{
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		bool		negated = false;
		int			next = at + skip_link(chart, at, &negated);
		ListCell   *attribute;
		ListCell   *values;

		foreach(attribute, allm_attribute_parse(chart, from, at))
		{
			AllmAttribute *said = lfirst(attribute);

			if (said->function != ALLM_FUNCTION_DEFAULT ||
				said->any == ALLM_ANY_ALL)
				continue;
			foreach(values, next < to ? allm_values_parse(chart, next, to) :
					NIL)
			{
				AllmClause *clause = allm_clause_make(ALLM_CLAUSE_VALUES, NULL);

				clause->attribute = said;
				clause->values = lfirst(values);
				clause->negated = negated != negated_lead;
				allm_chart_add(chart, cell, clause);
			}
			if (next < to)
			{
				AllmLead	lead = {.negated = negated != negated_lead};

				allm_clause_add_period(chart, cell, at, to, &lead, said);
				if (next != at)
					allm_clause_add_period(chart, cell, next, to, &lead, said);
			}
		}
		foreach(attribute, allm_attribute_parse(chart, at, to))
		{
			AllmAttribute *said = lfirst(attribute);

			if (said->function != ALLM_FUNCTION_DEFAULT ||
				said->item == NULL)
				continue;
			foreach(values, allm_values_parse(chart, from, at))
			{
				AllmClause *clause = allm_clause_make(ALLM_CLAUSE_VALUES, NULL);

				clause->attribute = said;
				clause->values = lfirst(values);
				clause->negated = negated_lead;
				if (((AllmItem *) linitial(clause->values->items))->kind ==
					ALLM_ITEM_VALUE)
					allm_chart_add(chart, cell, clause);
			}
		}
	}
}

/*
 * Skips a participle before a noun, and leaves out what only points back
 * behind it; the verb of either.
 */
static int
skip_verbal(const AllmChart *chart, int from, int *to, char **verb)
{
	char	   *before = allm_verbal_before(chart, from);
	char	   *behind = NULL;

	*to = allm_verbal_end(chart, from, *to, &behind);
	*verb = before != NULL ? before : behind;
	return before != NULL && from + 1 < *to ? 1 : 0;
}

/* "more than 3 orders", "two or more courses". */
static void
add_counted(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmClause	read = {0};
	int			length = allm_against_read(chart, from, to, &read);
	char	   *verb = NULL;
	ListCell   *inner;

	if (length == 0 || read.average)
		return;
	length += skip_verbal(chart, from + length, &to, &verb);
	foreach(inner, allm_noun_parse(chart, from + length, to))
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_COUNT, NULL);

		*clause = read;
		clause->kind = ALLM_CLAUSE_COUNT;
		clause->set = lfirst(inner);
		clause->verb = verb;
		if (!clause->set->named && clause->set->best == NULL)
			allm_chart_add(chart, cell, clause);
	}
}

/* "the highest price", "the 3 highest prices", "the most orders". */
static void
add_first(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			most = 0;
	int			length;
	int			limit = 1;
	int			at = from;
	char	   *number = NULL;
	char	   *verb = NULL;
	ListCell   *inner;

	at += allm_clause_top(chart, at);
	length = allm_clause_number(chart, at, to, &number);
	if (length > 0 && strlen(number) <= 3)
	{
		limit = atoi(number);
		at += length;
	}
	if (limit < 1)
		return;
	length = allm_chart_mark(chart, at, ALLM_MARK_BEST, &most);
	if (length > 0)
	{
		foreach(inner, allm_attribute_parse(chart, at + length, to))
		{
			AllmClause *clause = allm_clause_make(ALLM_CLAUSE_BEST, NULL);

			clause->attribute = lfirst(inner);
			clause->descending = most == 1;
			clause->limit = limit;
			if (clause->attribute->item != NULL &&
				clause->attribute->function == ALLM_FUNCTION_DEFAULT)
				allm_chart_add(chart, cell, clause);
		}
	}
	foreach(inner, allm_attribute_parse(chart, at, to))
	{
		bool		descending;
		AllmClause *clause;

		if (!allm_stored_is_best(chart, lfirst(inner), &descending) ||
			!allm_stored_is_one(chart, lfirst(inner)))
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_BEST, NULL);
		clause->attribute = lfirst(inner);
		clause->descending = descending;
		clause->limit = limit;
		allm_chart_add(chart, cell, clause);
	}
	length = allm_chart_mark(chart, at, ALLM_MARK_MOST, &most);
	if (length == 0)
		return;
	length += skip_verbal(chart, at + length, &to, &verb);
	foreach(inner, allm_noun_parse(chart, at + length, to))
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_MOST, NULL);

		clause->verb = verb;

		clause->set = lfirst(inner);
		clause->descending = most == 1;
		clause->limit = limit;
		if (!clause->set->named)
			allm_chart_add(chart, cell, clause);
	}
}

/* "any orders", "no orders", "an order in 1999", "both a and b". */
static void
add_having(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			no = allm_chart_mark(chart, from, ALLM_MARK_NO, NULL);
	int			some = allm_chart_mark(chart, from, ALLM_MARK_SOME, NULL);
	int			both = allm_chart_mark(chart, from, ALLM_MARK_BOTH, NULL);
	bool		bare = no == 0 && some == 0 && allm_clause_is_bare(chart, from);
	char	   *verb = NULL;
	ListCell   *inner;

	if (both > 0)
	{
		foreach(inner, allm_trait_parse(chart, from + both, to))
		{
			AllmClause *clause = lfirst(inner);

			if (clause->kind == ALLM_CLAUSE_ALL)
				allm_chart_add(chart, cell, clause);
		}
		return;
	}
	from += Max(no, some);
	from += skip_verbal(chart, from, &to, &verb);
	foreach(inner, allm_noun_parse(chart, from, to))
	{
		AllmSet    *set = lfirst(inner);
		AllmClause *clause;

		if (set->named && allm_chart_item(chart, from, to,
										  ALLM_ITEM_VALUE) != NULL)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_EXISTS, NULL);
		clause->verb = verb;
		clause->set = set;
		clause->negated = no > 0;
		clause->bare = bare && set->tests == NIL && set->best == NULL;
		allm_chart_add(chart, cell, clause);
	}
}

/* Which texts a mark asks for, as patterns. */
static const struct
{
	AllmMark	mark;
	const char *form;
}			text_kinds[] =

{
	{ALLM_MARK_CONTAINTEXT, "%%%s%%"},
	{ALLM_MARK_STARTTEXT, "%s%%"},
	{ALLM_MARK_ENDTEXT, "%%%s"}
};

/*
 * The text at "at" as a pattern, where the mark before it begins at "mark";
 * NULL when it is none.  Without quotes it is one word that is announced as a
 * text: "the word English".
 */
static char *
read_pattern(const AllmChart *chart, int mark, int at, const char *form)
{
	static const char *const announced[] = {
		"letter", "letters", "phrase", "prefix", "string", "substring", "word"
	};
	const char *before = allm_chart_text(chart, at - 1);
	char	   *text = allm_lexicon_text(chart->lexicon, at, 1);
	bool		said = chart->lexicon->tokens[at].kind == ALLM_WORD_QUOTED;

	for (int i = 0; i < lengthof(announced) && at > mark; i++)
		said |= strcmp(before, announced[i]) == 0;
	if (!said || text[0] == '\0' || strpbrk(text, "%_\\") != NULL)
		return NULL;
	return psprintf(form, text);
}

/* Adds a clause for each property that may have such a text. */
static void
add_pattern(AllmChart *chart, AllmCell *cell, const List *attributes,
			char *pattern)
{
	ListCell   *inner;

	foreach(inner, pattern != NULL ? attributes : NIL)
	{
		AllmClause *clause;
		AllmAttribute *said = lfirst(inner);

		if (said->function != ALLM_FUNCTION_DEFAULT || said->any == ALLM_ANY_ALL)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_TEXT, NULL);
		clause->attribute = said;
		clause->text = pattern;
		allm_chart_add(chart, cell, clause);
	}
}

/* The pattern that a whole stretch asks for: "containing 'x'"; or NULL. */
char *
allm_trait_pattern(const AllmChart *chart, int from, int to)
{
	int			at = from + allm_chart_mark(chart, from, ALLM_MARK_REL, NULL);

	for (int i = 0; i < lengthof(text_kinds) && at < to - 1; i++)
	{
		if (allm_chart_is(chart, at, to - 1, text_kinds[i].mark, NULL))
			return read_pattern(chart, at, to - 1, text_kinds[i].form);
		if (allm_chart_is(chart, from, to - 1, text_kinds[i].mark, NULL))
			return read_pattern(chart, from, to - 1, text_kinds[i].form);
	}
	return NULL;
}

/* "name containing 'x'", "title that starts with 'x'". */
static void
add_text(AllmChart *chart, AllmCell *cell, int from, int to)
{
	for (int at = from + 1; at < to - 1; at++)
	{
		char	   *pattern = allm_trait_pattern(chart, at, to);

		if (pattern != NULL)
			add_pattern(chart, cell, allm_attribute_parse(chart, from, at),
						pattern);
	}
}

/* "have the letter 'x' in their names": the whole of a clause. */
void
allm_trait_add_text_in(AllmChart *chart, AllmCell *cell, int from, int to)
{
	for (int at = from; at < to - 3; at++)
	{
		int			their = allm_chart_mark(chart, at + 2, ALLM_MARK_POSS, NULL);

		if (strcmp(allm_chart_text(chart, at + 1), "in") != 0 || their == 0)
			continue;
		for (int i = 0; i < lengthof(text_kinds); i++)
		{
			bool		had = i == 0 && at > from &&
			allm_chart_is(chart, from, at, ALLM_MARK_HAVE, NULL);

			if (had || (at > from && allm_chart_is(chart, from, at,
												   text_kinds[i].mark, NULL)))
				add_pattern(chart, cell,
							allm_attribute_parse(chart, at + 2 + their, to),
							read_pattern(chart, from, at, text_kinds[i].form));
		}
	}
}
