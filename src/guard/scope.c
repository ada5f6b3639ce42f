/*
 * scope.c
 *		Finding names in the scopes of a query, innermost first, as the
 *		server's analysis does.
 *
 * A column that the role may not read is not found and not suggested.  Pure
 * functions of the scopes, but for system columns and the names of types,
 * which are looked up in the catalog.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "guard/scope.h"

/* As many columns are suggested for a wrong name. */
#define MAX_SUGGESTED	3

/* A relation with no more columns than this is told whole. */
#define MAX_TOLD		20

static bool has_unreadable(const List *items, const char *name);
static void append_column(StringInfo text, const AllmItem *item,
						  const AllmVisibleColumn *column);
static char *tell_columns(const AllmItem *item);

/* The WITH query of that name that is in scope, or NULL. */
AllmCte *
allm_scope_find_cte(const AllmScope *scope, const char *name)
{
	for (; scope != NULL; scope = scope->parent)
	{
		ListCell   *cell;

		foreach(cell, scope->ctes)
		{
			AllmCte    *cte = lfirst(cell);

			if (strcmp(cte->name, name) == 0)
				return cte;
		}
	}
	return NULL;
}

/* What a qualified column with that qualifier is of, or NULL. */
AllmItem *
allm_scope_find_item(const AllmScope *scope, const char *name)
{
	for (; scope != NULL; scope = scope->parent)
	{
		ListCell   *cell;

		foreach(cell, scope->items)
		{
			AllmItem   *item = lfirst(cell);

			if (item->name_visible && item->name != NULL &&
				strcmp(item->name, name) == 0)
				return item;
		}
	}
	return NULL;
}

/* Does the innermost level that has something of that name have it twice? */
bool
allm_scope_is_ambiguous(const AllmScope *scope, const char *name)
{
	for (; scope != NULL; scope = scope->parent)
	{
		ListCell   *cell;
		int			found = 0;

		foreach(cell, scope->items)
		{
			AllmItem   *item = lfirst(cell);

			if (item->name_visible && item->name != NULL &&
				strcmp(item->name, name) == 0)
				found++;
		}
		if (found > 0)
			return found > 1;
	}
	return false;
}

/* Is there something of that name that may not be referred to from here? */
bool
allm_scope_is_unseen(const AllmScope *scope, const char *name)
{
	for (; scope != NULL; scope = scope->parent)
	{
		ListCell   *cell;

		foreach(cell, scope->unseen)
		{
			AllmItem   *item = lfirst(cell);

			if (item->name != NULL && strcmp(item->name, name) == 0)
				return true;
		}
		foreach(cell, scope->items)
		{
			AllmItem   *item = lfirst(cell);

			if (!item->name_visible && item->name != NULL &&
				strcmp(item->name, name) == 0)
				return true;
			if (item->aliased && item->relation != NULL &&
				strcmp(item->relation, name) == 0)
				return true;
		}
	}
	return false;
}

/*
 * An unqualified column, in the innermost scope that has it; "outer" says
 * whether enclosing queries count.  "column" is set when one was found, to
 * NULL for a system column.
 */
AllmFound
allm_scope_find_column(const AllmScope *scope, const char *name, bool outer,
					   AllmVisibleColumn **column)
{
	for (; scope != NULL; scope = outer ? scope->parent : NULL)
	{
		ListCell   *cell;
		int			found = 0;
		bool		unsure = false;

		foreach(cell, scope->items)
		{
			AllmItem   *item = lfirst(cell);
			AllmVisibleColumn *one;

			if (!item->columns_visible)
				continue;
			switch (allm_scope_find_in_item(item, name, &one))
			{
				case ALLM_FOUND:
					*column = one;
					found++;
					break;
				case ALLM_FOUND_SEVERAL:
					found += 2;
					break;
				case ALLM_FOUND_UNSURE:
					unsure = true;
					break;
				case ALLM_FOUND_NONE:
				case ALLM_FOUND_HIDDEN:
					break;
			}
		}
		if (found > 0)
			return found == 1 ? ALLM_FOUND : ALLM_FOUND_SEVERAL;
		if (unsure)
			return has_unreadable(scope->items, name) ?
				ALLM_FOUND_HIDDEN : ALLM_FOUND_UNSURE;
	}
	return ALLM_FOUND_NONE;
}

/*
 * Is there a column of that name that the role may not read?  The server would
 * find it, where it does not find one that is not there.
 */
static bool
has_unreadable(const List *items, const char *name)
{
	ListCell   *i;
	ListCell   *c;

	foreach(i, items)
	{
		AllmItem   *item = lfirst(i);

		foreach(c, item->source.columns)
		{
			AllmVisibleColumn *column = lfirst(c);

			if (!column->readable && column->name != NULL &&
				strcmp(column->name, name) == 0)
				return true;
		}
	}
	return false;
}

/* The same in one item. */
AllmFound
allm_scope_find_in_item(const AllmItem *item, const char *name,
						AllmVisibleColumn **column)
{
	ListCell   *cell;
	int			found = 0;

	foreach(cell, item->source.columns)
	{
		AllmVisibleColumn *one = lfirst(cell);

		if (one->readable && one->name != NULL && strcmp(one->name, name) == 0)
		{
			*column = one;
			found++;
		}
	}
	if (found > 0)
		return found == 1 ? ALLM_FOUND : ALLM_FOUND_SEVERAL;
	if (!item->source.known)
		return ALLM_FOUND_UNSURE;
	if (OidIsValid(item->relid) &&
		allm_visible_has_system_column(item->relid, name))
	{
		*column = NULL;
		return ALLM_FOUND;
	}
	return ALLM_FOUND_NONE;
}

/*
 * The readable columns whose names are like a wrong one, in a sentence, or
 * NULL: of one item, or of all that are in scope.  When none is like it and
 * there is but one item with few columns, these are told.
 */
char *
allm_scope_suggest_column(const AllmScope *scope, const AllmItem *item,
						  const char *name)
{
	StringInfoData sentence;
	int			suggested = 0;

	initStringInfo(&sentence);
	for (int likeness = 0; likeness <= 4; likeness++)
	{
		for (const AllmScope *s = scope; s != NULL; s = s->parent)
		{
			ListCell   *i;
			ListCell   *c;

			foreach(i, s->items)
			{
				AllmItem   *one = lfirst(i);

				if (one->name == NULL || !one->name_visible ||
					(item != NULL && one != item))
					continue;
				foreach(c, one->source.columns)
				{
					AllmVisibleColumn *column = lfirst(c);

					if (!column->readable || column->name == NULL ||
						suggested == MAX_SUGGESTED ||
						allm_visible_likeness(name, column->name) != likeness)
						continue;
					appendStringInfoString(&sentence, suggested++ == 0 ?
										   "Perhaps you meant " : " or ");
					append_column(&sentence, one, column);
				}
			}
		}
	}
	if (suggested > 0)
	{
		appendStringInfoChar(&sentence, '.');
		return sentence.data;
	}
	if (item == NULL && scope->parent == NULL && list_length(scope->items) == 1)
		item = linitial(scope->items);
	return item != NULL ? tell_columns(item) : NULL;
}

/* What a wrong qualifier may have meant, in a sentence, or NULL. */
char *
allm_scope_suggest_item(const AllmScope *scope, const char *name)
{
	for (; scope != NULL; scope = scope->parent)
	{
		ListCell   *cell;

		foreach(cell, scope->items)
		{
			AllmItem   *item = lfirst(cell);

			if (item->name == NULL || !item->name_visible)
				continue;
			if ((item->relation != NULL &&
				 strcmp(item->relation, name) == 0) ||
				allm_visible_likeness(name, item->name) >= 0)
				return psprintf("Perhaps you meant %s.",
								quote_identifier(item->name));
		}
	}
	return NULL;
}

/* A column with its qualifier, and its type when that is known. */
static void
append_column(StringInfo text, const AllmItem *item,
			  const AllmVisibleColumn *column)
{
	appendStringInfo(text, "%s.%s", quote_identifier(item->name),
					 quote_identifier(column->name));
	if (OidIsValid(column->type))
		appendStringInfo(text, " (%s)",
						 format_type_with_typemod(column->type,
												  column->typmod));
}

/* All readable columns of an item in a sentence; NULL when there are many. */
static char *
tell_columns(const AllmItem *item)
{
	StringInfoData sentence;
	ListCell   *cell;
	const char *comma = "";

	if (item->name == NULL || item->source.columns == NIL ||
		list_length(item->source.columns) > MAX_TOLD)
		return NULL;
	initStringInfo(&sentence);
	appendStringInfo(&sentence, "%s has the columns ",
					 quote_identifier(item->name));
	foreach(cell, item->source.columns)
	{
		AllmVisibleColumn *column = lfirst(cell);

		if (!column->readable || column->name == NULL)
			continue;
		appendStringInfoString(&sentence, comma);
		appendStringInfoString(&sentence, quote_identifier(column->name));
		comma = ", ";
	}
	appendStringInfoChar(&sentence, '.');
	return sentence.data;
}
