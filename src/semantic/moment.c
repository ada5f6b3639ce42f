/*
 * moment.c
 *		The time of a plan: which date is meant, and the stretch or unit of it.
 *
 * The date is that of the base, or of the whole that the base is a part of.
 * Where two dates would do, the question has to name one.
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/moment.h"

/* The dates of a relation that rank highest. */
static List *
get_best_dates(const AllmRelation *relation)
{
	AllmDateRank best = ALLM_DATE_CREATION;
	List	   *dates = NIL;
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		AllmDateRank rank = allm_column_date_rank(column);

		if (rank > best)
			dates = NIL;
		if (rank >= best)
		{
			best = rank;
			dates = lappend(dates, column);
		}
	}
	return dates;
}

/* The dates of what the base is a part of, as seen from the base. */
static List *
get_whole_dates(AllmPlanner *planner)
{
	List	   *refs = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, planner->base->foreign_keys)
	{
		AllmForeignKey *key = lfirst(cell);

		if (!allm_column_is_part_of(key))
			continue;
		foreach(inner, get_best_dates(key->to))
		{
			AllmRef    *ref = allm_planner_make_own_ref(lfirst(inner));

			ref->keys = list_make1(key);
			refs = lappend(refs, ref);
		}
	}
	return refs;
}

/* The date that is named, "shipped in 1997", or NULL and a problem. */
static AllmRef *
find_named_date(AllmPlanner *planner, const AllmItem *name)
{
	AllmRef    *found = NULL;
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind != ALLM_SENSE_DATE ||
			sense->relation != planner->base)
			continue;
		if (found != NULL && found->column != sense->column)
		{
			allm_planner_doubt(planner, "\"%s\" could mean %s or %s.", name->text,
							   found->column->name, sense->column->name);
			return NULL;
		}
		found = allm_planner_make_own_ref(sense->column);
	}
	if (found == NULL)
		allm_planner_fail(planner, false, "\"%s\" is not a date of %s.", name->text,
						  planner->base->name);
	return found;
}

/* The date that is meant when none is named, or NULL and a problem. */
static AllmRef *
find_date(AllmPlanner *planner)
{
	List	   *refs = NIL;
	ListCell   *cell;

	if (planner->sketch->period_name != NULL)
		return find_named_date(planner, planner->sketch->period_name);
	foreach(cell, get_best_dates(planner->base))
		refs = lappend(refs, allm_planner_make_own_ref(lfirst(cell)));
	foreach(cell, planner->base->columns)
	{
		if (allm_column_is_year(lfirst(cell)))
			refs = lappend(refs, allm_planner_make_own_ref(lfirst(cell)));
	}
	if (refs == NIL)
		refs = get_whole_dates(planner);
	if (list_length(refs) == 1 &&
		((AllmRef *) linitial(refs))->column->relation == planner->base &&
		allm_column_lasts(planner->base))
	{
		allm_planner_doubt(planner,
						   "It is not said what happened to %s then: all that is known of them is %s.",
						   planner->base->name,
						   ((AllmRef *) linitial(refs))->column->name);
		return NULL;
	}
	if (list_length(refs) == 1)
		return linitial(refs);
	if (refs == NIL)
		allm_planner_fail(planner, false, "%s has no date that says when its rows happened.",
						  planner->base->name);
	else
		allm_planner_doubt(planner, "The time could be that of %s.%s or of %s.%s.",
						   ((AllmRef *) linitial(refs))->column->relation->name,
						   ((AllmRef *) linitial(refs))->column->name,
						   ((AllmRef *) lsecond(refs))->column->relation->name,
						   ((AllmRef *) lsecond(refs))->column->name);
	return NULL;
}

/* Breaks the figures down by a unit of time. */
bool
allm_moment_add_grain(AllmPlanner *planner, AllmGrain grain)
{
	static const char *const names[] = {
		[ALLM_GRAIN_DAY] = "day",[ALLM_GRAIN_WEEK] = "week",
		[ALLM_GRAIN_MONTH] = "month",[ALLM_GRAIN_QUARTER] = "quarter",
		[ALLM_GRAIN_YEAR] = "year"
	};
	AllmRef    *ref = find_date(planner);
	AllmOutput *output;

	if (ref == NULL)
		return false;
	if (!allm_column_is_date(ref->column) && grain != ALLM_GRAIN_YEAR)
		return allm_planner_fail(planner, false, "%s.%s has years only.",
								 planner->base->name, ref->column->name);
	output = allm_planner_make_output(ref, ALLM_FUNCTION_DEFAULT, names[grain]);
	output->has_grain = allm_column_is_date(ref->column);
	output->grain = grain;
	planner->plan->groups = lappend(planner->plan->groups, output);
	allm_planner_say(planner, psprintf("by %s", names[grain]));
	return true;
}

/* The time as it was said; one relative to today with its dates. */
static char *
say_period(const AllmSketch *sketch)
{
	const AllmPeriod *period = &sketch->period;
	const char *text = sketch->period_item->text;
	const char *name = sketch->period_name != NULL ?
	psprintf("%s ", sketch->period_name->text) : "";

	if (!period->relative || !period->has_from || !period->has_to)
		return psprintf("%s%s", name, text);
	return psprintf("%s%s (%s to %s)", name, text,
					allm_period_date(period->from),
					allm_period_date(period->to - 1));
}

/*
 * Do the groups begin within a unit of time?  "by month for the last 3 months"
 * is not meant to show four, two of them in part.
 */
static bool
cuts_groups(const AllmSketch *sketch)
{
	ListCell   *cell;

	foreach(cell, sketch->period.rolling ? sketch->dimensions : NIL)
	{
		const AllmDimension *dimension = lfirst(cell);

		if (dimension->name == NULL && dimension->grain != ALLM_GRAIN_DAY)
			return true;
	}
	return false;
}

/* Adds the stretch of time. */
bool
allm_moment_settle(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	AllmCondition *condition;
	AllmRef    *ref;
	int			from;
	int			to;

	if (!sketch->has_period)
		return true;
	if (sketch->period.problem != NULL)
		return allm_planner_doubt(planner, "%s", sketch->period.problem);
	if (cuts_groups(sketch))
		return allm_planner_doubt(planner,
								  "The first of the groups would be cut by \"%s\": \"excluding the current one\" or \"including\" it is to be said, with its unit.",
								  sketch->period_item->text);
	ref = find_date(planner);
	if (ref == NULL)
		return false;
	if (!allm_column_is_date(ref->column) &&
		!allm_period_years(&sketch->period, &from, &to))
		return allm_planner_fail(planner, false, "%s.%s has years only.",
								 planner->base->name, ref->column->name);
	condition = palloc0(sizeof(AllmCondition));
	condition->ref = ref;
	condition->period = &sketch->period;
	planner->plan->conditions = lappend(planner->plan->conditions, condition);
	allm_planner_say_condition(planner, say_period(sketch));
	return true;
}
