/*
 * asked.c
 *		Questions that ask for a property by what is said of its owner: "what
 *		city does x live in", "where is x".
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/frame.h"

/* Is it a number that the relation itself holds? */
static bool
is_amount_of(const AllmAttribute *attribute, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, attribute->item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN &&
			sense->relation == relation &&
			allm_column_is_measure(sense->column))
			return true;
	}
	return false;
}

/* Where what is said of the asked things ends: before verbs and prepositions. */
static int
skip_tail(const AllmChart *chart, int from, int to)
{
	while (to > from &&
		   (allm_chart_is(chart, to - 1, to, ALLM_MARK_PREP, NULL) ||
			allm_chart_is(chart, to - 1, to, ALLM_MARK_AUX, NULL) ||
			allm_chart_is(chart, to - 1, to, ALLM_MARK_HAVE, NULL) ||
			allm_vocabulary_verb(allm_chart_text(chart, to - 1)) != NULL))
		to--;
	return to;
}

/* "what city does x live in", "how many countries are the y from" */
void
allm_asked_property(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
		int			end = skip_tail(chart, at, body->to);
		bool		relative;
		List	   *lists;
		ListCell   *cell;
		ListCell   *inner;

		relative = length == 0;
		if (relative)
			length = allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);
		if (length == 0 || at + length >= end)
			continue;
		lists = allm_attribute_list(chart, body->from, at);
		if (lists == NIL)
			continue;

		/* "which capitals are in x": of these, rather than in others. */
		if (!relative && end == body->to &&
			strcmp(allm_chart_text(chart, at + length), "in") == 0)
			length++;
		for (int stop = end; stop <= body->to; stop++)
		{
			foreach(inner, allm_noun_parse(chart, at + length, stop))
			{
				foreach(cell, lists)
				{
					AllmAttribute *first = linitial(lfirst(cell));

					/* A thing is asked for by what is said of it. */
					if (first->counted != NULL ||
						allm_frame_names_relation(first) ||
						(relative && first->function != ALLM_FUNCTION_COUNT))
						continue;

					/* "Which countries have x": each of them once. */
					if (stop == body->to && !relative &&
						first->function == ALLM_FUNCTION_DEFAULT &&
						allm_chart_is(chart, at, at + length,
									  ALLM_MARK_HAVE, NULL))
						continue;
					allm_frame_add(body,
								   allm_project_attributes(chart, lfirst(inner),
														   lfirst(cell)), 1);
				}
			}
			if (stop == end && end < body->to)
				stop = body->to - 1;
		}
	}
}

/* "how many people live in x": a number that is stored of the one thing. */
void
allm_asked_amount(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			count = allm_chart_mark(chart, body->from, ALLM_MARK_COUNT,
										NULL);
	int			start = body->from + count;

	for (int at = start + 1; count > 0 && at < body->to; at++)
	{
		List	   *attributes = allm_attribute_parse(chart, start, at);
		int			from = at;
		int			end = body->to;
		ListCell   *cell;
		ListCell   *inner;

		if (attributes == NIL)
			continue;
		from += allm_chart_mark(chart, from, ALLM_MARK_AUX, NULL);
		if (from > at)
		{
			from += strcmp(allm_chart_text(chart, from), "there") == 0;
			from += allm_chart_mark(chart, from, ALLM_MARK_PREP, NULL);
			end = skip_tail(chart, from, end);
		}
		else
		{
			from += allm_vocabulary_verb(allm_chart_text(chart, from)) != NULL;
			from += allm_chart_mark(chart, from, ALLM_MARK_PREP, NULL);
		}
		if (from == at || from >= end)
			continue;
		foreach(inner, allm_noun_parse(chart, from, end))
		{
			AllmSet    *set = lfirst(inner);

			if (!set->named && (set->best == NULL || set->limit != 1) &&
				(!set->singular || set->tests == NIL))
				continue;
			foreach(cell, attributes)
			{
				AllmAttribute *attribute = lfirst(cell);

				if (attribute->item == NULL || attribute->owner != NULL ||
					attribute->function != ALLM_FUNCTION_DEFAULT ||
					!is_amount_of(attribute, set->relation))
					continue;
				allm_frame_add(body,
							   allm_project_attributes(chart, set,
													   list_make1(attribute)),
							   0);
			}
		}
	}
}

/* Adds the things of a stretch that have a value as that property. */
static void
add_having_value(AllmBody *body, int from, int to, const List *values,
				 const List *attributes)
{
	AllmClause	clause = {.kind = ALLM_CLAUSE_VALUES};
	ListCell   *cell;
	ListCell   *value;
	ListCell   *inner;
	ListCell   *result;

	foreach(cell, attributes)
	{
		clause.attribute = lfirst(cell);
		if (clause.attribute->item == NULL ||
			clause.attribute->function != ALLM_FUNCTION_DEFAULT)
			continue;
		foreach(value, values)
		{
			clause.values = lfirst(value);
			foreach(inner, allm_noun_parse(body->chart, from, to))
			{
				foreach(result, allm_attach_clause(body->chart, lfirst(inner),
												   &clause))
					allm_frame_add(body,
								   list_make1(allm_project_default(lfirst(result))),
								   0);
			}
		}
	}
}

/* "what state is x the capital of", "x is the capital of which state" */
void
allm_asked_owner(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			last = body->to - 1;

	for (int at = body->from + 1; at < last; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
		int			start = at + length;

		if (length == 0)
			continue;
		for (int next = start + 1; next < last; next++)
		{
			int			which = 0;

			if (strcmp(allm_chart_text(chart, next), "of") == 0)
				which = allm_chart_mark(chart, next + 1, ALLM_MARK_WHICH,
										NULL);
			if (which > 0)
				add_having_value(body, next + 1 + which, body->to,
								 allm_values_parse(chart, body->from, at),
								 allm_attribute_parse(chart, start, next));
			else if (strcmp(allm_chart_text(chart, last), "of") == 0)
				add_having_value(body, body->from, at,
								 allm_values_parse(chart, start, next),
								 allm_attribute_parse(chart, next, last));
		}
	}
}

/* "where is x" */
void
allm_asked_place(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			at = body->from + 1;
	int			end = skip_tail(chart, at, body->to);
	ListCell   *cell;

	if (strcmp(allm_chart_text(chart, body->from), "where") != 0)
		return;
	at += allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	if (at == body->from + 1 || at >= end)
		return;
	foreach(cell, allm_noun_parse(chart, at, end))
	{
		AllmSet    *set = lfirst(cell);
		AllmTerm   *term = allm_resolve_place(set->relation);
		AllmQuery  *query;

		if (term == NULL)
			continue;
		query = allm_project_default(set);
		query->outputs = list_make1(term);
		query->things = false;
		allm_frame_add(body, list_make1(query), 0);
	}
}
