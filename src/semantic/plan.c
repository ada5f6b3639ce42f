/*
 * plan.c
 *		What a question asks for, with every name settled.
 *
 * A form is settled against one base relation at a time: the one whose rows
 * are counted, added up or listed.  Everything else must be reached from it
 * from many to one, so no row counts twice.  A plan is given up at the first
 * thing that does not fit; the problem then says what, and whether it is that
 * there are two ways (a doubt that must not be passed over for a worse plan).
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "semantic/column.h"
#include "semantic/condition.h"
#include "semantic/denoted.h"
#include "semantic/doubt.h"
#include "semantic/figures.h"
#include "semantic/listing.h"
#include "semantic/moment.h"
#include "semantic/plan.h"
#include "semantic/planner.h"

static bool settle(AllmPlanner *planner);
static bool settle_ranking(AllmPlanner *planner);

/* The relations of which a name can mean the rows, or a column. */
static List *
list_relations(const AllmItem *name)
{
	List	   *relations = NIL;
	const AllmRelation *last = NULL;
	ListCell   *cell;

	/* Senses come relation by relation; repetitions are rare and harmless. */
	foreach(cell, name->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_DATE || sense->relation == last)
			continue;
		last = sense->relation;
		relations = lappend(relations, unconstify(AllmRelation *, last));
	}
	return relations;
}

/* Can the name mean nothing but a thing? */
static bool
is_thing(const AllmItem *name)
{
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		if (((AllmSense *) lfirst(cell))->kind == ALLM_SENSE_COLUMN)
			return false;
	}
	return true;
}

/* The relations that a list may be of: its thing, or what has its columns. */
static List *
list_bases_of_list(const AllmSketch *sketch)
{
	List	   *bases = NIL;
	ListCell   *cell;

	foreach(cell, sketch->heads)
	{
		AllmItem   *name = ((AllmHead *) lfirst(cell))->name;

		if (is_thing(name))
			return list_relations(name);
		bases = list_concat(bases, list_relations(name));
	}
	if (sketch->heads != NIL)
		return bases;
	foreach(cell, sketch->filters)
	{
		AllmFilter *filter = lfirst(cell);

		if (filter->qualifier != NULL)
			bases = list_concat(bases, list_relations(filter->qualifier));
	}
	return bases;
}

/*
 * The relations that the figures or the things of a form may be rows of.  All
 * figures are of one, so the first figure's relations are enough.
 */
List *
allm_plan_bases(const AllmSketch *sketch)
{
	if (sketch->targets != NIL)
		return list_relations(((AllmTarget *) linitial(sketch->targets))->name);
	if (sketch->measure != NULL)
		return list_relations(sketch->measure->name);
	return list_bases_of_list(sketch);
}

/* The plan of a form over that base, or the problem with it. */
AllmPlan *
allm_plan_make(const AllmSketch *sketch, const AllmReach *reach,
			   const AllmReadInput *input)
{
	AllmPlanner planner = {0};
	StringInfoData words;
	ListCell   *cell;

	planner.sketch = sketch;
	planner.base = reach->from;
	planner.reach = reach;
	planner.input = input;
	planner.plan = palloc0(sizeof(AllmPlan));
	planner.plan->base = reach->from;
	planner.plan->cost = sketch->cost;
	planner.plan->dimensions = list_length(sketch->dimensions);
	planner.plan->spoken = sketch->targets != NIL;
	if (!settle(&planner))
		return planner.plan;

	planner.parts = list_concat(planner.parts, planner.conditions);
	initStringInfo(&words);
	foreach(cell, planner.parts)
		appendStringInfo(&words, "%s%s", words.len > 0 ? ", " : "",
						 (char *) lfirst(cell));
	planner.plan->words = words.data;
	return planner.plan;
}

/* Does a relation hold nothing but two references or more? */
static bool
is_junction(const AllmRelation *relation)
{
	int			references = 0;
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (column->in_foreign_key)
			references++;
		else if (!allm_column_is_date(column) ||
				 allm_column_date_rank(column) != ALLM_DATE_NEVER)
			return false;
	}
	return references > 1;
}

/*
 * Why a column of a view is not the figure that its name says, or NULL: what it
 * sums up already is only that of its own rows ("total fare" by member, beside
 * the fare of each trip).
 */
static char *
doubt_summed(const AllmPlanner *planner)
{
	ListCell   *cell;

	foreach(cell, planner->plan->measures)
	{
		const AllmOutput *output = lfirst(cell);
		const AllmColumn *column = output->ref != NULL ? output->ref->column :
		NULL;
		const AllmColumn *summed = column != NULL ?
		allm_denoted_summed(planner->input, column) : NULL;

		if (summed != NULL)
			return psprintf("\"%s\" could be %s.%s of a view, or made of %s.%s.",
							allm_column_words(column),
							column->relation->name, column->name,
							summed->relation->name, summed->name);
	}
	return NULL;
}

/*
 * The order matters: filters first, since a bare figure of one row is clear
 * where that of many is not.
 */
static bool
settle(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	const char *doubt;
	AllmRef    *open;
	bool		done;

	if (is_junction(planner->base))
		return allm_planner_fail(planner, true,
								 "The rows of %s only join other things.",
								 planner->base->name);
	if (!allm_condition_settle(planner))
		return false;
	if (sketch->subject != NULL)
		done = settle_ranking(planner);
	else if (sketch->targets != NIL)
		done = allm_figures_settle(planner);
	else
		done = allm_listing_settle(planner);
	if (!done || !allm_moment_settle(planner))
		return false;
	doubt = doubt_summed(planner);
	if (doubt != NULL)
		return allm_planner_fail(planner, true, "%s", doubt);
	do
	{
		open = NULL;
		doubt = allm_doubt_plan(planner->plan, &open);
	} while (open != NULL && allm_condition_only(planner, open));
	planner->plan->senseless = doubt != NULL;
	return doubt == NULL || allm_planner_fail(planner, true, "%s", doubt);
}

/* "top 3", "lowest". */
static void
say_ranking(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	char	   *part = psprintf("%s %d %s", sketch->descending ? "top" :
								"bottom", sketch->limit,
								sketch->subject->text);

	planner->parts = lcons(part, planner->parts);
}

/* A ranking of things, by a figure. */
static bool
settle_ranking(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	bool		done;
	bool		own = allm_choice_is_relation(sketch->subject, planner->base);

	planner->plan->ranked = true;
	planner->plan->descending = sketch->descending;
	planner->plan->limit = sketch->limit;
	if (sketch->distinct || sketch->dimensions != NIL ||
		sketch->targets != NIL)
		return allm_planner_fail(planner, false,
								 "A ranking is understood only without further groups.");
	if (!allm_planner_settle_heads(planner, sketch->heads))
		return false;
	planner->names_base = false;
	done = own ? allm_listing_rank(planner) : allm_figures_rank(planner);
	if (done)
		say_ranking(planner);
	return done;
}
