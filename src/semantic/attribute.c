/*
 * attribute.c
 *		Properties and values as they stand in a question.
 *
 * Which column a property is, is not known here: it depends on the things
 * whose property it is (resolve.c).
 */
#include "postgres.h"

#include "semantic/chart.h"
#include "semantic/naming.h"
#include "semantic/pronoun.h"

static void add_plain(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_prefixed(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_counts(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_owned(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_shared_functions(AllmChart *chart, AllmCell *cell, int from,
								 int to);

/* A copy, to be changed. */
static AllmAttribute *
copy_attribute(const AllmAttribute *attribute)
{
	AllmAttribute *copy = palloc(sizeof(AllmAttribute));

	*copy = *attribute;
	return copy;
}

/* The properties that a stretch may name. */
List *
allm_attribute_parse(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_ATTRIBUTE, from,
									   to);

	if (cell->done || from >= to)
		return cell->pieces;
	cell->done = true;
	add_plain(chart, cell, from, to);
	add_prefixed(chart, cell, from, to);
	add_counts(chart, cell, from, to);
	add_owned(chart, cell, from, to);
	allm_pronoun_add(chart, cell, from, to);
	return cell->pieces;
}

/* A name of the schema, or a word for whatever names or describes a thing. */
static void
add_plain(AllmChart *chart, AllmCell *cell, int from, int to)
{
	static const struct
	{
		AllmMark	mark;
		AllmAny		any;
	}			any[] =

	{
		{ALLM_MARK_ANYNAME, ALLM_ANY_NAME},
		{ALLM_MARK_ANYID, ALLM_ANY_ID},
		{ALLM_MARK_ANYALL, ALLM_ANY_ALL}
	};
	AllmItem   *item = allm_chart_item(chart, from, to, ALLM_ITEM_NAME);
	AllmAttribute *attribute;

	if (item != NULL)
	{
		attribute = palloc0(sizeof(AllmAttribute));
		attribute->item = item;
		attribute->generic =
			allm_chart_is(chart, from, to, ALLM_MARK_ANYNAME, NULL) ||
			allm_chart_is(chart, from, to, ALLM_MARK_ANYID, NULL);
		allm_chart_add(chart, cell, attribute);
	}
	for (int i = 0; i < lengthof(any); i++)
	{
		if (!allm_chart_is(chart, from, to, any[i].mark, NULL))
			continue;
		attribute = palloc0(sizeof(AllmAttribute));
		attribute->any = any[i].any;
		attribute->cost = 1;
		allm_chart_add(chart, cell, attribute);
	}
}

/* "all names", "different ages", "average age", "highest price". */
static void
add_prefixed(AllmChart *chart, AllmCell *cell, int from, int to)
{
	ListCell   *mark;
	ListCell   *inner;

	foreach(mark, chart->marks[from])
	{
		AllmMarkAt *at = lfirst(mark);

		if (from + at->length >= to ||
			(at->mark != ALLM_MARK_ALL && at->mark != ALLM_MARK_POSS &&
			 at->mark != ALLM_MARK_DISTINCT && at->mark != ALLM_MARK_AGG &&
			 at->mark != ALLM_MARK_BEST))
			continue;
		foreach(inner, allm_attribute_parse(chart, from + at->length, to))
		{
			AllmAttribute *attribute = copy_attribute(lfirst(inner));

			if (attribute->function == ALLM_FUNCTION_COUNT)
				continue;
			if (at->mark == ALLM_MARK_DISTINCT)
				attribute->distinct = true;
			else if (at->mark == ALLM_MARK_AGG ||
					 at->mark == ALLM_MARK_BEST)
			{
				if (attribute->function != ALLM_FUNCTION_DEFAULT ||
					attribute->item == NULL)
					continue;
				attribute->function = at->mark == ALLM_MARK_AGG ?
					at->argument :
					at->argument ? ALLM_FUNCTION_MAX : ALLM_FUNCTION_MIN;
				if (at->mark == ALLM_MARK_BEST)
					attribute->cost++;
			}
			allm_chart_add(chart, cell, attribute);
		}
	}
}

/* "number of students with pets", "number of different countries". */
static void
add_counts(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			length = allm_chart_mark(chart, from, ALLM_MARK_COUNT, NULL);
	ListCell   *inner;

	if (length == 0 || from + length >= to)
		return;
	foreach(inner, allm_noun_parse(chart, from + length, to))
	{
		AllmAttribute *attribute = palloc0(sizeof(AllmAttribute));

		attribute->function = ALLM_FUNCTION_COUNT;
		attribute->counted = lfirst(inner);
		attribute->cost = attribute->counted->cost;
		allm_chart_add(chart, cell, attribute);
	}
	foreach(inner, allm_attribute_parse(chart, from + length, to))
	{
		AllmAttribute *attribute = copy_attribute(lfirst(inner));

		if (!attribute->distinct || attribute->item == NULL ||
			attribute->function != ALLM_FUNCTION_DEFAULT)
			continue;
		attribute->function = ALLM_FUNCTION_COUNT;
		allm_chart_add(chart, cell, attribute);
	}
}

/* The relations that the whole stretch names. */
static List *
list_relations(const AllmChart *chart, int from, int to)
{
	AllmItem   *item = allm_chart_item(chart, from, to, ALLM_ITEM_NAME);
	List	   *senses = NIL;
	ListCell   *cell;

	if (item == NULL)
		return NIL;
	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_RELATION)
			senses = lappend(senses, sense);
	}
	return senses;
}

/* Adds a property with its owner said. */
static void
add_with_owner(AllmChart *chart, AllmCell *cell, const List *senses,
			   const AllmAttribute *attribute)
{
	ListCell   *inner;

	if (attribute->owner != NULL || attribute->counted != NULL)
		return;
	foreach(inner, senses)
	{
		AllmSense  *sense = lfirst(inner);
		AllmAttribute *copy = copy_attribute(attribute);

		copy->owner = sense->relation;
		copy->cost += sense->cost;
		allm_chart_add(chart, cell, copy);
	}
}

/* "name of the student", "student's name". */
static void
add_owned(AllmChart *chart, AllmCell *cell, int from, int to)
{
	ListCell   *inner;

	if (allm_chart_mark(chart, from, ALLM_MARK_COUNT, NULL) > 0)
		return;
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		List	   *senses;

		senses = list_relations(chart, from, at);
		if (senses != NIL)
		{
			foreach(inner, allm_attribute_parse(chart, at, to))
				add_with_owner(chart, cell, senses, lfirst(inner));
		}
		if (length == 0 || at + length >= to)
			continue;
		length += allm_chart_mark(chart, at + length, ALLM_MARK_ALL, NULL);
		senses = list_relations(chart, at + length, to);
		if (senses == NIL)
			continue;
		foreach(inner, allm_attribute_parse(chart, from, at))
			add_with_owner(chart, cell, senses, lfirst(inner));
	}
}

/*
 * "names and types of the parts": both are of the parts.  "id and details" of
 * one and of the other is nothing that is said so.
 */
static bool
may_stand_before(const AllmAttribute *attribute, const AllmAttribute *next)
{
	if (attribute->any == ALLM_ANY_ALL || next->any == ALLM_ANY_ALL)
		return false;
	return next->owner == NULL || attribute->owner != NULL ||
		attribute->counted != NULL || next->counted != NULL;
}

/* "color code and description": perhaps the color's description. */
static bool
shares_first(const AllmChart *chart, const AllmAttribute *attribute,
			 const AllmAttribute *next)
{
	const AllmToken *tokens = chart->lexicon->tokens;

	/* The name of the second may be turned: "description of the product". */
	return attribute->item != NULL && attribute->item->length == 2 &&
		next->item != NULL &&
		(next->item->length == 1 ||
		 strcmp(allm_chart_text(chart, next->item->start + 1), "of") == 0) &&
		allm_naming_exists(chart->lexicon->snapshot,
						   tokens[attribute->item->start].stem,
						   tokens[next->item->start].stem);
}

/* The lists of properties that a stretch may be. */
List *
allm_attribute_list(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_LIST, from, to);
	ListCell   *inner;
	ListCell   *other;

	if (cell->done || from >= to)
		return cell->pieces;
	cell->done = true;
	foreach(inner, allm_attribute_parse(chart, from, to))
		allm_chart_add(chart, cell, list_make1(lfirst(inner)));
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		List	   *first;

		if (length == 0 || at + length >= to)
			continue;
		first = allm_attribute_parse(chart, from, at);
		if (first == NIL)
			continue;
		foreach(other, allm_attribute_list(chart, at + length, to))
		{
			foreach(inner, first)
			{
				if (!may_stand_before(lfirst(inner), linitial(lfirst(other))) ||
					shares_first(chart, lfirst(inner), linitial(lfirst(other))))
					continue;
				allm_chart_add(chart, cell,
							   lcons(lfirst(inner),
									 list_copy(lfirst(other))));
			}
		}
	}
	add_shared_functions(chart, cell, from, to);
	return cell->pieces;
}

/* "minimum, maximum and average age": of the same column. */
static void
add_shared_functions(AllmChart *chart, AllmCell *cell, int from, int to)
{
	ListCell   *mark;
	ListCell   *inner;

	foreach(mark, chart->marks[from])
	{
		AllmMarkAt *at = lfirst(mark);
		int			next = from + at->length;
		int			length = allm_chart_mark(chart, next, ALLM_MARK_AND,
											 NULL);

		if ((at->mark != ALLM_MARK_AGG && at->mark != ALLM_MARK_BEST) ||
			length == 0)
			continue;
		foreach(inner, allm_attribute_list(chart, next + length, to))
		{
			AllmAttribute *first = linitial(lfirst(inner));
			AllmAttribute *copy;

			if (first->item == NULL ||
				(first->function != ALLM_FUNCTION_AVG &&
				 first->function != ALLM_FUNCTION_MIN &&
				 first->function != ALLM_FUNCTION_MAX &&
				 first->function != ALLM_FUNCTION_SUM))
				continue;
			copy = copy_attribute(first);
			copy->function = at->mark == ALLM_MARK_AGG ? at->argument :
				at->argument ? ALLM_FUNCTION_MAX : ALLM_FUNCTION_MIN;
			allm_chart_add(chart, cell,
						   lcons(copy, list_copy(lfirst(inner))));
		}
	}
}

/* A single value: found in the data, or a number. */
static void
add_value(AllmChart *chart, AllmCell *cell, int from, int to)
{
	static const AllmItemKind kinds[] = {ALLM_ITEM_VALUE, ALLM_ITEM_NUMBER};

	for (int i = 0; i < lengthof(kinds); i++)
	{
		AllmItem   *item = allm_chart_item(chart, from, to, kinds[i]);
		AllmValues *values;

		if (item == NULL ||
			(kinds[i] == ALLM_ITEM_VALUE && item->senses == NIL))
			continue;
		values = palloc0(sizeof(AllmValues));
		values->items = list_make1(item);
		allm_chart_add(chart, cell, values);
	}
}

/* The values that a stretch may be: one, some of which any, or all. */
List *
allm_values_parse(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_VALUES, from, to);
	int			both = allm_chart_mark(chart, from, ALLM_MARK_BOTH, NULL);
	int			either = allm_chart_mark(chart, from, ALLM_MARK_EITHER, NULL);
	ListCell   *first;
	ListCell   *other;

	if (cell->done || from >= to)
		return cell->pieces;
	cell->done = true;
	if (either > 0)
		return cell->pieces = allm_values_parse(chart, from + either, to);
	if (both > 0)
	{
		foreach(first, allm_values_parse(chart, from + both, to))
		{
			AllmValues *values = palloc(sizeof(AllmValues));

			*values = *(AllmValues *) lfirst(first);
			if (!values->listed || list_length(values->items) < 2)
				continue;
			values->all = true;
			allm_chart_add(chart, cell, values);
		}
		return cell->pieces;
	}
	add_value(chart, cell, from, to);
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_OR, NULL);
		bool		or = allm_chart_mark(chart, at, ALLM_MARK_ORWORD,
										 NULL) == length;

		if (length == 0 || at + length >= to)
			continue;
		foreach(first, allm_values_parse(chart, from, at))
		{
			if (list_length(((AllmValues *) lfirst(first))->items) != 1)
				continue;
			foreach(other, allm_values_parse(chart, at + length, to))
			{
				AllmValues *rest = lfirst(other);
				AllmValues *values = palloc0(sizeof(AllmValues));

				values->items = list_concat_copy(((AllmValues *) lfirst(first))->items,
												 rest->items);
				values->listed = !or && (list_length(rest->items) == 1 ||
										 rest->listed);
				allm_chart_add(chart, cell, values);
			}
		}
	}
	return cell->pieces;
}
