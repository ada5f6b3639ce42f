/*
 * owned.c
 *		Questions that ask for properties by their own names: "product names".
 */
#include "postgres.h"

#include "semantic/clause.h"
#include "semantic/column.h"
#include "semantic/frame.h"
#include "semantic/naming.h"

/* "transaction types": each of them once, unless it names or numbers things. */
static List *
make_distinct(List *queries)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);
		List	   *things = list_concat_copy(query->set->relation->primary_key,
											  allm_naming_labels(query->set->relation));
		bool		distinct = true;

		foreach(inner, query->outputs)
		{
			AllmTerm   *term = lfirst(inner);

			distinct &= term->function == ALLM_FUNCTION_DEFAULT &&
				term->related == NULL && term->steps == NIL &&
				!list_member_ptr(things, term->column);
		}
		query->each_once = distinct && !query->distinct;
		query->distinct |= distinct;
	}
	return queries;
}

/* Is it a number that could as well be summed: "revenue up to 2023"? */
static bool
is_figure(const AllmAttribute *attribute, const AllmRelation *relation)
{
	ListCell   *cell;

	if (attribute->owner != NULL ||
		attribute->function != ALLM_FUNCTION_DEFAULT)
		return false;
	foreach(cell, attribute->item != NULL ? attribute->item->senses : NIL)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN && sense->relation == relation &&
			allm_column_is_measure(sense->column))
			return true;
	}
	return false;
}

/* "buyers and their amounts": each amount, or the total of each buyer? */
static bool
lists_figures_of(const List *attributes, const AllmRelation *relation)
{
	const AllmAttribute *first = linitial(attributes);
	ListCell   *cell;

	if (!allm_frame_names_relation(first))
		return false;
	foreach(cell, first->item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_RELATION && sense->relation == relation)
			return false;
	}
	foreach(cell, attributes)
	{
		if (is_figure(lfirst(cell), relation))
			return true;
	}
	return false;
}

/* "student names", "the ids of all students": the owner is in the list. */
void
allm_owned_read(AllmBody *body)
{
	ListCell   *cell;
	ListCell   *inner;
	ListCell   *sense;

	/* A column's name alone asks for nothing. */
	if (body->from == body->start)
		return;
	foreach(cell, allm_attribute_list(body->chart, body->from, body->to))
	{
		List	   *attributes = lfirst(cell);
		List	   *relations = NIL;

		foreach(inner, attributes)
		{
			AllmAttribute *attribute = lfirst(inner);

			if (attribute->owner != NULL)
				relations = list_append_unique_ptr(relations,
												   unconstify(AllmRelation *,
															  attribute->owner));
			else if (attribute->item != NULL)
			{
				foreach(sense, attribute->item->senses)
				{
					AllmSense  *own = lfirst(sense);

					if (own->kind == ALLM_SENSE_COLUMN)
						relations = list_append_unique_ptr(relations,
														   unconstify(AllmRelation *,
																	  own->relation));
				}
			}
		}
		foreach(inner, relations)
		{
			AllmAttribute *first = linitial(attributes);

			if (lists_figures_of(attributes, lfirst(inner)))
				continue;

			/* A relation's name alone is a listing. */
			if (list_length(attributes) == 1 && first->item != NULL &&
				first->owner == NULL &&
				first->function == ALLM_FUNCTION_DEFAULT)
			{
				bool		relation = false;

				foreach(sense, first->item->senses)
					relation |= ((AllmSense *) lfirst(sense))->kind ==
					ALLM_SENSE_RELATION;
				if (relation)
					continue;
			}
			allm_frame_add(body,
						   make_distinct(allm_project_attributes(body->chart,
																 allm_tree_set(lfirst(inner),
																			   0),
																 attributes)),
						   1);
		}
		allm_grouping_listed(body, attributes);
	}
}

/* Is a property that each row has for itself asked of the rows? */
static bool
is_said_of_rows(const AllmClause *clause)
{
	return !clause->negated &&
		(clause->kind == ALLM_CLAUSE_VALUES ||
		 clause->kind == ALLM_CLAUSE_COMPARE ||
		 clause->kind == ALLM_CLAUSE_PERIOD ||
		 clause->kind == ALLM_CLAUSE_TEXT);
}

/* Is the property what the things of a relation are known by? */
static bool
is_identity(const AllmAttribute *attribute, const AllmRelation *relation)
{
	List	   *columns = list_concat_copy(relation->primary_key,
										   allm_naming_labels(relation));
	ListCell   *cell;

	foreach(cell, attribute->item != NULL ? attribute->item->senses : NIL)
	{
		AllmSense  *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN && !sense->column->in_foreign_key &&
			list_member_ptr(columns, sense->column))
			return true;
	}
	return false;
}

/* "names of products" without "of": "product names with the color white" */
void
allm_owned_clause(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to; at++)
	{
		List	   *clauses = allm_clause_parse(chart, at, body->to);
		ListCell   *cell;
		ListCell   *inner;
		ListCell   *clause;
		ListCell   *set;

		if (clauses == NIL)
			continue;
		foreach(cell, allm_attribute_list(chart, body->from, at))
		{
			AllmAttribute *first = linitial(lfirst(cell));
			List	   *owners = first->owner != NULL ?
			list_make1(unconstify(AllmRelation *, first->owner)) :
			allm_frame_owners(first);

			if (first->function != ALLM_FUNCTION_DEFAULT ||
				(first->owner == NULL &&
				 (first->generic || allm_frame_names_relation(first))))
				continue;
			foreach(inner, owners)
			{
				if (list_length(lfirst(cell)) == 1 &&
					is_figure(first, lfirst(inner)))
					continue;
				foreach(clause, clauses)
				{
					if (first->owner == NULL &&
						!is_said_of_rows(lfirst(clause)) &&
						!is_identity(first, lfirst(inner)))
						continue;
					foreach(set, allm_attach_clause(chart,
													allm_tree_set(lfirst(inner), 0),
													lfirst(clause)))
						allm_frame_add(body,
									   first->owner == NULL ?
									   make_distinct(allm_project_attributes(chart, lfirst(set),
																			 lfirst(cell))) :
									   allm_project_attributes(chart, lfirst(set),
															   lfirst(cell)), 2);
				}
			}
		}
	}
}

/* "team names that contain 'x'": a property, by what it is like itself */
void
allm_owned_text(AllmBody *body)
{
	AllmChart  *chart = body->chart;

	for (int at = body->from + 1; at < body->to - 1; at++)
	{
		AllmClause	clause = {.kind = ALLM_CLAUSE_TEXT};
		ListCell   *cell;
		ListCell   *inner;
		ListCell   *set;

		clause.text = allm_trait_pattern(chart, at, body->to);
		foreach(cell, clause.text != NULL ?
				allm_attribute_parse(chart, body->from, at) : NIL)
		{
			AllmAttribute *attribute = lfirst(cell);
			List	   *owners = attribute->owner != NULL ?
			list_make1(unconstify(AllmRelation *, attribute->owner)) :
			allm_frame_owners(attribute);

			if (attribute->function != ALLM_FUNCTION_DEFAULT ||
				allm_frame_names_relation(attribute) ||
				(attribute->owner == NULL && attribute->generic))
				continue;
			clause.attribute = attribute;
			foreach(inner, owners)
			{
				foreach(set, allm_attach_clause(chart,
												allm_tree_set(lfirst(inner), 0),
												&clause))
					allm_frame_add(body,
								   make_distinct(allm_project_attributes(chart, lfirst(set),
																		 list_make1(attribute))),
								   2);
			}
		}
	}
}
