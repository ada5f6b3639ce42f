/*
 * project.c
 *		What is shown of a set: columns, figures, groups.
 */
#include "postgres.h"

#include "semantic/bare.h"
#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/pairs.h"
#include "semantic/pronoun.h"
#include "semantic/question.h"
#include "semantic/stored.h"
#include "semantic/thing.h"

/* What a counted thing costs for each key to it. */
#define COST_STEP	3

static bool is_amount(const AllmTerm *term, AllmFunction function);
static List *project_properties(AllmChart *chart, const AllmSet *set,
								const List *attributes);

/* A query over a set without outputs yet. */
static AllmQuery *
make_query(const AllmSet *set)
{
	AllmQuery  *query = palloc0(sizeof(AllmQuery));

	query->set = unconstify(AllmSet *, set);

	/* Without a key several rows may be about the same thing. */
	query->distinct = set->distinct ||
		(set->relation->primary_key == NIL && (set->best != NULL ||
											   set->named));
	query->cost = set->cost;
	return query;
}

/* A copy with one more output. */
static AllmQuery *
with_outputs(const AllmQuery *query, List *terms, int cost)
{
	AllmQuery  *copy = palloc(sizeof(AllmQuery));

	*copy = *query;
	copy->outputs = list_concat_copy(query->outputs, terms);
	copy->cost += cost;
	return copy;
}

/* The number of rows of a set, or of its things where they have several rows. */
AllmQuery *
allm_project_count(AllmChart *chart, const AllmSet *set)
{
	AllmQuery  *query = make_query(set);
	AllmTerm   *term = palloc0(sizeof(AllmTerm));

	if (allm_thing_repeats(chart, set))
	{
		term->column = linitial(allm_naming_labels(set->relation));
		term->distinct = true;
	}

	term->function = ALLM_FUNCTION_COUNT;
	term->name = psprintf("number of %s", set->relation->name);
	query->outputs = list_make1(term);
	query->distinct = false;
	return query;
}

/* The things of a set by key and name. */
AllmQuery *
allm_project_default(const AllmSet *set)
{
	AllmQuery  *query = make_query(set);

	query->outputs = allm_resolve_default(set->relation);
	query->things = true;
	return query;
}

/* May the function be taken of the term? */
static bool
is_amount(const AllmTerm *term, AllmFunction function)
{
	if (function == ALLM_FUNCTION_COUNT)
		return true;
	if (function == ALLM_FUNCTION_SUM || function == ALLM_FUNCTION_AVG)
		return allm_column_is_measure(term->column);
	return allm_column_is_measure(term->column) ||
		allm_column_is_date(term->column);
}

/* The ways to show one property beside those before. */
static List *
add_attribute(AllmChart *chart, const AllmQuery *query,
			  const AllmAttribute *attribute)
{
	List	   *result = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, allm_resolve_attribute(chart, attribute,
										 query->set->relation))
	{
		AllmResolved *resolved = lfirst(cell);
		List	   *terms = NIL;
		AllmQuery  *copy;
		bool		fits = true;

		foreach(inner, resolved->terms)
		{
			AllmTerm   *term = palloc(sizeof(AllmTerm));

			*term = *(AllmTerm *) lfirst(inner);
			term->function = attribute->function;
			term->distinct = attribute->function == ALLM_FUNCTION_COUNT;
			fits &= attribute->function == ALLM_FUNCTION_DEFAULT ||
				(is_amount(term, attribute->function) &&
				 list_length(resolved->terms) == 1);
			terms = lappend(terms, term);
		}
		if (!fits || (resolved->label && (!resolved->up ||
										  ((AllmTerm *) linitial(terms))->steps == NIL)))
			continue;
		/* What kind it is, is said of the things themselves. */
		if (((AllmTerm *) linitial(terms))->steps != NIL &&
			allm_resolve_is_mark(chart, attribute))
			continue;
		/* What a capital has is not what its country has. */
		if (query->set->role &&
			((AllmTerm *) linitial(terms))->steps != NIL)
			continue;
		copy = with_outputs(query, terms, resolved->cost + attribute->cost);
		if (!allm_pronoun_bind(copy, attribute, linitial(terms)))
			continue;
		copy->distinct |= attribute->distinct &&
			attribute->function == ALLM_FUNCTION_DEFAULT;
		result = lappend(result, copy);
	}
	return result;
}

/* The number of counted things for each row of the set. */
static List *
add_counted(AllmChart *chart, const AllmQuery *query,
			const AllmAttribute *attribute)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, allm_tree_paths(query->set->relation,
								  attribute->counted->relation))
	{
		List	   *steps = lfirst(cell);
		AllmTerm   *term = palloc0(sizeof(AllmTerm));
		AllmQuery  *copy;

		if (allm_tree_is_up(steps) || !allm_pronoun_passes(attribute, steps))
			continue;
		term->steps = steps;
		term->function = ALLM_FUNCTION_COUNT;
		term->related = attribute->counted;
		allm_thing_count(chart, term);
		term->name = psprintf("number of %s",
							  attribute->counted->relation->name);
		copy = with_outputs(query, list_make1(term), attribute->cost +
							list_length(steps) * COST_STEP);

		/*
		 * Those that have none are not among "the number of each"; but the
		 * first of all are found before they are counted for.
		 */
		if (copy->set->best == NULL)
			copy->set = allm_tree_with(copy->set,
									   allm_tree_exists(steps,
														attribute->counted,
														false), 0);
		result = lappend(result, copy);
	}
	return result;
}

/* Which kinds of outputs there are. */
static void
count_kinds(const List *attributes, int *plain, int *figures, int *counted)
{
	ListCell   *cell;

	*plain = *figures = *counted = 0;
	foreach(cell, attributes)
	{
		AllmAttribute *attribute = lfirst(cell);

		if (attribute->counted != NULL)
			(*counted)++;
		else if (attribute->function != ALLM_FUNCTION_DEFAULT)
			(*figures)++;
		else
			(*plain)++;
	}
}

/*
 * Is it said when or where, but not of whom?  "The orders of each customer in
 * 2023" are those of 2023.
 */
static bool
is_loosely_tested(const AllmSet *set)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);

		if (test->loose && (test->kind == ALLM_TEST_PERIOD ||
							test->kind == ALLM_TEST_EXISTS))
			return true;
	}
	return false;
}

/* Is one of the outputs over many? */
static bool
has_many(const AllmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);

		if (term->related == NULL && !allm_tree_is_up(term->steps))
			return true;
	}
	return false;
}

/*
 * The set as one "highest point" is asked of it: of one thing the set itself,
 * of many the first of them.  NULL when that is not clear.
 */
static const AllmSet *
narrow_to_best(const AllmChart *chart, const AllmSet *set,
			   const List *attributes)
{
	AllmTerm   *term = NULL;
	bool		descending = false;
	ListCell   *cell;

	if (allm_stored_is_single(set))
		return set;
	foreach(cell, attributes)
	{
		if (!allm_stored_is_best(chart, lfirst(cell), &descending) ||
			!allm_stored_is_one(chart, lfirst(cell)))
			continue;
		term = allm_stored_term(chart, lfirst(cell), set->relation);
		if (term == NULL || set->best != NULL || list_length(attributes) != 1)
			return NULL;
	}
	if (term != NULL)
	{
		AllmSet    *copy = allm_tree_with(set, NULL, 0);

		copy->best = term;
		copy->descending = descending;
		copy->limit = 1;
		return copy;
	}
	return set;
}

/* Is a thing shown by its key or its whole name? */
static bool
shows_thing(const AllmQuery *query)
{
	List	   *keys = query->set->relation->primary_key;
	List	   *labels = allm_naming_labels(query->set->relation);
	int			nkeys = 0;
	int			nlabels = 0;
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);

		if (term->steps != NIL || term->column == NULL)
			continue;
		nkeys += list_member_ptr(keys, term->column);
		nlabels += list_member_ptr(labels, term->column) ||
			term->column->unique;
	}
	return (nkeys > 0 && nkeys == list_length(keys)) || nlabels > 0;
}

/* Are nothing but kinds asked for, "the types of x"?  Each is one kind. */
static bool
are_kinds(const AllmChart *chart, const List *attributes)
{
	static const char *const kinds[] = {"kinds", "types"};
	const AllmAttribute *only = linitial(attributes);

	if (list_length(attributes) != 1 || only->item == NULL ||
		only->function != ALLM_FUNCTION_DEFAULT)
		return false;
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(allm_chart_text(chart, only->item->start), kinds[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Properties of the things of a set: columns, or figures over all of them, or
 * a number of other things for each.  Columns beside figures over all would
 * be neither.
 */
List *
allm_project_attributes(AllmChart *chart, const AllmSet *set,
						const List *attributes)
{
	List	   *queries = project_properties(chart, set, attributes);
	ListCell   *cell;

	foreach(cell, allm_bare_is_all(set, attributes) ? queries : NIL)
		((AllmQuery *) lfirst(cell))->doubt = ALLM_BARE_DOUBT;
	foreach(cell, !set->named && are_kinds(chart, attributes) ? queries : NIL)
		((AllmQuery *) lfirst(cell))->distinct = true;
	return queries;
}

/*
 * "Color code and description of products": the products' description, or the
 * color's, where both have one?
 */
static bool
is_owner_unclear(const AllmSet *set, const List *attributes)
{
	const AllmAttribute *before = linitial(attributes);
	ListCell   *cell;
	ListCell   *inner;

	for_each_from(cell, attributes, 1)
	{
		const AllmAttribute *attribute = lfirst(cell);
		bool		own = false;
		bool		others = false;

		foreach(inner, before->owner != NULL &&
				before->owner != set->relation && attribute->owner == NULL &&
				attribute->item != NULL ? attribute->item->senses : NIL)
		{
			const AllmSense *sense = lfirst(inner);

			own |= sense->kind == ALLM_SENSE_COLUMN &&
				sense->relation == set->relation;
			others |= sense->kind == ALLM_SENSE_COLUMN &&
				sense->relation == before->owner;
		}
		if (own && others)
			return true;
		before = attribute;
	}
	return false;
}

/* The same, where it is clear that each has its own. */
static List *
project_properties(AllmChart *chart, const AllmSet *set,
				   const List *attributes)
{
	List	   *queries;
	List	   *result = NIL;
	int			plain;
	int			figures;
	int			counted;
	ListCell   *cell;
	ListCell   *inner;

	count_kinds(attributes, &plain, &figures, &counted);
	if (figures > 0 && plain + counted > 0)
		return NIL;
	if (!allm_pronoun_fits(set, attributes) ||
		is_owner_unclear(set, attributes))
		return NIL;
	if (counted > 0 && plain == 0)
		return NIL;
	if (plain == 1 && allm_bare_has_number(set, attributes))
		return NIL;
	set = narrow_to_best(chart, set, attributes);
	if (set == NULL)
		return NIL;
	queries = list_make1(make_query(set));
	foreach(cell, attributes)
	{
		AllmAttribute *attribute = lfirst(cell);
		List	   *next = NIL;

		foreach(inner, queries)
		{
			next = list_concat(next, attribute->counted != NULL ?
							   add_counted(chart, lfirst(inner), attribute) :
							   add_attribute(chart, lfirst(inner),
											 attribute));
		}
		if (!allm_chart_may_hold(chart, next))
			return NIL;
		queries = next;
	}
	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);

		if (figures > 0)
			query->distinct = false;
		if (counted > 0 && !shows_thing(query))
			continue;
		if (has_many(query))
			query = counted > 0 ? NULL : figures > 0 ? allm_pairs_figure(query) :
				allm_pairs_list(query);
		if (query != NULL)
			result = lappend(result, query);
	}
	return result;
}

/*
 * Figures for each thing of a set, beside its name: numbers of other things,
 * and functions of what refers to it.
 */
List *
allm_project_each(AllmChart *chart, const AllmSet *set,
				  const List *attributes)
{
	List	   *queries = NIL;
	List	   *result = NIL;
	AllmQuery  *query = make_query(set);
	int			plain;
	int			figures;
	int			counted;
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *output;

	count_kinds(attributes, &plain, &figures, &counted);
	if ((figures + counted > 0 && is_loosely_tested(set)) ||
		!allm_pronoun_fits(set, attributes))
		return NIL;
	if (figures + counted == 0)
	{
		queries = project_properties(chart, set, attributes);
		foreach(cell, queries)
		{
			/* Not what each thing has several of. */
			if (((AllmQuery *) lfirst(cell))->set->relation != set->relation)
				queries = foreach_delete_current(queries, cell);
		}
		return queries;
	}
	queries = list_make1(query);
	foreach(cell, attributes)
	{
		AllmAttribute *attribute = lfirst(cell);
		List	   *next = NIL;

		foreach(inner, queries)
		{
			next = list_concat(next, attribute->counted != NULL ?
							   add_counted(chart, lfirst(inner), attribute) :
							   add_attribute(chart, lfirst(inner),
											 attribute));
		}
		if (!allm_chart_may_hold(chart, next))
			return NIL;
		queries = next;
	}
	foreach(cell, queries)
	{
		List	   *shown = allm_resolve_default(set->relation);
		bool		fits = true;
		List	   *outputs = NIL;

		query = lfirst(cell);
		foreach(output, query->outputs)
		{
			AllmTerm   *term = lfirst(output);

			if (term->related == NULL &&
				term->function != ALLM_FUNCTION_DEFAULT)
			{
				AllmStep   *last = term->steps != NIL ? llast(term->steps) :
				NULL;

				/* A function of one value says nothing. */
				if (allm_tree_is_up(term->steps) ||
					term->function == ALLM_FUNCTION_COUNT)
				{
					fits = false;
					break;
				}
				term->related = allm_tree_set(last->up ? last->key->to :
											  last->key->from, 0);
				if (query->set->best == NULL)
					query->set = allm_tree_with(query->set,
												allm_tree_exists(term->steps,
																 term->related,
																 false), 0);
			}
			else if (term->related == NULL && !allm_tree_is_up(term->steps))
				fits = false;
			if (term->related == NULL)
			{
				/* It is shown already, or will be. */
				for (int i = 0; i < list_length(shown); i++)
				{
					AllmTerm   *own = list_nth(shown, i);

					if (own->column == term->column && term->steps == NIL)
					{
						shown = list_delete_nth_cell(shown, i);
						break;
					}
				}
			}
			outputs = lappend(outputs, term);
		}
		if (!fits)
			continue;
		query->outputs = list_concat(shown, outputs);
		result = lappend(result, query);
	}
	return result;
}

/* Is there such an output already? */
static bool
has_output(const AllmQuery *query, const AllmTerm *term)
{
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *other = lfirst(cell);

		if (other->column == term->column &&
			other->function == term->function &&
			list_length(other->steps) == list_length(term->steps))
			return true;
	}
	return false;
}

/*
 * Figures of a set by some of its properties.  Of what is counted, the set
 * itself is meant.
 */
List *
allm_project_groups(AllmChart *chart, const AllmSet *set, const List *groups,
					const List *attributes)
{
	List	   *queries = list_make1(make_query(set));
	List	   *result = NIL;
	ListCell   *cell;
	ListCell   *inner;

	if (!allm_pronoun_fits_groups(groups, attributes))
		return NIL;

	/* "The average age and the count" of each average age is no question. */
	foreach(cell, groups)
	{
		if (((AllmAttribute *) lfirst(cell))->function != ALLM_FUNCTION_DEFAULT)
			return NIL;
	}
	((AllmQuery *) linitial(queries))->distinct = false;
	foreach(cell, groups)
	{
		List	   *next = NIL;

		foreach(inner, queries)
			next = list_concat(next, add_attribute(chart, lfirst(inner),
												   lfirst(cell)));
		if (!allm_chart_may_hold(chart, next))
			return NIL;
		queries = next;
	}
	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);

		if (has_many(query))
			queries = foreach_delete_current(queries, cell);
		else
		{
			query->groups = list_length(query->outputs);
			query->distinct = false;
		}
	}
	foreach(cell, attributes)
	{
		AllmAttribute *attribute = lfirst(cell);
		List	   *next = NIL;

		foreach(inner, queries)
		{
			AllmQuery  *query = lfirst(inner);

			if (attribute->counted != NULL)
			{
				AllmQuery  *count = allm_project_count(chart, set);

				if (attribute->counted == set)
					next = lappend(next, with_outputs(query, count->outputs,
													  0));
			}
			else
			{
				ListCell   *added;

				foreach(added, add_attribute(chart, query, attribute))
				{
					AllmQuery  *more = lfirst(added);
					AllmTerm   *last = llast(more->outputs);

					if (last->function == ALLM_FUNCTION_DEFAULT)
					{
						if (!has_output(query, last))
							continue;
						more->outputs = list_copy(query->outputs);
					}
					next = lappend(next, more);
				}
			}
		}
		queries = next;
	}
	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);

		/* Groups are different of themselves, if a group is said twice, too. */
		query->distinct = false;
		if (!has_many(query))
			result = lappend(result, query);
	}
	return result;
}
