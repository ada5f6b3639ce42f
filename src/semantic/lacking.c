/*
 * lacking.c
 *		Things of which something is not known: "without a phone number", "whose
 *		phone is missing".
 *
 * Where an amount is lacking, zero may be meant, and where a text is, an empty one:
 * "without goals" is not read, "whose goals are unknown" is.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/lacking.h"
#include "semantic/resolve.h"

/* Could things be meant that the rows have, rather than a property? */
static bool
names_things(const AllmAttribute *attribute)
{
	ListCell   *cell;

	foreach(cell, attribute->item->senses)
	{
		if (((AllmSense *) lfirst(cell))->kind == ALLM_SENSE_RELATION)
			return true;
	}
	return false;
}

/* Adds a clause for each property that a stretch names. */
static void
add_clauses(AllmChart *chart, AllmCell *cell, int from, int to, bool known,
			bool said)
{
	ListCell   *inner;

	foreach(inner, allm_attribute_parse(chart, from, to))
	{
		AllmAttribute *attribute = lfirst(inner);
		AllmClause *clause;

		if (attribute->function != ALLM_FUNCTION_DEFAULT ||
			attribute->item == NULL || attribute->distinct ||
			(!said && names_things(attribute)))
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_LACKING, NULL);
		clause->attribute = attribute;
		clause->known = known;
		clause->naming = said;
		allm_chart_add(chart, cell, clause);
	}
}

/* What stands behind "without": "any phone number". */
void
allm_lacking_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	from += allm_chart_mark(chart, from, ALLM_MARK_SOME, NULL);
	add_clauses(chart, cell, from, to, false, false);
}

/* "phone is missing", "phone is not null", "known phone" behind "whose". */
void
allm_lacking_add_said(AllmChart *chart, AllmCell *cell, int from, int to)
{
	static const struct
	{
		const char *word;
		bool		known;
	}			words[] =

	{
		{"known", true}, {"missing", false}, {"null", false},
		{"unknown", false}
	};
	int			at = to - 1;

	for (int i = 0; i < lengthof(words) && at > from + 1; i++)
	{
		bool		negated;
		int			end = at;

		if (strcmp(allm_chart_text(chart, at), words[i].word) != 0)
			continue;
		negated = allm_chart_is(chart, end - 1, end, ALLM_MARK_NOT, NULL);
		end -= negated;
		if (end - 1 <= from ||
			!allm_chart_is(chart, end - 1, end, ALLM_MARK_AUX, NULL))
			continue;
		add_clauses(chart, cell, from, end - 1, words[i].known != negated, true);
	}
}

/*
 * The column of the rows that has no value when the term has none: their own, or
 * the reference by whose number it is said.  NULL over other keys.
 */
static const AllmColumn *
get_own(const AllmTerm *term)
{
	const AllmStep *step = term->steps != NIL ? linitial(term->steps) : NULL;

	if (step == NULL)
		return term->column;
	if (list_length(term->steps) == 1 && step->up &&
		list_length(step->key->to_columns) == 1 &&
		linitial(step->key->to_columns) == term->column)
		return linitial(step->key->from_columns);
	return NULL;
}

/* Can it be said of the column that something has none? */
static bool
can_lack(const AllmColumn *column, bool said)
{
	if (column->not_null || column->metric != NULL)
		return false;
	return said || column->in_foreign_key || allm_column_is_date(column);
}

/* The things whose column has no value, or has one. */
List *
allm_lacking_attach(AllmChart *chart, const AllmSet *set,
					const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (clause->negated)
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		const AllmColumn *own = get_own(linitial(resolved->terms));
		AllmTest   *test;

		/* Of what is referred to, the row or its value may be lacking. */
		if (list_length(resolved->terms) != 1 || own == NULL ||
			resolved->label || !can_lack(own, clause->naming))
			continue;
		test = allm_attach_make_test(ALLM_TEST_NULL,
									 allm_tree_column(own, NIL));
		test->negated = clause->known;
		sets = lappend(sets, allm_tree_with(set, test, resolved->cost));
	}
	return sets;
}
