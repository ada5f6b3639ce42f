/*
 * change.c
 *		Whether a plan changes no more of an earlier one than was said.
 *
 * All that nothing was said of must come out as it was: the same base, the same
 * columns over the same keys, the same values.  That is looked at in the plans,
 * since a new word can give an old one another meaning.
 */
#include "postgres.h"

#include "base/text.h"
#include "semantic/change.h"

/* Is it the same column over the same keys? */
static bool
is_same_ref(const AllmRef *a, const AllmRef *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->column != b->column || list_length(a->keys) != list_length(b->keys))
		return false;
	for (int i = 0; i < list_length(a->keys); i++)
	{
		if (list_nth(a->keys, i) != list_nth(b->keys, i))
			return false;
	}
	return true;
}

/* Do the outputs begin with those that there were? */
static bool
keeps_outputs(const List *old, const List *new)
{
	if (list_length(new) < list_length(old))
		return false;
	for (int i = 0; i < list_length(old); i++)
	{
		const AllmOutput *a = list_nth(old, i);
		const AllmOutput *b = list_nth(new, i);

		if (!is_same_ref(a->ref, b->ref) || a->function != b->function ||
			a->distinct != b->distinct || a->has_grain != b->has_grain ||
			a->grain != b->grain)
			return false;
	}
	return true;
}

/* Are two of the groups one and the same? */
static bool
repeats_group(const AllmPlan *plan)
{
	for (int i = 0; i < list_length(plan->groups); i++)
	{
		const AllmOutput *a = list_nth(plan->groups, i);

		for (int j = 0; j < i; j++)
		{
			const AllmOutput *b = list_nth(plan->groups, j);

			if (is_same_ref(a->ref, b->ref) &&
				a->has_grain == b->has_grain && a->grain == b->grain)
				return true;
		}
	}
	return false;
}

/* The condition that a filter or a comparison came to, or NULL. */
static const AllmCondition *
find_condition(const AllmPlan *plan, const AllmFilter *filter,
			   const AllmComparison *comparison)
{
	ListCell   *cell;

	foreach(cell, plan->conditions)
	{
		const AllmCondition *condition = lfirst(cell);

		if (condition->filter == filter &&
			condition->comparison == comparison &&
			(filter != NULL || comparison != NULL))
			return condition;
	}
	return NULL;
}

/*
 * Is there a condition that was not there, on the things that were ranked?  It
 * could pick from the ranking, or come before it.
 */
static bool
picks_ranked(const AllmChange *change, const AllmPlan *plan)
{
	const AllmRelation *ranked = change->before->plan->groups == NIL ? NULL :
	((AllmOutput *) linitial(change->before->plan->groups))->ref->column->relation;
	ListCell   *cell;

	foreach(cell, plan->conditions)
	{
		const AllmCondition *condition = lfirst(cell);

		if (condition->period == NULL &&
			condition->ref->column->relation == ranked &&
			find_condition(change->before->plan, condition->filter,
						   condition->comparison) == NULL)
			return true;
	}
	return false;
}

/* Is there a condition that was not there, on that column? */
static bool
has_new_condition(const AllmChange *change, const AllmPlan *plan,
				  const AllmRef *ref)
{
	ListCell   *cell;

	foreach(cell, plan->conditions)
	{
		const AllmCondition *condition = lfirst(cell);

		if (is_same_ref(condition->ref, ref) &&
			(condition->filter != NULL || condition->comparison != NULL) &&
			find_condition(change->before->plan, condition->filter,
						   condition->comparison) == NULL)
			return true;
	}
	return false;
}

/* Is there a stretch of time of that date? */
static bool
has_period(const AllmPlan *plan, const AllmRef *ref)
{
	ListCell   *cell;

	foreach(cell, plan->conditions)
	{
		const AllmCondition *condition = lfirst(cell);

		if (condition->period != NULL && is_same_ref(condition->ref, ref))
			return true;
	}
	return false;
}

/* Is each condition that there was still there, or replaced by its like? */
static bool
keeps_conditions(const AllmChange *change, const AllmPlan *plan)
{
	ListCell   *cell;

	foreach(cell, change->before->plan->conditions)
	{
		const AllmCondition *old = lfirst(cell);
		const AllmCondition *new;

		if (old->period != NULL)
		{
			if (change->keeps_moment && !has_period(plan, old->ref))
				return false;
			continue;
		}
		if (old->filter != NULL ? old->filter == change->dropped :
			old->comparison == change->lifted)
		{
			if (!has_new_condition(change, plan, old->ref))
				return false;
			continue;
		}
		new = find_condition(plan, old->filter, old->comparison);
		if (new == NULL || !is_same_ref(old->ref, new->ref) ||
			!allm_text_equal_words(old->values, new->values))
			return false;
	}
	return true;
}

/*
 * AllmSearch.objects: a sentence when the plan changes what was to stay as it
 * was, or says something twice.
 */
char *
allm_change_object(const AllmSketch *sketch, const AllmPlan *plan, void *state)
{
	const AllmChange *change = (const AllmChange *) sketch;
	const AllmPlan *old = change->before->plan;

	if (plan->base != old->base)
		return psprintf("It is about %s, and the question before was about %s: ask for the whole of it.",
						plan->base->name, old->base->name);
	if ((change->keeps_groups && !keeps_outputs(old->groups, plan->groups)) ||
		(change->keeps_measures &&
		 !keeps_outputs(old->measures, plan->measures)) ||
		!keeps_conditions(change, plan))
		return pstrdup("It would change more of the question before than it says: ask for the whole of it.");
	if (old->ranked && picks_ranked(change, plan))
		return pstrdup("It could pick from what was ranked, or say what is to be ranked: ask for the whole of it.");
	if (repeats_group(plan))
		return pstrdup("The question before has that group already.");
	return NULL;
}
