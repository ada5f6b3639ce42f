/*
 * series.c
 *		Clauses with "and", "but" or "or" between.
 *
 * "A or b" is read where each stands alone; "a and b or c" has two readings, and
 * so has a negation or a condition that the next clause may share.
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/series.h"

/* Does the second clause say something that may be meant of both? */
static bool
says_more(const AllmClause *one, const AllmClause *other)
{
	if (one->kind != ALLM_CLAUSE_EXISTS || one->set->tests != NIL ||
		one->set->best != NULL)
		return false;
	if (other->kind == ALLM_CLAUSE_EXISTS)
		return other->set->clauses > 0;
	return other->kind == ALLM_CLAUSE_VALUES ||
		other->kind == ALLM_CLAUSE_COMPARE;
}

/*
 * Is only the first of two clauses negated, and does the second begin without a
 * verb of its own: "not in x or in y"?  Whether it is negated is not said.
 */
static bool
shares_negation(const AllmChart *chart, const AllmClause *one,
				const AllmClause *other, int at)
{
	static const AllmMark beginnings[] = {
		ALLM_MARK_REL, ALLM_MARK_WHOSE, ALLM_MARK_HAVE, ALLM_MARK_AUX,
		ALLM_MARK_NOTHAVE
	};

	if (!one->negated || other->negated)
		return false;
	for (int i = 0; i < lengthof(beginnings); i++)
	{
		if (allm_chart_mark(chart, at, beginnings[i], NULL) > 0)
			return false;
	}
	return allm_vocabulary_verb(allm_chart_text(chart, at)) == NULL;
}

/* "x and y", "x or y" of clauses or traits; the first of them is simple. */
void
allm_series_add(AllmChart *chart, AllmCell *cell, int from, int to,
				AllmCategory category)
{
	List	   *(*parse) (AllmChart *chart, int from, int to) =
	category == ALLM_CATEGORY_CLAUSE ? allm_clause_parse : allm_trait_parse;

	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		int			and = Max(allm_chart_mark(chart, at, ALLM_MARK_AND, NULL),
							  allm_chart_mark(chart, at, ALLM_MARK_BUT, NULL));
		int			or = allm_chart_mark(chart, at, ALLM_MARK_ORWORD, NULL);
		int			length = Max(and, or);
		ListCell   *first;
		ListCell   *rest;

		if (length == 0 || at + length >= to)
			continue;
		foreach(first, parse(chart, from, at))
		{
			AllmClauseKind kind = or > 0 ? ALLM_CLAUSE_ANY : ALLM_CLAUSE_ALL;
			AllmClause *one = lfirst(first);

			if (one->kind == ALLM_CLAUSE_ANY ||
				one->kind == ALLM_CLAUSE_ALL ||
				one->kind == ALLM_CLAUSE_EXCEPT)
				continue;
			foreach(rest, parse(chart, at + length, to))
			{
				AllmClause *other = lfirst(rest);
				AllmClause *clause;

				/* "with cities or towns called x": are both called so? */
				if (category == ALLM_CATEGORY_TRAIT && says_more(one, other))
					continue;

				if (shares_negation(chart, one, other, at + length))
					continue;

				/* "a and b or c" has two readings. */
				if (or > 0 && one->kind == ALLM_CLAUSE_COMPARE &&
					other->kind == ALLM_CLAUSE_ADJECTIVE)
					continue;
				if ((other->kind == ALLM_CLAUSE_ANY ||
					 other->kind == ALLM_CLAUSE_ALL) && other->kind != kind)
					continue;
				clause = allm_clause_make(kind, NULL);
				clause->clauses = list_make1(one);
				if (other->kind == kind)
					clause->clauses = list_concat(clause->clauses,
												  list_copy(other->clauses));
				else
					clause->clauses = lappend(clause->clauses, other);
				allm_chart_add(chart, cell, clause);
			}
		}
	}
}
