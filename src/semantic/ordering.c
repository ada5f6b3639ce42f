/*
 * ordering.c
 *		Questions that say in which order: "sorted by x".
 */
#include "postgres.h"

#include "semantic/frame.h"
#include "semantic/tally.h"

/* The query with one more thing to order it by. */
static AllmQuery *
with_key(const AllmQuery *query, AllmTerm *term, bool descending)
{
	AllmQuery  *copy = palloc(sizeof(AllmQuery));

	*copy = *query;
	if (query->order == NULL)
	{
		copy->order = term;
		copy->descending = descending;
	}
	else
	{
		AllmSort   *sort = palloc(sizeof(AllmSort));

		sort->term = term;
		sort->descending = descending;
		copy->then = lappend(list_copy(query->then), sort);
	}
	return copy;
}

/* The ways to order a query by a number of things. */
static List *
order_by_count(const AllmQuery *query, const AllmAttribute *attribute,
			   bool descending)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);
		bool		same = term->related != NULL ?
		term->related->relation == attribute->counted->relation :
		term->function == ALLM_FUNCTION_COUNT && query->groups > 0;

		if (same)
			return list_make1(with_key(query, term, descending));
	}
	foreach(cell, allm_tree_paths(query->set->relation,
								  attribute->counted->relation))
	{
		AllmQuery  *copy;
		AllmTerm   *term = palloc0(sizeof(AllmTerm));

		if (allm_tree_is_up(lfirst(cell)) || query->groups > 0)
			continue;
		term->steps = lfirst(cell);
		term->function = ALLM_FUNCTION_COUNT;
		term->related = attribute->counted;
		copy = with_key(query, term, descending);
		copy->set = allm_tree_with(copy->set,
								   allm_tree_exists(term->steps,
													attribute->counted,
													false), 0);
		copy->cost += attribute->cost + list_length(term->steps) * 3;
		result = lappend(result, copy);
	}
	return result;
}

/* The ways to order a query by a property. */
static List *
order_by(AllmChart *chart, const AllmQuery *query,
		 const AllmAttribute *attribute, bool descending)
{
	List	   *result = NIL;
	ListCell   *cell;
	ListCell   *inner;

	if (attribute->counted != NULL)
		return order_by_count(query, attribute, descending);
	foreach(cell, allm_resolve_attribute(chart, attribute,
										 query->set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmQuery  *copy;
		bool		shown = false;

		if (list_length(resolved->terms) != 1 && attribute->any == ALLM_ANY_ALL)
			continue;
		foreach(inner, query->outputs)
		{
			AllmTerm   *output = lfirst(inner);

			if (output->column == term->column &&
				output->function == attribute->function)
			{
				term = output;
				shown = true;
			}
		}
		if (attribute->function != ALLM_FUNCTION_DEFAULT && !shown)
			continue;

		/* What is not shown orders rows, and neither values nor groups. */
		if (!resolved->up ||
			(!shown && ((query->distinct && !query->each_once) ||
						query->groups > 0)))
			continue;
		copy = with_key(query, term, descending);
		copy->distinct &= shown;
		copy->cost += resolved->cost;
		result = lappend(result, copy);
	}
	return result;
}

/* What stands between two places, without the words that say which way. */
typedef struct Key
{
	int			from;
	int			to;
	bool		said;
	bool		descending;
} Key;

/* Takes which way from the front or the end of a stretch. */
static Key
read_direction(const AllmChart *chart, int from, int to)
{
	static const AllmMark marks[] = {
		ALLM_MARK_DESC, ALLM_MARK_ASC, ALLM_MARK_ALPHA
	};
	Key			key = {.from = from,.to = to};

	for (int i = 0; i < lengthof(marks); i++)
	{
		int			length = allm_chart_mark(chart, key.from, marks[i], NULL);

		if (length == 0)
			continue;
		key.descending = i == 0;
		key.said = true;
		key.from += length;
		if (strcmp(allm_chart_text(chart, key.from), "of") == 0 ||
			strcmp(allm_chart_text(chart, key.from), "by") == 0)
			key.from++;
		break;
	}
	for (int i = 0; i < lengthof(marks); i++)
	{
		for (int at = key.from; at < key.to; at++)
		{
			if (!allm_chart_is(chart, at, key.to, marks[i], NULL))
				continue;
			/* "descending alphabetical order" */
			if (i < 2)
				key.descending = i == 0;
			key.said = true;
			key.to = at;
			while (key.to > key.from &&
				   strcmp(allm_chart_text(chart, key.to - 1), ",") == 0)
				key.to--;
			break;
		}
	}
	key.from += allm_chart_mark(chart, key.from, ALLM_MARK_POSS, NULL);
	return key;
}

/* The ways to order a query by one key. */
static List *
order_by_key(AllmChart *chart, const AllmQuery *query, const Key *key)
{
	AllmTerm   *number = allm_tally_number(query);
	List	   *result = NIL;
	ListCell   *cell;

	/* "By the count" may go either way. */
	if (key->from < key->to && number != NULL && key->said &&
		allm_tally_is_count(chart, key->from, key->to))
		return list_make1(with_key(query, number, key->descending));
	foreach(cell, allm_attribute_parse(chart, key->from, key->to))
		result = list_concat(result, order_by(chart, query, lfirst(cell),
											  key->descending));
	return result;
}

/*
 * The ways to order a query by one key after the other: "by x and then by y".
 * Where only one of several is said to go downwards, that may be said of all.
 */
static List *
order_by_keys(AllmChart *chart, const AllmQuery *query, int from, int to)
{
	Key			whole = read_direction(chart, from, to);
	List	   *result = order_by_key(chart, query, &whole);

	for (int at = from + 1; at < to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		Key			first = read_direction(chart, from, at);
		Key			second;
		ListCell   *cell;

		if (length == 0)
			continue;
		while (strcmp(allm_chart_text(chart, at + length), "then") == 0 ||
			   strcmp(allm_chart_text(chart, at + length), "by") == 0)
			length++;
		second = read_direction(chart, at + length, to);
		if (at + length >= to || ((first.descending || second.descending) &&
								  !(first.said && second.said)))
			continue;
		foreach(cell, order_by_key(chart, query, &first))
			result = list_concat(result,
								 order_by_keys(chart, lfirst(cell), at + length,
											   to));
	}
	return result;
}

/* Adds a part, ordered by what stands between two places. */
static void
add_ordered(AllmBody *body, List *queries, int from, int to)
{
	Key			alone = read_direction(body->chart, from, to);
	ListCell   *cell;

	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);

		if (query->order != NULL || query->limit > 0)
			continue;
		if (alone.from < alone.to)
			allm_frame_add(body, order_by_keys(body->chart, query, from, to), 0);

		/*
		 * By the groups or by their figures?  And "products ordered" may be
		 * those that somebody ordered.
		 */
		else if (alone.said && query->groups == 0 && query->set->best == NULL &&
				 ((AllmTerm *) linitial(query->outputs))->function ==
				 ALLM_FUNCTION_DEFAULT)
			body->queries = lappend(body->queries,
									with_key(query, linitial(query->outputs),
											 alone.descending));
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
