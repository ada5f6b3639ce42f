/*
 * listing.c
 *		Lists of things, and things ranked by a column of their own.
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/defined.h"
#include "semantic/figures.h"
#include "semantic/listing.h"
#include "semantic/naming.h"

/* A list of a column without its thing is a worse form than a list of things. */
#define COST_BARE_LIST	5

/* Could the head be a figure of the base? */
static bool
is_figure_head(AllmPlanner *planner, const AllmHead *head)
{
	ListCell   *cell;

	if (head->place >= 0 || (head->before != NULL && !head->joined &&
							 head != linitial(planner->sketch->heads)))
		return false;
	foreach(cell, head->name->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN &&
			sense->relation == planner->base &&
			allm_column_is_measure(sense->column))
			return true;
	}
	return false;
}

/*
 * Bare figures, "revenue by region": the names in front are all amounts of the
 * base.  Gives the number of such names, 0 when a list is asked for.
 */
static int
count_figure_heads(AllmPlanner *planner)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, planner->sketch->heads)
	{
		AllmHead   *head = lfirst(cell);

		if (is_figure_head(planner, head) &&
			count == foreach_current_index(cell))
			count++;
		else if (head->joined)
			return 0;
	}
	return count;
}

/* Adds a listed column; a thing's own label is there already. */
static void
add_listed(AllmPlanner *planner, AllmRef *ref)
{
	ListCell   *cell;

	foreach(cell, planner->plan->groups)
	{
		AllmOutput *output = lfirst(cell);

		if (output->ref->column == ref->column)
			return;
	}
	planner->plan->groups = lappend(planner->plan->groups,
									allm_planner_make_output(ref, ALLM_FUNCTION_DEFAULT,
															 ref->column->name));
}

/* All columns of the base, where nothing names its rows. */
static void
add_all_columns(AllmPlanner *planner)
{
	ListCell   *cell;

	foreach(cell, planner->base->columns)
		add_listed(planner, allm_planner_make_own_ref(lfirst(cell)));
}

static bool
fits_anything(const AllmColumn *column)
{
	return !allm_defined_is_aggregate(column);
}

/*
 * "Color code and description": may the second be the color's, where something
 * is called the color's description?
 */
static bool
may_share_first(const AllmPlanner *planner, const AllmItem *before,
				const AllmItem *name, const AllmColumn *column)
{
	List	   *first = before != NULL ? allm_lexicon_split(before->text) : NIL;
	List	   *second = allm_lexicon_split(name->text);
	List	   *words = allm_lexicon_column_words(column);

	if (list_length(first) != 2 || list_length(second) != 1 ||
		!allm_naming_exists(allm_snapshot_derived(planner->base)->snapshot,
							linitial(first), linitial(second)))
		return false;
	return list_length(words) < 2 ||
		strcmp(list_nth(words, list_length(words) - 2), linitial(first)) != 0;
}

/* The heads of a list: things, and columns of them. */
static bool
add_list_heads(AllmPlanner *planner, List **refs)
{
	const AllmItem *before = NULL;
	ListCell   *cell;

	foreach(cell, planner->sketch->heads)
	{
		AllmHead   *head = lfirst(cell);
		AllmChoice *choice;

		if (allm_choice_is_relation(head->name, planner->base) &&
			!planner->names_base && !head->joined &&
			head->place != ALLM_ROLE_WITH &&
			(head->place >= 0 || *refs == NIL))
		{
			planner->names_base = true;
			continue;
		}
		if (allm_planner_is_explained(planner, head))
			continue;
		if (head->place >= 0 ||
			(head != linitial(planner->sketch->heads) && !head->joined))
			return allm_planner_fail(planner, false,
									 "It is not clear what \"%s\" has to do with %s.",
									 head->name->text, planner->base->name);
		choice = allm_planner_take(planner, allm_choice_column(head->name,
															   planner->reach,
															   fits_anything));
		if (choice == NULL)
			return false;
		if (head->joined && may_share_first(planner, before, head->name,
											choice->ref->column))
			return allm_planner_fail(planner, true,
									 "It is not said whether \"%s\" belongs to %s or to \"%s\".",
									 head->name->text, planner->base->name,
									 before->text);
		before = head->name;
		*refs = lappend(*refs, choice->ref);
		allm_planner_say(planner, head->name->text);
	}
	return true;
}

/* "Show artist X": the name beside the value says what is wanted. */
static bool
is_named_by_filter(const AllmPlanner *planner)
{
	ListCell   *cell;

	foreach(cell, planner->sketch->filters)
	{
		AllmFilter *filter = lfirst(cell);

		if (filter->qualifier != NULL && filter->place < 0 &&
			allm_choice_is_relation(filter->qualifier, planner->base))
			return planner->sketch->heads == NIL;
	}
	return false;
}

/* A list of things, with the columns that are asked for. */
bool
allm_listing_settle(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	int			figures = count_figure_heads(planner);
	List	   *refs = NIL;
	ListCell   *cell;

	if (figures > 0)
		return allm_figures_settle_bare(planner, figures);
	if (sketch->dimensions != NIL)
		return allm_planner_fail(planner, true,
								 "It is not said what of %s is wanted by group: their number, or an amount.",
								 planner->base->name);
	if (!add_list_heads(planner, &refs))
		return false;
	planner->plan->distinct = sketch->distinct;
	if (!planner->names_base)
		planner->plan->cost += COST_BARE_LIST;
	if (refs != NIL && !planner->names_base && !sketch->distinct &&
		!planner->unique_value)
		return allm_planner_fail(planner, true,
								 "It is not said whether each of %s is wanted, or each different value once.",
								 planner->base->name);
	if (refs == NIL && !planner->names_base && !is_named_by_filter(planner))
		return allm_planner_fail(planner, false, "It is not said what is wanted.");

	/* Without the label only when different values are asked for. */
	if (!(sketch->distinct && refs != NIL))
	{
		if (allm_column_labels(planner->base) == NIL && refs == NIL)
			add_all_columns(planner);
		else if (!allm_planner_add_entity(planner, planner->base, NIL))
			return false;
	}
	foreach(cell, refs)
		add_listed(planner, lfirst(cell));
	planner->parts = lcons(psprintf("list of %s", planner->base->name),
						   planner->parts);
	return true;
}

/* The rows of the base themselves, ranked by a column of theirs. */
bool
allm_listing_rank(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	AllmChoice *choice;

	if (sketch->measure->function == ALLM_FUNCTION_COUNT ||
		sketch->measure->function == ALLM_FUNCTION_AVG)
		return allm_planner_fail(planner, false, "Each of %s has only one \"%s\".",
								 planner->base->name, sketch->measure->name->text);
	choice = allm_planner_take(planner, allm_choice_column(sketch->measure->name,
														   planner->reach,
														   allm_planner_is_ordered));
	if (choice == NULL || !allm_planner_add_entity(planner, planner->base, NIL))
		return false;
	add_listed(planner, choice->ref);
	planner->plan->order = choice->ref;
	allm_planner_say(planner, psprintf("by %s", allm_planner_say_column(planner, choice->ref)));
	return true;
}
