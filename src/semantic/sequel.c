/*
 * sequel.c
 *		What a second sentence says of the first: "Which students have pets? Give
 *		me their names.", "How many pets does each have? List the number and the
 *		name."
 */
#include "postgres.h"

#include "semantic/frame.h"
#include "semantic/tally.h"

/* Are all columns of one query shown by another? */
static bool
shows_all(const AllmQuery *query, const AllmQuery *wanted)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, wanted->outputs)
	{
		const AllmTerm *term = lfirst(cell);
		bool		shown = false;

		foreach(inner, query->outputs)
		{
			const AllmTerm *own = lfirst(inner);

			shown |= own->column == term->column &&
				own->function == term->function && own->related == NULL &&
				list_length(own->steps) == list_length(term->steps);
		}
		if (!shown)
			return false;
	}
	return true;
}

/* Adds the first sentence's numbers beside the properties of the second. */
static void
add_numbers(AllmBody *body, const List *queries, const List *attributes)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);
		AllmTerm   *number = allm_tally_number(query);

		foreach(inner, number == NULL ? NIL :
				allm_project_attributes(body->chart, query->set, attributes))
		{
			AllmQuery  *shown = lfirst(inner);

			if (shown->set != query->set)
				continue;
			if (query->groups > 0)
			{
				AllmQuery  *same = palloc(sizeof(AllmQuery));

				*same = *query;
				if (shows_all(query, shown))
					allm_frame_add(body, list_make1(same), 0);
				continue;
			}
			shown->outputs = lappend(shown->outputs, number);
			shown->distinct = false;
			allm_frame_add(body, list_make1(shown), query->cost);
		}
	}
}

/* "the number and the name", "the name, and the number of pets" */
static void
read_numbers(AllmBody *body, const List *queries, int from, int to)
{
	AllmChart  *chart = body->chart;

	for (int at = from + 1; at < to; at++)
	{
		int			and = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		ListCell   *cell;

		if (and == 0 || at + and >= to)
			continue;
		if (allm_tally_is_bare(chart, from, at))
		{
			foreach(cell, allm_attribute_list(chart, at + and, to))
				add_numbers(body, queries, lfirst(cell));
		}
		if (allm_tally_is_bare(chart, at + and, to))
		{
			foreach(cell, allm_attribute_list(chart, from, at))
				add_numbers(body, queries, lfirst(cell));
		}
	}
}

/* "Which students have pets? Give me their names." */
void
allm_sequel_read(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 2; at < body->to - 1; at++)
	{
		const char *text = allm_chart_text(chart, at);
		int			start = at + 1;
		int			length;
		List	   *queries;
		ListCell   *cell;
		ListCell   *inner;

		if (strcmp(text, "?") != 0 && strcmp(text, ".") != 0)
			continue;
		queries = allm_frame_part(body, body->from, at);
		if (queries == NIL)
			continue;
		while ((length = allm_chart_mark(chart, start, ALLM_MARK_FRAME, NULL)) > 0)
			start += length;
		read_numbers(body, queries, start, body->to);
		foreach(inner, allm_attribute_list(chart, start, body->to))
		{
			foreach(cell, queries)
			{
				AllmQuery  *query = lfirst(cell);

				if (query->groups > 0 || query->order != NULL ||
					allm_frame_has_figures(query))
					continue;
				allm_frame_add(body,
							   allm_project_attributes(chart, query->set,
													   lfirst(inner)), 0);
			}
		}
	}
}
