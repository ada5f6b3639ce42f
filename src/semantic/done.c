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
#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"
#include "semantic/way.h"

/* In a larger schema too many names begin like a verb. */
#define MAX_RELATIONS	200

/* As what a thing costs that is found over a key. */
#define COST_DONE	3

/* Adds that the rows of a deed, or those of a time, refer to the things. */
static void
add_deed(AllmChart *chart, AllmCell *cell, AllmRelation *relation, int at,
		 int to, const AllmLead *lead)
{
	AllmSet    *deed = allm_tree_set(relation, 0);
	List	   *deeds = at == to ? list_make1(deed) : NIL;
	ListCell   *inner;

	foreach(inner, at < to ? allm_clause_parse(chart, at, to) : NIL)
	{
		const AllmClause *when = lfirst(inner);

		if (when->kind == ALLM_CLAUSE_PERIOD && when->verb == NULL &&
			when->attribute == NULL && !when->negated)
			deeds = list_concat(deeds, allm_attach_clause(chart, deed, when));
	}
	foreach(inner, deeds)
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_DONE, lead);

		clause->set = lfirst(inner);
		allm_chart_add(chart, cell, clause);
	}
}

/* Is the relation called by the verb: orders, or the sales of what was sold? */
static bool
is_called_by(const AllmRelation *relation, const char *verb)
{
	List	   *words = allm_naming_relation_words(relation);
	ListCell   *cell;

	foreach(cell, strcmp(verb, "sell") == 0 ? words : NIL)
	{
		if (strcmp(lfirst(cell), "sale") == 0 ||
			strcmp(lfirst(cell), "sales") == 0)
			return true;
	}
	return allm_way_names_words(words, verb);
}

/* Is one of these words in the name of a relation? */
static bool
has_word(const AllmRelation *relation, const char *const *words, int count)
{
	ListCell   *cell;

	foreach(cell, allm_naming_relation_words(relation))
	{
		const char *stem = allm_words_stem(lfirst(cell));

		for (int i = 0; i < count; i++)
		{
			if (strcmp(stem, words[i]) == 0)
				return true;
		}
	}
	return false;
}

/*
 * Do people of this name do that?  "Employees who ordered" did not order what
 * those of the customers' orders did that they took; and customers do not sell.
 * "people" is set when it is a name of people that is known.
 */
static bool
may_do(const AllmRelation *relation, const char *verb, bool *people)
{
	static const char *const serving[] = {
		"agent", "cashier", "clerk", "dealer", "employee", "representative",
		"salesman", "salesperson", "seller", "shipper", "staff", "store",
		"supplier", "vendor"
	};
	static const char *const served[] = {
		"buyer", "client", "customer", "guest", "member", "patient",
		"person", "student", "subscriber", "tenant", "user", "visitor"
	};
	bool		serves = has_word(relation, serving, lengthof(serving));

	*people = serves || has_word(relation, served, lengthof(served));
	return !*people || serves == (strcmp(verb, "sell") == 0);
}

/* Is it said that something was done to the things: "were sold"? */
static bool
is_passive(const AllmChart *chart, int from, int at)
{
	static const char *const be[] = {
		"are", "be", "been", "being", "is", "was", "were"
	};

	for (int i = from; i < at; i++)
	{
		for (int j = 0; j < lengthof(be); j++)
		{
			if (strcmp(allm_chart_text(chart, i), be[j]) == 0)
				return true;
		}
	}
	return false;
}

/* Is it a past form: "ordered", "sold"? */
static bool
is_past(const AllmChart *chart, int at)
{
	const char *text = allm_chart_text(chart, at);

	return chart->lexicon->tokens[at].kind == ALLM_WORD &&
		text[strlen(text) - 1] != 's' &&
		strcmp(allm_vocabulary_verb(text), text) != 0;
}

/* "that have never been ordered", "ordered in 1997" */
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
	verb = at < to && (at > from || at + 1 < to) ?
		allm_vocabulary_verb(allm_chart_text(chart, at)) : NULL;
	if (verb == NULL || list_length(relations) > MAX_RELATIONS ||
		(at + 1 < to &&
		 (allm_chart_item(chart, at + 1, to, ALLM_ITEM_TIME) == NULL ||
		  !is_past(chart, at))))
		return;
	lead.verb = unconstify(char *, verb);
	lead.passive = is_passive(chart, from, at);
	foreach(inner, relations)
	{
		AllmRelation *relation = lfirst(inner);

		CHECK_FOR_INTERRUPTS();
		if (is_called_by(relation, verb))
			add_deed(chart, cell, relation, at + 1, to, &lead);
	}
}

/* Has a thing a date of its own for what a verb says: "enrolled_on"? */
static bool
has_date_of(const AllmRelation *relation, const char *verb)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		if (allm_column_is_date(lfirst(cell)) &&
			allm_way_names_words(allm_naming_column_words(lfirst(cell)), verb))
			return true;
	}
	return false;
}

/* "that were ordered": there are rows of the deed that refer to the thing. */
List *
allm_done_attach(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	bool		people;
	bool		may = may_do(set->relation, clause->verb, &people);
	ListCell   *cell;

	/* "Enrolled in 2024" may be when they came, or when they took a course. */
	if (clause->set->tests != NIL && has_date_of(set->relation, clause->verb))
		return NIL;
	foreach(cell, clause->set->relation == set->relation ||
			(!may && !clause->passive) ? NIL : allm_tree_paths(set->relation, clause->set->relation))
	{
		List	   *steps = lfirst(cell);

		AllmTest   *test = allm_tree_exists(steps, clause->set,
											clause->negated);

		test->deed = true;
		test->passing = clause->passive || !people;
		if (list_length(steps) == 1 && !((AllmStep *) linitial(steps))->up)
			sets = lappend(sets, allm_tree_with(set, test, COST_DONE));
	}
	return sets;
}
