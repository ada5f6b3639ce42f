/*
 * figures.c
 *		The figures of a plan, and what they are broken down by.
 *
 * A figure's column belongs to the base itself: an amount of something that
 * the base refers to would be counted once for each row that refers to it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "semantic/column.h"
#include "semantic/defined.h"
#include "semantic/figures.h"
#include "semantic/moment.h"

/* The function, as a word. */
static const char *
say_function(AllmFunction function)
{
	static const char *const words[] = {
		[ALLM_FUNCTION_DEFAULT] = "",[ALLM_FUNCTION_COUNT] = "number of",
		[ALLM_FUNCTION_SUM] = "total",[ALLM_FUNCTION_AVG] = "average",
		[ALLM_FUNCTION_MIN] = "minimum",[ALLM_FUNCTION_MAX] = "maximum"
	};

	return words[function];
}

/* Has the question nothing but the count? */
static bool
is_bare_count(const AllmSketch *sketch)
{
	return sketch->filters == NIL && sketch->comparisons == NIL &&
		sketch->dimensions == NIL && !sketch->has_period;
}

static bool
is_any_column(const AllmColumn *column)
{
	return allm_column_is_number(column) || allm_column_is_text(column) ||
		allm_column_is_date(column);
}

/* "number of customers", "number of different cities". */
static bool
add_count(AllmPlanner *planner, const AllmTarget *target)
{
	AllmOutput *output;
	AllmChoice *choice;

	if (allm_choice_is_relation(target->name, planner->base))
	{
		/* Several rows may be about the same thing: the data must be asked. */
		if (planner->base->primary_key == NIL &&
			planner->base->foreign_keys != NIL &&
			allm_column_labels(planner->base) != NIL)
			return allm_planner_fail(planner, false,
									 "It is not clear which rows of %s are the same thing.",
									 planner->base->name);
		if (target->distinct && !is_bare_count(planner->sketch))
			return allm_planner_fail(planner, true,
									 "It is not clear which rows of %s are to count once.",
									 planner->base->name);
		output = allm_planner_make_output(NULL, ALLM_FUNCTION_COUNT,
										  psprintf("number_of_%s", planner->base->name));
		planner->plan->measures = lappend(planner->plan->measures, output);
		allm_planner_say(planner, psprintf("number of %s", target->name->text));
		return true;
	}
	planner->plan->cost++;		/* a thing of that name comes before */
	choice = allm_planner_take(planner, allm_choice_column(target->name,
														   planner->reach,
														   is_any_column));
	if (choice == NULL)
		return false;
	if (choice->ref->column->relation != planner->base)
		return allm_planner_fail(planner, false, "\"%s\" is not counted over %s.",
								 target->name->text, planner->base->name);
	if (!target->distinct)
		return allm_planner_fail(planner, true,
								 "\"%s\" could be counted by row, or each different one once.",
								 target->name->text);
	output = allm_planner_make_output(choice->ref, ALLM_FUNCTION_COUNT,
									  psprintf("number_of_%s",
											   choice->ref->column->name));
	output->distinct = true;
	planner->plan->measures = lappend(planner->plan->measures, output);
	allm_planner_say(planner, psprintf("number of different %s", target->name->text));
	return true;
}

/* Is the plural said of a column that is named in the singular? */
static bool
is_plural(const AllmItem *name, const AllmColumn *column)
{
	char	   *text = allm_text_lower(name->text);
	int			text_len = strlen(text);
	int			name_len = strlen(column->name);

	return text_len > 1 && text[text_len - 1] == 's' && name_len > 0 &&
		pg_tolower((unsigned char) column->name[name_len - 1]) != 's';
}

/* A sum where the question does not say what to do, if that is clear. */
static bool
choose_function(AllmPlanner *planner, const AllmTarget *target,
				const AllmColumn *column, AllmFunction *function)
{
	*function = target->function;
	if (allm_defined_is_aggregate(column))
	{
		*function = ALLM_FUNCTION_DEFAULT;
		if (target->function == ALLM_FUNCTION_DEFAULT ||
			(target->function == ALLM_FUNCTION_SUM && column->metric->additive))
			return true;
		return allm_planner_fail(planner, true,
								 "\"%s\" is defined as a figure of many rows, which has no average, minimum or maximum.",
								 target->name->text);
	}
	if (*function != ALLM_FUNCTION_DEFAULT)
		return true;
	if (!allm_column_is_additive(column))
		return allm_planner_fail(planner, true,
								 "It is not said whether \"%s\" is wanted as an average, a minimum or a maximum.",
								 target->name->text);
	if (planner->names_base && planner->sketch->dimensions == NIL &&
		!planner->unique_value)
		return allm_planner_fail(planner, true,
								 "It is not said whether \"%s\" is wanted of each of %s or in total.",
								 target->name->text, planner->base->name);
	if (planner->sketch->dimensions == NIL && is_plural(target->name, column))
		return allm_planner_fail(planner, true,
								 "It is not said whether all \"%s\" are wanted or their total.",
								 target->name->text);
	*function = ALLM_FUNCTION_SUM;
	planner->plan->assumed = planner->sketch->dimensions == NIL;
	return true;
}

/* Says the figure; "total" is said once where the column says it too. */
static void
say_figure(AllmPlanner *planner, AllmFunction function, const AllmRef *ref)
{
	const char *word = say_function(function);
	char	   *column = allm_planner_say_column(planner, ref);
	const AllmMetric *metric = ref->column->metric;

	if (metric != NULL && metric->unit != NULL)
		column = psprintf("%s in %s", column, metric->unit);
	if (strncmp(column, word, strlen(word)) == 0)
		allm_planner_say(planner, column);
	else
		allm_planner_say(planner, psprintf("%s %s", word, column));
}

/* "total revenue", "average age". */
static bool
add_figure(AllmPlanner *planner, const AllmTarget *target)
{
	bool		ordered = target->function == ALLM_FUNCTION_MIN ||
	target->function == ALLM_FUNCTION_MAX;
	AllmFunction function;
	AllmChoice *choice;
	AllmOutput *output;

	if (target->function == ALLM_FUNCTION_COUNT)
		return add_count(planner, target);
	if (target->superlative && planner->sketch->dimensions != NIL)
		return allm_planner_fail(planner, true,
								 "It is not said whether the highest or lowest \"%s\" is wanted in each group or among the groups.",
								 target->name->text);

	choice = allm_planner_take(planner,
							   allm_choice_column(target->name, planner->reach,
												  ordered ? allm_planner_is_ordered :
												  allm_column_is_measure));
	if (choice == NULL)
		return false;
	if (choice->ref->column->relation != planner->base)
		return allm_planner_fail(planner, false,
								 "\"%s\" belongs to %s: its amounts would be counted once for each row of %s.",
								 target->name->text, choice->ref->column->relation->name,
								 planner->base->name);
	if (!choose_function(planner, target, choice->ref->column, &function))
		return false;
	output = allm_planner_make_output(choice->ref, function,
									  function == ALLM_FUNCTION_SUM ||
									  function == ALLM_FUNCTION_DEFAULT ?
									  choice->ref->column->name :
									  psprintf("%s_%s", say_function(function),
											   choice->ref->column->name));
	planner->plan->measures = lappend(planner->plan->measures, output);
	say_figure(planner, function, choice->ref);
	return true;
}

/* Does the question say what to do with its figures? */
static bool
has_function(const AllmPlanner *planner)
{
	ListCell   *cell;

	foreach(cell, planner->sketch->targets)
	{
		if (((AllmTarget *) lfirst(cell))->function != ALLM_FUNCTION_DEFAULT)
			return true;
	}
	return false;
}

/* Adds what the figures are broken down by. */
static bool
add_dimension(AllmPlanner *planner, const AllmItem *name,
			  const AllmItem *qualifier)
{
	AllmChoice *choice = allm_planner_take(planner,
										   allm_choice_dimension(name, qualifier,
																 planner->reach));
	AllmOutput *output;

	if (choice == NULL)
		return false;
	if (choice->ref == NULL && choice->keys == NIL && has_function(planner))
		return allm_planner_fail(planner, true,
								 "It is not clear whether \"%s\" is wanted of each of %s or over all.",
								 name->text, planner->base->name);
	if (choice->keys == NIL && choice->ref != NULL &&
		name == planner->sketch->subject && planner->sketch->superlative &&
		!planner->sketch->measure->superlative &&
		planner->sketch->measure->function == ALLM_FUNCTION_DEFAULT)
		return allm_planner_fail(planner, true,
								 "It is not said whether the greatest row or the greatest total of \"%s\" is wanted.",
								 name->text);
	if (choice->ref == NULL)
		return allm_planner_add_entity(planner, choice->entity, choice->keys);

	output = allm_planner_make_output(choice->ref, ALLM_FUNCTION_DEFAULT,
									  choice->ref->column->name);
	if (choice->ref->column->type != DATEOID &&
		allm_column_is_date(choice->ref->column))
	{
		output->has_grain = true;
		output->grain = ALLM_GRAIN_DAY;
	}
	planner->plan->groups = lappend(planner->plan->groups, output);
	return true;
}

/* Adds all dimensions of the form. */
static bool
settle_dimensions(AllmPlanner *planner)
{
	ListCell   *cell;

	foreach(cell, planner->sketch->dimensions)
	{
		AllmDimension *dimension = lfirst(cell);

		if (dimension->name == NULL)
		{
			if (!allm_moment_add_grain(planner, dimension->grain))
				return false;
			continue;
		}
		if (!add_dimension(planner, dimension->name, dimension->qualifier))
			return false;
		allm_planner_say(planner, psprintf("by %s%s%s", dimension->name->text,
										   dimension->qualifier != NULL ? " of " : "",
										   dimension->qualifier != NULL ?
										   dimension->qualifier->text : ""));
	}
	return true;
}

/* "Highest priority orders": do the things stand right behind a figure? */
static bool
is_of_things(const AllmPlanner *planner, const AllmTarget *target)
{
	ListCell   *cell;

	foreach(cell, planner->sketch->heads)
	{
		const AllmHead *head = lfirst(cell);

		if (head->before == target->name && head->place < 0 && !head->joined &&
			allm_choice_is_relation(head->name, planner->base))
			return true;
	}
	return false;
}

/* Figures that are named as such. */
bool
allm_figures_settle(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	ListCell   *cell;

	if (sketch->distinct || !allm_planner_settle_heads(planner, sketch->heads))
		return planner->plan->problem != NULL ? false :
			allm_planner_fail(planner, false, "It is not clear what is to be different.");
	foreach(cell, sketch->targets)
	{
		AllmTarget *target = lfirst(cell);

		if (sketch->per && target->function == ALLM_FUNCTION_AVG)
			return allm_planner_doubt(planner,
									  "\"%s\" could be averaged over the rows, or its totals over the groups.",
									  target->name->text);
		if (target->superlative && is_of_things(planner, target))
			return allm_planner_doubt(planner,
									  "It is not said whether \"%s\" is wanted, or those of %s that have it.",
									  target->name->text, planner->base->name);
		if (!add_figure(planner, target))
			return false;
	}
	return settle_dimensions(planner);
}

/* Figures without a word that says so. */
bool
allm_figures_settle_bare(AllmPlanner *planner, int count)
{
	const AllmSketch *sketch = planner->sketch;
	List	   *rest = list_copy_tail(sketch->heads, count);

	if (sketch->distinct)
		return allm_planner_fail(planner, false, "It is not clear what is to be different.");
	if (!allm_planner_settle_heads(planner, rest))
		return false;
	for (int i = 0; i < count; i++)
	{
		AllmTarget *target = palloc0(sizeof(AllmTarget));

		target->name = ((AllmHead *) list_nth(sketch->heads, i))->name;
		if (!add_figure(planner, target))
			return false;
	}
	return settle_dimensions(planner);
}

/*
 * Is the total meant where an amount of many rows is the highest?  So it is of
 * revenue; the highest payment may be a single one.
 */
static bool
is_always_total(const AllmItem *name)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, name->senses)
	{
		const AllmSense *sense = lfirst(cell);
		bool		total = sense->defined;

		foreach(inner, sense->kind == ALLM_SENSE_COLUMN && !total ?
				allm_lexicon_column_words(sense->column) : NIL)
			total |= allm_words_has(ALLM_WORDS_TOTAL, lfirst(inner));
		if (sense->kind == ALLM_SENSE_COLUMN && !total)
			return false;
	}
	return true;
}

/* Things, ranked by figures of what refers to them. */
bool
allm_figures_rank(AllmPlanner *planner)
{
	const AllmSketch *sketch = planner->sketch;
	AllmTarget	measure = *sketch->measure;

	if (measure.function == ALLM_FUNCTION_DEFAULT && measure.superlative &&
		allm_choice_is_relation(measure.name, planner->base))
		measure.function = ALLM_FUNCTION_COUNT;
	if (sketch->superlative && measure.function == ALLM_FUNCTION_DEFAULT &&
		!measure.superlative && !is_always_total(measure.name))
		return allm_planner_fail(planner, true,
								 "It is not said whether the highest or lowest \"%s\" of one of %s is wanted, or that of their total.",
								 measure.name->text, planner->base->name);
	measure.superlative = false;
	if (measure.function == ALLM_FUNCTION_COUNT && !sketch->descending)
		return allm_planner_fail(planner, true,
								 "Those without any of %s would be missing at the bottom.",
								 planner->base->name);
	if (!add_figure(planner, &measure))
		return false;
	if (!sketch->descending)
		allm_planner_say_condition(planner,
								   psprintf("among those with any of %s",
											planner->base->name));
	return add_dimension(planner, sketch->subject, NULL);
}
