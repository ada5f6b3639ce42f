/*
 * resolve.c
 *		Which columns a property is, seen from the things that have it.
 *
 * A column of the relation itself is nearer than one that a key leads to, and
 * a name as it is written nearer than a form of it.  All nearest ways are
 * given: when there are two, the question has two readings.
 */
#include "postgres.h"

#include "semantic/column.h"
#include "semantic/naming.h"
#include "semantic/resolve.h"
#include "semantic/way.h"

/* What a step over a key costs, and one that leads to many. */
#define COST_UP			3
#define COST_DOWN		5
/* Further away, what belongs to many things is not theirs. */
#define MAX_DOWN		2

static void add_columns(const AllmChart *chart, const AllmRelation *from,
						const AllmRelation *to, const List *columns,
						int cost, bool label, List **found);
static List *keep_nearest(List *found);
static List *all_columns(const AllmRelation *relation);

/* Is a column named as an identifier is? */
static bool
is_identifier(const AllmColumn *column)
{
	return allm_words_has(ALLM_WORDS_IDENTIFIER,
						  llast(allm_naming_column_words(column)));
}

/* Is it a word that columns of many relations end with: "type", "name"? */
static bool
is_common_end(const AllmChart *chart, const AllmItem *item)
{
	const char *stem = chart->lexicon->tokens[item->start].stem;

	return item->length == 1 && (allm_vocabulary_is_head(stem) ||
								 allm_vocabulary_is_suffix(stem));
}

/*
 * Does the name say no more than that things have kinds or marks: "type",
 * "status code"?  Without a word of whose, it is that of the things themselves.
 */
bool
allm_resolve_is_mark(const AllmChart *chart, const AllmAttribute *attribute)
{
	const AllmItem *item = attribute->item;

	static const char *const kinds[] = {"kind", "status", "type"};

	if (item == NULL || attribute->owner != NULL)
		return false;
	for (int at = item->start; at < item->start + item->length; at++)
	{
		const char *stem = chart->lexicon->tokens[at].stem;
		bool		mark = allm_vocabulary_is_suffix(stem);

		for (int i = 0; i < lengthof(kinds); i++)
			mark |= strcmp(stem, kinds[i]) == 0;
		if (!mark)
			return false;
	}
	return true;
}

/* Leaves out what lies over many, which such a word alone does not mean. */
static List *
keep_single(List *found)
{
	List	   *single = NIL;
	ListCell   *cell;

	foreach(cell, found)
	{
		if (((AllmResolved *) lfirst(cell))->up)
			single = lappend(single, lfirst(cell));
	}
	return single;
}

/* The nearest ways to understand a property, as a list of AllmResolved. */
List *
allm_resolve_attribute(const AllmChart *chart, const AllmAttribute *attribute,
					   const AllmRelation *relation)
{
	const AllmRelation *owner = attribute->owner ? attribute->owner : relation;
	List	   *found = NIL;
	ListCell   *cell;

	if (attribute->adjective != NULL)
	{
		AllmTerm   *term = allm_resolve_adjective(attribute->adjective,
												  owner);

		if (term != NULL)
			add_columns(chart, relation, owner,
						list_make1(unconstify(AllmColumn *, term->column)), 0,
						false, &found);
		return found;
	}
	if ((attribute->any == ALLM_ANY_NAME ||
		 (attribute->generic && strncmp(attribute->item->text, "name", 4) == 0)) &&
		allm_naming_label_key(owner) != NULL)
	{
		const AllmRelation *to = allm_naming_label_key(owner)->to;

		add_columns(chart, relation, to, allm_naming_labels(to), 0, false,
					&found);
	}
	else if (attribute->any == ALLM_ANY_NAME)
		add_columns(chart, relation, owner, allm_naming_labels(owner), 0,
					false, &found);
	else if (attribute->any == ALLM_ANY_ID &&
			 list_length(owner->primary_key) == 1 &&
			 is_identifier(linitial(owner->primary_key)))
		add_columns(chart, relation, owner, owner->primary_key, 0, false,
					&found);
	else if (attribute->any == ALLM_ANY_ALL)
		add_columns(chart, relation, owner, all_columns(owner), 0, false,
					&found);
	if (attribute->item == NULL)
		return found;

	foreach(cell, attribute->item->senses)
	{
		AllmSense  *sense = lfirst(cell);

		if ((attribute->owner != NULL || attribute->generic) &&
			sense->relation != owner)
			continue;
		if (sense->kind == ALLM_SENSE_COLUMN)
			add_columns(chart, relation, sense->relation,
						list_make1(unconstify(AllmColumn *, sense->column)),
						sense->cost, false, &found);
		else if (sense->kind == ALLM_SENSE_RELATION)
			add_columns(chart, relation, sense->relation,
						allm_naming_labels(sense->relation),
						sense->cost + 2, true, &found);
	}
	if (attribute->owner == NULL && is_common_end(chart, attribute->item))
		found = keep_single(found);
	return keep_nearest(found);
}

/* Adds columns of a relation over each shortest way to it. */
static void
add_columns(const AllmChart *chart, const AllmRelation *from,
			const AllmRelation *to, const List *columns, int cost,
			bool label, List **found)
{
	List	   *paths = list_make1(NIL);
	ListCell   *cell;
	ListCell   *inner;

	if (columns == NIL)
		return;
	if (from != to)
		paths = allm_tree_paths(from, to);
	foreach(cell, paths)
	{
		List	   *steps = lfirst(cell);
		AllmResolved *resolved = palloc0(sizeof(AllmResolved));

		resolved->up = allm_tree_is_up(steps);
		resolved->label = label;
		if (!resolved->up && list_length(steps) > MAX_DOWN)
			continue;
		resolved->cost = cost + list_length(steps) *
			(resolved->up ? COST_UP : COST_DOWN);
		foreach(inner, columns)
			resolved->terms = lappend(resolved->terms,
									  allm_tree_column(lfirst(inner), steps));
		*found = lappend(*found, resolved);
	}
}

/* Is it a column, as it is called, over a single key? */
static bool
is_next(const AllmResolved *resolved)
{
	const AllmTerm *term = linitial(resolved->terms);

	return !resolved->label && list_length(term->steps) == 1 &&
		allm_column_is_number(term->column);
}

/*
 * Only those that cost least.  A number of what the things belong to is not
 * nearer than one of the same name of what belongs to them: the grade of a
 * student is that of his class, or the one that he was given in a course.
 */
static List *
keep_nearest(List *found)
{
	List	   *nearest = NIL;
	int			least = PG_INT32_MAX;
	bool		next = false;
	ListCell   *cell;

	foreach(cell, found)
		least = Min(least, ((AllmResolved *) lfirst(cell))->cost);
	foreach(cell, found)
	{
		const AllmResolved *resolved = lfirst(cell);

		next |= resolved->cost == least && resolved->up && is_next(resolved);
	}
	foreach(cell, found)
	{
		AllmResolved *resolved = lfirst(cell);

		if (next && !resolved->up && is_next(resolved) &&
			resolved->cost == least + COST_DOWN - COST_UP)
			resolved->cost = least;
		if (resolved->cost == least)
			nearest = lappend(nearest, resolved);
	}
	return nearest;
}

/* The columns of a relation that can be shown. */
static List *
all_columns(const AllmRelation *relation)
{
	return relation->columns;
}

/* Has the column such a word, and is it of the right type? */
static bool
is_about(const AllmColumn *column, const char *word, bool dates)
{
	List	   *words = allm_naming_column_words(column);
	ListCell   *cell;

	if (dates ? !(allm_column_is_date(column) || allm_column_is_year(column)) :
		!allm_column_is_measure(column))
		return false;
	foreach(cell, words)
	{
		if (strcmp(lfirst(cell), word) == 0)
			return true;
	}
	return false;
}

/*
 * The column of a relation that an adjective is about: that of the first of
 * its names which exactly one column has.  NULL when there is none.
 */
static AllmTerm *
find_own_adjective(const AllmAdjective *adjective,
				   const AllmRelation *relation)
{
	char	   *rest = pstrdup(adjective->names);

	for (char *word = strtok_r(rest, " ", &rest); word != NULL;
		 word = strtok_r(NULL, " ", &rest))
	{
		const AllmColumn *found = NULL;
		ListCell   *cell;

		foreach(cell, relation->columns)
		{
			if (!is_about(lfirst(cell), word, adjective->dates))
				continue;
			if (found != NULL)
				return NULL;
			found = lfirst(cell);
		}
		if (found != NULL)
			return allm_tree_column(found, NIL);
	}
	return NULL;
}

/*
 * The same, also where each thing is one of another relation: the tallest
 * driver is the tallest of the people who drive.
 */
AllmTerm *
allm_resolve_adjective(const AllmAdjective *adjective,
					   const AllmRelation *relation)
{
	AllmTerm   *term = find_own_adjective(adjective, relation);
	ListCell   *cell;

	foreach(cell, term == NULL ? relation->foreign_keys : NIL)
	{
		AllmForeignKey *key = lfirst(cell);
		AllmTerm   *other;
		AllmStep   *step;

		if (list_length(key->from_columns) != 1 || key->to == relation ||
			!((AllmColumn *) linitial(key->from_columns))->unique)
			continue;
		other = find_own_adjective(adjective, key->to);
		if (other == NULL)
			continue;
		if (term != NULL)
			return NULL;
		step = palloc0(sizeof(AllmStep));
		step->key = key;
		step->up = true;
		other->steps = list_make1(step);
		term = other;
	}
	return term;
}

/* Is a word of the column's name the verb? */
static bool
has_verb(const AllmColumn *column, const char *verb)
{
	ListCell   *cell;

	foreach(cell, allm_naming_column_words(column))
	{
		char	   *own = allm_vocabulary_verb(lfirst(cell));

		if (own != NULL && strcmp(own, verb) == 0)
			return true;
	}
	return false;
}

/* Verbs that only say that the thing itself came about. */
static bool
is_light(const char *verb)
{
	static const char *const light[] = {
		"happen", "hold", "make", "occur", "place"
	};

	for (int i = 0; i < lengthof(light); i++)
	{
		if (strcmp(light[i], verb) == 0)
			return true;
	}
	return false;
}

/*
 * Does a date say more of what happened then than that it is a date, or that of
 * the things?  Somebody who signed up on a day did not buy on it.
 */
static bool
says_deed(const AllmColumn *column, const AllmRelation *relation)
{
	static const char *const plain[] = {
		"at", "date", "datetime", "day", "month", "of", "on", "quarter",
		"the", "time", "timestamp", "week", "year"
	};
	List	   *own = allm_naming_relation_words(relation);
	ListCell   *cell;

	foreach(cell, allm_naming_column_words(column))
	{
		bool		is_plain = allm_way_names_words(own, lfirst(cell));

		for (int i = 0; i < lengthof(plain); i++)
			is_plain = is_plain || strcmp(lfirst(cell), plain[i]) == 0;
		if (!is_plain)
			return true;
	}
	return false;
}

/* The date of what the things are a part of, as lines are of an order. */
static AllmTerm *
find_whole_date(const AllmRelation *relation, const char *verb)
{
	AllmTerm   *found = NULL;
	ListCell   *cell;

	foreach(cell, relation->foreign_keys)
	{
		const AllmForeignKey *key = lfirst(cell);
		AllmTerm   *term = allm_column_is_part_of(key) ?
		allm_resolve_date(key->to, verb) : NULL;
		AllmStep   *step;

		if (term == NULL || term->steps != NIL)
			continue;
		if (found != NULL)
			return NULL;
		step = palloc0(sizeof(AllmStep));
		step->key = key;
		step->up = true;
		term->steps = list_make1(step);
		found = term;
	}
	return found;
}

/*
 * The date of the things that is meant when none is named, or the one that
 * belongs to the verb.  Of several, it is the one that is called as the thing
 * itself: an order is made on its order date.  NULL when there is none, or more
 * than one, or when it is that of another deed.
 */
AllmTerm *
allm_resolve_date(const AllmRelation *relation, const char *verb)
{
	const AllmColumn *found = NULL;
	const AllmColumn *spoken = NULL;
	const AllmColumn *principal = NULL;
	int			count = 0;
	int			verbs = 0;
	int			principals = 0;
	int			dates = 0;
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (!allm_column_is_date(column) && !allm_column_is_year(column))
			continue;
		dates++;
		if (verb != NULL && has_verb(column, verb))
		{
			spoken = column;
			verbs++;
		}

		/* A birthday or a last update is not when it happened. */
		if (allm_column_is_date(column) &&
			allm_column_date_rank(column) == ALLM_DATE_NEVER)
			continue;
		found = column;
		count++;
		if (allm_column_date_rank(column) == ALLM_DATE_PRINCIPAL)
		{
			principal = column;
			principals++;
		}
	}
	if (verbs == 1)
		return allm_tree_column(spoken, NIL);
	if ((verb == NULL || is_light(verb)) && allm_column_lasts(relation))
		return NULL;
	if (dates == 0)
		return find_whole_date(relation, verb);
	if (count > 1 && principals == 1 && (verb == NULL || is_light(verb)))
		return allm_tree_column(principal, NIL);
	if (verb != NULL && count == 1 && !is_light(verb) &&
		says_deed(found, relation))
		return NULL;
	return count == 1 ? allm_tree_column(found, NIL) : NULL;
}

/* What is shown of things when nothing is asked for: key and name. */
List *
allm_resolve_default(const AllmRelation *relation)
{
	AllmForeignKey *key = allm_naming_label_key(relation);
	List	   *columns = list_copy(relation->primary_key);
	List	   *terms = NIL;
	ListCell   *cell;

	columns = list_concat_unique_ptr(columns, allm_naming_labels(relation));
	if (columns == NIL)
		columns = relation->columns;
	foreach(cell, columns)
		terms = lappend(terms, allm_tree_column(lfirst(cell), NIL));
	if (key != NULL)
	{
		AllmStep   *step = palloc(sizeof(AllmStep));

		step->key = key;
		step->up = true;
		foreach(cell, allm_naming_labels(key->to))
			terms = lappend(terms, allm_tree_column(lfirst(cell),
													list_make1(step)));
	}
	return terms;
}

/* Has the name one of the words that are about places? */
static bool
is_place(const List *words)
{
	static const char *const places[] = {
		"address", "city", "continent", "country", "county", "district",
		"location", "nation", "place", "province", "region", "state", "town"
	};
	ListCell   *cell;

	foreach(cell, words)
	{
		for (int i = 0; i < lengthof(places); i++)
		{
			if (strcmp(lfirst(cell), places[i]) == 0)
				return true;
		}
	}
	return false;
}

/*
 * Where the things of a relation are: its location, or the one place that it
 * refers to.  NULL when that is not clear.
 */
AllmTerm *
allm_resolve_place(const AllmRelation *relation)
{
	AllmTerm   *term = NULL;
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);
		List	   *words = allm_naming_column_words(column);

		if (!allm_column_is_text(column) ||
			strcmp(llast(words), "location") != 0)
			continue;
		if (term != NULL)
			return NULL;
		term = allm_tree_column(column, NIL);
	}
	if (term != NULL || list_length(relation->foreign_keys) != 1)
		return term;
	{
		AllmForeignKey *key = linitial(relation->foreign_keys);
		List	   *labels = allm_naming_labels(key->to);
		AllmStep   *step = palloc(sizeof(AllmStep));

		step->key = key;
		step->up = true;
		if (list_length(labels) != 1 ||
			!is_place(allm_naming_relation_words(key->to)))
			return NULL;
		return allm_tree_column(linitial(labels), list_make1(step));
	}
}
