/*
 * pronoun.c
 *		Properties that are told by a pronoun: "the number of orders they made",
 *		"the name of the team he belongs to", "customers using it".
 *
 * A pronoun stands for the things that are asked about.  Where something else
 * was said that it could as well stand for, the property is not read.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "semantic/naming.h"
#include "semantic/pronoun.h"
#include "semantic/tally.h"
#include "semantic/way.h"

/* In a larger schema too many columns are called like a verb. */
#define MAX_RELATIONS	200

/* A looser form than those that need no word left out. */
#define COST_POINTING	1

/*
 * The length of a pronoun, or of "each of them", or 0.  "Does that x" and "in
 * that x" say which x is meant; elsewhere "that x" says what x does.
 */
static int
measure_pronoun(const AllmChart *chart, int at, int to, AllmItem **item)
{
	static const char *const pronouns[] = {
		"each of them", "each one", "he", "him", "it", "she", "them",
		"they", "they each"
	};
	static const char *const pointing[] = {"that", "this", "these", "those"};
	bool		bound = at > 0 &&
	(allm_chart_is(chart, at - 1, at, ALLM_MARK_AUX, NULL) ||
	 allm_chart_is(chart, at - 1, at, ALLM_MARK_PREP, NULL));

	for (int length = 3; length > 0; length--)
	{
		char	   *text = at + length <= to ?
		allm_lexicon_text(chart->lexicon, at, length) : NULL;

		for (int i = 0; text != NULL && i < lengthof(pronouns); i++)
		{
			if (pg_strcasecmp(text, pronouns[i]) == 0)
				return length;
		}
	}
	for (int i = 0; i < lengthof(pointing) && bound; i++)
	{
		if (strcmp(allm_chart_text(chart, at), pointing[i]) != 0)
			continue;
		for (int end = to; end > at + 1; end--)
		{
			*item = allm_chart_item(chart, at + 1, end, ALLM_ITEM_NAME);
			if (*item != NULL)
				return end - at;
		}
	}
	return 0;
}

/* The longest word here that only binds a sentence together, or 0. */
static int
measure_binding(const AllmChart *chart, int at, int to)
{
	static const AllmMark marks[] = {
		ALLM_MARK_AUX, ALLM_MARK_HAVE, ALLM_MARK_REL, ALLM_MARK_PREP
	};
	int			longest = 0;

	for (int i = 0; i < lengthof(marks); i++)
	{
		int			length = allm_chart_mark(chart, at, marks[i], NULL);

		if (at + length <= to)
			longest = Max(longest, length);
	}
	return longest;
}

/*
 * A verb of such a tail.  Behind the pronoun it may be a word of the schema as
 * well: "the year they joined".
 */
static bool
read_verb(const AllmChart *chart, int at, bool behind, AllmPointing *pointing)
{
	const AllmToken *token = &chart->lexicon->tokens[at];
	char	   *verb = allm_vocabulary_verb(token->text);
	bool		named = allm_chart_item(chart, at, at + 1,
										ALLM_ITEM_NAME) != NULL;

	if (token->kind != ALLM_WORD || (verb == NULL && !named) ||
		(named && !behind))
		return false;
	pointing->stem = token->stem;
	if (verb == NULL || !allm_tally_is_light(chart, at))
		pointing->verb = verb != NULL ? verb : token->text;
	return true;
}

/*
 * Do these words say of what stands before them that it belongs to what a
 * pronoun stands for: "they belong to", "in it", "did he make"?  NULL if not.
 */
AllmPointing *
allm_pronoun_tail(const AllmChart *chart, int from, int to)
{
	AllmPointing *pointing = palloc0(sizeof(AllmPointing));
	int			pronouns = 0;
	int			verbs = 0;
	int			bindings = 0;

	for (int at = from; at < to;)
	{
		AllmItem   *item = NULL;
		int			pronoun = measure_pronoun(chart, at, to, &item);
		int			length = pronoun > 0 ? pronoun :
		measure_binding(chart, at, to);

		if (pronoun > 0)
		{
			pronouns++;
			pointing->item = item;
		}
		else if (length == 0)
		{
			if (!read_verb(chart, at, pronouns > 0, pointing))
				return NULL;
			verbs++;
			length = 1;
		}
		else
			bindings++;
		at += length;
	}
	return pronouns == 1 && verbs < 2 && verbs + bindings > 0 ?
		pointing : NULL;
}

/* Is the column called by these words and this verb: "year they joined"? */
static bool
is_called_so(const AllmChart *chart, const AllmColumn *column, int from,
			 int to, const AllmPointing *pointing)
{
	List	   *words = allm_naming_column_words(column);
	int			nouns = 0;
	bool		spoken = false;
	ListCell   *cell;

	foreach(cell, words)
	{
		const char *word = lfirst(cell);
		char	   *own = allm_vocabulary_verb(word);
		bool		noun = false;

		for (int at = from; at < to && !noun; at++)
			noun = strcmp(chart->lexicon->tokens[at].stem, word) == 0;
		if (noun)
			nouns++;
		else if (strcmp(word, pointing->stem) == 0 ||
				 (own != NULL && strcmp(own, pointing->verb) == 0))
			spoken = true;
		else if (strcmp(word, "of") != 0 && strcmp(word, "at") != 0)
			return false;
	}
	return spoken && nouns == to - from;
}

/* "the year they joined": the column "year_joined" */
static void
add_deeds(AllmChart *chart, AllmCell *cell, int from, int to,
		  AllmPointing *pointing)
{
	const List *relations = chart->lexicon->snapshot->relations;
	AllmAttribute *attribute;
	AllmItem   *item = palloc0(sizeof(AllmItem));
	ListCell   *inner;
	ListCell   *column;

	if (list_length(relations) > MAX_RELATIONS || to - from > 2)
		return;
	foreach(inner, relations)
	{
		const AllmRelation *relation = lfirst(inner);

		CHECK_FOR_INTERRUPTS();
		foreach(column, relation->columns)
		{
			AllmSense  *sense;

			if (!is_called_so(chart, lfirst(column), from, to, pointing))
				continue;
			sense = palloc0(sizeof(AllmSense));
			sense->kind = ALLM_SENSE_COLUMN;
			sense->relation = relation;
			sense->column = lfirst(column);
			item->senses = lappend(item->senses, sense);
		}
	}
	if (item->senses == NIL)
		return;
	item->kind = ALLM_ITEM_NAME;
	item->start = from;
	item->length = to - from;
	item->text = allm_lexicon_text(chart->lexicon, from, to - from);
	attribute = palloc0(sizeof(AllmAttribute));
	attribute->item = item;
	attribute->points = palloc0(sizeof(AllmPointing));
	attribute->points->item = pointing->item;
	attribute->cost = COST_POINTING;
	allm_chart_add(chart, cell, attribute);
}

/* "number of orders they made", "name of the team he is in" */
void
allm_pronoun_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	for (int end = from + 1; end < to && !chart->too_many; end++)
	{
		AllmPointing *pointing = allm_pronoun_tail(chart, end, to);
		ListCell   *inner;

		if (pointing == NULL)
			continue;
		if (pointing->verb != NULL)
			add_deeds(chart, cell, from, end, pointing);
		foreach(inner, allm_attribute_parse(chart, from, end))
		{
			const AllmAttribute *attribute = lfirst(inner);
			AllmAttribute *copy;

			if (attribute->points != NULL ||
				(attribute->counted != NULL &&
				 attribute->counted->clauses > 0) ||
				(attribute->counted == NULL && attribute->owner == NULL &&
				 (pointing->verb != NULL || attribute->item == NULL ||
				  attribute->function != ALLM_FUNCTION_DEFAULT)))
				continue;
			copy = palloc(sizeof(AllmAttribute));
			*copy = *attribute;
			copy->points = pointing;
			copy->cost += COST_POINTING;
			allm_chart_add(chart, cell, copy);
		}
	}
}

/* Does the item name the relation? */
static bool
names_relation(const AllmItem *item, const AllmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, item->senses)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_RELATION && sense->relation == relation)
			return true;
	}
	return false;
}

/* How many keys lie between two relations; -1: there is no way. */
static int
count_steps(const AllmRelation *from, const AllmRelation *to)
{
	List	   *paths = from == to ? NIL : allm_tree_paths(from, to);

	return from == to ? 0 : paths == NIL ? -1 :
		list_length(linitial(paths));
}

/* Could the pronoun as well stand for things of that relation? */
static bool
is_rival(const AllmRelation *relation, const AllmRelation *root,
		 const AllmRelation *target)
{
	int			steps = count_steps(relation, target);

	return relation != root && relation != target && steps >= 0 &&
		steps <= count_steps(root, target);
}

/* Was something else said of the set that a pronoun could stand for? */
static bool
has_rival(const AllmSet *set, const AllmRelation *root,
		  const AllmRelation *target)
{
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		const AllmTest *test = lfirst(cell);

		if (test->kind == ALLM_TEST_EXISTS && test->set != NULL &&
			!test->set->named &&
			(is_rival(test->set->relation, root, target) ||
			 has_rival(test->set, root, target)))
			return true;
	}
	return false;
}

/* Do all pronouns in these properties stand for the things of a set? */
bool
allm_pronoun_fits(const AllmSet *set, const List *attributes)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, attributes)
	{
		const AllmAttribute *attribute = lfirst(cell);
		const AllmRelation *target = attribute->counted != NULL ?
		attribute->counted->relation : attribute->owner;

		if (attribute->points == NULL)
			continue;
		if (attribute->points->item != NULL &&
			!names_relation(attribute->points->item, set->relation))
			return false;
		if (target == NULL)
			continue;

		/* "The team they are in" is not asked of the teams. */
		if (attribute->owner == set->relation ||
			has_rival(set, set->relation, target))
			return false;
		foreach(inner, attributes)
		{
			const AllmAttribute *other = lfirst(inner);
			const AllmRelation *said = other->counted != NULL ?
			other->counted->relation : other->owner;

			if (inner == cell)
				break;
			if (said != NULL && is_rival(said, set->relation, target))
				return false;
		}
	}
	return true;
}

/*
 * Is a property one of the counted things themselves?  Of "names of teams and
 * the number of players in them" the teams are meant, and not their names.
 */
static bool
is_own(const AllmAttribute *group, const AllmRelation *counted)
{
	ListCell   *cell;

	if (group->owner != NULL)
		return group->owner == counted;
	foreach(cell, group->item != NULL ? group->item->senses : NIL)
	{
		const AllmSense *sense = lfirst(cell);

		if (sense->kind == ALLM_SENSE_COLUMN && sense->relation == counted)
			return true;
	}
	return false;
}

/* Do the pronouns stand for the one property that is grouped by? */
bool
allm_pronoun_fits_groups(const List *groups, const List *attributes)
{
	ListCell   *cell;

	foreach(cell, attributes)
	{
		const AllmAttribute *attribute = lfirst(cell);
		const AllmAttribute *group = linitial(groups);

		if (attribute->points == NULL)
			continue;
		if (list_length(groups) != 1 || attribute->points->verb != NULL ||
			attribute->counted == NULL ||
			!is_own(group, attribute->counted->relation) ||
			(attribute->points->item != NULL &&
			 !allm_tally_names_same(attribute->points->item, group)))
			return false;
	}
	return true;
}

/*
 * Does what is said of a pronoun mean that way?  A verb means one that leads
 * over what it names.  That something belongs to it means the nearest: a
 * number of what lies beyond other things is that of something else.
 */
bool
allm_pronoun_passes(const AllmAttribute *attribute, const List *steps)
{
	if (attribute->points == NULL)
		return true;
	if (attribute->points->verb != NULL)
		return allm_way_passes(steps, attribute->points->verb);
	return attribute->counted == NULL || list_length(steps) == 1;
}

/* May a row have none of what the steps lead to? */
static bool
may_be_missing(const List *steps)
{
	ListCell   *cell;

	foreach(cell, steps)
	{
		if (!((AllmStep *) lfirst(cell))->key->mandatory)
			return true;
	}
	return false;
}

/*
 * Adds to a query what a property says that is told by a pronoun: of "the team
 * they belong to" that there is one, where that does not change who is first.  False if the verb says something else.
 */
bool
allm_pronoun_bind(AllmQuery *query, const AllmAttribute *attribute,
				  const AllmTerm *term)
{
	const AllmStep *last = term->steps != NIL ? llast(term->steps) : NULL;

	if (attribute->points == NULL || last == NULL)
		return true;
	if (!allm_pronoun_passes(attribute, term->steps))
		return false;
	if (query->set->best == NULL && allm_tree_is_up(term->steps) &&
		may_be_missing(term->steps))
		query->set = allm_tree_with(query->set,
									allm_tree_exists(term->steps,
													 allm_tree_set(last->key->to, 0),
													 false), 0);
	return true;
}
