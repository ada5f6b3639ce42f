/*
 * condition.c
 *		The conditions of a plan: values and comparisons.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "semantic/column.h"
#include "semantic/condition.h"
#include "semantic/defined.h"
#include "semantic/denoted.h"
#include "semantic/rival.h"

/* The name that stands right behind the values of a filter, or NULL. */
static AllmItem *
find_behind(const AllmSketch *sketch, const AllmFilter *filter)
{
	AllmItem   *last = llast(filter->values);
	ListCell   *cell;

	foreach(cell, sketch->heads)
	{
		AllmHead   *head = lfirst(cell);

		if (head->before == last && head->place < 0 && !head->joined)
			return head->name;
	}
	foreach(cell, sketch->targets)
	{
		AllmTarget *target = lfirst(cell);

		if (target->name->start == last->start + last->length)
			return target->name;
	}
	return NULL;
}

/* "category Furniture or Toys". */
static char *
say_values(AllmPlanner *planner, const AllmRef *ref, const List *values)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	appendStringInfo(&text, "for %s ",
					 list_member_ptr(allm_column_labels(ref->column->relation),
									 ref->column) ?
					 allm_column_entity(ref->column->relation) :
					 allm_planner_say_column(planner, ref));
	foreach(cell, values)
		appendStringInfo(&text, "%s%s",
						 foreach_current_index(cell) > 0 ? " or " : "",
						 (char *) lfirst(cell));
	return text.data;
}

/* Is there a condition on that column already? */
static bool
has_condition(const AllmPlan *plan, const AllmRef *ref)
{
	ListCell   *cell;

	foreach(cell, plan->conditions)
	{
		AllmCondition *condition = lfirst(cell);

		if (condition->ref->column == ref->column)
			return true;
	}
	return false;
}

/* Is a number called so in rows that refer to those of a relation? */
static bool
has_below(const AllmItem *name, const AllmRelation *relation)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, name->senses)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->kind != ALLM_SENSE_COLUMN || sense->relation == relation ||
			!allm_column_is_number(sense->column))
			continue;
		foreach(inner, sense->relation->foreign_keys)
		{
			if (((AllmForeignKey *) lfirst(inner))->to == relation)
				return true;
		}
	}
	return false;
}

/* Adds "price over 10". */
static bool
settle_comparison(AllmPlanner *planner, AllmComparison *comparison)
{
	static const char *const words[] = {
		[ALLM_COMPARE_EQ] = "equal to",[ALLM_COMPARE_GT] = "over",
		[ALLM_COMPARE_GE] = "at least",[ALLM_COMPARE_LT] = "under",
		[ALLM_COMPARE_LE] = "at most",[ALLM_COMPARE_BETWEEN] = "between"
	};
	AllmCondition *condition = palloc0(sizeof(AllmCondition));
	AllmChoice *choice = allm_planner_take(planner,
										   allm_choice_column(comparison->name,
															  planner->reach,
															  allm_column_is_number));
	const AllmColumn *column;

	if (choice == NULL)
		return false;
	column = choice->ref->column;
	if (allm_defined_is_aggregate(column))
		return allm_planner_fail(planner, false,
								 "\"%s\" is a figure of many rows: only groups have one to compare.",
								 comparison->name->text);
	if (comparison->compare != ALLM_COMPARE_EQ &&
		(column->in_key || column->in_foreign_key))
		return allm_planner_fail(planner, false, "\"%s\" is a key, not an amount.",
								 comparison->name->text);
	if (column->relation == planner->base &&
		allm_column_is_additive(column) &&
		planner->sketch->dimensions != NIL &&
		!(list_length(planner->sketch->targets) == 1 &&
		  ((AllmTarget *) linitial(planner->sketch->targets))->function ==
		  ALLM_FUNCTION_COUNT))
		return allm_planner_fail(planner, true,
								 "\"%s\" could be compared in each row, or as the total of each group.",
								 comparison->name->text);
	if (choice->ref->keys != NIL &&
		has_below(comparison->name, planner->base))
		return allm_planner_fail(planner, true,
								 "\"%s\" could be that of %s, or one of those that belong to %s.",
								 comparison->name->text,
								 column->relation->name, planner->base->name);
	if (has_condition(planner->plan, choice->ref))
		return allm_planner_fail(planner, false, "\"%s\" is compared twice.",
								 comparison->name->text);

	condition->ref = choice->ref;
	condition->comparison = comparison;
	planner->plan->conditions = lappend(planner->plan->conditions, condition);
	allm_planner_say_condition(planner,
							   psprintf("with %s %s %s%s%s",
										allm_planner_say_column(planner, choice->ref),
										words[comparison->compare], comparison->low,
										comparison->high != NULL ? " and " : "",
										comparison->high != NULL ? comparison->high : ""));
	return true;
}

/* Does the form ask for amounts, rather than for things or their number? */
static bool
has_amounts(const AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	ListCell   *cell;

	foreach(cell, sketch->targets)
	{
		if (((AllmTarget *) lfirst(cell))->function != ALLM_FUNCTION_COUNT)
			return true;
	}
	foreach(cell, sketch->heads)
	{
		ListCell   *inner;

		foreach(inner, ((AllmHead *) lfirst(cell))->name->senses)
		{
			AllmSense  *sense = lfirst(inner);

			if (sense->kind == ALLM_SENSE_COLUMN &&
				sense->relation == planner->base &&
				allm_column_is_measure(sense->column))
				return true;
		}
	}
	return false;
}

/* Adds the filters and comparisons. */
bool
allm_condition_settle(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	ListCell   *cell;

	foreach(cell, sketch->filters)
	{
		AllmFilter *filter = lfirst(cell);
		AllmCondition *condition = palloc0(sizeof(AllmCondition));
		AllmChoice *choice = allm_planner_take(planner,
											   allm_choice_values(filter,
																  find_behind(sketch, filter),
																  planner->reach,
																  has_amounts(planner)));

		if (choice == NULL)
			return false;
		if (has_condition(planner->plan, choice->ref))
			return allm_planner_fail(planner, false,
									 "%s cannot have two values at once.",
									 allm_planner_say_column(planner, choice->ref));
		if (filter->qualifier == NULL &&
			allm_rival_of_keys(planner->base, choice->keys))
			return allm_planner_fail(planner, true,
									 "%s may belong to \"%s\" by %s.%s, or by other rows that name both.",
									 planner->base->name,
									 ((AllmItem *) linitial(filter->values))->text,
									 planner->base->name,
									 ((AllmColumn *) linitial(((AllmForeignKey *) linitial(choice->keys))->from_columns))->name);
		condition->ref = choice->ref;
		condition->named = choice->column;
		condition->filter = filter;
		condition->values = choice->values;
		planner->plan->conditions = lappend(planner->plan->conditions,
											condition);
		planner->unique_value |= choice->ref->column->unique &&
			choice->ref->keys == NIL && list_length(choice->values) == 1;
		allm_planner_say_condition(planner, say_values(planner, choice->ref, choice->values));
	}
	foreach(cell, sketch->comparisons)
	{
		if (!settle_comparison(planner, lfirst(cell)))
			return false;
	}
	return true;
}

/*
 * Where all rows say the same in a column, that is what was meant, and it is
 * said in the query: in a view that is made of it, other rows that come later
 * are not added to these.
 */
bool
allm_condition_only(AllmPlanner *planner, AllmRef *ref)
{
	char	   *only = allm_denoted_only(planner->input, ref->column);
	AllmCondition *condition;

	if (only == NULL)
		return false;
	condition = palloc0(sizeof(AllmCondition));
	condition->ref = ref;
	condition->named = ref->column;
	condition->values = list_make1(only);
	planner->plan->conditions = lappend(planner->plan->conditions, condition);
	allm_planner_say_condition(planner,
							   say_values(planner, ref, condition->values));
	return true;
}
