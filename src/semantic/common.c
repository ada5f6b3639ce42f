/*
 * common.c
 *		Things and values that are there most often.
 *
 * "The most common genre", "the genre that is most common among tracks", "using
 * the most popular method of payment".  A thing is as common as there are rows
 * that refer to it; which rows is said, or there is only one relation that
 * refers to it.  A value is as common as there are rows that have it.
 */
#include "postgres.h"

#include "schema/graph.h"
#include "semantic/attach.h"
#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/common.h"
#include "semantic/naming.h"
#include "semantic/ranked.h"
#include "semantic/resolve.h"
#include "semantic/tally.h"

/* What is common by a stored figure, or by how often it is there? */
static bool
has_popularity(const AllmRelation *relation)
{
	static const char *const words[] = {
		"frequency", "popularity", "prevalence", "rank", "ranking", "usage"
	};
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, relation->columns)
	{
		foreach(inner, allm_naming_column_words(lfirst(cell)))
		{
			for (int i = 0; i < lengthof(words); i++)
			{
				if (strcmp(lfirst(inner), words[i]) == 0)
					return true;
			}
		}
	}
	return false;
}

/* A clause that says how many of a set are the first in being common. */
static AllmClause *
make_clause(AllmClauseKind kind, int most, AllmSet *among)
{
	AllmClause *clause = allm_clause_make(kind, NULL);

	clause->descending = most == 1;
	clause->limit = 1;
	clause->set = among;
	return clause;
}

/* Adds what is among these things the most common. */
static void
add_among(AllmChart *chart, AllmCell *cell, int from, int to, int most)
{
	ListCell   *inner;

	foreach(inner, allm_noun_parse(chart, from, to))
	{
		AllmSet    *among = lfirst(inner);

		if (!among->named && among->best == NULL)
			allm_chart_add(chart, cell, make_clause(ALLM_CLAUSE_MOST, most,
													among));
	}
}

/*
 * "that is most common", "used most frequently", "that are most common among
 * x".  What stands before may only say that it is there.
 */
void
allm_common_add_clause(AllmChart *chart, AllmCell *cell, int from, int to)
{
	for (int at = from + 1; at < to; at++)
	{
		int			most = 0;
		int			length = allm_chart_mark(chart, at, ALLM_MARK_COMMON,
											 &most);
		int			end = at + length;
		int			of;

		if (length == 0 || !allm_tally_is_tail(chart, from, at))
			continue;
		if (end == to)
			allm_chart_add(chart, cell, make_clause(ALLM_CLAUSE_COMMON, most,
													NULL));
		of = allm_chart_mark(chart, end, ALLM_MARK_OF, NULL);
		if (of == 0 && strcmp(allm_chart_text(chart, end), "by") == 0)
			of = 1;
		if (of > 0)
			add_among(chart, cell, end + of, to, most);
	}

	/* "using the most popular x" */
	if (strcmp(allm_chart_text(chart, from), "using") == 0)
		allm_common_add_trait(chart, cell, from + 1, to);
	else
	{
		int			at = from + allm_chart_mark(chart, from, ALLM_MARK_REL, NULL);

		if (strcmp(allm_chart_text(chart, at), "use") == 0 ||
			strcmp(allm_chart_text(chart, at), "used") == 0)
			allm_common_add_trait(chart, cell, at + 1, to);
	}
}

/* "with the most popular method of payment": a value of the things. */
void
allm_common_add_trait(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			most = 0;
	int			length = allm_chart_mark(chart, from, ALLM_MARK_COMMON, &most);
	ListCell   *inner;

	foreach(inner, length > 0 && most == 1 ? allm_attribute_parse(chart, from + length, to) :
			NIL)
	{
		AllmClause *clause;
		AllmAttribute *said = lfirst(inner);

		if (said->item == NULL || said->function != ALLM_FUNCTION_DEFAULT ||
			said->owner != NULL)
			continue;
		clause = make_clause(ALLM_CLAUSE_COMMON, most, NULL);
		clause->attribute = said;
		allm_chart_add(chart, cell, clause);
	}
}

/* The number of those that are wanted before "most common", and its place. */
static int
read_limit(const AllmChart *chart, int *from)
{
	int			first = *from + allm_clause_top(chart, *from);
	char	   *number = NULL;
	int			length = allm_clause_number(chart, first, chart->n, &number);

	if (length == 0)
		return 1;
	*from = first + length;
	return strlen(number) <= 3 ? atoi(number) : 0;
}

/* "the most common x", "the 3 most popular x" */
void
allm_common_add_noun(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			limit = read_limit(chart, &from);
	int			most = 0;
	int			length = allm_chart_mark(chart, from, ALLM_MARK_COMMON, &most);
	ListCell   *inner;
	ListCell   *other;

	if (length == 0 || limit < 1)
		return;
	foreach(inner, allm_noun_bare(chart, from + length, to))
	{
		AllmClause *clause = make_clause(ALLM_CLAUSE_COMMON, most, NULL);

		clause->limit = limit;
		foreach(other, allm_attach_clause(chart, lfirst(inner), clause))
			allm_chart_add(chart, cell, lfirst(other));
	}
}

/* "the most common x in all y" */
void
allm_common_add_among(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			limit = read_limit(chart, &from);
	int			most = 0;
	int			length = allm_chart_mark(chart, from, ALLM_MARK_COMMON, &most);

	for (int at = from + length + 1; length > 0 && limit > 0 && at < to; at++)
	{
		int			of = allm_chart_mark(chart, at, ALLM_MARK_OF, NULL);
		AllmCell	among = {0};
		ListCell   *inner;
		ListCell   *other;
		ListCell   *result;

		if (of == 0 || at + of >= to)
			continue;
		add_among(chart, &among, at + of, to, most);
		foreach(inner, among.pieces == NIL ? NIL :
				allm_noun_bare(chart, from + length, at))
		{
			foreach(other, among.pieces)
			{
				AllmClause *clause = lfirst(other);

				clause->limit = limit;
				foreach(result, allm_attach_clause(chart, lfirst(inner), clause))
				{
					((AllmSet *) lfirst(result))->clauses++;
					allm_chart_add(chart, cell, lfirst(result));
				}
			}
		}
	}
}

/* The rows that have the most common value of a column, or another. */
static AllmSet *
attach_value(const AllmSet *set, const AllmClause *clause,
			 const AllmResolved *resolved)
{
	const AllmTerm *term = linitial(resolved->terms);
	const AllmColumn *column = term->column;
	AllmTest   *test;

	/* Each thing has its own name: none is more common. */
	if (list_length(resolved->terms) != 1 || term->steps != NIL ||
		column->unique || column->in_key ||
		list_member_ptr(allm_naming_labels(set->relation), column))
		return NULL;
	test = allm_attach_make_test(ALLM_TEST_COMMON,
								 allm_tree_column(column, NIL));
	test->negated = clause->negated;
	return allm_tree_with(set, test, resolved->cost + 1);
}

/* What is the most common of a set, or has the most common value. */
List *
allm_common_attach(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	const List *referrers = allm_graph_referrers(set->relation);
	const AllmForeignKey *key;
	AllmClause	most = *clause;
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->named || has_popularity(set->relation))
		return NIL;
	foreach(cell, clause->attribute == NULL ? NIL :
			allm_resolve_attribute(chart, clause->attribute, set->relation))
	{
		AllmSet    *result = attach_value(set, clause, lfirst(cell));

		if (result != NULL)
			sets = lappend(sets, result);
	}
	if (clause->attribute != NULL)
		return sets;

	/* Rows of only one relation are there that could make it common. */
	if (clause->negated || list_length(referrers) != 1)
		return NIL;
	key = linitial(referrers);

	/* Sold in more orders, or in more pieces? */
	if (key->from == set->relation || allm_column_has_quantity(key->from))
		return NIL;
	most.set = allm_tree_set(key->from, 1);
	return allm_ranked_most(chart, set, &most);
}
