/*
 * sequel.c
 *		What a second part says of the first: "Which students have pets? Give me
 *		their names.", "the team with the most players, and how many it has".
 *
 * The second part chooses what is shown of what the first found: its filters,
 * its order and its limit stay.  A number of things is the one by which the
 * first ranked, or which it asked for.
 */
#include "postgres.h"

#include "semantic/frame.h"
#include "semantic/pronoun.h"
#include "semantic/tally.h"

/* The first part, and how the second goes on. */
typedef struct Sequel
{
	AllmBody   *body;
	int			end;			/* of the first */
	bool		adds;			/* "and what is its x": beside the first */
} Sequel;

/* Is the column among these, of AllmTerm? */
static bool
is_shown(const List *outputs, const AllmTerm *term)
{
	ListCell   *cell;

	foreach(cell, outputs)
	{
		const AllmTerm *own = lfirst(cell);

		if (own->column == term->column && own->function == term->function &&
			own->related == term->related &&
			list_length(own->steps) == list_length(term->steps))
			return true;
	}
	return false;
}

/* Are all of some columns among others? */
static bool
are_shown(const List *outputs, const List *terms)
{
	ListCell   *cell;

	foreach(cell, terms)
	{
		if (!is_shown(outputs, lfirst(cell)))
			return false;
	}
	return true;
}

/* The one number of things that a query shows or ranks by, or NULL. */
static AllmTerm *
find_number(const AllmQuery *query)
{
	AllmTerm   *found = allm_tally_number(query);

	if (found == NULL && query->set->best != NULL &&
		query->set->best->related != NULL &&
		query->set->best->function == ALLM_FUNCTION_COUNT)
		found = query->set->best;
	return found;
}

/* Is it a bare number: "how many", "the count"? */
static bool
is_bare(const AllmAttribute *attribute)
{
	return attribute->function == ALLM_FUNCTION_COUNT &&
		attribute->counted == NULL && attribute->item == NULL;
}

/* Was the verb said of the first part, too? */
static bool
is_repeated(const Sequel *sequel, const char *verb)
{
	const AllmChart *chart = sequel->body->chart;

	for (int at = sequel->body->from; at < sequel->end; at++)
	{
		const char *own = allm_vocabulary_verb(allm_chart_text(chart, at));

		if (own != NULL && strcmp(own, verb) == 0)
			return true;
	}
	return false;
}

/* The figure of the first part that a property of the second is, or NULL. */
static AllmTerm *
find_figure(const Sequel *sequel, const AllmQuery *first,
			const AllmAttribute *attribute)
{
	AllmTerm   *number = find_number(first);
	const AllmSet *counted = attribute->counted;
	ListCell   *cell;
	ListCell   *inner;

	if (is_bare(attribute))
		return number;
	if (counted != NULL)
	{
		const AllmSet *own = number == NULL || number->related == NULL ?
		first->set : number->related;

		if (number == NULL || counted->relation != own->relation ||
			counted->tests != NIL || counted->best != NULL ||
			(attribute->points != NULL && attribute->points->verb != NULL &&
			 !is_repeated(sequel, attribute->points->verb)))
			return NULL;
		return number;
	}
	foreach(cell, attribute->item != NULL &&
			attribute->function != ALLM_FUNCTION_DEFAULT ?
			attribute->item->senses : NIL)
	{
		const AllmSense *sense = lfirst(cell);
		List	   *terms = list_copy(first->outputs);

		if (first->set->best != NULL)
			terms = lappend(terms, first->set->best);
		foreach(inner, terms)
		{
			AllmTerm   *term = lfirst(inner);

			if (sense->kind == ALLM_SENSE_COLUMN &&
				term->function == attribute->function &&
				term->column == sense->column)
				return term;
		}
	}
	return NULL;
}

/* Does one of some tests say something of the rows of that relation? */
static bool
are_about(const List *tests, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, tests)
	{
		const AllmTest *test = lfirst(cell);
		const AllmSet *counted = test->term != NULL ? test->term->related : NULL;

		if (test->kind == ALLM_TEST_EXISTS && test->set != NULL &&
			(test->set->relation == relation ||
			 are_about(test->set->tests, relation)))
			return true;
		if (counted != NULL && counted->relation == relation &&
			counted->tests != NIL)
			return true;
		if (are_about(test->tests, relation))
			return true;
	}
	return false;
}

/*
 * Could the property be one of the things as well as of what was said of them?
 * "Which students have pets? Give me their ages."
 */
static bool
has_two_owners(const AllmSet *set, const AllmAttribute *attribute)
{
	bool		own = false;
	bool		other = false;
	ListCell   *cell;

	if (attribute->owner != NULL || attribute->generic ||
		attribute->item == NULL)
		return false;
	foreach(cell, attribute->item->senses)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->kind != ALLM_SENSE_COLUMN)
			continue;
		own |= sense->relation == set->relation;
		other |= sense->relation != set->relation &&
			are_about(set->tests, sense->relation);
	}
	return own && other;
}

/*
 * Tells the figures of the first part among the wanted properties from the
 * others.  False if one of them cannot be meant.
 */
static bool
sort_wanted(const Sequel *sequel, const AllmQuery *first, const List *wanted,
			List **figures, List **others)
{
	ListCell   *cell;

	*figures = *others = NIL;
	foreach(cell, wanted)
	{
		AllmAttribute *attribute = lfirst(cell);
		AllmTerm   *term = find_figure(sequel, first, attribute);

		if (term != NULL)
			*figures = lappend(*figures, term);
		else if (is_bare(attribute) ||
				 (attribute->counted != NULL &&
				  (first->set->best != NULL ||
				   are_about(first->set->tests,
							 attribute->counted->relation))) ||
				 has_two_owners(first->set, attribute))
			return false;
		else
			*others = lappend(*others, attribute);
	}
	return true;
}

/* Adds groups, with those of their figures that are wanted. */
static void
add_groups(const Sequel *sequel, const AllmQuery *first, const List *figures,
		   const List *others)
{
	List	   *groups = list_copy_head(first->outputs, first->groups);
	ListCell   *cell;

	if (others == NIL && !sequel->adds)
		return;
	foreach(cell, others == NIL ? NIL :
			allm_project_attributes(sequel->body->chart, first->set, others))
	{
		if (are_shown(groups, ((AllmQuery *) lfirst(cell))->outputs))
			break;
	}
	if (others == NIL || cell != NULL)
	{
		AllmQuery  *shown = palloc(sizeof(AllmQuery));

		*shown = *first;
		shown->outputs = sequel->adds ? list_copy(first->outputs) : groups;
		foreach(cell, figures)
		{
			if (!is_shown(shown->outputs, lfirst(cell)))
				shown->outputs = lappend(shown->outputs, lfirst(cell));
		}
		allm_frame_add(sequel->body, list_make1(shown), 0);
	}
}

/* Adds the things of the first part, with what is wanted of them. */
static void
add_things(const Sequel *sequel, const AllmQuery *first, const List *figures,
		   const List *others)
{
	List	   *queries;
	ListCell   *cell;
	ListCell   *inner;

	if (others == NIL && !sequel->adds)
		return;
	if (others == NIL)
	{
		AllmQuery  *same = palloc(sizeof(AllmQuery));

		*same = *first;
		queries = list_make1(same);
	}
	else
		queries = allm_project_attributes(sequel->body->chart, first->set,
										  others);
	foreach(cell, queries)
	{
		AllmQuery  *shown = lfirst(cell);
		bool		moved = shown->set->relation != first->set->relation;

		if (moved && (figures != NIL || first->order != NULL || sequel->adds))
			continue;
		if (others != NIL && sequel->adds)
		{
			List	   *outputs = list_copy(first->outputs);

			foreach(inner, shown->outputs)
			{
				if (!is_shown(outputs, lfirst(inner)))
					outputs = lappend(outputs, lfirst(inner));
			}
			shown->outputs = outputs;
		}
		else if (!sequel->adds && !first->things &&
				 find_number(first) == NULL &&
				 !are_shown(shown->outputs, first->outputs))
			continue;
		foreach(inner, figures)
		{
			if (!is_shown(shown->outputs, lfirst(inner)))
				shown->outputs = lappend(list_copy(shown->outputs),
										 lfirst(inner));
		}
		shown->distinct = figures == NIL &&
			(shown->distinct || first->distinct);
		shown->order = first->order;
		shown->descending = first->descending;
		shown->limit = first->limit;
		allm_frame_add(sequel->body, list_make1(shown),
					   others == NIL ? 0 : first->cost - first->set->cost);
	}
}

/* Adds the queries of the first part as one of the lists wants them. */
static void
add_wanted(const Sequel *sequel, const List *queries, const List *lists)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, lists)
	{
		const AllmAttribute *only = linitial(lfirst(cell));

		/* "Which team do they belong to?" asks for teams, each of them once. */
		if (list_length(lfirst(cell)) == 1 && only->points != NULL &&
			only->counted == NULL)
			continue;
		foreach(inner, queries)
		{
			const AllmQuery *first = lfirst(inner);
			List	   *figures;
			List	   *others;

			if (!sort_wanted(sequel, first, lfirst(cell), &figures, &others))
				continue;
			if (first->groups > 0)
				add_groups(sequel, first, figures, others);
			else if (!allm_frame_has_totals(first))
				add_things(sequel, first, figures, others);
		}
	}
}

/*
 * A second sentence that is a question of its own about the same things, and
 * shows all that the first asks for.
 */
static void
add_repeated(const Sequel *sequel, int from, const List *queries)
{
	List	   *others = allm_frame_part(sequel->body, from,
										 sequel->body->to);
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, others)
	{
		AllmQuery  *other = lfirst(cell);

		foreach(inner, queries)
		{
			const AllmQuery *first = lfirst(inner);

			if (first->set->relation == other->set->relation &&
				first->set->tests == NIL && first->set->best == NULL &&
				first->groups == 0 && first->order == NULL &&
				!first->things && !allm_frame_has_totals(first) &&
				are_shown(other->outputs, first->outputs))
			{
				allm_frame_add(sequel->body, list_make1(other), 0);
				break;
			}
		}
	}
}

/* The properties, or the bare number, that a stretch wants. */
static List *
parse_one(AllmChart *chart, int from, int to)
{
	List	   *result = list_copy(allm_attribute_parse(chart, from, to));
	const char *text = allm_chart_text(chart, from);
	int			length = strcmp(text, "count") == 0 ||
	strcmp(text, "counts") == 0 || strcmp(text, "number") == 0 ? 1 :
	allm_chart_mark(chart, from, ALLM_MARK_COUNT, NULL);
	int			at = from + length;

	if (length > 0 && at <= to &&
		(allm_tally_is_tail(chart, at, to) ||
		 allm_pronoun_tail(chart, at, to) != NULL))
	{
		AllmAttribute *number = palloc0(sizeof(AllmAttribute));

		number->function = ALLM_FUNCTION_COUNT;
		result = lappend(result, number);
	}
	return result;
}

/* The lists of what a stretch wants, as lists of AllmAttribute. */
static List *
parse_wanted(AllmChart *chart, int from, int to)
{
	List	   *lists = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, parse_one(chart, from, to))
		lists = lappend(lists, list_make1(lfirst(cell)));
	for (int at = from + 1; at < to; at++)
	{
		int			and = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		List	   *firsts = and > 0 && at + and < to ?
		parse_one(chart, from, at) : NIL;

		foreach(inner, firsts == NIL ? NIL : parse_wanted(chart, at + and, to))
		{
			foreach(cell, firsts)
				lists = lappend(lists, lcons(lfirst(cell),
											 list_copy(lfirst(inner))));
		}
		if (!allm_chart_may_hold(chart, lists))
			return NIL;
	}
	return lists;
}

/* Is nothing wanted but numbers that are told by a pronoun? */
static bool
are_pointing(const List *wanted)
{
	ListCell   *cell;

	foreach(cell, wanted)
	{
		const AllmAttribute *attribute = lfirst(cell);

		if (!is_bare(attribute) && attribute->points == NULL)
			return false;
	}
	return true;
}

/* Does a sentence end here, with another behind it? */
bool
allm_sequel_is_break(const AllmChart *chart, int at)
{
	const char *text = allm_chart_text(chart, at);

	return at > 0 && at + 1 < chart->n &&
		(strcmp(text, "?") == 0 || strcmp(text, ".") == 0 ||
		 strcmp(text, ";") == 0);
}

/* "... Give me their names." */
static void
read_sentence(AllmBody *body, int at)
{
	AllmChart  *chart = body->chart;
	Sequel		sequel = {.body = body,.end = at};
	bool		asks = allm_chart_mark(chart, at + 1, ALLM_MARK_FRAME, NULL) +
	allm_chart_mark(chart, at + 1, ALLM_MARK_EACH, NULL) > 0;
	List	   *lists = NIL;
	List	   *queries;

	/* "Name" and "state" may open a sentence, or be what it wants. */
	for (int start = at + 1, length = 1; length > 0; start += length)
	{
		int			both = allm_chart_mark(chart, start, ALLM_MARK_BOTH, NULL);

		length = allm_chart_mark(chart, start, ALLM_MARK_FRAME, NULL);
		if (start + both < body->to)
			lists = list_concat(lists, parse_wanted(chart, start + both,
													body->to));
	}
	if (lists == NIL && !asks)
		return;
	queries = allm_frame_part(body, body->from, at);
	if (lists != NIL)
		add_wanted(&sequel, queries, lists);
	if (asks)
		add_repeated(&sequel, at + 1, queries);
}

/* "..., and how many does it have", "..., and what are their names" */
static void
read_addition(AllmBody *body, int at, int and)
{
	AllmChart  *chart = body->chart;
	Sequel		sequel = {.body = body,.end = at,.adds = true};
	int			start = at + and;
	bool		asks;
	int			length;
	List	   *lists = NIL;
	ListCell   *cell;

	while ((length = allm_chart_mark(chart, start, ALLM_MARK_FRAME,
									 NULL)) > 0)
		start += length;
	asks = start > at + and &&
		allm_chart_mark(chart, start, ALLM_MARK_POSS, NULL) > 0;
	foreach(cell, start < body->to ?
			parse_wanted(chart, start, body->to) : NIL)
	{
		if (asks || are_pointing(lfirst(cell)))
			lists = lappend(lists, lfirst(cell));
	}
	if (lists != NIL)
		add_wanted(&sequel, allm_frame_part(body, body->from, at), lists);
}

/* What a second sentence, or a second question, says of the first. */
void
allm_sequel_read(AllmBody *body)
{
	for (int at = body->from + 2; at < body->to - 1; at++)
	{
		int			and = allm_chart_mark(body->chart, at, ALLM_MARK_AND,
										  NULL);

		if (allm_sequel_is_break(body->chart, at))
			read_sentence(body, at);
		else if (and > 0)
			read_addition(body, at, and);
	}
}
