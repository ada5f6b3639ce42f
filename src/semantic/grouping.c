/*
 * grouping.c
 *		Questions about groups: "for each x", "the most common x".
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/frame.h"
#include "semantic/naming.h"
#include "semantic/tally.h"
#include "semantic/way.h"

/* "card types and the number of transactions" */
void
allm_grouping_listed(AllmBody *body, const List *attributes)
{
	AllmAttribute *last = llast(attributes);

	if (last->counted == NULL || list_length(attributes) < 2)
		return;
	allm_frame_add(body,
				   allm_project_groups(body->chart, last->counted,
									   list_truncate(list_copy(attributes),
													 list_length(attributes) - 1),
									   list_make1(last)), 1);
}

/*
 * Are things named, several for each of what is grouped by?  "Users per account"
 * asks for their number, or a list of them, and not for the one user who is
 * something else to an account.
 */
static bool
names_several(const AllmChart *chart, const List *attributes)
{
	ListCell   *cell;

	foreach(cell, attributes)
	{
		const AllmAttribute *attribute = lfirst(cell);
		const char *last;

		if (attribute->counted != NULL ||
			attribute->function != ALLM_FUNCTION_DEFAULT ||
			!allm_frame_names_relation(attribute))
			continue;
		last = allm_chart_text(chart, attribute->item->start +
							   attribute->item->length - 1);
		if (strcmp(allm_words_stem(last), last) != 0 && strlen(last) > 1 &&
			last[strlen(last) - 1] == 's')
			return true;
	}
	return false;
}

/* Adds the figures of a part for each thing or property. */
static void
add_each(AllmBody *body, int from, int to, int each, int each_from,
		 int each_to)
{
	AllmChart  *chart = body->chart;
	List	   *things = allm_noun_parse(chart, each_from, each_to);
	List	   *groups = allm_attribute_list(chart, each_from, each_to);
	int			length;
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *counted;
	List	   *lists;

	if (things == NIL && groups == NIL)
		return;
	do
	{
		int			end = to;

		while (end > from && strcmp(allm_chart_text(chart, end - 1), ",") == 0)
			end--;
		for (int at = from + 1; at <= end; at++)
		{
			int			of = at < end ?
			allm_chart_mark(chart, at, ALLM_MARK_OF, NULL) : 0;
			List	   *sets = NIL;

			if (at < end && (of == 0 || at + of >= end) &&
				!allm_chart_is(chart, at, end, ALLM_MARK_THERE, NULL) &&
				(strcmp(allm_chart_text(chart, each), "by") == 0 ||
				 !allm_tally_is_tail(chart, at, end)))
				continue;
			lists = allm_attribute_list(chart, from, at);
			if (lists == NIL)
				continue;
			if (of > 0)
				sets = allm_noun_parse(chart, at + of, end);
			foreach(inner, lists)
			{
				foreach(cell, of == 0 &&
						!(strcmp(allm_chart_text(chart, each), "per") == 0 &&
						  names_several(chart, lfirst(inner))) ? things : NIL)
					allm_frame_add(body, allm_project_each(chart, lfirst(cell),
														   lfirst(inner)), 0);
				foreach(cell, groups)
				{
					foreach(counted, sets)
						allm_frame_add(body,
									   allm_project_groups(chart,
														   lfirst(counted),
														   lfirst(cell),
														   lfirst(inner)), 0);
					foreach(counted, of == 0 ? lfirst(inner) : NIL)
					{
						AllmAttribute *attribute = lfirst(counted);

						if (attribute->counted != NULL)
							allm_frame_add(body,
										   allm_project_groups(chart,
															   attribute->counted,
															   lfirst(cell),
															   lfirst(inner)), 0);
						else if (attribute->item != NULL &&
								 attribute->function != ALLM_FUNCTION_DEFAULT)
						{
							ListCell   *sense;

							foreach(sense, attribute->item->senses)
							{
								AllmSense  *own = lfirst(sense);

								if (own->kind == ALLM_SENSE_COLUMN)
									allm_frame_add(body,
												   allm_project_groups(chart,
																	   allm_tree_set(own->relation, 0),
																	   lfirst(cell),
																	   lfirst(inner)),
												   0);
							}
						}
					}
				}
			}
		}
		length = allm_chart_mark(chart, from, ALLM_MARK_FRAME, NULL);
		if (length == 0)
			length = strcmp(allm_chart_text(chart, from), ",") == 0;
		from += length;
	} while (length > 0 && from < to);
}

/* "for each x, ...", "... of each x". */
void
allm_grouping_each(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from; at < body->to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_EACH, NULL);

		if (length == 0)
			continue;
		if (at > body->from)
			add_each(body, body->from, at, at, at + length, body->to);
		else
		{
			for (int end = at + length + 1; end < body->to; end++)
				add_each(body, end, body->to, at, at + length, end);
		}
	}
}

/*
 * Are the groups things that rows refer to?  Then some may have no rows, and be
 * missing where few are asked for.
 */
static bool
may_miss_some(const AllmQuery *query)
{
	for (int i = 0; i < query->groups; i++)
	{
		const AllmTerm *term = list_nth(query->outputs, i);

		if (term->steps != NIL)
			return true;
	}
	return false;
}

/* Adds the most common values of a property of a set. */
static void
add_common(AllmBody *body, const AllmSet *set, const List *groups, bool most,
		   int limit, int cost)
{
	AllmAttribute count = {.function = ALLM_FUNCTION_COUNT};
	List	   *queries;
	ListCell   *cell;

	count.counted = unconstify(AllmSet *, set);
	queries = allm_project_groups(body->chart, set, groups,
								  list_make1(&count));
	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);
		AllmTerm   *term = linitial(query->outputs);

		/*
		 * Each thing is there once: none is more common.  And least common
		 * are those that are not there at all.
		 */
		if ((!most && may_miss_some(query)) ||
			(term->steps == NIL && term->column != NULL &&
			 (term->column->unique || term->column->in_key ||
			  list_member_ptr(allm_naming_labels(set->relation),
							  term->column))))
		{
			queries = foreach_delete_current(queries, cell);
			continue;
		}

		/* What is not known is no value, however common. */
		if (term->steps == NIL && term->column != NULL &&
			!term->column->not_null)
		{
			AllmTest   *known = palloc0(sizeof(AllmTest));

			known->kind = ALLM_TEST_NULL;
			known->negated = true;
			known->term = allm_tree_column(term->column, NIL);
			query->set = allm_tree_with(query->set, known, 0);
		}
		query->order = llast(query->outputs);
		query->descending = most;
		query->limit = limit;
	}
	allm_frame_add(body, queries, cost);
}

/* Adds the most common of properties over things, or over their owners. */
static void
add_most(AllmBody *body, int from, int to, int things, int most, int limit,
		 int cost)
{
	AllmChart  *chart = body->chart;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, from < to ? allm_attribute_list(chart, from, to) : NIL)
	{
		List	   *groups = lfirst(cell);

		foreach(inner, things > 0 ? allm_noun_parse(chart, things, body->to) :
				NIL)
			add_common(body, lfirst(inner), groups, most == 1, limit, cost);
		foreach(inner, things == 0 ? allm_frame_owners(linitial(groups)) : NIL)
			add_common(body, allm_tree_set(lfirst(inner), 0), groups,
					   most == 1, limit, cost + 1);
	}
}

/* "which x is the most common among y", "x that is used most frequently". */
static void
add_told_common(AllmBody *body, int at, int length, int most)
{
	AllmChart  *chart = body->chart;
	int			end = at + length;
	int			of = end < body->to ?
	allm_chart_mark(chart, end, ALLM_MARK_OF, NULL) : 0;

	if (end < body->to && of == 0)
		return;
	for (int stop = at; stop > body->from; stop--)
	{
		if (stop == at || allm_tally_is_tail(chart, stop, at))
			add_most(body, body->from, stop, of > 0 ? end + of : 0, most, 1, 1);
	}
}

/* "the most common x of y", "the 3 most common x", and those told behind. */
void
allm_grouping_common(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			first = body->from + allm_clause_top(chart, body->from);
	char	   *number = NULL;
	int			digits = allm_clause_number(chart, first, body->to, &number);
	int			start = digits > 0 ? first + digits : body->from;
	int			limit = digits == 0 ? 1 :
	strlen(number) <= 3 ? atoi(number) : 0;

	for (int at = body->from; at < body->to; at++)
	{
		int			most = 0;
		int			length = allm_chart_mark(chart, at, ALLM_MARK_COMMON,
											 &most);
		int			from = at + length;

		if (length == 0)
			continue;
		if (at != start)
		{
			add_told_common(body, at, length, most);
			continue;
		}
		for (int end = from; end <= body->to && limit > 0; end++)
		{
			int			of = end < body->to ?
			allm_chart_mark(chart, end, ALLM_MARK_OF, NULL) : 0;

			if (end == body->to || of > 0)
				add_most(body, from, end, of > 0 ? end + of : 0, most, limit,
						 0);
		}
	}
}

/*
 * Is each property called by its own name?  "The name and id with the most
 * accounts" are those of whom, the account or its owner?
 */
static bool
are_called(const List *attributes)
{
	ListCell   *cell;

	foreach(cell, attributes)
	{
		const AllmAttribute *attribute = lfirst(cell);

		if (attribute->owner == NULL &&
			(attribute->generic || attribute->any != ALLM_ANY_NOT))
			return false;
	}
	return true;
}

/* Adds the values that so many rows, or most of them, have. */
static void
add_counted(AllmBody *body, const List *groups, const AllmClause *clause,
			int cost)
{
	AllmAttribute *count = palloc0(sizeof(AllmAttribute));
	ListCell   *cell;
	ListCell   *inner;

	/* "more than 3 orders in all shops": in each of them, or together? */
	if (clause->set != NULL && clause->set->every)
		return;
	count->function = ALLM_FUNCTION_COUNT;
	count->counted = clause->set;
	foreach(cell, groups)
	{
		List	   *queries;

		if (clause->kind == ALLM_CLAUSE_MOST)
		{
			add_common(body, clause->set, lfirst(cell), clause->descending,
					   clause->limit, cost);
			continue;
		}
		if (clause->kind != ALLM_CLAUSE_COUNT || clause->negated)
			continue;
		queries = allm_project_groups(body->chart, clause->set, lfirst(cell),
									  list_make1(count));
		foreach(inner, queries)
		{
			AllmQuery  *query = lfirst(inner);
			AllmTest   *test = palloc0(sizeof(AllmTest));

			if ((clause->compare == ALLM_COMPARE_LT ||
				 clause->compare == ALLM_COMPARE_LE) && may_miss_some(query))
			{
				queries = foreach_delete_current(queries, inner);
				continue;
			}
			test->kind = ALLM_TEST_COMPARE;
			test->term = llast(query->outputs);
			test->compare = clause->compare;
			test->low = clause->low;
			test->high = clause->high;
			query->having = list_make1(test);
		}
		allm_frame_add(body, queries, cost);
	}
}

/*
 * How many words say that rows belong to a value that does something: "that
 * produces", "have invested in".  Not with a verb that one of two who meet may
 * do, or that the schema knows otherwise.
 */
static int
read_doing(const AllmChart *chart, int at)
{
	static const char *const doings[] = {
		"contribute", "employ", "host", "invest", "offer", "participate",
		"produce", "provide", "publish", "release", "suffer", "supply"
	};
	int			start = at;
	const char *verb;

	at += allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);
	at += allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	verb = allm_vocabulary_verb(allm_chart_text(chart, at));
	for (int i = 0; verb != NULL && i < lengthof(doings); i++)
	{
		if (strcmp(doings[i], verb) == 0 &&
			!allm_way_names_schema(chart, verb))
			return at + 1 + allm_chart_mark(chart, at + 1, ALLM_MARK_PREP,
											NULL) - start;
	}
	return 0;
}

/*
 * "which x has the most y", "x with more than 3 y", "x shared by two y": x is a
 * property of y.
 */
void
allm_grouping_entity(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		int			have = allm_chart_mark(chart, at, ALLM_MARK_HAVE, NULL);
		int			doing = read_doing(chart, at);
		int			shared = allm_sharing_link(chart, at);
		List	   *groups = NIL;
		ListCell   *cell;

		if (have + doing + shared == 0)
			continue;
		foreach(cell, allm_attribute_list(chart, body->from, at))
		{
			if (are_called(lfirst(cell)))
				groups = lappend(groups, lfirst(cell));
		}
		foreach(cell, groups != NIL && have > 0 ?
				allm_trait_parse(chart, at + have, body->to) : NIL)
			add_counted(body, groups, lfirst(cell), 2);
		foreach(cell, groups != NIL && doing > 0 ?
				allm_trait_parse(chart, at + doing, body->to) : NIL)
			add_counted(body, groups, lfirst(cell), 3);
		for (int stop = body->to;
			 groups != NIL && shared > have && stop > at + shared; stop--)
		{
			if (stop < body->to && !allm_tally_is_tail(chart, stop, body->to))
				continue;
			foreach(cell, allm_trait_parse(chart, at + shared, stop))
				add_counted(body, groups, lfirst(cell), 3);
		}
	}
}
