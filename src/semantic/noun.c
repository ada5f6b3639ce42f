/*
 * noun.c
 *		Things as they stand in a question: "the three largest cities in x".
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/common.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"
#include "semantic/role.h"
#include "semantic/topped.h"
#include "semantic/verbal.h"

static AllmSet *mark_named(AllmSet *set);
static void add_heads(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_named(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_described(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_first_ones(AllmChart *chart, AllmCell *cell, int from, int to);
static void add_valued_heads(AllmChart *chart, AllmCell *cell, int from,
							 int to);
static void add_first_few(AllmChart *chart, AllmCell *cell, int from, int to);

/* Counts one more clause behind a noun, which the others stand between. */
static void
count_clause(AllmSet *set, const AllmClause *clause)
{
	set->cost += set->clauses;
	set->clauses++;
	if (clause->set != NULL)
		set->clauses += clause->set->clauses;
}

/* The sets that a stretch may name, with the clauses behind them. */
List *
allm_noun_parse(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_NOUN, from, to);
	ListCell   *inner;
	ListCell   *other;
	ListCell   *result;

	if (from >= to || cell->done)
		return cell->pieces;
	cell->done = true;
	foreach(inner, allm_noun_bare(chart, from, to))
		allm_chart_add(chart, cell, lfirst(inner));
	allm_verbal_add(chart, cell, from, to);
	allm_role_add_owned(chart, cell, from, to);
	add_first_few(chart, cell, from, to);
	allm_common_add_among(chart, cell, from, to);
	for (int at = to - 1; at > from; at--)
	{
		List	   *clauses = allm_clause_parse(chart, at, to);

		if (clauses == NIL)
			continue;
		foreach(inner, allm_noun_parse(chart, from, at))
		{
			AllmSet    *set = lfirst(inner);

			foreach(other, clauses)
			{
				foreach(result, allm_attach_clause(chart, set, lfirst(other)))
				{
					/* "the state of Nevada" is one thing. */
					if (chart->lexicon->tokens[at - 1].text[0] != '\0' &&
						strcmp(chart->lexicon->tokens[at - 1].text,
							   chart->lexicon->tokens[at - 1].stem) == 0)
						mark_named(lfirst(result));

					/* A clause is rather about the noun right before it. */
					count_clause(lfirst(result), lfirst(other));
					allm_chart_add(chart, cell, lfirst(result));
				}
			}
		}
	}
	return cell->pieces;
}

/* The sets that a stretch may name, up to their noun. */
List *
allm_noun_bare(AllmChart *chart, int from, int to)
{
	AllmCell   *cell = allm_chart_cell(chart, ALLM_CATEGORY_BARE, from, to);

	if (from >= to || cell->done)
		return cell->pieces;
	cell->done = true;
	add_heads(chart, cell, from, to);
	add_named(chart, cell, from, to);
	add_described(chart, cell, from, to);
	add_first_ones(chart, cell, from, to);
	allm_common_add_noun(chart, cell, from, to);
	add_valued_heads(chart, cell, from, to);
	allm_topped_add(chart, cell, from, to);
	allm_role_add(chart, cell, from, to);
	return cell->pieces;
}

/* Does a relation hold nothing but keys of others? */
static bool
is_link(const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		if (!((AllmColumn *) lfirst(cell))->in_foreign_key)
			return false;
	}
	return list_length(relation->foreign_keys) > 1;
}

/*
 * Is what a relation is called for short the whole name of a column of it?  Of
 * "product_prices", the price is the price.
 */
static bool
is_rather_column(const AllmItem *item, const AllmSense *sense)
{
	ListCell   *cell;

	foreach(cell, sense->cost > 0 ? item->senses : NIL)
	{
		const AllmSense *other = lfirst(cell);

		if (other->kind == ALLM_SENSE_COLUMN &&
			other->relation == sense->relation && other->cost < sense->cost &&
			allm_column_is_number(other->column))
			return true;
	}
	return false;
}

/* A relation by its name. */
static void
add_heads(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmItem   *item = allm_chart_item(chart, from, to, ALLM_ITEM_NAME);
	ListCell   *inner;

	if (item == NULL)
		return;
	foreach(inner, item->senses)
	{
		AllmSense  *sense = lfirst(inner);

		if (sense->kind == ALLM_SENSE_RELATION &&
			!is_link(sense->relation) && !is_rather_column(item, sense))
		{
			AllmSet    *set = allm_tree_set(sense->relation, sense->cost);
			const AllmToken *last = &chart->lexicon->tokens[to - 1];

			set->singular = strcmp(last->text, last->stem) == 0 &&
				!allm_vocabulary_is_mass(last->stem);
			allm_chart_add(chart, cell, set);
		}
	}
}

/* The test that a column has an item's values. */
static AllmTest *
test_of(const AllmSense *sense)
{
	AllmTest   *test = palloc0(sizeof(AllmTest));

	test->kind = ALLM_TEST_VALUES;
	test->term = allm_tree_column(sense->column, NIL);
	test->values = sense->values;
	return test;
}

/* The one that has a first name and a last name of these. */
static void
add_pairs(AllmChart *chart, AllmCell *cell, const List *given,
		  const List *family)
{
	ListCell   *first;
	ListCell   *second;

	foreach(first, given)
	{
		AllmSense  *sense = lfirst(first);
		List	   *labels = allm_naming_labels(sense->relation);

		if (list_length(labels) != 2 || linitial(labels) != sense->column)
			continue;
		foreach(second, family)
		{
			AllmSense  *last = lfirst(second);
			AllmSet    *set;

			if (last->column != lsecond(labels))
				continue;
			set = allm_tree_with(allm_tree_set(sense->relation, 0),
								 test_of(sense), 0);
			set = allm_tree_with(set, test_of(last), 0);
			set->named = true;
			allm_chart_add(chart, cell, set);
		}
	}
}

/* One thing by its name, or by its first and last name. */
static void
add_named(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmItem   *item = allm_chart_item(chart, from, to, ALLM_ITEM_VALUE);
	ListCell   *first;

	foreach(first, item != NULL ? item->senses : NIL)
	{
		AllmSense  *sense = lfirst(first);
		List	   *labels = allm_naming_labels(sense->relation);
		AllmSet    *set;

		if (list_length(labels) != 1 || linitial(labels) != sense->column)
			continue;
		set = allm_tree_with(allm_tree_set(sense->relation, 1),
							 test_of(sense), 0);
		set->named = true;
		allm_chart_add(chart, cell, set);
	}
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		AllmItem   *given = allm_chart_item(chart, from, at, ALLM_ITEM_VALUE);
		AllmItem   *family = allm_chart_item(chart, at, to, ALLM_ITEM_VALUE);

		if (given == NULL || family == NULL)
			continue;
		add_pairs(chart, cell, given->senses, family->senses);
	}
	item = allm_chart_item(chart, from, to, ALLM_ITEM_WHOLE);
	if (item != NULL)
		add_pairs(chart, cell, item->senses, item->senses);
}

/* "all x", "different x", "some x". */
static void
add_described(AllmChart *chart, AllmCell *cell, int from, int to)
{
	static const AllmMark marks[] = {
		ALLM_MARK_ALL, ALLM_MARK_DISTINCT, ALLM_MARK_POSS, ALLM_MARK_ELSE
	};

	for (int i = 0; i < lengthof(marks); i++)
	{
		int			length = allm_chart_mark(chart, from, marks[i], NULL);
		ListCell   *inner;

		if (length == 0)
			continue;
		foreach(inner, allm_noun_bare(chart, from + length, to))
		{
			AllmSet    *set = allm_tree_with(lfirst(inner), NULL, 0);

			set->distinct |= marks[i] == ALLM_MARK_DISTINCT;
			set->other |= marks[i] == ALLM_MARK_ELSE;
			set->every |= marks[i] == ALLM_MARK_ALL &&
				(strcmp(allm_chart_text(chart, from), "all") == 0 ||
				 strcmp(allm_chart_text(chart, from), "every") == 0);
			set->theirs |= marks[i] == ALLM_MARK_POSS;
			allm_chart_add(chart, cell, set);
		}
	}
}

/* Is something said to come first, or last, and not how many of them? */
static bool
ranks_one(const AllmClause *clause)
{
	return !clause->negated && clause->limit == 1 &&
		(clause->kind == ALLM_CLAUSE_BEST ||
		 clause->kind == ALLM_CLAUSE_MOST ||
		 (clause->kind == ALLM_CLAUSE_COMMON && clause->attribute == NULL) ||
		 clause->kind == ALLM_CLAUSE_ADJECTIVE);
}

/* "the 3 x with the most y": so many of those that come first. */
static void
add_first_few(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			first = from + allm_clause_top(chart, from);
	AllmItem   *number = allm_chart_item(chart, first, first + 1,
										 ALLM_ITEM_NUMBER);
	int			limit = number != NULL && strlen(number->text) <= 3 ?
	atoi(number->text) : 0;

	for (int at = first + 2; limit > 0 && at < to; at++)
	{
		ListCell   *inner;
		ListCell   *other;
		ListCell   *result;

		foreach(other, allm_clause_parse(chart, at, to))
		{
			AllmClause	few = *(AllmClause *) lfirst(other);

			if (!ranks_one(&few))
				continue;
			few.limit = limit;
			foreach(inner, allm_noun_parse(chart, first + 1, at))
			{
				const AllmSet *set = lfirst(inner);

				/* Of rows without a key several may be about one thing. */
				if (set->relation->primary_key == NIL)
					continue;
				foreach(result, allm_attach_clause(chart, set, &few))
				{
					count_clause(lfirst(result), &few);
					allm_chart_add(chart, cell, lfirst(result));
				}
			}
		}
	}
}

/* "the largest x", "the 3 oldest x". */
static void
add_first_ones(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			first = from + allm_clause_top(chart, from);
	AllmItem   *number = allm_chart_item(chart, first, first + 1,
										 ALLM_ITEM_NUMBER);
	int			start = number != NULL ? first + 1 : from;

	for (int words = 1; words <= 2 && start + words < to; words++)
	{
		char	   *text = words == 1 ? allm_chart_text(chart, start) :
		psprintf("%s %s", allm_chart_text(chart, start),
				 allm_chart_text(chart, start + 1));
		AllmClause	clause = {.kind = ALLM_CLAUSE_ADJECTIVE};
		ListCell   *inner;
		ListCell   *other;

		clause.adjective = allm_vocabulary_adjective(text, ALLM_DEGREE_MOST,
													 false);
		clause.dated = allm_vocabulary_adjective(text, ALLM_DEGREE_MOST, true);
		clause.limit = number == NULL ? 1 :
			strlen(number->text) <= 3 ? atoi(number->text) : 0;
		if ((clause.adjective == NULL && clause.dated == NULL) ||
			clause.limit < 1)
			continue;

		/* "the most recently opened x" */
		if (clause.dated != NULL && start + words + 1 < to)
			clause.verb = allm_vocabulary_verb(allm_chart_text(chart,
															   start + words));
		foreach(inner, clause.verb == NULL ? NIL :
				allm_noun_bare(chart, start + words + 1, to))
		{
			foreach(other, allm_attach_clause(chart, lfirst(inner), &clause))
				allm_chart_add(chart, cell, lfirst(other));
		}
		clause.verb = NULL;
		foreach(inner, allm_noun_bare(chart, start + words, to))
		{
			foreach(other, allm_attach_clause(chart, lfirst(inner), &clause))
				allm_chart_add(chart, cell, lfirst(other));
		}
	}
}

/* Is the last test that the thing has a certain name? */
static AllmSet *
mark_named(AllmSet *set)
{
	AllmTest   *last = set->tests != NIL ? llast(set->tests) : NULL;
	List	   *labels = allm_naming_labels(set->relation);

	if (last != NULL && last->kind == ALLM_TEST_VALUES && !last->negated &&
		last->term->steps == NIL && list_length(labels) == 1 &&
		linitial(labels) == last->term->column &&
		list_length(last->values) == 1)
		set->named = true;
	return set;
}

/* "Texas cities", "the product 'chair'". */
static void
add_valued_heads(AllmChart *chart, AllmCell *cell, int from, int to)
{
	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		ListCell   *inner;
		ListCell   *values;
		ListCell   *other;

		foreach(values, allm_values_parse(chart, from, at))
		{
			AllmClause	clause = {.kind = ALLM_CLAUSE_VALUES,.near = true};

			clause.values = lfirst(values);
			if (((AllmItem *) linitial(clause.values->items))->kind !=
				ALLM_ITEM_VALUE)
				continue;
			foreach(inner, allm_noun_bare(chart, at, to))
			{
				foreach(other, allm_attach_clause(chart, lfirst(inner),
												  &clause))
					allm_chart_add(chart, cell, mark_named(lfirst(other)));
			}
		}
		foreach(inner, allm_noun_bare(chart, from, at))
		{
			AllmSet    *named = lfirst(inner);

			/* "Springfield, Ohio" */
			if (!named->named)
				continue;
			foreach(values, allm_values_parse(chart, at +
											  (strcmp(allm_chart_text(chart, at), ",") == 0),
											  to))
			{
				AllmClause	clause = {.kind = ALLM_CLAUSE_VALUES,.placed = true};

				clause.values = lfirst(values);
				if (((AllmItem *) linitial(clause.values->items))->kind !=
					ALLM_ITEM_VALUE)
					continue;
				foreach(other, allm_attach_clause(chart, named, &clause))
					allm_chart_add(chart, cell, lfirst(other));
			}
		}
		foreach(values, allm_noun_bare(chart, at, to))
		{
			AllmSet    *named = lfirst(values);

			if (!named->named)
				continue;
			foreach(inner, allm_noun_bare(chart, from, at))
			{
				AllmSet    *set = lfirst(inner);

				if (set->relation != named->relation || set->named)
					continue;
				set = allm_tree_with(set, NULL, named->cost - 1);
				set->tests = list_concat_copy(set->tests, named->tests);
				set->named = true;
				allm_chart_add(chart, cell, set);
			}
		}
	}
}
