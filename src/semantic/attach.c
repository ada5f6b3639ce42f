/*
 * attach.c
 *		What a clause asks of the rows of a set.
 *
 * A clause says "in x" or "with more than three y"; which columns and keys
 * that is about depends on the set.  Each way gives a set of its own; a way
 * that costs more than another loses, and two that cost the same are two
 * readings.
 */
#include "postgres.h"

#include "semantic/attach.h"
#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/deed.h"
#include "semantic/joint.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"
#include "semantic/stored.h"
#include "semantic/thing.h"
#include "semantic/way.h"

/* What a thing costs that is found over a key. */
#define COST_UP			3

static List *attach_compare(AllmChart *chart, const AllmSet *set,
							const AllmClause *clause);
static List *attach_period(AllmChart *chart, const AllmSet *set,
						   const AllmClause *clause);
static List *attach_exists(AllmChart *chart, const AllmSet *set,
						   const AllmClause *clause);
static List *attach_count(AllmChart *chart, const AllmSet *set,
						  const AllmClause *clause);
static List *attach_best(AllmChart *chart, const AllmSet *set,
						 const AllmClause *clause);
static List *attach_most(AllmChart *chart, const AllmSet *set,
						 const AllmClause *clause);
static List *attach_adjective(AllmChart *chart, const AllmSet *set,
							  const AllmClause *clause);
static List *attach_text(AllmChart *chart, const AllmSet *set,
						 const AllmClause *clause);
static List *attach_by(AllmChart *chart, const AllmSet *set,
					   const AllmClause *clause);
static List *attach_all(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause);
static List *attach_any(AllmChart *chart, const AllmSet *set,
						const AllmClause *clause);

/* In the order of AllmClauseKind. */
static List *(*const attachers[]) (AllmChart *chart, const AllmSet *set,
								   const AllmClause *clause) =
{
	allm_attach_values, attach_compare, attach_period, attach_exists,
		attach_count, attach_best, attach_most, attach_adjective,
		attach_text, attach_by, allm_done_attach, attach_all, attach_any
};

/*
 * Is something compared with an average?  Beside another condition it is not
 * said whether that is the average of all.
 */
static bool
compares_with_average(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		AllmTest   *test = lfirst(cell);

		if (test->kind == ALLM_TEST_COMPARE && test->other != NULL &&
			test->other->function == ALLM_FUNCTION_AVG)
			return true;
	}
	return false;
}

/* A new test. */
AllmTest *
allm_attach_make_test(AllmTestKind kind, AllmTerm *term)
{
	AllmTest   *test = palloc0(sizeof(AllmTest));

	test->kind = kind;
	test->term = term;
	return test;
}

/*
 * A test of a column at the end of some steps, as a test of the row where
 * they begin: over many, there is a row that passes it.
 */
AllmTest *
allm_attach_move_test(AllmTest *test, List *steps, bool negated)
{
	AllmSet    *set;
	AllmStep   *last;

	if (allm_tree_is_up(steps))
	{
		test->term->steps = steps;
		test->negated = negated;
		return test;
	}
	last = llast(steps);
	set = allm_tree_set(last->up ? last->key->to : last->key->from, 0);
	test->term->steps = NIL;
	set->tests = list_make1(test);
	return allm_tree_exists(steps, set, negated);
}

/*
 * Where rows have no key, several may be about the same thing: that one of
 * them does not pass says nothing of the thing.
 */
static bool
may_negate(AllmChart *chart, const AllmSet *set)
{
	return allm_thing_of(chart, set->relation) == ALLM_THING_ROW;
}

/*
 * The other things than those that a clause is true of: where several rows are
 * about the same thing, those of which none is.
 */
static List *
attach_negated(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	AllmStep   *step = allm_thing_step(chart, set->relation);
	AllmClause	positive = *clause;
	List	   *sets = NIL;
	ListCell   *cell;

	if (step == NULL)
		return NIL;
	positive.negated = false;
	foreach(cell, attachers[clause->kind] (chart,
										   allm_tree_set(set->relation, 0),
										   &positive))
	{
		AllmSet    *those = lfirst(cell);
		AllmSet    *result;

		result = allm_tree_with(set,
								allm_tree_exists(list_make1(step), those,
												 true), those->cost);
		result->distinct = true;
		sets = lappend(sets, result);
	}
	return sets;
}

/* "Whose y is not x": none, or one of them?  And "never ordered in x"? */
static bool
may_be_of_one(const AllmSet *set, const AllmClause *clause)
{
	const AllmTest *last = set->tests != NIL ? llast(set->tests) : NULL;

	return last != NULL && (last->deed || (clause->negated && last->whose));
}

/* The sets that a set becomes by a clause; NIL when the clause does not fit. */
List *
allm_attach_clause(AllmChart *chart, const AllmSet *set,
				   const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	/* Another of a kind is not what belongs to it. */
	if (clause->set != NULL && clause->set->other &&
		clause->set->relation != set->relation)
		return NIL;
	if (may_be_of_one(set, clause))
		return NIL;
	if (clause->negated && !may_negate(chart, set))
		sets = attach_negated(chart, set, clause);
	else
		sets = attachers[clause->kind] (chart, set, clause);
	if (set->acts && allm_deed_is_loose(clause))
		sets = allm_deed_attach(chart, set, clause, sets,
								attachers[clause->kind]);

	foreach(cell, sets)
	{
		AllmSet    *result = lfirst(cell);

		if (clause->kind != ALLM_CLAUSE_ALL && result->deed == set->deed)
			allm_deed_note(result, set);
		result->cost += clause->cost;
		if (compares_with_average(result) && list_length(result->tests) > 1)
			sets = foreach_delete_current(sets, cell);
	}
	return sets;
}

/* The column is compared with a number or with its average. */
static void
add_comparison(const AllmSet *set, const AllmClause *clause, AllmTerm *term,
			   int cost, List **sets)
{
	AllmTest   *test = allm_attach_make_test(ALLM_TEST_COMPARE,
											 allm_tree_column(term->column, NIL));

	test->compare = clause->compare;
	test->low = clause->low;
	test->high = clause->high;
	if (clause->average)
	{
		test->other = allm_tree_column(term->column, NIL);
		test->other->function = ALLM_FUNCTION_AVG;
		test->over = allm_tree_set(term->column->relation, 0);
	}
	else if (clause->set != NULL)
	{
		test->other = clause->set->relation == term->column->relation ?
			allm_tree_column(term->column, NIL) :
			allm_resolve_adjective(clause->adjective, clause->set->relation);
		if (test->other == NULL)
			return;
		test->other->function = ALLM_FUNCTION_MAX;
		test->over = clause->set;
	}
	*sets = lappend(*sets,
					allm_tree_with(set, allm_attach_move_test(test, term->steps,
															  clause->negated), cost));
}

/* "with points higher than the highest point of x" */
static List *
attach_stored(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	AllmTerm   *own = allm_stored_term(chart, clause->attribute,
									   set->relation);
	AllmTerm   *other = allm_stored_term(chart, clause->attribute,
										 clause->set->relation);
	AllmTest   *test;

	if (own == NULL || other == NULL)
		return NIL;
	test = allm_attach_make_test(ALLM_TEST_COMPARE, own);
	test->compare = clause->compare;
	test->negated = clause->negated;
	test->other = other;
	other->function = ALLM_FUNCTION_MAX;
	test->over = clause->set;
	return list_make1(allm_tree_with(set, test,
									 (list_length(own->steps) +
									  list_length(other->steps)) * COST_UP));
}

/* "with a price over 10" */
static List *
attach_compare(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (clause->set != NULL)
		return attach_stored(chart, set, clause);
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);

		/* Of many rows, is one of them compared, or their total? */
		if (list_length(resolved->terms) != 1 || !resolved->up ||
			!allm_column_is_number(term->column) ||
			((term->column->in_foreign_key || term->column->in_key) &&
			 clause->compare != ALLM_COMPARE_EQ))
			continue;
		add_comparison(set, clause, term, resolved->cost, &sets);
	}
	return sets;
}

/* "in 1999", of the date that is said, or that belongs to the verb. */
static List *
attach_period(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	List	   *terms = NIL;
	ListCell   *cell;

	/* "rented x in 2005" says when, and nothing of x. */
	if (clause->attribute == NULL && clause->verb == NULL && set->named)
		return NIL;
	if (clause->attribute != NULL)
	{
		foreach(cell, allm_resolve_attribute(chart, clause->attribute,
											 set->relation))
		{
			AllmResolved *resolved = lfirst(cell);

			if (list_length(resolved->terms) == 1)
				terms = lappend(terms, linitial(resolved->terms));
		}
	}
	else
	{
		AllmTerm   *term = allm_resolve_date(set->relation, clause->verb);

		if (term != NULL)
			terms = list_make1(term);
	}
	foreach(cell, terms)
	{
		AllmTerm   *term = lfirst(cell);
		AllmTest   *test = allm_attach_make_test(ALLM_TEST_PERIOD,
												 allm_tree_column(term->column, NIL));
		int			from = 0;
		int			to = 0;

		if (!allm_column_is_date(term->column) &&
			!(allm_column_is_year(term->column) &&
			  allm_period_years(&clause->period, &from, &to)))
			continue;
		test->period = clause->period;
		test = allm_attach_move_test(test, term->steps, clause->negated);
		test->loose = clause->attribute == NULL && (clause->verb == NULL ||
													!allm_way_names_words(allm_naming_column_words(term->column), clause->verb));
		sets = lappend(sets, allm_tree_with(set, test, 0));
	}
	return sets;
}

/*
 * "the largest cities in the states": those of all together, or the largest of
 * each?
 */
static bool
may_be_first_each(const AllmSet *set, const AllmSet *places,
				  const List *steps)
{
	return set->best != NULL && set->limit == 1 && !set->singular &&
		allm_tree_is_up(steps) && !places->singular && !places->named &&
		places->best == NULL;
}

/* Is something not true of the things of a set? */
static bool
excludes(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		if (((AllmTest *) lfirst(cell))->negated)
			return true;
	}
	return false;
}

/* There are such things, or none, at the end of the steps. */
static AllmTest *
bind_link(List *steps, AllmSet *set, bool negated)
{
	if (!allm_joint_is_tested(steps, set) || set->best != NULL)
		return allm_tree_exists(steps, set, negated);
	return allm_tree_exists(allm_tree_drop_last(steps),
							allm_joint_make(llast(steps), set),
							negated);
}

/* There are such things that belong to it, or none. */
static List *
attach_exists(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	/* "films with their studios" wants to see these. */
	if (clause->set->theirs && clause->verb == NULL && !clause->negated)
		return NIL;
	foreach(cell, allm_way_find(chart, clause, set->relation,
								clause->set->relation))
	{
		List	   *steps = lfirst(cell);
		AllmTest   *test;

		/* That there is one does not say it of all of them. */
		if (clause->set->every &&
			(clause->negated || !allm_tree_is_up(steps)))
			continue;
		if (may_be_first_each(set, clause->set, steps) ||
			(clause->whose && !allm_tree_is_up(steps) &&
			 excludes(clause->set)) ||
			(!allm_tree_is_up(steps) && !clause->negated &&
			 allm_tree_is_listed(clause->set)))
			continue;
		test = bind_link(steps, clause->set, clause->negated);
		test->whose = clause->whose && !allm_tree_is_up(steps);
		test->passing = clause->passive;
		sets = lappend(sets,
					   allm_tree_with(set, test, clause->set->cost +
									  list_length(steps) * COST_UP));
		((AllmSet *) llast(sets))->every |= clause->set->every;
	}
	return sets;
}

/* The figures of how many such things belong to a row. */
static List *
count_terms(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *terms = NIL;
	ListCell   *cell;

	foreach(cell, allm_way_find(chart, clause, set->relation,
								clause->set->relation))
	{
		AllmTerm   *term = palloc0(sizeof(AllmTerm));

		term->steps = lfirst(cell);
		if (allm_tree_is_up(term->steps))
		{
			AllmStep   *step = allm_thing_step(chart, set->relation);

			if (step == NULL)
				continue;
			term->steps = lcons(step, list_copy(term->steps));
		}
		term->function = ALLM_FUNCTION_COUNT;
		term->related = clause->set;
		if (allm_joint_is_tested(term->steps, clause->set))
		{
			AllmStep   *last = llast(term->steps);

			/* Counted by what the links refer to, each once. */
			term->related = allm_joint_make(last, clause->set);
			term->column = linitial(last->key->from_columns);
			term->distinct = true;
			term->steps = allm_tree_drop_last(term->steps);
			if (list_length(last->key->from_columns) != 1)
				continue;
		}
		else
			allm_thing_count(chart, term);
		term->name = psprintf("number of %s", clause->set->relation->name);
		terms = lappend(terms, term);
	}
	return terms;
}

/* "with more than 3 orders" */
static List *
attach_count(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	/* Whether those that have none are among "at most 3" is not said. */
	if (clause->compare == ALLM_COMPARE_LT ||
		clause->compare == ALLM_COMPARE_LE || clause->negated ||
		clause->set->every)
		return NIL;
	/* At least one: there are some. */
	if ((clause->compare == ALLM_COMPARE_GE && strcmp(clause->low, "1") == 0) ||
		(clause->compare == ALLM_COMPARE_GT && strcmp(clause->low, "0") == 0))
		return attach_exists(chart, set, clause);
	foreach(cell, count_terms(chart, set, clause))
	{
		AllmTerm   *term = lfirst(cell);
		AllmTest   *test = allm_attach_make_test(ALLM_TEST_COMPARE, term);

		test->compare = clause->compare;
		test->low = clause->low;
		test->high = clause->high;
		test->negated = clause->negated;
		sets = lappend(sets, allm_tree_with(set, test, clause->set->cost +
											list_length(term->steps) * COST_UP));
	}
	return sets;
}

/* A copy of a set of which only the first by a term are wanted. */
static AllmSet *
with_best(const AllmSet *set, AllmTerm *term, const AllmClause *clause,
		  int cost)
{
	AllmSet    *copy = allm_tree_with(set, NULL, cost);

	copy->best = term;
	if (term->steps != NIL)
	{
		const AllmForeignKey *key = ((AllmStep *) linitial(term->steps))->key;

		copy->distinct |= key->from == key->to && key->oid == InvalidOid;
	}
	copy->descending = clause->descending;
	copy->limit = clause->limit > 0 ? clause->limit : 1;
	return copy;
}

/* Is the first the highest, though its number is the lowest? */
static bool
is_rank(const AllmColumn *column)
{
	const char *last = llast(allm_naming_column_words(column));

	return strcmp(last, "rank") == 0 || strcmp(last, "ranking") == 0;
}

/* "with the highest price"; a column that can be compared. */
static List *
attach_best(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best != NULL || set->named || clause->negated)
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		bool		descending;

		if (list_length(resolved->terms) != 1 || !resolved->up)
			continue;
		if (allm_stored_is_best(chart, clause->attribute, &descending))
			term = allm_stored_term(chart, clause->attribute, set->relation);
		if (term == NULL || !(allm_column_is_measure(term->column) ||
							  allm_column_is_date(term->column)) ||
			is_rank(term->column))
			continue;
		sets = lappend(sets, with_best(set, term, clause, resolved->cost));
	}
	return sets;
}

/* "with the most orders" */
static List *
attach_most(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best != NULL || set->named || clause->negated ||
		!clause->descending)
		return NIL;
	foreach(cell, count_terms(chart, set, clause))
	{
		AllmTerm   *term = lfirst(cell);

		sets = lappend(sets, with_best(set, term, clause, clause->set->cost +
									   list_length(term->steps) * COST_UP));
	}
	return sets;
}

/* "older than 20", "the oldest" */
static List *
attach_adjective(AllmChart *chart, const AllmSet *set,
				 const AllmClause *clause)
{
	const AllmAdjective *adjective = clause->adjective;
	AllmTerm   *term = NULL;
	List	   *sets = NIL;

	/* "Opened most recently" is of the date that is called so. */
	if (clause->verb != NULL && clause->dated != NULL && clause->limit > 0)
	{
		adjective = clause->dated;
		term = allm_resolve_date(set->relation, clause->verb);
	}
	else if (adjective != NULL)
		term = allm_resolve_adjective(adjective, set->relation);
	if (term == NULL && clause->verb == NULL && clause->dated != NULL && clause->limit > 0)
	{
		adjective = clause->dated;
		term = allm_resolve_adjective(adjective, set->relation);
	}
	if (term == NULL)
		return NIL;
	if (clause->limit > 0)
	{
		AllmClause	copy = *clause;

		if (set->best != NULL || set->named || clause->negated)
			return NIL;
		copy.descending = adjective->upward;
		sets = list_make1(with_best(set, term, &copy, 0));
		((AllmSet *) linitial(sets))->implied = !adjective->dates;
		return sets;
	}
	{
		AllmClause	copy = *clause;

		copy.compare = adjective->upward ? ALLM_COMPARE_GT : ALLM_COMPARE_LT;
		add_comparison(set, &copy, term, 0, &sets);
	}
	return sets;
}

/* "whose name contains x" */
static List *
attach_text(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmTest   *test = allm_attach_make_test(ALLM_TEST_TEXT,
												 allm_tree_column(term->column, NIL));

		if (list_length(resolved->terms) != 1 ||
			!allm_column_is_text(term->column))
			continue;
		test->low = clause->text;
		sets = lappend(sets, allm_tree_with(set,
											allm_attach_move_test(test, term->steps,
																  clause->negated),
											resolved->cost));
	}
	return sets;
}

/* "largest by population": the column that an adjective only implies */
static List *
attach_by(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = NIL;
	ListCell   *cell;

	if (set->best == NULL || !set->implied)
		return NIL;
	foreach(cell, allm_resolve_attribute(chart, clause->attribute,
										 set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		AllmTerm   *term = linitial(resolved->terms);
		AllmSet    *copy;

		if (list_length(resolved->terms) != 1 || !resolved->up ||
			!allm_column_is_measure(term->column))
			continue;
		copy = allm_tree_with(set, NULL, resolved->cost);
		copy->best = term;
		copy->implied = false;
		sets = lappend(sets, copy);
	}
	return sets;
}

/* One clause after the other. */
static List *
attach_all(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	List	   *sets = list_make1(unconstify(AllmSet *, set));
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, clause->clauses)
	{
		List	   *next = NIL;

		foreach(inner, sets)
			next = list_concat(next,
							   allm_attach_clause(chart, lfirst(inner),
												  lfirst(cell)));
		if (!allm_chart_may_hold(chart, next))
			return NIL;
		sets = next;
	}
	return sets;
}

/* One of the clauses: each must fit alone, in one test. */
static List *
attach_any(AllmChart *chart, const AllmSet *set, const AllmClause *clause)
{
	AllmTest   *any = allm_attach_make_test(ALLM_TEST_ANY, NULL);
	int			cost = 0;
	ListCell   *cell;

	foreach(cell, clause->clauses)
	{
		List	   *sets = allm_attach_clause(chart,
											  allm_tree_set(set->relation, 0),
											  lfirst(cell));
		AllmSet    *only;

		/* Two ways in one part would be two in the whole. */
		if (list_length(sets) != 1)
			return NIL;
		only = linitial(sets);
		if (list_length(only->tests) != 1 || only->best != NULL)
			return NIL;
		cost += only->cost;
		any->tests = lappend(any->tests, linitial(only->tests));
	}
	return list_make1(allm_tree_with(set, any, cost));
}
