/*
 * topped.c
 *		The first so many things by a number that stands behind them: "the top 5
 *		customers by number of orders".
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/resolve.h"
#include "semantic/topped.h"

/* Adds the things of a set that come first by a property. */
static void
add_first(AllmChart *chart, AllmCell *cell, const AllmSet *set,
		  AllmAttribute *attribute, int limit)
{
	AllmClause	clause = {.kind = ALLM_CLAUSE_BEST,.descending = true,
	.limit = limit};
	ListCell   *inner;

	clause.attribute = attribute;
	if (attribute->counted != NULL)
	{
		clause.kind = ALLM_CLAUSE_MOST;
		clause.set = attribute->counted;
	}
	else if (attribute->function != ALLM_FUNCTION_DEFAULT ||
			 attribute->item == NULL)
		return;
	foreach(inner, allm_attach_clause(chart, set, &clause))
	{
		AllmSet    *result = lfirst(inner);

		/* Those that have none are not among the first. */
		if (result->best->related != NULL)
			result = allm_tree_with(result,
									allm_tree_exists(result->best->steps,
													 result->best->related,
													 false), 0);
		allm_chart_add(chart, cell, result);
	}
}

/* "top 5 customers by number of orders" */
void
allm_topped_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			first = from + allm_clause_top(chart, from);
	AllmItem   *number = first > from ?
	allm_chart_item(chart, first, first + 1, ALLM_ITEM_NUMBER) : NULL;
	int			limit = number != NULL && strlen(number->text) <= 3 ?
	atoi(number->text) : 0;

	for (int at = first + 2; limit > 0 && at < to && !chart->too_many; at++)
	{
		int			by = allm_chart_mark(chart, at, ALLM_MARK_BY, NULL);
		ListCell   *inner;
		ListCell   *set;

		if (by == 0 || at + by >= to)
			continue;
		foreach(inner, allm_attribute_parse(chart, at + by, to))
		{
			foreach(set, allm_noun_bare(chart, first + 1, at))
				add_first(chart, cell, lfirst(set), lfirst(inner), limit);
		}
	}
}
