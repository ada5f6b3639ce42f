/*
 * sharing.c
 *		Values that are told by what the rows that have them are: "the cities
 *		that have both x and y", "the countries without any x".
 *
 * The property is one of the rows themselves, so that no key leads from one to
 * the other: two rows belong together by having the same value.  A row without
 * a value has none that could be shared.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/frame.h"
#include "semantic/naming.h"
#include "semantic/tally.h"

/* Between the rows of one value; a form that says less than a plain one. */
#define COST_SHARED	3

/* The step from a row to all rows with the same value. */
static AllmStep *
make_step(const AllmRelation *relation, const AllmColumn *column)
{
	AllmForeignKey *key = palloc0(sizeof(AllmForeignKey));
	AllmStep   *step = palloc0(sizeof(AllmStep));

	key->from = unconstify(AllmRelation *, relation);
	key->to = key->from;
	key->from_columns = list_make1(unconstify(AllmColumn *, column));
	key->to_columns = key->from_columns;
	step->key = key;
	return step;
}

/*
 * The columns of a relation that a property is, nearest first; not those that
 * are another in each row, of which no two rows share a value.
 */
static List *
list_columns(AllmChart *chart, const AllmAttribute *attribute,
			 const AllmRelation *relation)
{
	List	   *columns = NIL;
	ListCell   *cell;

	if (attribute->function != ALLM_FUNCTION_DEFAULT ||
		attribute->item == NULL || attribute->generic ||
		(attribute->owner != NULL && attribute->owner != relation))
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, attribute, relation))
	{
		const AllmResolved *resolved = lfirst(cell);
		const AllmTerm *term = linitial(resolved->terms);

		if (list_length(resolved->terms) == 1 && term->steps == NIL &&
			!term->column->unique && !term->column->in_key &&
			!term->column->in_foreign_key &&
			!list_member_ptr(allm_naming_labels(relation), term->column))
			columns = lappend(columns, unconstify(AllmColumn *, term->column));
	}
	return columns;
}

/* Adds the values of a column that rows of the set have, each once. */
static void
add_values(AllmBody *body, const AllmSet *set, const AllmColumn *column,
		   int cost)
{
	AllmQuery  *query = allm_project_default(set);

	query->outputs = list_make1(allm_tree_column(column, NIL));
	query->distinct = true;
	allm_frame_add(body, list_make1(query), COST_SHARED + cost);
}

/* Is a set told by conditions that two sets can be compared by? */
static bool
is_told(const AllmSet *set)
{
	return set->tests != NIL && set->best == NULL && !set->named &&
		!set->other && !set->role;
}

/* The things of a stretch; "those" and "ones" are the same as others. */
static List *
list_others(AllmChart *chart, const AllmRelation *relation, int from, int to)
{
	List	   *sets = NIL;
	ListCell   *cell;
	const char *text = allm_chart_text(chart, from);

	foreach(cell, allm_noun_parse(chart, from, to))
	{
		AllmSet    *set = lfirst(cell);

		if (set->relation == relation && is_told(set))
			sets = lappend(sets, set);
	}
	if (strcmp(text, "those") != 0 && strcmp(text, "ones") != 0)
		return sets;
	foreach(cell, allm_clause_parse(chart, from + 1, to))
		sets = list_concat(sets,
						   allm_attach_clause(chart, allm_tree_set(relation, 0),
											  lfirst(cell)));
	return sets;
}

/* Adds the values that rows of both sets have. */
static void
add_both(AllmBody *body, const List *attributes, int from, int to)
{
	AllmChart  *chart = body->chart;

	for (int at = from + 1; at < to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		ListCell   *cell;
		ListCell   *inner;
		ListCell   *other;
		ListCell   *column;

		if (length == 0 || at + length >= to)
			continue;
		foreach(cell, allm_noun_parse(chart, from, at))
		{
			const AllmSet *set = lfirst(cell);
			List	   *others = is_told(set) ?
			list_others(chart, set->relation, at + length, to) : NIL;

			foreach(inner, others != NIL ? attributes : NIL)
			{
				const AllmAttribute *attribute = lfirst(inner);

				foreach(column, list_columns(chart, attribute, set->relation))
				{
					foreach(other, others)
					{
						AllmSet    *second = lfirst(other);
						AllmStep   *step = make_step(set->relation,
													 lfirst(column));

						add_values(body,
								   allm_tree_with(set,
												  allm_tree_exists(list_make1(step),
																   second, false),
												  second->cost),
								   lfirst(column), attribute->cost);
					}
				}
			}
		}
	}
}

/* Adds the values that no row of the set has. */
static void
add_without(AllmBody *body, const List *attributes, int from, int to)
{
	AllmChart  *chart = body->chart;
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *column;

	foreach(cell, allm_noun_parse(chart, from, to))
	{
		AllmSet    *set = lfirst(cell);

		foreach(inner, is_told(set) ? attributes : NIL)
		{
			const AllmAttribute *attribute = lfirst(inner);

			foreach(column, list_columns(chart, attribute, set->relation))
			{
				AllmStep   *step = make_step(set->relation, lfirst(column));
				AllmSet    *all = allm_tree_set(set->relation, set->cost);
				AllmTest   *known = allm_attach_make_test(ALLM_TEST_NULL,
														  allm_tree_column(lfirst(column), NIL));

				known->negated = true;
				all->tests = list_make2(known,
										allm_tree_exists(list_make1(step),
														 set, true));
				add_values(body, all, lfirst(column), attribute->cost);
			}
		}
	}
}

/* Is a set told by what its things are, or as the first of them? */
static bool
is_some(const AllmSet *set)
{
	return (set->tests != NIL || set->best != NULL) && !set->named &&
		!set->other && !set->role;
}

/*
 * Adds the values that rows of a set have: "cities that have a branch opened in
 * 2001", "cities where such branches are located".
 */
static void
add_had(AllmBody *body, const List *attributes, int at, int link)
{
	AllmChart  *chart = body->chart;
	bool		have = allm_chart_mark(chart, at + link - 1, ALLM_MARK_HAVE,
									   NULL) > 0;

	for (int stop = body->to; stop > at + link; stop--)
	{
		ListCell   *cell;
		ListCell   *inner;
		ListCell   *column;

		if (have ? stop < body->to : stop == body->to ||
			!allm_tally_is_tail(chart, stop, body->to))
			continue;
		foreach(cell, allm_noun_parse(chart, at + link, stop))
		{
			AllmSet    *set = lfirst(cell);

			foreach(inner, is_some(set) ? attributes : NIL)
			{
				foreach(column, list_columns(chart, lfirst(inner),
											 set->relation))
					add_values(body, set, lfirst(column),
							   ((AllmAttribute *) lfirst(inner))->cost);
			}
		}
	}
}

/*
 * How many words say that what follows shares a value: "have", "used by",
 * "where", "in which there are".
 */
int
allm_sharing_link(const AllmChart *chart, int at)
{
	static const AllmMark links[] = {
		ALLM_MARK_HAVE, ALLM_MARK_WHOSE, ALLM_MARK_REL, ALLM_MARK_PREP
	};
	int			start = at;

	at += allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);
	at += allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	if (strcmp(allm_chart_text(chart, at), "shared") == 0 ||
		strcmp(allm_chart_text(chart, at), "used") == 0)
		return strcmp(allm_chart_text(chart, at + 1), "by") == 0 ?
			at + 2 - start : 0;
	for (int i = 0; i < lengthof(links); i++)
	{
		int			length = allm_chart_mark(chart, start, links[i], NULL);

		/* "where have", "in which there are" */
		if (length == 0)
			continue;
		at = start + length;
		at += allm_chart_mark(chart, at, ALLM_MARK_HAVE, NULL);
		at += allm_chart_mark(chart, at, ALLM_MARK_THERE, NULL);
		return at - start;
	}
	return 0;
}

/* "countries that have both x and y", "cities without any x" */
void
allm_sharing_read(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		List	   *attributes = allm_attribute_parse(chart, body->from, at);
		int			rel;
		int			without;
		int			link;
		int			both;
		bool		shared;

		if (attributes == NIL)
			continue;
		rel = allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);
		without = allm_chart_mark(chart, at + rel, ALLM_MARK_NOTHAVE, NULL);
		if (without > 0)
		{
			at += rel + without;
			at += allm_chart_mark(chart, at, ALLM_MARK_SOME, NULL);
			add_without(body, attributes, at, body->to);
			return;
		}
		link = allm_sharing_link(chart, at);
		if (link == 0)
			continue;
		shared = strcmp(allm_chart_text(chart, at + link - 2), "shared") == 0;
		both = allm_chart_mark(chart, at + link, ALLM_MARK_BOTH, NULL);
		if (both > 0 || shared)
			add_both(body, attributes, at + link + both, body->to);
		else
			add_had(body, attributes, at, link);
	}
}
