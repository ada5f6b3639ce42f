/*
 * question.c
 *		Whole questions: the frames that things and properties stand in.
 *
 * Each frame is a row: a function that looks for its marks in the stretch of
 * the question that is left when what opens and ends it is gone.  Every frame
 * is tried on every such stretch; what fits is kept, and the cheapest wins.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/frame.h"
#include "semantic/resolve.h"
#include "semantic/tally.h"
#include "semantic/thing.h"

/* More ways to read a whole question than this are no reading. */
#define MAX_QUERIES	200

/* Nobody says more parts one after the other: a list, its order, its columns. */
#define MAX_DEPTH	1

static void read_body(AllmBody *body);
static void read_listing(AllmBody *body);
static void read_properties(AllmBody *body);
static void read_possessed(AllmBody *body);
static void read_count(AllmBody *body);
static void read_inverted(AllmBody *body);
static void read_how(AllmBody *body);


static void (*const frames[]) (AllmBody *body) =
{
	read_listing, read_properties, read_possessed, allm_owned_read, read_count,
		read_inverted, allm_grouping_each, allm_grouping_common, allm_grouping_entity, read_how,
		allm_asked_property, allm_owned_clause, allm_asked_amount, allm_asked_place,
		allm_stored_read, allm_asked_owner, allm_tally_read,
		allm_sharing_read, allm_owned_text
};

/* Is the property rather the name of a relation? */
bool
allm_frame_names_relation(const AllmAttribute *attribute)
{
	ListCell   *cell;

	if (attribute->item == NULL || attribute->owner != NULL)
		return false;
	foreach(cell, attribute->item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_RELATION && sense->cost < 2)
			return true;
	}
	return false;
}

/*
 * Does something belong to what has the most of something?  Two may tie for
 * it, and a figure over what belongs to either is that of none.
 */
static bool
hangs_on_most(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);

		if (test->kind == ALLM_TEST_EXISTS &&
			((test->set->best != NULL && test->set->best->related != NULL) ||
			 hangs_on_most(test->set)))
			return true;
	}
	return false;
}

/*
 * Does a test of what the rows refer to lead back to other rows of their kind,
 * on the way to something else?  Of "quantity of the tracks sold in x" those
 * sold in x are meant, and not all of a track that was sold there too.
 */
static bool
turns_back(const AllmSet *set, const AllmForeignKey *over)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);
		const AllmStep *first;
		const AllmStep *last;

		if (test->kind != ALLM_TEST_EXISTS)
			continue;
		first = linitial(test->steps);
		last = llast(test->steps);
		if (over != NULL && first->key == over && !first->up &&
			list_length(test->steps) > 1 && test->passing && !test->negated)
			return true;
		if (turns_back(test->set, allm_tree_is_up(test->steps) ?
					   last->key : NULL))
			return true;
	}
	return false;
}

/* Is one of the outputs a figure? */
bool
allm_frame_has_figures(const AllmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		if (((AllmTerm *) lfirst(cell))->function != ALLM_FUNCTION_DEFAULT)
			return true;
	}
	return false;
}

/* Is one of the outputs a figure over all rows, rather than one of each? */
bool
allm_frame_has_totals(const AllmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		const AllmTerm *term = lfirst(cell);

		if (term->function != ALLM_FUNCTION_DEFAULT && term->related == NULL)
			return true;
	}
	return false;
}

/* Adds what a function found, at a cost. */
void
allm_frame_add(AllmBody *body, List *queries, int cost)
{
	ListCell   *cell;

	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);

		/* Other than what?  And all capitals are more than these cities. */
		if (query->set->other || (query->set->role &&
								  query->set->best == NULL &&
								  !query->set->singular) ||
			(allm_frame_has_totals(query) &&
			 (hangs_on_most(query->set) ||
			  (query->set->best != NULL && query->set->limit == 1))))
			continue;
		query->cost += cost;
		if (turns_back(query->set, NULL))
			query->doubt = "It is not said of which rows that is true.";
		body->queries = lappend(body->queries, query);
	}
	if (list_length(body->queries) > MAX_QUERIES)
		body->chart->too_many = true;
}

/* The queries that a question can mean. */
List *
allm_question_parse(AllmChart *chart)
{
	AllmBody	body = {.chart = chart,.to = chart->n};
	ListCell   *cell;

	read_body(&body);
	allm_ordering_read(&body);
	allm_sequel_read(&body);
	foreach(cell, chart->few_open ? body.queries : NIL)
		((AllmQuery *) lfirst(cell))->doubt =
		"It is not said whether those that have none are meant.";
	return body.queries;
}

/*
 * Tries the frames on what is left without the words that open a question and
 * those that end it.
 */
static void
read_body(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			start = body->from;
	int			length;
	AllmBody	inner = *body;

	inner.start = body->from;
	do
	{
		for (int end = body->to; end > start; end--)
		{
			if (end < body->to &&
				!allm_chart_is(chart, end, body->to, ALLM_MARK_THERE, NULL))
				continue;
			inner.from = start;
			inner.to = end;
			for (int i = 0; i < lengthof(frames); i++)
			{
				CHECK_FOR_INTERRUPTS();
				frames[i] (&inner);
			}
		}
		length = allm_chart_mark(chart, start, ALLM_MARK_FRAME, NULL);

		/* "name x" asks for x, "what is the name" for a name. */
		if (length == 1 && start > 0 &&
			allm_words_has(ALLM_WORDS_LABEL, allm_chart_text(chart, start)))
			length = 0;
		if (length == 0)
			length = strcmp(allm_chart_text(chart, start), ",") == 0 ||
				strcmp(allm_chart_text(chart, start), ":") == 0;

		/* "in which x", "for how many x" */
		if (length == 0 && start == body->from)
		{
			length = allm_chart_mark(chart, start, ALLM_MARK_PREP, NULL);
			if (allm_chart_mark(chart, start + length, ALLM_MARK_WHICH,
								NULL) == 0)
				length = 0;
		}
		start += length;
	} while (length > 0 && start < body->to);
	body->queries = inner.queries;
}

/* What a part of a question can mean, with its order and what follows it. */
List *
allm_frame_part(AllmBody *body, int from, int to)
{
	AllmBody	part = {.chart = body->chart,.from = from,.to = to};

	part.depth = body->depth + 1;
	if (from < to)
		read_body(&part);
	if (part.depth <= MAX_DEPTH)
	{
		allm_ordering_read(&part);
		allm_sequel_read(&part);
	}
	return part.queries;
}

/* "list all students with pets" */
static void
read_listing(AllmBody *body)
{
	ListCell   *cell;

	foreach(cell, allm_noun_parse(body->chart, body->from, body->to))
	{
		AllmSet    *set = lfirst(cell);

		/* A name alone asks for nothing. */
		if (!set->named)
			allm_frame_add(body, list_make1(allm_project_default(set)), 1);
	}
}

/* "area of all countries combined" */
static void
read_combined(AllmBody *body, const List *lists, int from)
{
	ListCell   *cell;
	ListCell   *inner;

	if (body->to - from < 2 ||
		!allm_chart_is(body->chart, body->to - 1, body->to, ALLM_MARK_SUM, NULL))
		return;
	foreach(inner, lists)
	{
		AllmAttribute *one = linitial(lfirst(inner));
		AllmAttribute *sum = palloc(sizeof(AllmAttribute));

		*sum = *one;
		sum->function = ALLM_FUNCTION_SUM;
		if (list_length(lfirst(inner)) != 1 || one->item == NULL ||
			one->function != ALLM_FUNCTION_DEFAULT)
			continue;
		foreach(cell, allm_noun_parse(body->chart, from, body->to - 1))
			allm_frame_add(body, allm_project_attributes(body->chart,
														 lfirst(cell),
														 list_make1(sum)), 0);
	}
}

/*
 * Do the words say of several things what was done: "students enrolled"?  Then
 * what follows is said of that, whatever column is called so.
 */
static bool
says_deed(AllmChart *chart, int from, int to)
{
	const AllmToken *first = &chart->lexicon->tokens[from];
	const char *last = chart->lexicon->tokens[to - 1].text;
	int			bytes = strlen(last);

	return to - from == 2 && strcmp(first->text, first->stem) != 0 &&
		allm_noun_bare(chart, from, from + 1) != NIL && bytes > 4 &&
		strcmp(last + bytes - 2, "ed") == 0 &&
		allm_vocabulary_verb(last) != NULL;
}

/* "name and age of students", "average age of students". */
static void
read_properties(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		List	   *lists;
		ListCell   *cell;
		ListCell   *inner;

		if (length == 0 || at + length >= body->to ||
			says_deed(chart, body->from, at))
			continue;
		lists = allm_attribute_list(chart, body->from, at);
		if (lists == NIL)
			continue;
		foreach(cell, allm_noun_parse(chart, at + length, body->to))
		{
			foreach(inner, lists)
				allm_frame_add(body, allm_project_attributes(chart, lfirst(cell),
															 lfirst(inner)), 0);
		}
		read_combined(body, lists, at + length);
	}
}

/* Puts what tells the things of a set apart before what is shown of them. */
static List *
show_things(List *queries)
{
	ListCell   *cell;

	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);
		List	   *shown = allm_resolve_default(query->set->relation);
		ListCell   *inner;
		ListCell   *output;

		if (allm_frame_has_figures(query))
			continue;
		foreach(inner, shown)
		{
			foreach(output, query->outputs)
			{
				const AllmTerm *term = lfirst(output);

				if (term->steps == NIL &&
					term->column == ((AllmTerm *) lfirst(inner))->column)
					break;
			}
			if (output != NULL)
				shown = foreach_delete_current(shown, inner);
		}
		query->outputs = list_concat(shown, query->outputs);
	}
	return queries;
}

/* "students and their ages", "students with their ages", "students' names". */
static void
read_possessed(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		int			and = allm_chart_mark(chart, at, ALLM_MARK_AND, NULL);
		int			length = and > 0 ? and :
		allm_chart_mark(chart, at, ALLM_MARK_HAVE, NULL);
		int			possessive = length == 0 ? 0 :
		allm_chart_mark(chart, at + length, ALLM_MARK_POSS, NULL);
		const char *text = allm_chart_text(chart, at - 1);
		size_t		bytes = strlen(text);
		bool		genitive = bytes > 2 &&
		(strcmp(text + bytes - 2, "'s") == 0 || text[bytes - 1] == '\'');
		bool		their = possessive > 0 ||
		(and > 1 && strcmp(allm_chart_text(chart, at + length - 1),
						   "their") == 0);
		List	   *lists;
		ListCell   *cell;
		ListCell   *inner;

		if (!their && !genitive)
			continue;
		lists = allm_attribute_list(chart, their ? at + length + possessive :
									at, body->to);
		if (lists == NIL)
			continue;
		foreach(cell, allm_noun_parse(chart, body->from, at))
		{
			AllmSet    *set = lfirst(cell);

			foreach(inner, lists)
			{
				if (genitive)
					allm_frame_add(body, allm_project_attributes(chart, set,
																 lfirst(inner)),
								   0);
				else
					allm_frame_add(body,
								   show_things(allm_project_each(chart, set,
																 lfirst(inner))),
								   0);
			}
		}
	}
}

/* Is it a test of what the rows refer to? */
static bool
tests_reference(const AllmTest *test)
{
	const AllmStep *step;

	if (test->kind == ALLM_TEST_EXISTS)
	{
		step = linitial(test->steps);
		return step->up;
	}
	if (test->term == NULL)
		return false;
	return test->term->steps != NIL ||
		(test->term->column != NULL && test->term->column->in_foreign_key);
}

/*
 * Are the rows of a set things?  Rows without a key that have a name and refer
 * to something may be about the same thing several times, once for each that
 * they refer to; of one of these they can be counted.
 */
static bool
may_count(AllmChart *chart, const AllmSet *set)
{
	ListCell   *cell;

	if (set->relation->primary_key != NIL ||
		set->relation->foreign_keys == NIL ||
		allm_naming_labels(set->relation) == NIL ||
		allm_thing_of(chart, set->relation) != ALLM_THING_UNKNOWN)
		return true;
	foreach(cell, set->tests)
	{
		if (tests_reference(lfirst(cell)))
			return true;
	}
	return false;
}

/*
 * "The total number of products in orders": of the products, or of the pieces
 * that the items of the orders say?  And "how many products were sold" may ask
 * for different ones, or how often that happened.
 */
static bool
may_be_pieces(const AllmChart *chart, int from, int length,
			  const AllmSet *set)
{
	bool		total = false;
	ListCell   *cell;

	for (int at = from; at < from + length; at++)
		total |= strcmp(allm_chart_text(chart, at), "total") == 0;
	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);
		const AllmStep *first = test->steps != NIL ? linitial(test->steps) :
		NULL;

		if (test->kind != ALLM_TEST_EXISTS || first->up)
			continue;
		if (total && allm_column_has_quantity(first->key->from))
			return true;
		if (test->deed && test->passing && !test->negated && !set->distinct &&
			(test->set->tests != NIL || allm_column_has_quantity(first->key->from)))
			return true;
	}
	return false;
}

/* "how many students live in x" */
static void
read_count(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			length = allm_chart_mark(chart, body->from, ALLM_MARK_COUNT,
										 NULL);
	ListCell   *cell;
	ListCell   *inner;

	if (length == 0)
		return;
	foreach(cell, allm_noun_parse(chart, body->from + length, body->to))
	{
		AllmSet    *set = lfirst(cell);

		if (!set->named && may_count(chart, set) &&
			!may_be_pieces(chart, body->from, length, set) &&
			allm_naming_stored_number(set->relation) == NULL)
			allm_frame_add(body, list_make1(allm_project_count(chart, set)), 0);
	}

	/* "how many different cities are there (in x)" */
	foreach(cell, allm_attribute_list(chart, body->from, body->to))
	{
		AllmAttribute *attribute = linitial(lfirst(cell));

		if (list_length(lfirst(cell)) != 1 || attribute->item == NULL)
			continue;
		foreach(inner, attribute->item->senses)
		{
			AllmSense  *sense = lfirst(inner);

			if (sense->kind == ALLM_SENSE_COLUMN)
				allm_frame_add(body,
							   allm_project_attributes(chart,
													   allm_tree_set(sense->relation, 0),
													   lfirst(cell)), 1);
		}
	}
}

/* "how many games has each stadium held" */
static void
read_each_has(AllmBody *body, int at, int length, int end)
{
	AllmChart  *chart = body->chart;
	int			each;
	ListCell   *cell;
	ListCell   *inner;

	/* The auxiliary is part of "does each". */
	each = allm_chart_mark(chart, at, ALLM_MARK_EACH, NULL);
	if (each == 0)
		each = length + allm_chart_mark(chart, at + length, ALLM_MARK_EACH,
										NULL);
	if (each == length || at + each >= end)
		return;
	foreach(inner, allm_attribute_parse(chart, body->from, at))
	{
		AllmAttribute *attribute = lfirst(inner);

		foreach(cell, attribute->counted != NULL ?
				allm_noun_parse(chart, at + each, end) : NIL)
		{
			/* "did each x have in y": when, or where, it had them. */
			if (((AllmSet *) lfirst(cell))->tests != NIL)
				continue;
			allm_frame_add(body,
						   allm_project_each(chart, lfirst(cell),
											 list_make1(attribute)), 0);
		}
	}
}

/* "how many cities does texas have", "which courses does x take". */
static void
read_inverted(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			count = allm_chart_mark(chart, body->from, ALLM_MARK_COUNT,
										NULL);
	int			start = body->from + count;

	for (int at = start + 1; at < body->to; at++)
	{
		int			length = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
		int			end = body->to;
		AllmClause	clause = {.kind = ALLM_CLAUSE_EXISTS};
		ListCell   *cell;
		ListCell   *inner;
		ListCell   *result;

		if (length != 1 || at + length >= body->to)
			continue;

		/* The last word is the verb, or a verb and a preposition. */
		if (allm_chart_is(chart, end - 1, end, ALLM_MARK_PREP, NULL))
			end--;
		clause.verb = allm_vocabulary_verb(allm_chart_text(chart, end - 1));
		if (clause.verb != NULL)
			end--;
		else if (allm_chart_is(chart, end - 1, end, ALLM_MARK_HAVE, NULL))
			end--;

		/* "in which state is x" */
		else if (end == body->to &&
				 (body->start == body->from ||
				  !allm_chart_is(chart, body->start, body->start + 1,
								 ALLM_MARK_PREP, NULL)))
			continue;
		if (count > 0)
			read_each_has(body, at, length, end);
		foreach(cell, allm_noun_parse(chart, start, at))
		{
			foreach(inner, end > at + length ?
					allm_values_parse(chart, at + length, end) : NIL)
			{
				AllmClause	placed = clause;

				/* What is called so is a thing, as below. */
				placed.kind = ALLM_CLAUSE_VALUES;
				placed.placed = true;
				placed.values = lfirst(inner);
				if (((AllmItem *) linitial(placed.values->items))->kind !=
					ALLM_ITEM_VALUE ||
					allm_noun_bare(chart, at + length, end) != NIL)
					continue;
				foreach(result, allm_attach_clause(chart, lfirst(cell),
												   &placed))
					allm_frame_add(body, list_make1(count > 0 ?
													allm_project_count(chart, lfirst(result)) :
													allm_project_default(lfirst(result))),
								   1);
			}
			foreach(inner, end > at + length ?
					allm_noun_parse(chart, at + length, end) : NIL)
			{
				clause.set = lfirst(inner);
				foreach(result, allm_attach_clause(chart, lfirst(cell),
												   &clause))
					allm_frame_add(body, list_make1(count > 0 ?
													allm_project_count(chart, lfirst(result)) :
													allm_project_default(lfirst(result))),
								   0);
			}
		}
	}
}

/* The relations that a property may belong to. */
List *
allm_frame_owners(const AllmAttribute *attribute)
{
	List	   *relations = NIL;
	ListCell   *cell;

	foreach(cell, attribute->item != NULL ? attribute->item->senses : NIL)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN)
			relations = list_append_unique_ptr(relations,
											   unconstify(AllmRelation *,
														  sense->relation));
	}
	return relations;
}

/* "how long is x" */
static void
read_how(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	AllmAttribute attribute = {0};
	int			at = body->from + 2;
	ListCell   *cell;

	if (strcmp(allm_chart_text(chart, body->from), "how") != 0)
		return;
	attribute.adjective =
		allm_vocabulary_adjective(allm_chart_text(chart, body->from + 1),
								  ALLM_DEGREE_PLAIN, false);
	at += allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	if (attribute.adjective == NULL || at == body->from + 2)
		return;
	foreach(cell, allm_noun_parse(chart, at, body->to))
		allm_frame_add(body, allm_project_attributes(chart, lfirst(cell),
													 list_make1(&attribute)), 0);
}
