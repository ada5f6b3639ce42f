/*
 * planner.c
 *		What the parts of a plan share: giving up, naming, telling in words.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "semantic/column.h"
#include "semantic/defined.h"
#include "semantic/planner.h"

/* Notes why there is no plan; always false. */
bool
allm_planner_fail(AllmPlanner *planner, bool doubtful, const char *fmt,...)
{
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&text, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	planner->plan->problem = text.data;
	planner->plan->doubtful = doubtful;
	return false;
}

/* There is no plan, since there are two meanings whatever is asked. */
bool
allm_planner_doubt(AllmPlanner *planner, const char *fmt,...)
{
	va_list		args;
	char		text[1024];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	planner->plan->rival = true;
	return allm_planner_fail(planner, true, "%s", text);
}

/* Passes a verdict on; the cost of what was chosen adds up. */
AllmChoice *
allm_planner_take(AllmPlanner *planner, AllmVerdict verdict)
{
	if (verdict.choice == NULL)
	{
		if (verdict.doubtful)
			allm_planner_doubt(planner, "%s", verdict.problem);
		else
			allm_planner_fail(planner, false, "%s", verdict.problem);
		return NULL;
	}
	planner->plan->cost += verdict.choice->cost;
	return verdict.choice;
}

/* Adds a part to the plan in words. */
void
allm_planner_say(AllmPlanner *planner, char *part)
{
	planner->parts = lappend(planner->parts, part);
}

/* Adds a condition to the plan in words: they come last. */
void
allm_planner_say_condition(AllmPlanner *planner, char *part)
{
	planner->conditions = lappend(planner->conditions, part);
}

/* A column in words, with whose it is where that is not the base. */
char *
allm_planner_say_column(AllmPlanner *planner, const AllmRef *ref)
{
	char	   *words = allm_column_words(ref->column);
	char	   *entity;

	if (ref->column->relation == planner->base)
		return words;
	entity = allm_column_entity(ref->column->relation);
	if (strncmp(words, entity, strlen(entity)) == 0)
		return words;
	return psprintf("%s %s", entity, words);
}

/* An output of the plan. */
AllmOutput *
allm_planner_make_output(AllmRef *ref, AllmFunction function, const char *name)
{
	AllmOutput *output = palloc0(sizeof(AllmOutput));

	output->ref = ref;
	output->function = function;
	output->name = pstrdup(name);
	return output;
}

/* A column of the base itself. */
AllmRef *
allm_planner_make_own_ref(const AllmColumn *column)
{
	AllmRef    *ref = palloc0(sizeof(AllmRef));

	ref->column = column;
	return ref;
}

/* What the rows of a thing are told apart by, when its labels do not. */
static List *
get_key_columns(const AllmRelation *relation, const List *keys,
				const List *labels)
{
	if (list_length(labels) == 1 &&
		((AllmColumn *) linitial(labels))->unique)
		return NIL;
	if (relation->primary_key != NIL)
		return relation->primary_key;
	if (keys != NIL)
		return ((AllmForeignKey *) llast(keys))->to_columns;
	return NIL;
}

/*
 * Adds the columns that name a thing: its labels, and its key where they do
 * not tell its rows apart.
 */
bool
allm_planner_add_entity(AllmPlanner *planner, const AllmRelation *relation, List *keys)
{
	List	   *labels = allm_column_labels(relation);
	List	   *columns = list_concat_copy(labels,
										   get_key_columns(relation, keys,
														   labels));
	ListCell   *cell;

	if (columns == NIL)
		return allm_planner_fail(planner, false, "No column tells the rows of %s apart.",
								 relation->name);
	foreach(cell, columns)
	{
		AllmColumn *column = lfirst(cell);
		AllmRef    *ref = allm_planner_make_own_ref(column);
		AllmOutput *output;

		ref->keys = keys;
		output = allm_planner_make_output(ref, ALLM_FUNCTION_DEFAULT, column->name);
		if (keys != NIL && list_length(labels) == 1 &&
			column == linitial(labels) &&
			(strcmp(column->name, "name") == 0 ||
			 strcmp(column->name, "title") == 0))
			output->name = allm_column_entity(relation);
		planner->plan->groups = lappend(planner->plan->groups, output);
	}
	return true;
}

/*
 * Does the name only say what the values before it are: "West region"?  Then
 * it must be what they were taken for.
 */
bool
allm_planner_is_explained(const AllmPlanner *planner, const AllmHead *head)
{
	ListCell   *cell;
	ListCell   *inner;

	if (head->before == NULL || head->joined ||
		head->place == ALLM_ROLE_WITH)
		return false;
	foreach(cell, planner->plan->conditions)
	{
		AllmCondition *condition = lfirst(cell);

		if (condition->filter == NULL ||
			llast(condition->filter->values) != head->before)
			continue;
		foreach(inner, head->name->senses)
		{
			if (allm_choice_names(lfirst(inner), condition->named))
				return true;
		}
	}
	return false;
}

/* The names left over in a question for figures: each must say the base. */
bool
allm_planner_settle_heads(AllmPlanner *planner, const List *heads)
{
	ListCell   *cell;

	foreach(cell, heads)
	{
		AllmHead   *head = lfirst(cell);

		if (allm_choice_is_relation(head->name, planner->base) &&
			!head->joined && head->place != ALLM_ROLE_WITH)
			planner->names_base = true;
		else if (!allm_planner_is_explained(planner, head))
			return allm_planner_fail(planner, false,
									 "It is not clear what \"%s\" has to do with %s.",
									 head->name->text, planner->base->name);
	}
	return true;
}

/* A column that can be the least or the greatest. */
bool
allm_planner_is_ordered(const AllmColumn *column)
{
	if (allm_defined_is_aggregate(column))
		return false;
	return (allm_column_is_number(column) && !column->in_foreign_key) ||
		allm_column_is_date(column);
}
