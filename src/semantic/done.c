/*
 * done.c
 *		Things that are told by whether something was done with them: "products
 *		that were never ordered".
 *
 * The verb alone says it, so the schema has to have a relation that is called
 * by the verb, and whose rows refer to the things.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "semantic/clause.h"
#include "semantic/naming.h"
#include "semantic/way.h"

/* In a larger schema too many names begin like a verb. */
#define MAX_RELATIONS	200

/* As what a thing costs that is found over a key. */
#define COST_DONE	3

/* "that have never been ordered" */
void
allm_done_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			at = from + allm_chart_mark(chart, from, ALLM_MARK_REL, NULL);
	const List *relations = chart->lexicon->snapshot->relations;
	AllmLead	lead = {0};
	const char *verb;
	ListCell   *inner;

	for (int length = 1; length > 0 && at < to; at += length)
	{
		length = allm_chart_mark(chart, at, ALLM_MARK_NOT, NULL);
		lead.negated |= length > 0;
		if (length == 0)
			length = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	}
	verb = at + 1 == to && at > from ?
		allm_vocabulary_verb(allm_chart_text(chart, at)) : NULL;
	if (verb == NULL || list_length(relations) > MAX_RELATIONS ||
		!allm_way_names_schema(chart, verb))
		return;
	foreach(inner, relations)
	{
		AllmRelation *relation = lfirst(inner);
		AllmClause *clause;

		CHECK_FOR_INTERRUPTS();
		if (!allm_way_names_words(allm_naming_relation_words(relation), verb))
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_DONE, &lead);
		clause->set = allm_tree_set(relation, 0);
		allm_chart_add(chart, cell, clause);
	}
}

/* "that were ordered": there are rows of the deed that refer to the thing. */
List *
allm_done_attach(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	foreach(cell, clause->set->relation == set->relation ? NIL :
			allm_tree_paths(set->relation, clause->set->relation))
	{
		List	   *steps = lfirst(cell);

		AllmTest   *test = allm_tree_exists(steps, clause->set,
											clause->negated);

		test->deed = true;
		if (list_length(steps) == 1 && !((AllmStep *) linitial(steps))->up)
			sets = lappend(sets, allm_tree_with(set, test, COST_DONE));
	}
	return sets;
}
