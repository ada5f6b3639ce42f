/*
 * bare.c
 *		Amounts that could be those of each row, or of all rows together.
 */
#include "postgres.h"

#include "semantic/bare.h"
#include "semantic/column.h"
#include "semantic/naming.h"

/* Is it a column that holds figures: "number_of_rooms", "total"? */
static bool
is_stored_number(const AllmAttribute *attribute)
{
	ListCell   *cell;

	if (attribute->item == NULL ||
		attribute->function != ALLM_FUNCTION_DEFAULT ||
		((attribute->owner != NULL ||
		  strncmp(attribute->item->text, "number of ", 10) != 0) &&
		 strcmp(attribute->item->text, "total") != 0 &&
		 strncmp(attribute->item->text, "total of ", 9) != 0))
		return false;
	foreach(cell, attribute->item->senses)
	{
		if (((AllmSense *) lfirst(cell))->kind == ALLM_SENSE_COLUMN)
			return true;
	}
	return false;
}

/*
 * Do the rows have no name of their own?  A gymnast has that of the person that
 * the key says it is.
 */
static bool
is_unnamed(const AllmRelation *relation)
{
	const AllmForeignKey *key = allm_naming_label_key(relation);

	return allm_naming_labels(relation) == NIL &&
		(key == NULL ||
		 !((AllmColumn *) linitial(key->from_columns))->in_key);
}

/* Is a number that is stored wanted of more than one thing? */
bool
allm_bare_has_number(const AllmSet *set, const List *attributes)
{
	ListCell   *cell;

	foreach(cell, set->named ? NIL : attributes)
	{
		if (is_stored_number(lfirst(cell)))
			return true;
	}
	return false;
}

/*
 * Are nothing but amounts wanted of rows that have no name?  "Revenue from x"
 * could be that of each sale, or of all of them.
 */
bool
allm_bare_is_all(const AllmSet *set, const List *attributes)
{
	ListCell   *cell;
	ListCell   *inner;

	if (set->singular || set->best != NULL ||
		!is_unnamed(set->relation))
		return false;
	foreach(cell, attributes)
	{
		const AllmAttribute *attribute = lfirst(cell);

		if (attribute->function != ALLM_FUNCTION_DEFAULT ||
			attribute->distinct || attribute->item == NULL)
			return false;
		foreach(inner, attribute->item->senses)
		{
			const AllmSense *sense = lfirst(inner);

			if (sense->kind == ALLM_SENSE_COLUMN &&
				sense->relation == set->relation &&
				allm_column_is_measure(sense->column))
				break;
		}
		if (inner == NULL)
			return false;
	}
	return true;
}

/* The same of what is to be shown of the rows of a relation. */
bool
allm_bare_are_amounts(const AllmRelation *relation, const List *outputs)
{
	ListCell   *cell;

	foreach(cell, outputs)
	{
		const AllmTerm *term = lfirst(cell);

		if (term->steps != NIL || term->column == NULL ||
			term->function != ALLM_FUNCTION_DEFAULT ||
			!allm_column_is_measure(term->column))
			return false;
	}
	return is_unnamed(relation);
}
