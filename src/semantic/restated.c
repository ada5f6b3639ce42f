/*
 * restated.c
 *		A second sentence that says once more what figures show: "Who are the top
 *		5 customers by revenue? Return their name and total revenue."
 *
 * Each thing that it names has to be a column of the figures, or the number of
 * the rows that they are of, which is added; where one is not, the question is
 * for others, or refused.
 */
#include "postgres.h"

#include "semantic/compile.h"
#include "semantic/defined.h"
#include "semantic/lexicon.h"
#include "semantic/naming.h"
#include "semantic/planner.h"
#include "semantic/restated.h"

/* The second sentence, and what the first one shows. */
typedef struct Restated
{
	const AllmLexicon *lexicon;
	const AllmPlan *plan;
	int			at;				/* token that is next */
	const char *counted;		/* a number is wanted beside the figures: of
								 * what, as written; or NULL */
} Restated;

/* Where the first of two sentences ends, in bytes, or 0 if there are not two. */
static int
find_break(const char *question)
{
	List	   *words = allm_text_words(question);
	int			found = 0;
	ListCell   *cell;

	foreach(cell, words)
	{
		const AllmWord *word = lfirst(cell);

		if (word->kind != ALLM_WORD_PUNCTUATION ||
			strchr("?.;", word->text[0]) == NULL ||
			cell == list_tail(words))
			continue;
		if (found > 0)
			return 0;
		found = word->start;
	}
	return found;
}

/* The longest phrase of that role that is next, or NULL. */
static const AllmItem *
next_phrase(const Restated *restated, AllmRole role)
{
	const AllmItem *longest = NULL;
	ListCell   *cell;

	if (restated->at >= restated->lexicon->ntokens)
		return NULL;
	foreach(cell, restated->lexicon->items[restated->at])
	{
		const AllmItem *item = lfirst(cell);

		if (item->kind == ALLM_ITEM_PHRASE && item->phrase->role == role &&
			(longest == NULL || item->length > longest->length))
			longest = item;
	}
	return longest;
}

/* Is one of these words next?  It is taken then. */
static bool
take_word(Restated *restated, const char *const *words, int count)
{
	if (restated->at >= restated->lexicon->ntokens)
		return false;
	for (int i = 0; i < count; i++)
	{
		if (strcmp(restated->lexicon->tokens[restated->at].text, words[i]) == 0)
		{
			restated->at++;
			return true;
		}
	}
	return false;
}

/* Is it what the figures are grouped by, or the key of a thing that they are? */
static bool
is_group(const Restated *restated, const AllmSense *sense)
{
	ListCell   *cell;

	foreach(cell, restated->plan->groups)
	{
		const AllmOutput *group = lfirst(cell);
		const AllmColumn *column = group->ref->column;

		if (group->has_grain)
			continue;
		if (sense->kind == ALLM_SENSE_COLUMN ? sense->column == column :
			(sense->kind == ALLM_SENSE_RELATION &&
			 sense->relation == column->relation &&
			 (column->in_key || column->unique)))
			return true;
	}
	return false;
}

/* Are the figures those of things, which have names? */
static bool
has_things(const Restated *restated)
{
	ListCell   *cell;

	foreach(cell, restated->plan->groups)
	{
		const AllmOutput *group = lfirst(cell);

		if (!group->has_grain &&
			(group->ref->column->in_key || group->ref->column->unique))
			return true;
	}
	return false;
}

/* Is it one of the figures?  A function that is not said is that of the figure. */
static bool
is_measure(const Restated *restated, const AllmSense *sense,
		   AllmFunction function)
{
	ListCell   *cell;

	foreach(cell, restated->plan->measures)
	{
		const AllmOutput *measure = lfirst(cell);

		if (measure->distinct)
			continue;
		if (measure->ref == NULL)
		{
			if (function == ALLM_FUNCTION_COUNT &&
				sense->kind == ALLM_SENSE_RELATION &&
				sense->relation == restated->plan->base)
				return true;
		}
		else if (sense->kind == ALLM_SENSE_COLUMN &&
				 sense->column == measure->ref->column &&
				 (function == ALLM_FUNCTION_DEFAULT ||
				  function == measure->function))
			return true;
	}
	return false;
}

/*
 * Can the number of rows stand beside the figures?  A figure with a filter of its
 * own is of other rows.
 */
static bool
takes_number(const Restated *restated)
{
	const AllmRelation *base = restated->plan->base;
	ListCell   *cell;

	foreach(cell, restated->plan->measures)
	{
		const AllmOutput *measure = lfirst(cell);

		if (measure->ref == NULL || measure->ref->column->metric != NULL)
			return false;
	}
	return restated->plan->measures != NIL && base->primary_key != NIL &&
		allm_naming_stored_number(base) == NULL;
}

/* Is it part of a name: a column may be called "number of orders". */
static bool
is_in_name(const Restated *restated, const AllmItem *phrase)
{
	ListCell   *cell;

	foreach(cell, restated->lexicon->items[restated->at])
	{
		const AllmItem *item = lfirst(cell);

		if (item->kind == ALLM_ITEM_NAME && item->length > phrase->length)
			return true;
	}
	return false;
}

/* The function that is said of a name: "total number of", "average". */
static AllmFunction
take_function(Restated *restated)
{
	const AllmItem *aggregate = next_phrase(restated, ALLM_ROLE_AGGREGATE);
	const AllmItem *number;
	AllmFunction function = ALLM_FUNCTION_DEFAULT;

	if (aggregate != NULL)
	{
		function = aggregate->phrase->argument & ~ALLM_MOST_OF;
		restated->at += aggregate->length;
	}
	number = next_phrase(restated, ALLM_ROLE_COUNT);
	if (number == NULL || is_in_name(restated, number) ||
		(aggregate != NULL && function != ALLM_FUNCTION_SUM))
		return function;
	restated->at += number->length;
	return ALLM_FUNCTION_COUNT;
}

/* Is a name in one of its senses what the figures show? */
static bool
is_shown(Restated *restated, const AllmItem *name, AllmFunction function,
		 bool *grouped)
{
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		const AllmSense *sense = lfirst(cell);

		*grouped = function == ALLM_FUNCTION_DEFAULT &&
			is_group(restated, sense);
		if (*grouped || is_measure(restated, sense, function))
			return true;
		if (function == ALLM_FUNCTION_COUNT && restated->counted == NULL &&
			sense->kind == ALLM_SENSE_RELATION &&
			sense->relation == restated->plan->base &&
			takes_number(restated))
		{
			restated->counted = name->text;
			return true;
		}
	}
	return false;
}

/* Takes a name that is shown: how it is said, the name, "name" behind it. */
static bool
take_shown(Restated *restated)
{
	static const char *const owners[] = {"their", "its", "each"};
	static const char *const tails[] = {"name", "names"};
	AllmFunction function;
	int			begin;
	bool		grouped;
	ListCell   *cell;

	(void) take_word(restated, owners, lengthof(owners));
	begin = restated->at;
	function = take_function(restated);
	if (restated->at >= restated->lexicon->ntokens)
		return false;
	if (begin == restated->at && has_things(restated) &&
		restated->plan->dimensions == 1 &&
		take_word(restated, tails, lengthof(tails)))
		return true;
	for (int length = restated->lexicon->ntokens; length > 0; length--)
	{
		foreach(cell, restated->lexicon->items[restated->at])
		{
			const AllmItem *item = lfirst(cell);

			if (item->kind != ALLM_ITEM_NAME || item->length != length ||
				!is_shown(restated, item, function, &grouped))
				continue;
			restated->at += length;
			if (grouped)
				(void) take_word(restated, tails, lengthof(tails));
			return true;
		}
	}
	return false;
}

/* Takes what stands between two names: ",", "and", ", and". */
static bool
take_joint(Restated *restated)
{
	static const char *const joints[] = {",", "and"};
	int			begin = restated->at;

	while (take_word(restated, joints, lengthof(joints)))
		;
	return restated->at > begin;
}

/* Does the second sentence name what is shown, and nothing else? */
static bool
says_what_is_shown(Restated *restated)
{
	static const char *const ends[] = {".", "?", ";"};
	const AllmItem *list = next_phrase(restated, ALLM_ROLE_LIST);

	if (list == NULL)
		return false;
	restated->at += list->length;
	do
	{
		if (!take_shown(restated))
			return false;
		(void) take_word(restated, ends, lengthof(ends));
		if (restated->at == restated->lexicon->ntokens)
			return true;
	} while (take_joint(restated));
	return false;
}

/* Adds the number of rows.  A ranking goes by the last figure, as before. */
static void
add_number(AllmReading *figures, const char *counted)
{
	AllmPlan   *plan = palloc(sizeof(AllmPlan));
	AllmOutput *number =
	allm_planner_make_output(NULL, ALLM_FUNCTION_COUNT,
							 psprintf("number_of_%s", figures->plan->base->name));

	*plan = *figures->plan;
	plan->measures = lcons(number, list_copy(plan->measures));
	plan->words = psprintf("%s, with the number of %s", plan->words, counted);
	figures->plan = plan;
	figures->interpretation = plan->words;
	figures->sql = allm_compile_plan(plan);
}

/*
 * The reading of a question in two sentences, of which the first asks for
 * figures by group and the second names some of their columns; NULL if it is no
 * such question.
 */
AllmReading *
allm_restated_read(const AllmReadInput *input)
{
	int			end = find_break(input->question);
	AllmReadInput first = *input;
	AllmReading *figures;
	AllmLexicon *lexicon;
	Restated	restated = {0};

	if (end == 0)
		return NULL;
	first.question = pnstrdup(input->question, end);
	figures = allm_match_figures(&first);
	if (figures->sql == NULL || figures->plan == NULL ||
		figures->plan->groups == NIL)
		return NULL;
	lexicon = allm_lexicon_make(input->question + end + 1, input->snapshot,
								input->today, true);
	if (lexicon == NULL)
		return NULL;
	allm_defined_add(lexicon, input->definitions);
	if (allm_defined_settle(lexicon) != NULL)
		return NULL;
	restated.lexicon = lexicon;
	restated.plan = figures->plan;
	if (!says_what_is_shown(&restated))
		return NULL;
	if (restated.counted != NULL)
		add_number(figures, restated.counted);
	return figures;
}
