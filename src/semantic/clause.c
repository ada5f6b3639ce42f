/*
 * clause.c
 *		Clauses as they stand in a question: "in x", "that have more than 3 y".
 *
 * Which columns they are about depends on the things that they say something
 * of (attach.c).
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "semantic/aside.h"
#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/common.h"
#include "semantic/exclusion.h"
#include "semantic/lacking.h"
#include "semantic/series.h"

static void add_simple(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_inverse(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_predicate(AllmChart *chart, AllmCell *cell, int at, int to,
						  AllmLead lead);
static void add_objects(AllmChart *chart, AllmCell *cell, int at, int to,
						const AllmLead *lead, bool placed);
static void add_by(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_adjective(AllmChart *chart, AllmCell *cell, int at, int to,
						  const AllmLead *lead);
static void add_traits(AllmChart *chart, AllmCell *cell, int at, int to,
					   const AllmLead *lead);

/* A new clause with what was read in front. */
AllmClause *
allm_clause_make(AllmClauseKind kind, const AllmLead *lead)
{
	AllmClause *clause = palloc0(sizeof(AllmClause));

	clause->kind = kind;
	if (lead != NULL)
	{
		clause->negated = lead->negated;
		clause->verb = lead->verb;
		clause->passive = lead->passive;
		clause->cost = lead->cost;
	}
	return clause;
}

/* The clauses that a stretch behind a noun may be. */
List *
allm_clause_parse(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_CLAUSE, from, to);

	if (cell->done || from >= to)
		return cell->pieces;
	cell->done = true;
	add_simple(chart, cell, from, to);
	allm_aside_add(chart, cell, from, to);
	allm_series_add(chart, cell, from, to, ALLM_CATEGORY_CLAUSE);
	return cell->pieces;
}

/* The length of "that", "who", "which", or 0. */
static int
skip_relative(const AllmChart *chart, int at)
{
	int			length = allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);

	return length;
}

/* Clauses without "and" or "or" between. */
static void
add_simple(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmLead	lead = {0};
	int			length;
	int			at = from;
	bool		more = true;
	static const AllmMark having[] = {ALLM_MARK_HAVE, ALLM_MARK_WHOSE};

	for (int i = 0; i < lengthof(having); i++)
	{
		length = allm_chart_mark(chart, from, having[i], NULL);
		lead.whose = having[i] == ALLM_MARK_WHOSE;
		if (length > 0)
			add_traits(chart, cell, from + length, to, &lead);
	}
	lead.whose = false;

	/* "of the highest age", but "of the largest amount of goods"? */
	if (strcmp(allm_chart_text(chart, from), "of") == 0 &&
		allm_chart_mark(chart, from + 1, ALLM_MARK_BEST, NULL) >
		allm_chart_mark(chart, from + 1, ALLM_MARK_MOST, NULL))
		add_traits(chart, cell, from + 1, to, &lead);
	length = allm_chart_mark(chart, from, ALLM_MARK_NOTHAVE, NULL);
	if (length == 0)
	{
		int			skip = skip_relative(chart, from);

		length = allm_chart_mark(chart, from + skip, ALLM_MARK_NOTHAVE, NULL);
		if (length > 0)
			length += skip;
	}
	if (length > 0)
	{
		AllmLead	without = {.negated = true};

		add_traits(chart, cell, from + length, to, &without);
		allm_lacking_add(chart, cell, from + length, to);
	}

	length = allm_chart_mark(chart, from, ALLM_MARK_THERE, NULL);

	/* "they have been nominated" says something of them. */
	if (length > 0 && from + length < to &&
		!allm_chart_is(chart, from + length - 1, from + length,
					   ALLM_MARK_HAVE, NULL))
	{
		ListCell   *inner;

		foreach(inner, allm_clause_parse(chart, from + length, to))
			allm_chart_add(chart, cell, lfirst(inner));
	}
	add_by(chart, cell, from, to);
	allm_done_add(chart, cell, from, to);
	allm_exclusion_add(chart, cell, from, to);
	allm_common_add_clause(chart, cell, from, to);
	allm_trait_add_text_in(chart, cell, from, to);
	allm_trait_add_text_in(chart, cell, from + skip_relative(chart, from), to);
	add_inverse(chart, cell, from, to);
	length = skip_relative(chart, at);
	if (length > 0)
	{
		lead.linked = true;
		at += length;
		length = allm_chart_mark(chart, at, ALLM_MARK_HAVE, NULL);
		if (length > 0)
			add_traits(chart, cell, at + length, to, &lead);
	}
	add_predicate(chart, cell, at, to, lead);
	while (more && at < to)
	{
		more = false;
		length = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
		if (length > 0)
		{
			lead.linked = true;
			at += length;
			more = true;
		}
		length = allm_chart_mark(chart, at, ALLM_MARK_NOT, NULL);
		if (length > 0 && !lead.negated)
		{
			lead.negated = true;
			at += length;
			more = true;
		}
		if (more)
			add_predicate(chart, cell, at, to, lead);
	}
}

/* "the school the most players belong to"; "most players" may be a majority. */
static bool
begins_with_the_most(const AllmChart *chart, int at)
{
	return chart->lexicon->tokens[at].article >= 0 &&
		allm_chart_mark(chart, at, ALLM_MARK_MOST, NULL) > 0;
}

/*
 * "that x runs through", "through which x runs", "which x has", "where the
 * most x happened".
 */
static void
add_inverse(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmLead	lead = {.passive = true};
	int			at = from + allm_chart_mark(chart, from, ALLM_MARK_PREP, NULL);
	int			end = to;
	int			most = 0;
	int			no;
	int			length;
	ListCell   *inner;

	no = allm_chart_mark(chart, at + skip_relative(chart, at), ALLM_MARK_NO,
						 NULL);
	if (skip_relative(chart, at) == 0 && (no == 0 || at > from) &&
		!begins_with_the_most(chart, from))
		return;
	at = skip_relative(chart, at) > 0 || no > 0 ?
		at + skip_relative(chart, at) + no : from;
	lead.negated = no > 0;
	if (allm_chart_is(chart, end - 1, end, ALLM_MARK_PREP, NULL))
		end--;
	lead.verb = allm_vocabulary_verb(allm_chart_text(chart, end - 1));
	if (lead.verb == NULL &&
		!allm_chart_is(chart, end - 1, end, ALLM_MARK_HAVE, NULL))
		return;
	end--;
	while (end > at &&
		   allm_chart_is(chart, end - 1, end, ALLM_MARK_AUX, NULL))
		end--;
	if (end <= at)
		return;
	length = allm_chart_mark(chart, at, ALLM_MARK_MOST, &most);
	foreach(inner, length > 0 ? allm_noun_parse(chart, at + length, end) : NIL)
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_MOST, &lead);

		clause->set = lfirst(inner);
		clause->descending = most == 1;
		clause->limit = 1;
		if (!clause->set->named)
			allm_chart_add(chart, cell, clause);
	}
	foreach(inner, allm_noun_parse(chart, at, end))
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_EXISTS, &lead);

		clause->set = lfirst(inner);

		/* "the team that players belong to": any team is such a one. */
		if (lead.verb != NULL && strcmp(lead.verb, "belong") == 0 &&
			clause->set->tests == NIL && !clause->set->singular)
			continue;
		allm_chart_add(chart, cell, clause);
	}
}

/* Is it a verb in the third person, before its object? */
static bool
is_inflected(const AllmChart *chart, int at)
{
	const char *text = allm_chart_text(chart, at);
	size_t		bytes = strlen(text);

	return bytes > 3 && text[bytes - 1] == 's' &&
		allm_vocabulary_verb(text) != NULL && at + 1 < chart->n &&
		chart->lexicon->tokens[at + 1].article >= 0;
}

/* Is the word the name of a number, or the end of a name? */
static bool
names_number(const AllmChart *chart, int at)
{
	AllmItem   *item = allm_chart_item(chart, at, at + 1, ALLM_ITEM_NAME);
	ListCell   *cell;

	/* "river traverses", though its column is called so: an ending tells. */
	for (int from = is_inflected(chart, at) ? at : Max(at - 3, 0); from < at;
		 from++)
	{
		foreach(cell, chart->lexicon->items[from])
		{
			AllmItem   *other = lfirst(cell);

			if (other->kind == ALLM_ITEM_NAME && from + other->length > at)
				return true;
		}
	}
	foreach(cell, item != NULL ? item->senses : NIL)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN && sense->cost == 0 &&
			allm_column_is_measure(sense->column))
			return true;
	}
	return false;
}

/* What is said of things: a place, a verb with its object, an adjective. */
static void
add_predicate(AllmChart *chart, AllmCell *cell, int at, int to, AllmLead lead)
{
	ListCell   *mark;
	int			length;

	if (at >= to)
		return;
	length = allm_chart_mark(chart, at, ALLM_MARK_NAMED, NULL);
	if (length > 0)
	{
		ListCell   *inner;

		foreach(inner, allm_values_parse(chart, at + length, to))
		{
			AllmClause *clause = allm_clause_make(ALLM_CLAUSE_VALUES, &lead);

			clause->values = lfirst(inner);
			clause->naming = true;
			allm_chart_add(chart, cell, clause);
		}
		allm_exclusion_add_one(chart, cell, at + length, to, &lead);
	}
	foreach(mark, chart->marks[at])
	{
		AllmMarkAt *prep = lfirst(mark);

		if (prep->mark == ALLM_MARK_PREP)
			add_objects(chart, cell, at + prep->length, to, &lead, true);
	}
	allm_clause_add_period(chart, cell, at, to, &lead, NULL);
	add_adjective(chart, cell, at, to, &lead);
	if (lead.verb == NULL)
	{
		char	   *verb = allm_vocabulary_verb(allm_chart_text(chart, at));

		if (verb != NULL && !names_number(chart, at) &&
			chart->lexicon->tokens[at].kind == ALLM_WORD)
		{
			AllmLead	with = lead;
			int			next = at + 1;

			with.verb = verb;
			with.passive = strcmp(allm_chart_text(chart, next), "by") == 0;
			add_predicate(chart, cell, next, to, with);
			add_objects(chart, cell, next, to, &with, false);
			add_traits(chart, cell, next, to, &with);
		}
	}
	if (lead.linked && lead.verb == NULL)
	{
		ListCell   *inner;

		foreach(inner, allm_values_parse(chart, at, to))
		{
			AllmClause *clause = allm_clause_make(ALLM_CLAUSE_VALUES, &lead);

			clause->values = lfirst(inner);
			clause->near = true;
			if (list_length(clause->values->items) > 0 &&
				((AllmItem *) linitial(clause->values->items))->kind ==
				ALLM_ITEM_VALUE)
				allm_chart_add(chart, cell, clause);
		}
	}
}

/* Does a noun stand behind "with" or "without", and no word of how many? */
bool
allm_clause_is_bare(const AllmChart *chart, int at)
{
	return at > 0 && chart->lexicon->tokens[at].article < 0 &&
		strncmp(allm_chart_text(chart, at - 1), "with", 4) == 0;
}

/* What follows a preposition or a verb: values, things, a time. */
static void
add_objects(AllmChart *chart, AllmCell *cell, int at, int to,
			const AllmLead *lead, bool placed)
{
	ListCell   *inner;
	int			skip;

	if (at >= to)
		return;
	foreach(inner, allm_values_parse(chart, at, to))
	{
		AllmValues *values = lfirst(inner);
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_VALUES, lead);

		if (((AllmItem *) linitial(values->items))->kind != ALLM_ITEM_VALUE)
			continue;
		clause->values = values;
		clause->placed = placed;
		clause->preposition = placed ? allm_chart_text(chart, at - 1) : NULL;
		clause->owned = placed && at > 1 &&
			strcmp(allm_chart_text(chart, at - 1), "of") == 0 &&
			strcmp(allm_chart_text(chart, at - 2),
				   chart->lexicon->tokens[at - 2].stem) == 0;
		allm_chart_add(chart, cell, clause);
	}
	skip = allm_chart_mark(chart, at, ALLM_MARK_SOME, NULL);

	/* "by region" without a verb breaks figures down. */
	if (placed && lead->verb == NULL &&
		strcmp(allm_chart_text(chart, at - 1), "by") == 0)
		return;
	foreach(inner, allm_noun_parse(chart, at + skip, to))
	{
		AllmSet    *set = lfirst(inner);
		AllmClause *clause;

		/* A thing that is only named is a value, as above. */
		if (set->named &&
			allm_chart_item(chart, at + skip, to, ALLM_ITEM_VALUE) != NULL)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_EXISTS, lead);
		clause->set = set;
		clause->preposition = placed ? allm_chart_text(chart, at - 1) : NULL;
		clause->bare = skip == 0 && lead->verb == NULL &&
			set->tests == NIL && set->best == NULL &&
			allm_clause_is_bare(chart, at);
		allm_chart_add(chart, cell, clause);
	}
	if (placed)
		allm_trait_add_valued(chart, cell, at, to, lead->negated);
	if (placed && lead->verb != NULL)
		add_traits(chart, cell, at, to, lead);
}

/* The clauses that a verb and what follows it may be. */
void
allm_clause_add_objects(AllmChart *chart, AllmCell *cell, int at, int to,
						const AllmLead *lead)
{
	add_objects(chart, cell, at, to, lead, false);
}

/* "by population", of what is the largest. */
static void
add_by(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			length = allm_chart_mark(chart, from, ALLM_MARK_BY, NULL);
	ListCell   *inner;

	if (length == 0 && strcmp(allm_chart_text(chart, from), "in") == 0)
		length = 1;
	if (length == 0)
		return;
	foreach(inner, allm_attribute_parse(chart, from + length, to))
	{
		AllmAttribute *said = lfirst(inner);
		AllmClause *clause;

		if (said->item == NULL || said->function != ALLM_FUNCTION_DEFAULT)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_BY, NULL);
		clause->attribute = said;
		allm_chart_add(chart, cell, clause);
	}
}

/* "older than 20", "longer than the x", "is the oldest". */
static void
add_adjective(AllmChart *chart, AllmCell *cell, int at, int to,
			  const AllmLead *lead)
{
	for (int words = 1; words <= 2 && at + words <= to; words++)
	{
		char	   *text = words == 1 ? allm_chart_text(chart, at) :
		psprintf("%s %s", allm_chart_text(chart, at),
				 allm_chart_text(chart, at + 1));
		const AllmAdjective *adjective;
		const AllmAdjective *dated;
		AllmClause *clause;
		int			next = at + words;

		adjective = allm_vocabulary_adjective(text, ALLM_DEGREE_MOST, false);
		dated = allm_vocabulary_adjective(text, ALLM_DEGREE_MOST, true);
		if (next == to && lead->linked && (adjective != NULL || dated != NULL))
		{
			clause = allm_clause_make(ALLM_CLAUSE_ADJECTIVE, lead);
			clause->adjective = adjective;
			clause->dated = dated;
			clause->limit = 1;
			allm_chart_add(chart, cell, clause);
		}
		adjective = allm_vocabulary_adjective(text, ALLM_DEGREE_MORE, false);
		if (adjective == NULL ||
			strcmp(allm_chart_text(chart, next), "than") != 0)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_ADJECTIVE, lead);
		clause->adjective = adjective;
		next++;
		if (allm_chart_is(chart, next, to, ALLM_MARK_AVERAGE, NULL))
			clause->average = true;
		else if (next >= to ||
				 allm_clause_number(chart, next, to, &clause->low) != to - next)
		{
			ListCell   *inner;

			foreach(inner, allm_noun_parse(chart, next, to))
			{
				AllmSet    *set = lfirst(inner);
				AllmClause *copy = palloc(sizeof(AllmClause));

				if (set->best != NULL || !(set->named || set->every))
					continue;
				*copy = *clause;
				copy->set = set;
				copy->cost += set->cost;
				allm_chart_add(chart, cell, copy);
			}
			continue;
		}
		allm_chart_add(chart, cell, clause);
	}
}

/*
 * Is it a word of time that stands before a number?  What is over 1000 or under
 * 2000 is an amount.
 */
static bool
is_timely(const char *word)
{
	static const char *const words[] = {
		"after", "before", "during", "earlier", "for", "from", "in", "later",
		"of", "prior", "since", "throughout", "within"
	};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

/* The stretch of whole years that a comparison with a year means. */
static bool
period_of_year(AllmCompare compare, int year, AllmPeriod *period)
{
	DateADT		first = date2j(year, 1, 1) - POSTGRES_EPOCH_JDATE;
	DateADT		next = date2j(year + 1, 1, 1) - POSTGRES_EPOCH_JDATE;

	memset(period, 0, sizeof(AllmPeriod));
	if (year < 1000 || year > 2999)
		return false;
	period->has_from = compare == ALLM_COMPARE_EQ ||
		compare == ALLM_COMPARE_GT || compare == ALLM_COMPARE_GE;
	period->has_to = compare == ALLM_COMPARE_EQ ||
		compare == ALLM_COMPARE_LT || compare == ALLM_COMPARE_LE;
	period->from = compare == ALLM_COMPARE_GT ? next : first;
	period->to = compare == ALLM_COMPARE_LT ? first : next;
	return true;
}

/* "in 1999", "before the year 2005", "after March 2004". */
void
allm_clause_add_period(AllmChart *chart, AllmCell *cell, int at, int to, const AllmLead *lead,
					   AllmAttribute *attribute)
{
	AllmItem   *item = allm_chart_item(chart, at, to, ALLM_ITEM_TIME);
	AllmClause *clause = allm_clause_make(ALLM_CLAUSE_PERIOD, lead);
	int			compare = ALLM_COMPARE_EQ;
	int			length;
	int			year;
	char	   *number = NULL;

	clause->attribute = attribute;
	if (item != NULL)
	{
		clause->period = item->period;
		if (item->period.problem == NULL && !item->period.listed)
			allm_chart_add(chart, cell, clause);
		return;
	}
	length = allm_chart_mark(chart, at, ALLM_MARK_CMP, &compare);
	if (length == 0)
		length = allm_chart_mark(chart, at, ALLM_MARK_PREP, NULL);
	year = allm_chart_mark(chart, at + length, ALLM_MARK_YEAR, NULL);
	if (attribute == NULL && year == 0 &&
		!is_timely(allm_chart_text(chart, at)))
		return;
	at += length + year;
	if (year + length == 0 ||
		allm_clause_number(chart, at, to, &number) != to - at || at >= to ||
		strlen(number) != 4 || strspn(number, "0123456789") != 4)
		return;
	if (period_of_year(compare, atoi(number), &clause->period))
		allm_chart_add(chart, cell, clause);
}

/* "top" before "5 oldest" says no more: how many tokens it takes. */
int
allm_clause_top(const AllmChart *chart, int at)
{
	return strcmp(allm_chart_text(chart, at), "top") == 0 &&
		allm_chart_item(chart, at + 1, at + 2, ALLM_ITEM_NUMBER) != NULL;
}

/* The number that begins here, and how many tokens it takes. */
int
allm_clause_number(const AllmChart *chart, int at, int to, char **number)
{
	AllmItem   *item = allm_chart_item(chart, at, at + 1, ALLM_ITEM_NUMBER);

	if (item == NULL || at >= to)
		return 0;
	*number = item->text;
	if (at + 1 < to && strcmp(allm_chart_text(chart, at + 1), "million") == 0)
	{
		*number = psprintf("%s000000", item->text);
		return strchr(item->text, '.') == NULL ? 2 : 0;
	}
	return 1;
}

/* Adds what is read as traits, with what stood in front. */
static void
add_traits(AllmChart *chart, AllmCell *cell, int at, int to, const AllmLead *lead)
{
	ListCell   *inner;

	if (at >= to)
		return;
	foreach(inner, allm_trait_parse(chart, at, to))
	{
		AllmClause *clause = palloc(sizeof(AllmClause));

		*clause = *(AllmClause *) lfirst(inner);

		/* "without a or b": neither; "without a and b": not both. */
		if (lead->negated && (clause->negated ||
							  clause->kind == ALLM_CLAUSE_ALL ||
							  clause->kind == ALLM_CLAUSE_ANY ||
							  clause->kind == ALLM_CLAUSE_BEST ||
							  clause->kind == ALLM_CLAUSE_MOST))
			continue;
		clause->negated |= lead->negated;
		clause->whose = lead->whose;
		if (lead->verb != NULL)
		{
			/* "borders no bordering states" */
			if (clause->verb != NULL)
				continue;
			clause->verb = lead->verb;
			clause->passive = lead->passive;
			if (clause->kind != ALLM_CLAUSE_COUNT &&
				clause->kind != ALLM_CLAUSE_MOST &&
				clause->kind != ALLM_CLAUSE_BEST &&
				clause->kind != ALLM_CLAUSE_ALL &&
				clause->kind != ALLM_CLAUSE_COMPARE &&
				!(clause->kind == ALLM_CLAUSE_EXISTS && clause->negated))
				continue;
		}
		allm_chart_add(chart, cell, clause);
	}
}
