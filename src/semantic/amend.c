/*
 * amend.c
 *		The form of a question, changed by what a later one says.
 *
 * What is said takes the place of what was said of the same kind, or comes
 * beside it, by the manner in which it is said; where both could be meant,
 * there is a reason and no reading.
 */
#include "postgres.h"

#include "semantic/amend.h"
#include "semantic/change.h"
#include "semantic/column.h"

static bool read_limit(AllmItem **items, int nitems, int *at,
					   AllmAmendment *amendment);
static bool read_functions(AllmItem **items, int nitems, int *at,
						   AllmAmendment *amendment);
static char *find_fault(const AllmAmended *before,
						const AllmAmendment *amendment);
static char *amend_groups(AllmChange *change, const AllmAmendment *amendment);
static char *amend_period(AllmChange *change, const AllmAmendment *amendment);
static char *amend_limit(AllmChange *change, const AllmAmendment *amendment);
static char *amend_functions(AllmChange *change, const AllmAmendment *amendment);
static char *count_things(AllmChange *change);
static void weigh_names(AllmSearch *search, const AllmChange *change,
						const AllmAmendment *amendment);
static void weigh_conditions(AllmSearch *search, const AllmChange *change,
							 const AllmAmendment *amendment);

/* Is the item a phrase of that role? */
static bool
is_role(const AllmItem *item, AllmRole role)
{
	return item->kind == ALLM_ITEM_PHRASE && item->phrase->role == role;
}

/* "Those who signed up": inside a question it asks for nothing. */
static bool
is_relative(const AllmItem *item)
{
	return pg_strcasecmp(item->text, "who") == 0 ||
		pg_strcasecmp(item->text, "which") == 0;
}

/*
 * What a way to take the text apart says.  False when it says nothing that can
 * change a question; then *problem may say why.
 */
bool
allm_amend_read(AllmItem **items, int nitems, AllmManner manner,
				AllmAmendment *amendment, char **problem)
{
	AllmItem  **left = palloc_array(AllmItem *, nitems + 1);
	int			nleft = 0;
	int			at = 0;

	memset(amendment, 0, sizeof(AllmAmendment));
	amendment->manner = manner;
	for (int i = 0; i < nitems; i++)
	{
		if (is_role(items[i], ALLM_ROLE_LIST))
			amendment->lists |= i == 0 || !is_relative(items[i]);
		else if (!is_role(items[i], ALLM_ROLE_FREE))
			left[nleft++] = items[i];
	}
	if (nleft == 0)
		return false;
	/* "which of them": the pronoun is gone. */
	if (is_role(left[0], ALLM_ROLE_OF))
		at++;
	else if (!read_limit(left, nleft, &at, amendment))
		(void) read_functions(left, nleft, &at, amendment);
	if (at == nleft)
		amendment->sketch = palloc0(sizeof(AllmSketch));
	else
		amendment->sketch = allm_sketch_make(left + at, nleft - at, problem);
	return amendment->sketch != NULL;
}

/* "top 5", "bottom 3 regions"; with a figure behind it, it is a question. */
static bool
read_limit(AllmItem **items, int nitems, int *at, AllmAmendment *amendment)
{
	const char *number = nitems > 1 ? items[1]->text : "";
	int			after = 2;

	if (nitems < 2 || !is_role(items[0], ALLM_ROLE_TOP) ||
		items[1]->kind != ALLM_ITEM_NUMBER || strlen(number) > 3 ||
		strspn(number, "0123456789") != strlen(number) || atoi(number) == 0)
		return false;
	if (nitems > after && items[after]->kind == ALLM_ITEM_NAME)
		after++;
	if (nitems > after && is_role(items[after], ALLM_ROLE_BY))
		return false;
	amendment->limit = atoi(number);
	amendment->descending = items[0]->phrase->argument != 0;
	amendment->subject = after > 2 ? items[2] : NULL;
	*at = after;
	return true;
}

/* Can what follows be said of a figure that is not named: "in 2024"? */
static bool
begins_part(const AllmItem *item)
{
	return item->kind == ALLM_ITEM_TIME || is_role(item, ALLM_ROLE_PLACE) ||
		is_role(item, ALLM_ROLE_BY) || is_role(item, ALLM_ROLE_WITH);
}

/* "the average and the maximum", "how many", without saying of what. */
static bool
read_functions(AllmItem **items, int nitems, int *at,
			   AllmAmendment *amendment)
{
	List	   *functions = NIL;
	int			next = 0;

	while (next < nitems && (is_role(items[next], ALLM_ROLE_AGGREGATE) ||
							 is_role(items[next], ALLM_ROLE_COUNT) ||
							 (functions != NIL &&
							  is_role(items[next], ALLM_ROLE_AND))))
	{
		AllmTarget *target;

		if (!is_role(items[next], ALLM_ROLE_AND))
		{
			target = palloc0(sizeof(AllmTarget));
			target->function = is_role(items[next], ALLM_ROLE_COUNT) ?
				ALLM_FUNCTION_COUNT : items[next]->phrase->argument;
			functions = lappend(functions, target);
		}
		next++;
	}
	/* "of them", whose pronoun is gone. */
	if (next < nitems && is_role(items[next], ALLM_ROLE_OF))
		next++;
	if (functions == NIL || (next < nitems && !begins_part(items[next])))
		return false;
	amendment->functions = functions;
	*at = next;
	return true;
}

/* Does a name only say what the value before it is: "the region West"? */
static bool
is_explanation(const AllmHead *head)
{
	return head->before != NULL && head->before->kind == ALLM_ITEM_VALUE &&
		!head->joined;
}

/* The names of a form that stand for themselves. */
static List *
list_names(const AllmSketch *sketch)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, sketch->heads)
	{
		if (!is_explanation(lfirst(cell)))
			names = lappend(names, lfirst(cell));
	}
	return names;
}

/* The names that only explain a value. */
static List *
list_explanations(const AllmSketch *sketch)
{
	return list_difference_ptr(sketch->heads, list_names(sketch));
}

/* Does it name what is wanted: a figure, or a thing? */
bool
allm_amend_names(const AllmAmendment *amendment)
{
	const AllmSketch *sketch = amendment->sketch;

	return sketch->targets != NIL || sketch->subject != NULL ||
		list_names(sketch) != NIL;
}

/* Does it say what is wanted, by its name or by what is done with it? */
static bool
asks(const AllmAmendment *amendment)
{
	return amendment->functions != NIL || allm_amend_names(amendment);
}

/* How many kinds of things does it say, beside what is wanted? */
static int
count_parts(const AllmAmendment *amendment)
{
	const AllmSketch *sketch = amendment->sketch;

	return (sketch->dimensions != NIL) + (sketch->filters != NIL) +
		(sketch->comparisons != NIL) + sketch->has_period +
		(amendment->limit > 0);
}

/* Is what it says to come beside what there was?  "And West?" asks about West. */
static bool
is_added(const AllmAmendment *amendment)
{
	return amendment->manner == ALLM_MANNER_AND && !amendment->asks;
}

/* Why it cannot go on from that question, or NULL. */
static char *
find_fault(const AllmAmended *before, const AllmAmendment *amendment)
{
	const AllmSketch *sketch = amendment->sketch;
	int			parts = count_parts(amendment);

	if (parts == 0 && !asks(amendment))
		return pstrdup("It is not said what is to change.");
	if (sketch->subject != NULL || sketch->distinct ||
		(parts > 0 && allm_amend_names(amendment)))
		return pstrdup("It could go on from the question before, or stand by itself: ask for the whole of it.");
	if (amendment->lists && before->plan->measures != NIL)
		return pstrdup("It asks for things, and the question before for figures: ask for the whole of it.");
	if (amendment->points && before->plan->ranked)
		return pstrdup("What is true of those that were ranked is not found out from here: ask for the whole of it.");
	if (amendment->manner == ALLM_MANNER_INSTEAD &&
		parts + (amendment->functions != NIL) > 1)
		return pstrdup("It is not clear what it is to take the place of.");
	return NULL;
}

/*
 * Weighs the forms that the earlier question has, changed as is said.  The
 * plans that are found must keep all that was not to change.
 */
void
allm_amend_weigh(AllmSearch *search, const AllmAmended *before,
				 const AllmAmendment *amendment)
{
	AllmChange	change = {*before->sketch, before};
	char	   *problem = find_fault(before, amendment);

	search->objects = allm_change_object;
	change.keeps_groups = true;
	change.keeps_measures = true;
	change.keeps_moment = amendment->sketch->period_name == NULL;
	change.sketch.cost += amendment->sketch->cost;
	change.sketch.per |= amendment->sketch->per;
	change.sketch.heads = list_concat_copy(change.sketch.heads,
										   list_explanations(amendment->sketch));
	if (problem == NULL)
		problem = amend_groups(&change, amendment);
	if (problem == NULL)
		problem = amend_period(&change, amendment);
	if (problem == NULL)
		problem = amend_limit(&change, amendment);
	if (problem == NULL)
		problem = amend_functions(&change, amendment);
	if (problem != NULL)
		search->form_problem = problem;
	else if (amendment->sketch->targets != NIL ||
			 list_names(amendment->sketch) != NIL)
		weigh_names(search, &change, amendment);
	else
		weigh_conditions(search, &change, amendment);
}

/* "by month": beside the groups that there are, or in place of the one. */
static char *
amend_groups(AllmChange *change, const AllmAmendment *amendment)
{
	List	   *added = amendment->sketch->dimensions;
	int			n = list_length(change->sketch.dimensions);

	if (added == NIL)
		return NULL;
	if (amendment->manner == ALLM_MANNER_INSTEAD)
	{
		if (n != 1 || list_length(added) != 1)
			return pstrdup("It is not clear what it is to take the place of.");
		change->sketch.dimensions = added;
		change->keeps_groups = false;
		return NULL;
	}
	if (n > 0 && amendment->manner != ALLM_MANNER_AND)
		return pstrdup("It is not said whether the groups come beside those before (\"and by ...\") or in their place (\"by ... instead\").");
	change->sketch.dimensions = list_concat_copy(change->sketch.dimensions,
												 added);
	return NULL;
}

/* "in 2023": one time takes the place of another. */
static char *
amend_period(AllmChange *change, const AllmAmendment *amendment)
{
	AllmSketch *sketch = &change->sketch;
	const AllmSketch *said = amendment->sketch;

	if (!said->has_period)
		return NULL;
	if (!sketch->has_period && amendment->manner == ALLM_MANNER_INSTEAD)
		return pstrdup("No time was said before that it could take the place of.");
	if (sketch->has_period && is_added(amendment))
		return pstrdup("It is not said whether both times are meant, or the last one alone (\"only in ...\", \"what about ...\").");
	if (sketch->has_period && !(said->period.has_from && said->period.has_to))
		return pstrdup("It is not said whether the time before holds as well.");
	sketch->has_period = true;
	sketch->period = said->period;
	sketch->period_item = said->period_item;
	if (said->period_name != NULL)
		sketch->period_name = said->period_name;
	return NULL;
}

/* How many names in front of a form are figures that no word says are some. */
static int
count_bare(const AllmChange *change)
{
	return change->sketch.subject != NULL || change->sketch.targets != NIL ?
		0 : list_length(change->before->plan->measures);
}

/* The figures of a form, as targets; a list has none. */
static List *
list_measures(const AllmChange *change)
{
	const AllmSketch *sketch = &change->sketch;
	List	   *targets = NIL;

	if (sketch->subject != NULL)
		return list_make1(sketch->measure);
	if (sketch->targets != NIL)
		return sketch->targets;
	for (int i = 0; i < count_bare(change); i++)
	{
		AllmTarget *target = palloc0(sizeof(AllmTarget));

		target->name = ((AllmHead *) list_nth(sketch->heads, i))->name;
		targets = lappend(targets, target);
	}
	return targets;
}

/* Gives a form other figures. */
static void
set_measures(AllmChange *change, List *targets)
{
	AllmSketch *sketch = &change->sketch;

	if (sketch->subject != NULL)
	{
		sketch->measure = linitial(targets);
		return;
	}
	sketch->heads = list_copy_tail(sketch->heads, count_bare(change));
	sketch->targets = targets;
}

/* "top 5": of the groups that there are, by their figure. */
static char *
amend_limit(AllmChange *change, const AllmAmendment *amendment)
{
	AllmSketch *sketch = &change->sketch;
	List	   *measures = list_measures(change);
	AllmDimension *group;

	if (amendment->limit == 0)
		return NULL;
	if (sketch->subject == NULL)
	{
		if (list_length(measures) != 1)
			return pstrdup("It is not said by what it should be ranked.");
		if (list_length(sketch->dimensions) != 1)
			return pstrdup("It is not clear what should be ranked: there is not one group.");
		group = linitial(sketch->dimensions);
		if (group->name == NULL || group->qualifier != NULL)
			return pstrdup("Only things are ranked, by one figure.");
		set_measures(change, measures);
		sketch->subject = group->name;
		sketch->measure = linitial(measures);
		sketch->dimensions = NIL;
		sketch->targets = NIL;
	}
	if (amendment->subject != NULL)
	{
		sketch->subject = amendment->subject;
		change->keeps_groups = false;
	}
	sketch->limit = amendment->limit;
	sketch->descending = amendment->descending;
	return NULL;
}

/* "the average": of the figure that there is. */
static char *
amend_functions(AllmChange *change, const AllmAmendment *amendment)
{
	List	   *measures = list_measures(change);
	bool		beside = amendment->manner == ALLM_MANNER_AND;
	AllmTarget *old;
	List	   *targets = NIL;
	ListCell   *cell;

	if (amendment->functions == NIL)
		return NULL;
	if (measures == NIL && list_length(amendment->functions) == 1 &&
		((AllmTarget *) linitial(amendment->functions))->function == ALLM_FUNCTION_COUNT)
		return count_things(change);
	if (list_length(measures) != 1)
		return pstrdup("It is not clear of what the figure should be.");
	old = linitial(measures);
	/* "How many in West?" after a number: it is the same. */
	if (old->function == ALLM_FUNCTION_COUNT &&
		list_length(amendment->functions) == 1 &&
		((AllmTarget *) linitial(amendment->functions))->function == ALLM_FUNCTION_COUNT)
		return NULL;
	if (old->function == ALLM_FUNCTION_COUNT)
		return pstrdup("A number of things has no other figure.");
	if (change->sketch.subject != NULL &&
		(beside || list_length(amendment->functions) > 1))
		return pstrdup("A ranking goes by one figure.");
	foreach(cell, amendment->functions)
	{
		AllmTarget *target = lfirst(cell);

		if (target->function == ALLM_FUNCTION_COUNT)
			return pstrdup("It is not said what is to be counted.");
		if (target->function == ALLM_FUNCTION_SUM &&
			change->sketch.dimensions != NIL)
			return pstrdup("It is not said whether the total of each group is meant, or that of all.");
		target->name = old->name;
		targets = lappend(targets, target);
	}
	change->keeps_measures = beside;
	set_measures(change, beside ? list_concat(list_make1(old), targets) :
				 targets);
	return NULL;
}

/* "how many": of the things that were listed. */
static char *
count_things(AllmChange *change)
{
	AllmSketch *sketch = &change->sketch;
	List	   *names = list_names(sketch);
	AllmTarget *target = palloc0(sizeof(AllmTarget));

	if (sketch->subject != NULL || list_length(names) != 1)
		return pstrdup("It is not said what is to be counted.");
	target->function = ALLM_FUNCTION_COUNT;
	target->distinct = sketch->distinct;
	target->name = ((AllmHead *) linitial(names))->name;
	sketch->distinct = false;
	set_measures(change, list_make1(target));
	change->keeps_groups = false;
	change->keeps_measures = false;
	return NULL;
}

/* Is the name that of an amount, as far as the rows before have one? */
static bool
is_figure(const AllmChange *change, const AllmItem *name)
{
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN &&
			sense->relation == change->before->plan->base &&
			allm_column_is_measure(sense->column))
			return true;
	}
	return false;
}

/*
 * "quantity", "number of customers", "by product": a name can be a figure or a
 * group.  What of this is possible, the plans tell.
 */
static void
weigh_names(AllmSearch *search, const AllmChange *change,
			const AllmAmendment *amendment)
{
	List	   *measures = list_measures(change);
	List	   *names = list_names(amendment->sketch);
	List	   *targets = list_copy(amendment->sketch->targets);
	bool		beside = amendment->manner == ALLM_MANNER_AND;
	AllmChange *next = palloc(sizeof(AllmChange));
	ListCell   *cell;

	search->form_problem =
		pstrdup("It is not clear what it has to do with the question before.");
	if (amendment->manner == ALLM_MANNER_BARE ||
		amendment->manner == ALLM_MANNER_ONLY || measures == NIL ||
		change->sketch.subject != NULL)
		return;

	/* The figure's function is what it was, but that a number is of things. */
	foreach(cell, names)
	{
		AllmTarget *target = palloc0(sizeof(AllmTarget));

		if (list_length(measures) == 1)
			target->function = ((AllmTarget *) linitial(measures))->function;
		if (target->function == ALLM_FUNCTION_COUNT)
			target->function = ALLM_FUNCTION_DEFAULT;
		target->name = ((AllmHead *) lfirst(cell))->name;
		targets = lappend(targets, target);
	}
	if (beside || list_length(measures) == 1)
	{
		*next = *change;
		next->keeps_measures = beside;
		set_measures(next, beside ? list_concat_copy(measures, targets) :
					 targets);
		allm_search_weigh(search, &next->sketch);
	}
	if (list_length(names) == 1 && amendment->sketch->targets == NIL &&
		change->sketch.dimensions != NIL &&
		!is_figure(change, ((AllmHead *) linitial(names))->name) &&
		(beside || list_length(change->sketch.dimensions) == 1))
	{
		AllmDimension *group = palloc0(sizeof(AllmDimension));

		group->name = ((AllmHead *) linitial(names))->name;
		next = palloc(sizeof(AllmChange));
		*next = *change;
		next->keeps_groups = beside;
		next->sketch.dimensions =
			lappend(beside ? list_copy(change->sketch.dimensions) : NIL,
					group);
		allm_search_weigh(search, &next->sketch);
	}
}

/*
 * "only West", "with a price over 100": beside the conditions that there are,
 * or in place of one on the same column.  "And West" could mean both.
 */
static void
weigh_conditions(AllmSearch *search, const AllmChange *change,
				 const AllmAmendment *amendment)
{
	const AllmSketch *said = amendment->sketch;
	bool		may_drop = !is_added(amendment);
	int			nfilter = said->filters != NIL && may_drop ?
	list_length(change->sketch.filters) : 0;
	int			ncomparison = said->comparisons != NIL && may_drop ?
	list_length(change->sketch.comparisons) : 0;
	bool		must_drop = amendment->manner == ALLM_MANNER_INSTEAD &&
	(said->filters != NIL || said->comparisons != NIL);

	if (must_drop)
		search->form_problem =
			pstrdup("Nothing of the kind was said before that it could take the place of.");
	for (int f = -1; f < nfilter; f++)
	{
		for (int c = -1; c < ncomparison; c++)
		{
			AllmChange *next = palloc(sizeof(AllmChange));
			AllmSketch *sketch = &next->sketch;

			if (must_drop && f < 0 && c < 0)
				continue;
			*next = *change;
			if (f >= 0)
				next->dropped = list_nth(sketch->filters, f);
			if (c >= 0)
				next->lifted = list_nth(sketch->comparisons, c);
			sketch->filters = list_concat(list_delete_ptr(list_copy(sketch->filters),
														  unconstify(AllmFilter *, next->dropped)),
										  said->filters);
			sketch->comparisons = list_concat(list_delete_ptr(list_copy(sketch->comparisons),
															  unconstify(AllmComparison *, next->lifted)),
											  said->comparisons);
			allm_search_weigh(search, sketch);
		}
	}
}
