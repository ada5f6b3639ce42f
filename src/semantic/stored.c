/*
 * stored.c
 *		Columns that hold a first place: "highest_point", "longest_track".
 *
 * Each thing has its own, so of one thing the column is wanted, and of many
 * the first among them.  Where the column is a name, a number goes with it
 * that begins with the same word ("highest_elevation"): by that they are
 * compared.  When there is no such number, or more than one, nothing is.
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/frame.h"
#include "semantic/naming.h"
#include "semantic/stored.h"

/* Is it a "highest point", by the name of a column? */
bool
allm_stored_is_best(const AllmChart *chart, const AllmAttribute *attribute,
					bool *descending)
{
	const AllmItem *item = attribute->item;
	int			most = 0;
	ListCell   *cell;

	if (item == NULL || item->length < 2 ||
		attribute->function != ALLM_FUNCTION_DEFAULT ||
		allm_chart_mark(chart, item->start, ALLM_MARK_BEST, &most) != 1)
		return false;
	foreach(cell, item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind != ALLM_SENSE_COLUMN)
			continue;
		if (strcmp(linitial(allm_naming_column_words(sense->column)),
				   chart->lexicon->tokens[item->start].stem) != 0)
			continue;
		*descending = most == 1;
		return true;
	}
	return false;
}

/* Is it said in the singular? */
bool
allm_stored_is_one(const AllmChart *chart, const AllmAttribute *attribute)
{
	const AllmItem *item = attribute->item;
	const AllmToken *last =
	&chart->lexicon->tokens[item->start + item->length - 1];

	return strcmp(last->text, last->stem) == 0;
}

/* The number that such a column is compared by, or NULL. */
const AllmColumn *
allm_stored_measure(const AllmColumn *column)
{
	const char *first = linitial(allm_naming_column_words(column));
	const AllmColumn *found = NULL;
	ListCell   *cell;

	if (allm_column_is_measure(column))
		return column;
	foreach(cell, column->relation->columns)
	{
		AllmColumn *other = lfirst(cell);

		if (!allm_column_is_measure(other) ||
			strcmp(linitial(allm_naming_column_words(other)), first) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = other;
	}
	return found;
}

/* That number, as a relation has it; NULL when it is not clear. */
AllmTerm *
allm_stored_term(const AllmChart *chart, const AllmAttribute *attribute,
				 const AllmRelation *relation)
{
	List	   *found = allm_resolve_attribute(chart, attribute, relation);
	AllmResolved *resolved;
	AllmTerm   *term;
	const AllmColumn *measure;

	if (list_length(found) != 1)
		return NULL;
	resolved = linitial(found);
	if (!resolved->up || list_length(resolved->terms) != 1)
		return NULL;
	term = linitial(resolved->terms);
	measure = allm_stored_measure(term->column);
	return measure == NULL ? NULL : allm_tree_column(measure, term->steps);
}

/* Is the set one thing? */
bool
allm_stored_is_single(const AllmSet *set)
{
	return set->named || set->singular;
}

/* Do the words ask for the number: "elevation", "how high"? */
static bool
names_measure(const AllmChart *chart, int from, int to,
			  const AllmColumn *measure)
{
	const AllmAdjective *adjective;
	const char *last = llast(allm_naming_column_words(measure));
	const char *stem = chart->lexicon->tokens[from].stem;
	ListCell   *cell;

	if (to - from != 1)
		return false;
	if (strcmp(stem, last) == 0 || allm_vocabulary_are_alike(stem, last))
		return true;
	adjective = allm_vocabulary_adjective(allm_chart_text(chart, from),
										  ALLM_DEGREE_PLAIN, false);
	if (adjective == NULL)
		return false;
	foreach(cell, allm_lexicon_split(adjective->names))
	{
		if (strcmp(lfirst(cell), last) == 0)
			return true;
	}
	return false;
}

/* Shows the number in place of the name. */
static List *
show_measures(const AllmChart *chart, List *queries, int from, int to)
{
	ListCell   *cell;

	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);
		AllmTerm   *term = linitial(query->outputs);
		const AllmColumn *measure = allm_stored_measure(term->column);

		if (measure == NULL || !names_measure(chart, from, to, measure))
			queries = foreach_delete_current(queries, cell);
		else
			query->outputs = list_make1(allm_tree_column(measure, term->steps));
	}
	return queries;
}

/* Adds the queries for a stored first place over what is left of a question. */
static void
add_best(AllmBody *body, int from, int asked_from, int asked_to)
{
	AllmChart  *chart = body->chart;

	for (int at = from + 2; at <= body->to; at++)
	{
		int			of = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		ListCell   *cell;
		ListCell   *inner;

		foreach(cell, allm_attribute_parse(chart, from, at))
		{
			AllmAttribute *attribute = lfirst(cell);
			bool		descending;
			List	   *sets = NIL;
			ListCell   *owner;

			if (attribute->owner != NULL ||
				!allm_stored_is_best(chart, attribute, &descending) ||
				(!allm_stored_is_one(chart, attribute) &&
				 asked_from == asked_to))
				continue;
			if (at + of < body->to && of > 0)
				sets = list_copy(allm_noun_parse(chart, at + of, body->to));
			foreach(owner, allm_frame_owners(attribute))
			{
				AllmSet    *all = allm_tree_set(lfirst(owner), 1);

				if (at == body->to)
					sets = lappend(sets, all);
				foreach(inner, allm_clause_parse(chart, at, body->to))
					sets = list_concat(sets,
									   allm_attach_clause(chart, all,
														  lfirst(inner)));
			}
			foreach(inner, sets)
			{
				List	   *queries =
				allm_project_attributes(chart, lfirst(inner),
										list_make1(attribute));

				if (asked_from < asked_to)
					queries = show_measures(chart, queries, asked_from,
											asked_to);
				allm_frame_add(body, queries, 0);
			}
		}
	}
}

/*
 * Adds what is asked of the thing that such a column names: its number, or
 * where it is.
 */
static void
add_named(AllmBody *body, int from, int asked_from, int asked_to)
{
	AllmChart  *chart = body->chart;
	AllmItem   *item;
	ListCell   *cell;

	item = allm_chart_item(chart, from, body->to, ALLM_ITEM_VALUE);
	foreach(cell, item != NULL ? item->senses : NIL)
	{
		AllmSense  *sense = lfirst(cell);
		const char *first = linitial(allm_naming_column_words(sense->column));
		const AllmColumn *measure = allm_stored_measure(sense->column);
		AllmTest   *test;
		AllmSet    *set;
		AllmQuery  *query;
		AllmTerm   *term;

		if (measure == NULL || measure == sense->column ||
			!allm_vocabulary_has_mark(first, ALLM_MARK_BEST))
			continue;
		if (asked_from < asked_to)
			term = names_measure(chart, asked_from, asked_to, measure) ?
				allm_tree_column(measure, NIL) : NULL;
		else
			term = allm_resolve_place(sense->relation);
		if (term == NULL)
			continue;
		test = palloc0(sizeof(AllmTest));
		test->kind = ALLM_TEST_VALUES;
		test->term = allm_tree_column(sense->column, NIL);
		test->values = sense->values;
		set = allm_tree_with(allm_tree_set(sense->relation, 0), test, 0);
		query = allm_project_default(set);
		query->outputs = list_make1(term);
		query->distinct = true;
		allm_frame_add(body, list_make1(query), 2);
	}
}

/* "points higher than the highest point in x": its own highest is higher. */
void
allm_stored_add_higher(AllmChart *chart, AllmCell *cell, int from, int to)
{
	const AllmAdjective *adjective;
	int			at = from + 1;

	at += allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);
	at += allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	adjective = allm_vocabulary_adjective(allm_chart_text(chart, at),
										  ALLM_DEGREE_MORE, false);
	if (adjective == NULL || at + 2 >= to ||
		strcmp(allm_chart_text(chart, at + 1), "than") != 0)
		return;
	at += 2;
	for (int end = at + 2; end < to; end++)
	{
		int			of = allm_chart_mark(chart, end, ALLM_MARK_OF, NULL);
		ListCell   *inner;
		ListCell   *other;

		foreach(inner, of > 0 ? allm_attribute_parse(chart, at, end) : NIL)
		{
			AllmAttribute *said = lfirst(inner);
			bool		descending;

			if (!allm_stored_is_best(chart, said, &descending) ||
				descending != adjective->upward ||
				strcmp(adjective->most, allm_chart_text(chart, at)) != 0 ||
				strcmp(chart->lexicon->tokens[end - 1].stem,
					   chart->lexicon->tokens[from].stem) != 0)
				continue;
			foreach(other, allm_noun_parse(chart, end + of, to))
			{
				AllmClause *clause;

				if (!allm_stored_is_single(lfirst(other)))
					continue;
				clause = allm_clause_make(ALLM_CLAUSE_COMPARE, NULL);
				clause->attribute = said;
				clause->set = lfirst(other);
				clause->compare = descending ? ALLM_COMPARE_GT :
					ALLM_COMPARE_LT;
				clause->cost = clause->set->cost;
				allm_chart_add(chart, cell, clause);
			}
		}
	}
}

/* Adds the things of a stretch that have a stored first place, and more. */
static void
add_owners(AllmBody *body, int to, AllmClause *best, List *more)
{
	AllmChart  *chart = body->chart;
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *result;

	foreach(cell, allm_noun_parse(chart, body->from, to))
	{
		List	   *sets = list_make1(lfirst(cell));

		foreach(inner, more)
			sets = list_concat(sets, allm_attach_clause(chart, lfirst(cell),
														lfirst(inner)));
		if (more != NIL)
			sets = list_delete_first(sets);
		foreach(inner, sets)
		{
			foreach(result, allm_attach_clause(chart, lfirst(inner), best))
				allm_frame_add(body,
							   list_make1(allm_project_default(lfirst(result))),
							   0);
		}
	}
}

/* "in which state is the highest point of x": the one that has it */
static void
add_owner_of_best(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			end = body->to;

	if (allm_vocabulary_verb(allm_chart_text(chart, end - 1)) != NULL)
		end--;
	for (int at = body->from + 1; at < end; at++)
	{
		int			aux = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);

		for (int stop = at + aux + 1; aux > 0 && stop <= end; stop++)
		{
			List	   *more = allm_clause_parse(chart, stop, end);
			ListCell   *cell;

			if (stop < end && more == NIL)
				continue;
			foreach(cell, allm_trait_parse(chart, at + aux, stop))
			{
				AllmClause *clause = lfirst(cell);
				bool		descending;

				if (clause->kind == ALLM_CLAUSE_BEST &&
					allm_stored_is_best(chart, clause->attribute, &descending))
					add_owners(body, at, clause, more);
			}
		}
	}
}

/* "how high is the highest point in x", "where is it", "elevation of it" */
void
allm_stored_read(AllmBody *body)
{
	AllmChart  *chart = body->chart;
	int			at = body->from;
	int			aux;

	if (strcmp(allm_chart_text(chart, at), "how") == 0)
	{
		aux = allm_chart_mark(chart, at + 2, ALLM_MARK_AUX, NULL);
		if (aux == 0)
			return;
		add_best(body, at + 2 + aux, at + 1, at + 2);
		add_named(body, at + 2 + aux, at + 1, at + 2);
	}
	else if (strcmp(allm_chart_text(chart, at), "where") == 0)
	{
		aux = allm_chart_mark(chart, at + 1, ALLM_MARK_AUX, NULL);
		if (aux == 0)
			return;
		add_best(body, at + 1 + aux, 0, 0);
		if (allm_vocabulary_verb(allm_chart_text(chart, body->to - 1)) != NULL)
			body->to--;
		add_named(body, at + 1 + aux, 0, 0);
	}
	else if (strcmp(allm_chart_text(chart, at + 1), "of") == 0)
	{
		add_best(body, at + 2, at, at + 1);
		add_named(body, at + 2, at, at + 1);
	}
	else
	{
		add_best(body, at, 0, 0);
		if (allm_chart_is(chart, body->start, body->start + 1,
						  ALLM_MARK_PREP, NULL))
			add_owner_of_best(body);
	}
}
