/*
 * deleted.c
 *		Rows that are marked as deleted, and are there all the same.
 *
 * Many programs never delete a row: they write into "deleted_at" or
 * "is_deleted".  Who asks for the number of users seldom means these as well,
 * and a sum of old invoices may well.  So they are not left out unasked, and
 * the answer is in doubt while there are any that the question says nothing of.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "semantic/column.h"
#include "semantic/deleted.h"
#include "semantic/naming.h"
#include "semantic/values.h"

static const AllmColumn *find_in_set(const AllmSet *set);

/* The column that marks rows of a relation as deleted, or NULL. */
static const AllmColumn *
find_mark(const AllmRelation *relation)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (!allm_column_is_date(column) &&
			column->category != TYPCATEGORY_BOOLEAN)
			continue;
		foreach(inner, allm_naming_column_words(column))
		{
			if (strcmp(lfirst(inner), "deleted") == 0 ||
				strcmp(lfirst(inner), "deletion") == 0)
				return column;
		}
	}
	return NULL;
}

/* Does a test say something of the mark? */
static bool
is_tested(const AllmColumn *mark, const List *tests)
{
	ListCell   *cell;

	check_stack_depth();
	foreach(cell, tests)
	{
		const AllmTest *test = lfirst(cell);

		if ((test->term != NULL && test->term->column == mark) ||
			is_tested(mark, test->tests))
			return true;
	}
	return false;
}

/* The mark that a test says nothing of, of the rows that it looks for. */
static const AllmColumn *
find_in_test(const AllmTest *test)
{
	const AllmColumn *mark = NULL;
	ListCell   *cell;

	check_stack_depth();
	if (test->set != NULL)
		mark = find_in_set(test->set);
	if (mark == NULL && test->term != NULL && test->term->related != NULL)
		mark = find_in_set(test->term->related);
	foreach(cell, test->tests)
	{
		if (mark == NULL)
			mark = find_in_test(lfirst(cell));
	}
	return mark;
}

/* The same of a whole set. */
static const AllmColumn *
find_in_set(const AllmSet *set)
{
	const AllmColumn *mark = find_mark(set->relation);
	ListCell   *cell;

	if (mark != NULL && is_tested(mark, set->tests))
		mark = NULL;
	foreach(cell, set->tests)
	{
		if (mark == NULL)
			mark = find_in_test(lfirst(cell));
	}
	return mark;
}

/*
 * Are rows marked in that way?  A relation that is too large to be asked may
 * have some.
 */
static bool
has_marked(const AllmReadInput *input, const AllmColumn *mark)
{
	AllmProbeQuery query = {0};
	List	   *rows = NIL;

	if (input == NULL || input->probe == NULL ||
		!allm_values_may_probe(mark->relation))
		return true;
	query.before = psprintf("SELECT 'marked'::text, CASE WHEN EXISTS (\n"
							"  SELECT 1 FROM %s AS t WHERE t.%s%s)\n"
							"  THEN 'some'::text ELSE 'none'::text END",
							mark->relation->sql_name,
							quote_identifier(mark->name),
							allm_column_is_date(mark) ? " IS NOT NULL" : "");
	return !input->probe(input->probe_state, &query, &rows) || rows == NIL ||
		strcmp(((char **) linitial(rows))[1], "none") != 0;
}

/* What is said of it, or NULL when no row is marked. */
static char *
say_mark(const AllmReadInput *input, const AllmColumn *mark)
{
	if (mark == NULL || !has_marked(input, mark))
		return NULL;
	return psprintf("rows of %s that are marked as deleted (%s) are not left out%s",
					mark->relation->name, mark->name,
					allm_column_is_date(mark) ?
					psprintf(", unless you ask for those \"without %s\"",
							 allm_column_words(mark)) : "");
}

/* Does a figure say by its definition which rows count? */
static bool
is_defined(const AllmPlan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->measures)
	{
		const AllmOutput *output = lfirst(cell);

		if (output->ref != NULL && output->ref->column->metric != NULL)
			return true;
	}
	return false;
}

/*
 * What a plan says nothing of: rows of its base that are deleted, or lines of a
 * bill that is.  NULL when there is nothing to say.
 */
char *
allm_deleted_plan(const AllmReadInput *input, const AllmPlan *plan)
{
	const AllmColumn *mark = is_defined(plan) ? NULL : find_mark(plan->base);
	ListCell   *cell;

	foreach(cell, is_defined(plan) ? NIL : plan->base->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (mark == NULL && allm_column_is_part_of(key))
			mark = find_mark(key->to);
	}
	foreach(cell, plan->conditions)
	{
		if (((AllmCondition *) lfirst(cell))->ref->column == mark)
			mark = NULL;
	}
	return say_mark(input, mark);
}

/* The same of a sentence, and of all that it looks for. */
char *
allm_deleted_query(const AllmReadInput *input, const AllmQuery *query)
{
	const AllmColumn *mark = find_in_set(query->set);
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		const AllmTerm *term = lfirst(cell);

		if (mark == NULL && term->related != NULL)
			mark = find_in_set(term->related);
	}
	return say_mark(input, mark);
}
