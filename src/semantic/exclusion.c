/*
 * exclusion.c
 *		What is left out, and what something is or is not: "except those in x",
 *		"people who are not x".
 *
 * What is left out are the things of which all is true that is said of them;
 * the rest are all others, also those of which it is not known.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/clause.h"
#include "semantic/exclusion.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"

/* "those in x", "x that ..." behind "except": what is said of them. */
static void
add_except(AllmChart *chart, AllmCell *cell, int from, int to)
{
	int			at = from + allm_chart_mark(chart, from, ALLM_MARK_EXCEPT,
											NULL);
	const char *text = allm_chart_text(chart, at);
	ListCell   *inner;

	if (at == from || at >= to)
		return;
	if (strcmp(text, "those") == 0 || strcmp(text, "ones") == 0)
	{
		foreach(inner, allm_clause_parse(chart, at + 1, to))
		{
			AllmClause *said = lfirst(inner);
			AllmClause *clause;

			/* "Except those in x and older than y": both, or either? */
			if (said->kind == ALLM_CLAUSE_ALL || said->kind == ALLM_CLAUSE_EXCEPT)
				continue;
			clause = allm_clause_make(ALLM_CLAUSE_EXCEPT, NULL);
			clause->clauses = list_make1(said);
			allm_chart_add(chart, cell, clause);
		}
	}
	foreach(inner, allm_noun_parse(chart, at, to))
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_EXCEPT, NULL);

		clause->set = lfirst(inner);
		clause->cost = clause->set->cost;
		allm_chart_add(chart, cell, clause);
	}
}

/* "that are x", "who are not x": a kind of things. */
static void
add_kind(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmLead	lead = {0};
	int			at = from + allm_chart_mark(chart, from, ALLM_MARK_REL, NULL);
	int			length = 1;
	bool		linked = false;
	ListCell   *inner;

	while (length > 0 && at < to)
	{
		length = allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
		linked |= length > 0;
		if (length == 0 && !lead.negated)
		{
			length = allm_chart_mark(chart, at, ALLM_MARK_NOT, NULL);
			lead.negated = length > 0;
		}
		at += length;
	}
	foreach(inner, linked && at < to ? allm_noun_parse(chart, at, to) : NIL)
	{
		AllmSet    *set = lfirst(inner);
		AllmClause *clause;

		if (set->named || set->best != NULL || set->every || set->theirs ||
			set->other || set->distinct)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_EXISTS, &lead);
		clause->set = set;
		clause->same = true;
		allm_chart_add(chart, cell, clause);
	}
}

/* "named x y": the one that has this first and this last name. */
void
allm_exclusion_add_one(AllmChart *chart, AllmCell *cell, int from, int to,
					   const AllmLead *lead)
{
	ListCell   *inner;

	foreach(inner, from < to ? allm_noun_bare(chart, from, to) : NIL)
	{
		AllmSet    *set = lfirst(inner);
		AllmClause *clause;

		if (!set->named || list_length(set->tests) != 2 || lead->negated ||
			lead->verb != NULL)
			continue;
		clause = allm_clause_make(ALLM_CLAUSE_EXISTS, lead);
		clause->set = set;
		clause->same = true;
		allm_chart_add(chart, cell, clause);
	}
}

/* Adds the clauses that leave things out, or say what they are. */
void
allm_exclusion_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	add_except(chart, cell, from, to);
	add_kind(chart, cell, from, to);
}

/* A copy of a test that holds for all rows for which it did not. */
static AllmTest *
turn_test(const AllmTest *test)
{
	AllmTest   *copy = palloc(sizeof(AllmTest));

	*copy = *test;
	copy->negated = true;
	copy->rest = true;
	return copy;
}

/* The set without the things for which all of these tests hold, or NULL. */
static AllmSet *
leave_out(const AllmSet *set, const AllmSet *those)
{
	AllmTest   *any = allm_attach_make_test(ALLM_TEST_ANY, NULL);
	ListCell   *cell;

	if (those->tests == NIL || those->best != NULL)
		return NULL;
	foreach(cell, those->tests)
	{
		const AllmTest *test = lfirst(cell);

		/* "Except those not in x": the reader of that is not sure either. */
		if (test->negated || test->kind == ALLM_TEST_ANY)
			return NULL;
		any->tests = lappend(any->tests, turn_test(test));
	}
	return allm_tree_with(set, list_length(any->tests) == 1 ?
						  linitial(any->tests) : any, those->cost);
}

/* "except those in x": the things of the set for which it does not hold. */
List *
allm_exclusion_attach(AllmChart *chart, const AllmSet *set,
					  const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *those;
	ListCell   *cell;

	/* Of a first place it is not said whether it is that of the rest. */
	if (set->best != NULL || set->named || clause->negated)
		return NIL;
	if (clause->set == NULL)
		those = allm_attach_clause(chart, allm_tree_set(set->relation, 0),
								   linitial(clause->clauses));
	else if (clause->set->relation == set->relation)
		those = list_make1(clause->set);
	else
		those = NIL;
	foreach(cell, those)
	{
		AllmSet    *rest = leave_out(set, lfirst(cell));

		if (rest != NULL)
			sets = lappend(sets, rest);
	}
	return sets;
}
