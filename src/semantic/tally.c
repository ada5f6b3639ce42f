/*
 * tally.c
 *		Numbers that are asked for beside what they are broken down by: "the
 *		classes of races, and how many races correspond to each".
 *
 * What stands behind the counted things may only point back to what they are
 * counted for; a word that says anything else is a condition, and then this is
 * not the form of the question.
 */
#include "postgres.h"

#include "semantic/frame.h"
#include "semantic/naming.h"
#include "semantic/tally.h"
#include "semantic/way.h"

/* A looser form than those that need no word left out. */
#define COST_TALLY	4

/*
 * Does the word say that things belong together, and nothing else?  "How many
 * players scored for each" asks for those that did.
 */
bool
allm_tally_is_light(const AllmChart *chart, int at)
{
	static const char *const light[] = {
		"associate", "be", "belong", "come", "correspond", "exist", "fall",
		"happen", "hold", "include", "live", "locate", "make", "occur",
		"originate", "own", "place", "record", "relate", "reside", "stay",
		"take", "use", "work"
	};
	const char *verb = allm_vocabulary_verb(allm_chart_text(chart, at));

	for (int i = 0; verb != NULL && i < lengthof(light); i++)
	{
		if (strcmp(light[i], verb) == 0)
			return chart->lexicon->tokens[at].kind == ALLM_WORD &&
				!allm_way_names_schema(chart, verb);
	}
	return false;
}

/* "Publications published", "players play": the noun says it already. */
static bool
is_own_deed(const AllmChart *chart, int at)
{
	const char *verb = allm_vocabulary_verb(allm_chart_text(chart, at));

	return at > 0 && verb != NULL &&
		chart->lexicon->tokens[at].kind == ALLM_WORD &&
		chart->lexicon->tokens[at - 1].kind == ALLM_WORD &&
		allm_way_names_words(list_make1(chart->lexicon->tokens[at - 1].stem),
							 verb);
}

/*
 * Do these words say no more than that things belong to what follows:
 * "correspond", "are there", "have taken place"?
 */
bool
allm_tally_is_tail(const AllmChart *chart, int from, int to)
{
	static const AllmMark marks[] = {
		ALLM_MARK_THERE, ALLM_MARK_AUX, ALLM_MARK_HAVE, ALLM_MARK_REL,
		ALLM_MARK_PREP
	};

	for (int at = from; at < to;)
	{
		int			length = 0;

		for (int i = 0; i < lengthof(marks); i++)
		{
			int			more = allm_chart_mark(chart, at, marks[i], NULL);

			if (at + more <= to)
				length = Max(length, more);
		}
		if (length == 0 && !allm_tally_is_light(chart, at) &&
			!(at == from && is_own_deed(chart, at)))
			return false;
		at += Max(length, 1);
	}
	return true;
}

/* Does an item name the relation, or the column that a property is? */
bool
allm_tally_names_same(const AllmItem *item, const AllmAttribute *attribute)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, item->senses)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_RELATION &&
			sense->relation == attribute->owner)
			return true;
		foreach(inner, attribute->item != NULL ? attribute->item->senses : NIL)
		{
			const AllmSense *own = lfirst(inner);

			if (own->kind != sense->kind)
				continue;
			if (own->kind == ALLM_SENSE_COLUMN ? own->column == sense->column :
				own->relation == sense->relation)
				return true;
		}
	}
	return false;
}

/* Is the relation the one whose name or key the property is? */
static bool
is_thing_of(const AllmItem *item, const AllmAttribute *attribute)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, item->senses)
	{
		const AllmSense *sense = lfirst(cell);

		foreach(inner, sense->kind == ALLM_SENSE_RELATION &&
				attribute->item != NULL ? attribute->item->senses : NIL)
		{
			const AllmSense *own = lfirst(inner);

			if (own->kind == ALLM_SENSE_COLUMN &&
				own->relation == sense->relation &&
				(own->column->in_key ||
				 list_member_ptr(allm_naming_labels(own->relation),
								 own->column)))
				return true;
		}
	}
	return false;
}

/* Does a stretch point back to one of the properties, or to whatever it is? */
static bool
points_back(const AllmChart *chart, int from, int to, const List *groups)
{
	static const char *const pronouns[] = {
		"each", "it", "them", "that", "each one", "each of them"
	};
	int			skip = allm_chart_mark(chart, from, ALLM_MARK_EACH, NULL);
	AllmItem   *item;
	ListCell   *cell;

	for (int i = 0; i < lengthof(pronouns); i++)
	{
		char	   *text = allm_lexicon_text(chart->lexicon, from, to - from);

		if (pg_strcasecmp(text, pronouns[i]) == 0)
			return true;
	}
	if (skip == 0 && (strcmp(allm_chart_text(chart, from), "that") == 0 ||
					  strcmp(allm_chart_text(chart, from), "this") == 0))
		skip = 1;
	if (skip == to - from && allm_chart_is(chart, from, to, ALLM_MARK_EACH,
										   NULL))
		return true;
	item = skip > 0 ? allm_chart_item(chart, from + skip, to,
									  ALLM_ITEM_NAME) : NULL;
	foreach(cell, item != NULL ? groups : NIL)
	{
		if (allm_tally_names_same(item, lfirst(cell)) || is_thing_of(item, lfirst(cell)))
			return true;
	}
	return false;
}

/* The places where the counted things may end, before what points back. */
static List *
list_ends(const AllmChart *chart, int from, int to, const List *groups)
{
	List	   *ends = NIL;

	for (int at = from + 1; at <= to; at++)
	{
		bool		found = allm_tally_is_tail(chart, at, to);

		for (int back = at; back < to && !found; back++)
		{
			for (int end = back + 1; end <= to && !found; end++)
				found = allm_tally_is_tail(chart, at, back) &&
					allm_tally_is_tail(chart, end, to) &&
					points_back(chart, back, end, groups);
		}
		if (found)
			ends = lappend_int(ends, at);
	}
	return ends;
}

/*
 * The properties without the owner, where it is what is counted: "hometowns of
 * players" may be those of the people that the players are.
 */
static List *
drop_owner(const List *attributes, const AllmRelation *owner)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, attributes)
	{
		AllmAttribute *copy = palloc(sizeof(AllmAttribute));

		*copy = *(AllmAttribute *) lfirst(cell);
		if (copy->owner == owner && !copy->generic &&
			copy->any == ALLM_ANY_NOT)
			copy->owner = NULL;
		result = lappend(result, copy);
	}
	return result;
}

/* Adds the number of things for each of some properties. */
static void
add_tally(AllmBody *body, AllmSet *counted, const List *groups, int cost)
{
	AllmAttribute *count = palloc0(sizeof(AllmAttribute));
	List	   *attributes;
	ListCell   *cell;
	ListCell   *inner;

	count->function = ALLM_FUNCTION_COUNT;
	count->counted = counted;
	count->cost = counted->cost;
	allm_frame_add(body, allm_project_groups(body->chart, counted,
											 drop_owner(groups, counted->relation),
											 list_make1(count)), cost + 1);
	attributes = lappend(list_copy(groups), count);
	foreach(cell, groups)
	{
		const AllmAttribute *attribute = lfirst(cell);
		List	   *owners = attribute->owner != NULL ?
		list_make1(unconstify(AllmRelation *, attribute->owner)) :
		allm_frame_owners(attribute);

		if (cell != list_head(groups))
			break;
		foreach(inner, owners)
		{
			if (lfirst(inner) != counted->relation)
				allm_frame_add(body,
							   allm_project_attributes(body->chart,
													   allm_tree_set(lfirst(inner), 0),
													   attributes), cost + 1);
		}
	}
}

/* The one number of things for each row or group of a query, or NULL. */
AllmTerm *
allm_tally_number(const AllmQuery *query)
{
	AllmTerm   *found = NULL;
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);

		if (term->function != ALLM_FUNCTION_COUNT ||
			(term->related == NULL && query->groups == 0))
			continue;
		if (found != NULL)
			return NULL;
		found = term;
	}
	return found;
}

/* Is it the number itself: "the count", "this count", "their frequency"? */
bool
allm_tally_is_count(const AllmChart *chart, int from, int to)
{
	static const char *const words[] = {
		"count", "counts", "frequency", "frequencies"
	};

	from += allm_chart_mark(chart, from, ALLM_MARK_POSS, NULL);
	if (strcmp(allm_chart_text(chart, from), "this") == 0)
		from++;
	for (int i = 0; from + 1 == to && i < lengthof(words); i++)
	{
		if (strcmp(allm_chart_text(chart, from), words[i]) == 0)
			return true;
	}
	return false;
}

/* Is it a bare number: "and the count", "and how many there are"? */
bool
allm_tally_is_bare(AllmChart *chart, int from, int to)
{
	int			at = from;

	at += allm_chart_mark(chart, at, ALLM_MARK_POSS, NULL);
	if (at < to && (strcmp(allm_chart_text(chart, at), "count") == 0 ||
					strcmp(allm_chart_text(chart, at), "counts") == 0 ||
					strcmp(allm_chart_text(chart, at), "number") == 0))
		at++;
	else
		at += allm_chart_mark(chart, at, ALLM_MARK_COUNT, NULL);
	if (at > from && at + 1 == to &&
		allm_chart_mark(chart, from, ALLM_MARK_COUNT, NULL) > 0 &&
		allm_noun_bare(chart, at, to) != NIL)
		return true;
	return at > from && at <= to && allm_tally_is_tail(chart, at, to);
}

/* "the categories of the festivals and the count" */
static void
add_bare_count(AllmBody *body, int to)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		ListCell   *cell;
		ListCell   *inner;

		if (length == 0 || at + length >= to)
			continue;
		foreach(cell, allm_attribute_list(chart, body->from, at))
		{
			foreach(inner, allm_noun_parse(chart, at + length, to))
			{
				AllmAttribute *count = palloc0(sizeof(AllmAttribute));

				count->function = ALLM_FUNCTION_COUNT;
				count->counted = lfirst(inner);
				allm_frame_add(body,
							   allm_project_groups(chart, lfirst(inner),
												   lfirst(cell),
												   list_make1(count)),
							   COST_TALLY);
			}
		}
	}
}

/* The same behind things, or behind properties of things. */
static void
add_beside_things(AllmBody *body, int to, int from)
{
	AllmChart  *chart = body->chart;
	ListCell   *end;
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *counted;

	foreach(end, list_ends(chart, from, body->to, NIL))
	{
		foreach(counted, allm_noun_parse(chart, from, lfirst_int(end)))
		{
			AllmAttribute *count = palloc0(sizeof(AllmAttribute));

			count->function = ALLM_FUNCTION_COUNT;
			count->counted = lfirst(counted);
			count->cost = count->counted->cost;
			foreach(cell, allm_noun_parse(chart, body->from, to))
				allm_frame_add(body, allm_project_each(chart, lfirst(cell),
													   list_make1(count)),
							   COST_TALLY);
			for (int at = body->from + 1; at < to; at++)
			{
				int			of = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);

				foreach(inner, of > 0 && at + of < to ?
						allm_attribute_list(chart, body->from, at) : NIL)
				{
					foreach(cell, allm_noun_parse(chart, at + of, to))
						allm_frame_add(body,
									   allm_project_attributes(chart, lfirst(cell),
															   lappend(list_copy(lfirst(inner)),
																	   count)), COST_TALLY);
				}
			}
		}
	}
}

/* "classes, and how many races correspond to each" */
void
allm_tally_read(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		int			and = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		int			start = at + Max(and, strcmp(allm_chart_text(chart, at),
												 "with") == 0);
		int			each = allm_chart_mark(chart, body->from, ALLM_MARK_EACH,
										   NULL);
		int			count;
		ListCell   *end;
		ListCell   *cell;
		ListCell   *inner;

		if (start == at)
			continue;
		if (and > 0 && allm_tally_is_bare(chart, start, body->to))
			add_bare_count(body, at);
		start += allm_chart_mark(chart, start, ALLM_MARK_POSS, NULL);
		count = allm_chart_mark(chart, start, ALLM_MARK_COUNT, NULL);
		if (count == 0 || start + count >= body->to)
			continue;
		foreach(cell, allm_attribute_list(chart, body->from + each, at))
		{
			foreach(end, list_ends(chart, start + count, body->to,
								   lfirst(cell)))
			{
				foreach(inner, allm_noun_parse(chart, start + count,
											   lfirst_int(end)))
					add_tally(body, lfirst(inner), lfirst(cell), COST_TALLY);
			}
		}
		if (and > 0)
			add_beside_things(body, at, start + count);
	}
}
