/*
 * ordering.c
 *		Questions that say in which order: "sorted by x".
 */
#include "postgres.h"

#include "semantic/frame.h"

/* The ways to order a query by a property. */
static List *
order_by(AllmChart *chart, const AllmQuery *query,
		 const AllmAttribute *attribute, bool descending)
{
	List	   *result = NIL;
	ListCell   *cell;
	ListCell   *inner;

	if (attribute->counted != NULL)
	{
		foreach(inner, query->outputs)
		{
			AllmTerm   *term = lfirst(inner);
			AllmQuery  *copy = palloc(sizeof(AllmQuery));
			bool		same = term->related != NULL ?
			term->related->relation == attribute->counted->relation :
			term->function == ALLM_FUNCTION_COUNT && query->groups > 0;

			if (!same)
				continue;
			*copy = *query;
			copy->order = term;
			copy->descending = descending;
			return list_make1(copy);
		}
		foreach(cell, allm_tree_paths(query->set->relation,
									  attribute->counted->relation))
		{
			AllmQuery  *copy = palloc(sizeof(AllmQuery));
			AllmTerm   *term = palloc0(sizeof(AllmTerm));

			if (allm_tree_is_up(lfirst(cell)) || query->groups > 0)
				continue;
			term->steps = lfirst(cell);
			term->function = ALLM_FUNCTION_COUNT;
			term->related = attribute->counted;
			*copy = *query;
			copy->order = term;
			copy->descending = descending;
			copy->set = allm_tree_with(copy->set,
									   allm_tree_exists(term->steps,
														attribute->counted,
														false), 0);
			copy->cost += attribute->cost + list_length(term->steps) * 3;
			result = lappend(result, copy);
		}
		return result;
	}
	foreach(cell, allm_resolve_attribute(chart, attribute,
										 query->set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmQuery  *copy = palloc(sizeof(AllmQuery));
		bool		shown = false;

		if (list_length(resolved->terms) != 1 && attribute->any == ALLM_ANY_ALL)
			continue;
		*copy = *query;
		copy->order = term;
		foreach(inner, query->outputs)
		{
			AllmTerm   *output = lfirst(inner);

			if (output->column == term->column &&
				output->function == attribute->function)
			{
				copy->order = output;
				shown = true;
			}
		}
		if (attribute->function != ALLM_FUNCTION_DEFAULT && !shown)
			continue;
		if (!resolved->up || (!shown && (query->distinct ||
										 query->groups > 0)))
			continue;
		copy->descending = descending;
		copy->cost += resolved->cost;
		result = lappend(result, copy);
	}
	return result;
}

/* Adds a part, ordered by what stands between two places. */
static void
add_ordered(AllmBody *body, List *queries, int from, int to)
{
	AllmChart  *chart = body->chart;
	bool		descending = false;
	int			length;
	ListCell   *cell;
	ListCell   *inner;

	/* Which way, in front, behind or alone. */
	for (int pass = 0; pass < 2; pass++)
	{
		static const AllmMark marks[] = {
			ALLM_MARK_DESC, ALLM_MARK_ASC, ALLM_MARK_ALPHA
		};

		for (int i = 0; i < lengthof(marks); i++)
		{
			length = allm_chart_mark(chart, from, marks[i], NULL);
			if (pass == 0 && length > 0)
			{
				descending = i == 0;
				from += length;
				if (strcmp(allm_chart_text(chart, from), "of") == 0 ||
					strcmp(allm_chart_text(chart, from), "by") == 0)
					from++;
				break;
			}
			for (int at = from; pass == 1 && at < to; at++)
			{
				if (!allm_chart_is(chart, at, to, marks[i], NULL))
					continue;
				/* "descending alphabetical order" */
				if (i < 2)
					descending = i == 0;
				to = at;
				while (to > from &&
					   strcmp(allm_chart_text(chart, to - 1), ",") == 0)
					to--;
				break;
			}
		}
	}
	from += allm_chart_mark(chart, from, ALLM_MARK_POSS, NULL);
	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);

		if (query->order != NULL || query->set->best != NULL)
			continue;
		if (from >= to)
		{
			AllmQuery  *copy = palloc(sizeof(AllmQuery));

			/* By the groups or by their figures? */
			if (query->groups > 0)
				continue;
			*copy = *query;
			copy->order = linitial(query->outputs);
			copy->descending = descending;
			body->queries = lappend(body->queries, copy);
			continue;
		}
		foreach(inner, allm_attribute_parse(chart, from, to))
			allm_frame_add(body, order_by(chart, query, lfirst(inner),
										  descending), 0);
	}
}

/* "... sorted by x", "... in descending order of x". */
void
allm_ordering_read(AllmBody *body)
{
	static const AllmMark marks[] = {
		ALLM_MARK_ORDER, ALLM_MARK_ASC, ALLM_MARK_DESC, ALLM_MARK_ALPHA
	};
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		for (int i = 0; i < lengthof(marks); i++)
		{
			int			length = allm_chart_mark(chart, at, marks[i], NULL);
			int			end = at;
			List	   *queries;

			if (length == 0)
				continue;
			while (end > body->from &&
				   (strcmp(allm_chart_text(chart, end - 1), ",") == 0 ||
					strcmp(allm_chart_text(chart, end - 1), "and") == 0))
				end--;
			queries = allm_frame_part(body, body->from, end);
			if (queries != NIL)
				add_ordered(body, queries, i == 0 ? at + length : at,
							body->to);
		}
	}
}
