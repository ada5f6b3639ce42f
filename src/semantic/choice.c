/*
 * choice.c
 *		What one name of a question can mean as seen from a base relation.
 *
 * A meaning counts only if the base reaches it from many to one.  The nearest
 * wins: the base's own column or a thing that it refers to directly, before
 * anything further away.  Two meanings that are equally near are a doubt, and
 * so is one meaning that is reached in two ways.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "semantic/choice.h"
#include "semantic/column.h"

static AllmVerdict pick_choice(const List *choices, const AllmItem *name,
							   const AllmReach *reach);
static AllmChoice *make_column_choice(const AllmColumn *column,
									  const AllmReach *reach);
static AllmChoice *make_entity_choice(const AllmSense *sense,
									  const AllmReach *reach);
static void shorten_ref(AllmRef *ref);
static bool is_same_way(const List *a, const List *b);
static bool is_same_choice(const AllmChoice *a, const AllmChoice *b);
static char *describe_choice(const AllmChoice *choice);
static bool is_groupable(const AllmColumn *column);
static bool matches_qualifier(const AllmItem *qualifier,
							  const AllmColumn *column);
static bool collect_values(const AllmFilter *filter, const AllmColumn *column,
						   List **values);

/* The one column that a name means, among those that fit. */
AllmVerdict
allm_choice_column(const AllmItem *name, const AllmReach *reach,
				   AllmFit fit)
{
	List	   *choices = NIL;
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		AllmSense  *sense = lfirst(cell);
		AllmChoice *choice;

		if (sense->kind != ALLM_SENSE_COLUMN || !fit(sense->column))
			continue;
		choice = make_column_choice(sense->column, reach);
		if (choice != NULL)
			choices = lappend(choices, choice);
	}
	return pick_choice(choices, name, reach);
}

/* The one column or thing that a figure may be broken down by. */
AllmVerdict
allm_choice_dimension(const AllmItem *name, const AllmItem *qualifier,
					  const AllmReach *reach)
{
	List	   *choices = NIL;
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		AllmSense  *sense = lfirst(cell);
		AllmChoice *choice = NULL;

		if (sense->kind == ALLM_SENSE_COLUMN)
		{
			if (!is_groupable(sense->column) ||
				(qualifier != NULL &&
				 !allm_choice_is_relation(qualifier, sense->relation)))
				continue;
			choice = make_column_choice(sense->column, reach);

			/* "country" is the country rather than its column country. */
			if (choice != NULL &&
				allm_choice_is_relation(name, sense->relation))
				choice->cost++;
		}
		else if (qualifier == NULL)
			choice = make_entity_choice(sense, reach);
		if (choice != NULL)
			choices = lappend(choices, choice);
	}
	return pick_choice(choices, name, reach);
}

/*
 * The one column that holds the values of a filter.  "behind" is a name that
 * follows them ("West region"): it decides when it can, and is ignored when it
 * cannot.
 *
 * The base's own name is what "the population of Texas" means before all
 * else.  It is not what "rivers in Colorado" means, although a river has that
 * name too.
 */
AllmVerdict
allm_choice_values(const AllmFilter *filter, const AllmItem *behind,
				   const AllmReach *reach, bool figures)
{
	AllmItem   *first = linitial(filter->values);
	List	   *choices = NIL;
	List	   *behind_choices = NIL;
	ListCell   *cell;

	foreach(cell, first->senses)
	{
		AllmSense  *sense = lfirst(cell);
		AllmChoice *choice;
		List	   *values = NIL;

		if (filter->qualifier != NULL &&
			!matches_qualifier(filter->qualifier, sense->column))
			continue;
		choice = make_column_choice(sense->column, reach);
		if (choice == NULL || !collect_values(filter, sense->column, &values))
			continue;
		choice->values = values;

		choice->cost = 1;
		if (sense->relation == reach->from &&
			list_member_ptr(allm_column_labels(reach->from), sense->column) &&
			filter->qualifier == NULL)
		{
			if (filter->place == ALLM_ROLE_OF)
				choice->cost = 0;
			else if (!figures)
				continue;
		}
		choices = lappend(choices, choice);
		if (behind != NULL && matches_qualifier(behind, sense->column))
			behind_choices = lappend(behind_choices, choice);
	}
	return pick_choice(behind_choices != NIL ? behind_choices : choices,
					   first, reach);
}

/* Can the name mean that relation? */
bool
allm_choice_is_relation(const AllmItem *name, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_RELATION && sense->relation == relation)
			return true;
	}
	return false;
}

/* Does a sense of a name say what a value of that column is? */
bool
allm_choice_names(const AllmSense *sense, const AllmColumn *column)
{
	if (sense->kind == ALLM_SENSE_COLUMN)
		return sense->column == column;
	return sense->kind != ALLM_SENSE_DATE &&
		sense->relation == column->relation &&
		list_member_ptr(allm_column_labels(column->relation), column);
}

/* The cheapest choice, if it is alone. */
static AllmVerdict
pick_choice(const List *choices, const AllmItem *name,
			const AllmReach *reach)
{
	AllmVerdict verdict = {0};
	AllmChoice *best = NULL;
	ListCell   *cell;

	foreach(cell, choices)
	{
		AllmChoice *choice = lfirst(cell);

		if (best == NULL || choice->cost < best->cost)
			best = choice;
	}
	if (best == NULL)
	{
		verdict.problem = psprintf("\"%s\" is not something that each row of %s has one of.",
								   name->text, reach->from->name);
		return verdict;
	}
	foreach(cell, choices)
	{
		AllmChoice *choice = lfirst(cell);

		if (choice->cost != best->cost || is_same_choice(choice, best))
			continue;
		verdict.problem = psprintf("\"%s\" could mean %s or %s.", name->text,
								   describe_choice(best),
								   describe_choice(choice));
		verdict.doubtful = true;
		return verdict;
	}
	if (best->rival != NIL)
	{
		verdict.problem = psprintf("\"%s\" is reached from %s in two ways: over %s, or over %s.",
								   name->text, reach->from->name,
								   allm_graph_describe(best->keys),
								   allm_graph_describe(best->rival));
		verdict.doubtful = true;
		return verdict;
	}
	verdict.choice = best;
	return verdict;
}

/* A column as seen from the base, or NULL when it is out of reach. */
static AllmChoice *
make_column_choice(const AllmColumn *column, const AllmReach *reach)
{
	AllmWay		way = allm_graph_find_way(reach, column->relation);
	AllmChoice *choice;

	if (!way.found)
		return NULL;
	choice = palloc0(sizeof(AllmChoice));
	choice->column = column;
	choice->ref = palloc0(sizeof(AllmRef));
	choice->ref->column = column;
	choice->ref->keys = way.keys;
	choice->keys = way.keys;
	choice->rival = way.rival;
	choice->cost = column->relation == reach->from ? 0 : 1;
	shorten_ref(choice->ref);
	return choice;
}

/* A thing as seen from the base, by the shortest way or over the key named. */
static AllmChoice *
make_entity_choice(const AllmSense *sense, const AllmReach *reach)
{
	AllmChoice *choice;
	AllmWay		way;

	if (sense->kind == ALLM_SENSE_ROLE)
	{
		way = allm_graph_find_way(reach, sense->key->from);
		if (way.found)
			way.keys = lappend(list_copy(way.keys), sense->key);
		if (way.rival != NIL)
			way.rival = lappend(list_copy(way.rival), sense->key);
	}
	else if (sense->kind == ALLM_SENSE_RELATION)
		way = allm_graph_find_way(reach, sense->relation);
	else
		return NULL;
	if (!way.found)
		return NULL;

	choice = palloc0(sizeof(AllmChoice));
	choice->entity = sense->relation;
	choice->keys = way.keys;
	choice->rival = way.rival;
	choice->cost = list_length(way.keys) <= 1 ? 0 : 1;

	/* A key that carries the very name settles which of two is meant. */
	if (way.rival != NIL)
		choice->cost++;
	return choice;
}

/*
 * What a key refers to is the key's own column: no join is needed for it, and
 * the two are the same choice.
 */
static void
shorten_ref(AllmRef *ref)
{
	while (ref->keys != NIL)
	{
		AllmForeignKey *key = llast(ref->keys);
		int			at = 0;
		ListCell   *cell;

		foreach(cell, key->to_columns)
		{
			if (lfirst(cell) == ref->column)
				break;
			at++;
		}
		if (cell == NULL)
			return;
		ref->column = list_nth(key->from_columns, at);
		ref->keys = list_truncate(list_copy(ref->keys),
								  list_length(ref->keys) - 1);
	}
}

/* Are these the same keys in the same order? */
static bool
is_same_way(const List *a, const List *b)
{
	if (list_length(a) != list_length(b))
		return false;
	for (int i = 0; i < list_length(a); i++)
	{
		if (list_nth(a, i) != list_nth(b, i))
			return false;
	}
	return true;
}

/* Do they give the same SQL? */
static bool
is_same_choice(const AllmChoice *a, const AllmChoice *b)
{
	if (a->entity != b->entity || (a->ref == NULL) != (b->ref == NULL))
		return false;
	if (a->ref != NULL)
		return a->ref->column == b->ref->column &&
			is_same_way(a->ref->keys, b->ref->keys);
	return is_same_way(a->keys, b->keys);
}

/* A choice in words: "customers.city", "regions". */
static char *
describe_choice(const AllmChoice *choice)
{
	char	   *over = "";

	if (choice->keys != NIL)
		over = psprintf(" over %s", allm_graph_describe(choice->keys));
	if (choice->entity != NULL)
		return psprintf("%s%s", choice->entity->name, over);
	return psprintf("%s.%s%s", choice->ref->column->relation->name,
					choice->ref->column->name, over);
}

/* Text, a truth value, a date, a whole number: not an amount. */
static bool
is_groupable(const AllmColumn *column)
{
	return column->metric == NULL &&
		(allm_column_is_text(column) || allm_column_is_integer(column) ||
		 allm_column_is_date(column) ||
		 column->category == TYPCATEGORY_BOOLEAN);
}

/*
 * Is the column what the qualifier names, or does it name a row of that?
 * "Region West" is a region's name; "customer Berlin" is not a customer's city.
 */
static bool
matches_qualifier(const AllmItem *qualifier, const AllmColumn *column)
{
	ListCell   *cell;

	foreach(cell, qualifier->senses)
	{
		if (allm_choice_names(lfirst(cell), column))
			return true;
	}
	return false;
}

/* The stored values of all items of a filter, if that column holds them all. */
static bool
collect_values(const AllmFilter *filter, const AllmColumn *column,
			   List **values)
{
	ListCell   *cell;

	foreach(cell, filter->values)
	{
		AllmItem   *item = lfirst(cell);
		ListCell   *inner;
		bool		found = false;

		foreach(inner, item->senses)
		{
			AllmSense  *sense = lfirst(inner);

			if (sense->column != column)
				continue;
			*values = list_concat(*values, sense->values);
			found = true;
		}
		if (!found)
			return false;
	}
	return true;
}
