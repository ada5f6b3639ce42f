/*
 * route.c
 *		Which tier starts, and in which order the others follow.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "model/route.h"

static bool is_closer(const AllmRoute *a, const AllmRoute *b);

/*
 * The row for a question, or NULL.  A row for its class goes before one for any
 * class.  Rows of the same kind do not overlap, as the table has it; if they
 * ever do, the narrower one holds, then the one that begins higher.
 */
const AllmRoute *
allm_route_choose(const List *routes, float4 complexity,
				  const char *question_class)
{
	const AllmRoute *best = NULL;
	ListCell   *cell;

	foreach(cell, routes)
	{
		const AllmRoute *route = lfirst(cell);

		if (complexity < route->min_complexity ||
			complexity >= route->max_complexity ||
			(route->question_class != NULL &&
			 strcmp(route->question_class, question_class) != 0))
			continue;
		if (best == NULL || is_closer(route, best))
			best = route;
	}
	return best;
}

/* Does a row say more of a question than another one that applies, too? */
static bool
is_closer(const AllmRoute *a, const AllmRoute *b)
{
	float4		width_a = a->max_complexity - a->min_complexity;
	float4		width_b = b->max_complexity - b->min_complexity;

	if ((a->question_class != NULL) != (b->question_class != NULL))
		return a->question_class != NULL;
	if (width_a != width_b)
		return width_a < width_b;
	return a->min_complexity > b->min_complexity;
}

/*
 * The order in which tiers are asked; returns how many there are.  Downwards:
 * only from the first one on, as a caller may want it.  Else the others follow
 * from the strongest: a cheap start must not cost the good answer.
 */
int
allm_route_order(int start_tier, bool downwards, int order[ALLM_TIERS])
{
	int			n = 0;

	order[n++] = start_tier;
	for (int tier = 1; tier <= ALLM_TIERS; tier++)
	{
		if (tier != start_tier && (tier > start_tier || !downwards))
			order[n++] = tier;
	}
	return n;
}
