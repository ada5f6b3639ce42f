/*
 * search.c
 *		The search for the one plan of a question for figures.
 *
 * Every way to take a text apart is tried, every form that comes of it is
 * settled over every base relation, and the cheapest plan wins if no other of
 * the same cost gives different SQL.  A doubt counts as a plan in this: it is
 * never passed over for something worse.  What a way is made into is for the
 * caller: a whole question, or one that goes on from another.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "schema/graph.h"
#include "semantic/compile.h"
#include "semantic/defined.h"
#include "semantic/naming.h"
#include "semantic/search.h"
#include "semantic/values.h"

/*
 * Ways to take a question apart, and plans.  Ordinary questions have fewer
 * than ten of either.
 */
#define MAX_WAYS		256
#define MAX_PLANS		500

/*
 * Names that so many relations have say nothing: "total by name" in a schema
 * of ten thousand tables.
 */
#define MAX_BASES		100

/* A walk through the ways of a text. */
typedef struct Walk
{
	AllmSearch *search;
	const AllmLexicon *lexicon;
	AllmWayTaken taken;
	AllmItem   *items[ALLM_MAX_TOKENS];
	int			nitems;
	int			nways;
} Walk;

static List *list_unknown(const AllmLexicon *lexicon);
static void walk_ways(Walk *walk, int token);
static void weigh_plan(AllmSearch *search, const AllmSketch *sketch,
					   AllmPlan *plan);

/*
 * The words of a text and what they may mean.  NULL when that settles the
 * reading already: there are too many of them, or some mean nothing.
 */
AllmLexicon *
allm_search_take_apart(const AllmReadInput *input, AllmReading *reading)
{
	AllmLexicon *lexicon = allm_lexicon_make(input->question, input->snapshot,
											 input->today, false);

	if (lexicon == NULL)
	{
		reading->problem = psprintf("The question has more than %d words.",
									ALLM_MAX_TOKENS);
		return NULL;
	}
	allm_defined_add(lexicon, input->definitions);
	allm_values_look_up(lexicon, input);
	reading->problem = allm_defined_settle(lexicon);
	if (reading->problem != NULL)
		return NULL;
	allm_account_words(input->account, lexicon);
	reading->unknown = list_unknown(lexicon);
	return reading->unknown == NIL ? lexicon : NULL;
}

/* Is the item a quoted text that was found nowhere? */
static bool
is_lost_quote(const AllmItem *item)
{
	return item->kind == ALLM_ITEM_VALUE && item->senses == NIL;
}

/* The words that nothing explains, each once, as written. */
static List *
list_unknown(const AllmLexicon *lexicon)
{
	List	   *unknown = NIL;
	ListCell   *cell;

	for (int token = 0; token < lexicon->ntokens; token++)
	{
		bool		lost = !allm_lexicon_explains(lexicon, token);
		char	   *text = allm_lexicon_text(lexicon, token, 1);

		foreach(cell, lexicon->items[token])
			lost |= is_lost_quote(lfirst(cell));
		foreach(cell, unknown)
			lost &= strcmp(lfirst(cell), text) != 0;
		if (lost)
			unknown = lappend(unknown, text);
	}
	return unknown;
}

/* Hands on every way to take a text apart. */
void
allm_search_ways(AllmSearch *search, const AllmLexicon *lexicon,
				 AllmWayTaken taken)
{
	Walk		walk = {search, lexicon, taken};

	walk_ways(&walk, 0);
}

/* Tries every item that begins at this token, the longest first. */
static void
walk_ways(Walk *walk, int token)
{
	CHECK_FOR_INTERRUPTS();
	if (walk->nways >= MAX_WAYS)
		walk->search->too_many = true;
	if (walk->search->too_many)
		return;
	if (token == walk->lexicon->ntokens)
	{
		walk->nways++;
		walk->taken(walk->search, walk->items, walk->nitems);
		return;
	}
	for (int length = walk->lexicon->ntokens - token; length > 0; length--)
	{
		ListCell   *cell;

		foreach(cell, walk->lexicon->items[token])
		{
			AllmItem   *item = lfirst(cell);

			if (item->length != length)
				continue;
			walk->items[walk->nitems++] = item;
			walk_ways(walk, token + length);
			walk->nitems--;
		}
	}
}

/* What a base reaches, walked once. */
static AllmReach *
find_reach(AllmSearch *search, const AllmRelation *base)
{
	ListCell   *cell;
	AllmReach  *reach;

	foreach(cell, search->reaches)
	{
		reach = lfirst(cell);
		if (reach->from == base)
			return reach;
	}
	reach = allm_graph_walk(base, search->likely);
	search->reaches = lappend(search->reaches, reach);
	return reach;
}

/* Settles one form over every base. */
void
allm_search_weigh(AllmSearch *search, const AllmSketch *sketch)
{
	List	   *bases = allm_plan_bases(sketch);
	ListCell   *cell;

	if (list_length(bases) > MAX_BASES)
	{
		search->too_many = true;
		return;
	}
	foreach(cell, bases)
	{
		CHECK_FOR_INTERRUPTS();
		if (search->nplans++ >= MAX_PLANS)
		{
			search->too_many = true;
			return;
		}
		weigh_plan(search, sketch,
				   allm_plan_make(sketch, find_reach(search, lfirst(cell)),
								  search->input));
	}
}

/* Keeps the cheapest plan, and one that is as cheap and different. */
static void
weigh_plan(AllmSearch *search, const AllmSketch *sketch, AllmPlan *plan)
{
	char	   *sql = NULL;

	if (plan->problem == NULL && search->objects != NULL)
		plan->problem = search->objects(sketch, plan, search->state);
	allm_account_reading(search->account,
						 psprintf("figures of %s", plan->base->name),
						 plan->cost, plan->words, plan->problem);
	if (plan->problem != NULL && !plan->doubtful)
	{
		if (search->hopeless == NULL || plan->cost < search->hopeless->cost)
			search->hopeless = plan;
		return;
	}
	if (plan->problem == NULL)
		sql = allm_compile_plan(plan);

	if (search->best == NULL || plan->cost < search->best->cost)
	{
		search->best = plan;
		search->sketch = sketch;
		search->best_sql = sql;
		search->rival = NULL;
	}
	else if (plan->cost == search->best->cost &&
			 !(sql != NULL && search->best_sql != NULL &&
			   strcmp(sql, search->best_sql) == 0))
	{
		/* A doubt weighs more than a plan: it has a sentence of its own. */
		if (search->best_sql != NULL && sql == NULL)
		{
			search->best = plan;
			search->best_sql = NULL;
		}
		else if (search->best_sql != NULL)
			search->rival = plan;
	}
}

/* Are rows counted whose number another relation holds as a figure? */
static bool
counts_stored(const AllmPlan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->measures)
	{
		const AllmOutput *output = lfirst(cell);

		if (output->ref == NULL &&
			allm_naming_stored_number(plan->base) != NULL)
			return true;
	}
	return false;
}

/* The plan's SQL, or why there is none. */
void
allm_search_finish(const AllmSearch *search, AllmReading *reading)
{
	if (search->too_many)
		reading->problem = pstrdup("The words can be read in too many ways.");
	else if (search->best == NULL && search->hopeless != NULL)
		reading->problem = search->hopeless->problem;
	else if (search->best == NULL)
		reading->problem = search->form_problem != NULL ?
			search->form_problem :
			pstrdup("The words are known, but not the form of the question.");
	else if (search->best_sql == NULL)
	{
		reading->problem = search->best->problem;
		reading->doubtful = search->best->rival;
		reading->senseless = search->best->senseless;
	}
	else if (search->rival != NULL)
		reading->problem =
			psprintf("The question could mean: %s (of %s); or: %s (of %s).",
					 search->best->words, search->best->base->name,
					 search->rival->words, search->rival->base->name);
	else if (counts_stored(search->best))
		reading->problem =
			psprintf("The number of %s could be that of its rows, or the one that is stored as a figure.",
					 search->best->base->name);
	else
	{
		reading->sql = search->best_sql;
		reading->interpretation = search->best->words;
		reading->assumed = search->best->assumed;
		reading->plan = search->best;
		reading->sketch = search->sketch;
		allm_account_path(search->account, search->best);
	}
}
