/*
 * match.c
 *		The built-in rules: from a question to one reading, or to the reasons
 *		why there is none.
 *
 * Every way to take the question apart is tried, every form that comes of it
 * is settled over every base relation, and the cheapest plan wins if no other
 * of the same cost gives different SQL.  A doubt counts as a plan in this: it
 * is never passed over for something worse.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "schema/graph.h"
#include "semantic/account.h"
#include "semantic/column.h"
#include "semantic/compile.h"
#include "semantic/compose.h"
#include "semantic/defined.h"
#include "semantic/lexicon.h"
#include "semantic/match.h"
#include "semantic/naming.h"
#include "semantic/plan.h"
#include "semantic/question.h"
#include "semantic/render.h"
#include "semantic/say.h"
#include "semantic/sketch.h"
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

/*
 * Questions that are read back to find some to propose.  Each costs a walk
 * over the schema, so a large one gets fewer.
 */
#define MAX_TRIES		100
#define MIN_TRIES		8
#define TRIES_RELATIONS	20000

/* The search for the one plan. */
typedef struct Search
{
	AllmLexicon *lexicon;
	AllmItem   *items[ALLM_MAX_TOKENS];
	int			nitems;
	int			nways;
	int			nplans;
	bool		too_many;		/* there was more than we look at */
	List	   *reaches;		/* of AllmReach, one for each base so far */
	AllmPlan   *best;
	char	   *best_sql;		/* NULL when the best is a doubt */
	AllmPlan   *rival;			/* as cheap, and different */
	AllmPlan   *hopeless;		/* a plan with a problem, for the message */
	char	   *form_problem;
	AllmAccount *account;		/* or NULL */
} Search;

static AllmReading *choose_reading(const AllmReadInput *input);
static AllmReading *read_sentence(const AllmReadInput *input);
static List *list_unknown(const AllmLexicon *lexicon);
static void search_ways(Search *search, int token);
static void try_form(Search *search);
static void weigh_plan(Search *search, AllmPlan *plan);
static void finish_reading(const Search *search, AllmReading *reading);

/*
 * Is the reading as a sentence the better one?  Of one thing the value that it
 * has is wanted, not a total; and a value that two columns hold is rather the
 * rows' own, which only a sentence tells.
 */
static bool
settles(const AllmReading *sentence, const AllmReading *figures)
{
	if (sentence->sql == NULL)
		return false;
	return figures->sql != NULL ? sentence->single : sentence->near;
}

/* Is all that a query tests in its own rows, and is nothing grouped? */
static bool
is_near(const AllmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->set->tests)
	{
		const AllmTest *test = lfirst(cell);
		const AllmStep *step;

		if (test->term == NULL || list_length(test->term->steps) > 1)
			return false;
		if (test->term->steps == NIL)
			continue;
		step = linitial(test->term->steps);
		if (!step->up || !list_member_ptr(step->key->to_columns,
										  test->term->column))
			return false;
	}
	return query->groups == 0;
}

/*
 * What the rules make of a question, in the current memory context.  Never
 * NULL, and never silent without a reason.  Raises nothing but what the probe
 * raises.
 */
AllmReading *
allm_match_read(const AllmReadInput *input)
{
	AllmReadInput own = *input;
	AllmReading *reading;

	own.looked = allm_values_begin();
	reading = choose_reading(&own);
	if (reading->sql == NULL && reading->unknown == NIL &&
		reading->problem == NULL)
		reading->problem =
			pstrdup("The words are known, but not the form of the question.");
	return reading;
}

/* The best of the readings: as figures, as a sentence, as several together. */
static AllmReading *
choose_reading(const AllmReadInput *input)
{
	AllmReading *figures = allm_match_figures(input);
	AllmReading *sentence;
	AllmReading *composed;

	if (figures->sql != NULL && !figures->assumed)
		return figures;
	if (figures->doubtful)
	{
		composed = allm_compose_read(input);
		if (composed != NULL && composed->sql != NULL && composed->settles)
			return composed;
	}
	sentence = read_sentence(input);
	if (figures->sql != NULL || figures->doubtful)
		return settles(sentence, figures) ? sentence : figures;
	if (sentence->sql != NULL)
		return sentence;
	composed = allm_compose_read(input);

	/* Where all words were known, the other readings know best what is wrong. */
	if (composed != NULL && composed->sql == NULL && figures->unknown == NIL)
		composed = NULL;
	if (sentence->unknown != NIL ||
		sentence->problem != NULL)
		return composed != NULL ? composed : sentence;
	if (composed != NULL)
		return composed;
	if (figures->unknown != NIL)
	{
		figures->unknown = NIL;
		figures->problem =
			pstrdup("The words are known, but not the form of the question.");
	}
	return figures;
}

/*
 * In "Clark county" the county is called Clark, though something else may be
 * called "Clark County".
 */
static void
drop_named_ends(AllmLexicon *lexicon)
{
	for (int at = 0; at < lexicon->ntokens; at++)
	{
		ListCell   *cell;

		foreach(cell, lexicon->items[at])
		{
			AllmItem   *item = lfirst(cell);

			if (item->kind == ALLM_ITEM_VALUE && item->length > 1 &&
				lexicon->tokens[at].kind != ALLM_WORD_QUOTED &&
				allm_lexicon_names_value(lexicon, item))
				lexicon->items[at] = foreach_delete_current(lexicon->items[at],
															cell);
		}
	}
}

/* The reading as a sentence about things and what belongs to them. */
static AllmReading *
read_sentence(const AllmReadInput *input)
{
	AllmReading *reading = palloc0(sizeof(AllmReading));
	AllmLexicon *lexicon = allm_lexicon_make(input->question, input->snapshot,
											 input->today, true);
	AllmChart  *chart;
	List	   *queries;
	char	   *best = NULL;
	char	   *rival = NULL;
	char	   *words = NULL;
	char	   *rival_words = NULL;
	int			cost = PG_INT32_MAX;
	ListCell   *cell;

	if (lexicon == NULL)
		return reading;
	allm_defined_add(lexicon, input->definitions);
	allm_values_look_up(lexicon, input);
	reading->problem = allm_defined_settle(lexicon);
	if (reading->problem != NULL)
		return reading;
	drop_named_ends(lexicon);
	chart = allm_chart_make(lexicon, input);
	queries = allm_question_parse(chart);
	foreach(cell, queries)
		cost = Min(cost, ((AllmQuery *) lfirst(cell))->cost);
	foreach(cell, queries)
	{
		AllmQuery  *query = lfirst(cell);
		char	   *sql;

		if (input->account != NULL)
			allm_account_reading(input->account,
								 psprintf("sentence about %s",
										  query->set->relation->name),
								 query->cost, allm_say_query(query), NULL);
		if (query->cost != cost)
			continue;
		sql = allm_render_query(query);
		if (best == NULL)
		{
			best = sql;
			words = allm_say_query(query);
			reading->single = query->set->named && query->groups == 0;
			reading->near = is_near(query);
		}
		else if (strcmp(best, sql) != 0)
		{
			rival = sql;
			rival_words = allm_say_query(query);
		}
	}
	if (chart->too_many)
		reading->problem = pstrdup("The words can be read in too many ways.");
	else if (rival != NULL)
	{
		/* What differs is only seen in the keys, when the words are the same. */
		if (strcmp(words, rival_words) == 0)
		{
			words = best;
			rival_words = rival;
		}
		reading->problem = psprintf("The question could mean: %s; or: %s.",
									words, rival_words);
	}
	for (int at = 0; best == NULL && at < chart->n; at++)
	{
		if (!allm_chart_explains(chart, at))
			reading->unknown = lappend(reading->unknown,
									   allm_lexicon_text(lexicon, at, 1));
	}
	if (reading->problem == NULL && best != NULL)
	{
		reading->sql = best;
		reading->interpretation = words;
	}
	return reading;
}

/* The reading as figures, by what they are broken down by. */
AllmReading *
allm_match_figures(const AllmReadInput *input)
{
	AllmReading *reading = palloc0(sizeof(AllmReading));
	Search		search = {0};

	search.lexicon = allm_lexicon_make(input->question, input->snapshot,
									   input->today, false);
	if (search.lexicon == NULL)
	{
		reading->problem = psprintf("The question has more than %d words.",
									ALLM_MAX_TOKENS);
		return reading;
	}
	allm_defined_add(search.lexicon, input->definitions);
	allm_values_look_up(search.lexicon, input);
	reading->problem = allm_defined_settle(search.lexicon);
	if (reading->problem != NULL)
		return reading;
	search.account = input->account;
	allm_account_words(input->account, search.lexicon);
	reading->unknown = list_unknown(search.lexicon);
	if (reading->unknown != NIL)
		return reading;
	search_ways(&search, 0);
	finish_reading(&search, reading);
	return reading;
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

/* Tries every item that begins at this token, the longest first. */
static void
search_ways(Search *search, int token)
{
	CHECK_FOR_INTERRUPTS();
	if (search->nways >= MAX_WAYS)
		search->too_many = true;
	if (search->too_many)
		return;
	if (token == search->lexicon->ntokens)
	{
		search->nways++;
		try_form(search);
		return;
	}
	for (int length = search->lexicon->ntokens - token; length > 0; length--)
	{
		ListCell   *cell;

		foreach(cell, search->lexicon->items[token])
		{
			AllmItem   *item = lfirst(cell);

			if (item->length != length)
				continue;
			search->items[search->nitems++] = item;
			search_ways(search, token + length);
			search->nitems--;
		}
	}
}

/* What a base reaches, walked once. */
static AllmReach *
find_reach(Search *search, const AllmRelation *base)
{
	ListCell   *cell;
	AllmReach  *reach;

	foreach(cell, search->reaches)
	{
		reach = lfirst(cell);
		if (reach->from == base)
			return reach;
	}
	reach = allm_graph_walk(base);
	search->reaches = lappend(search->reaches, reach);
	return reach;
}

/* Settles one form over every base. */
static void
try_form(Search *search)
{
	AllmSketch *sketch = allm_sketch_make(search->items, search->nitems,
										  &search->form_problem);
	List	   *bases;
	ListCell   *cell;

	if (sketch == NULL)
		return;
	bases = allm_plan_bases(sketch);
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
		weigh_plan(search, allm_plan_make(sketch,
										  find_reach(search, lfirst(cell))));
	}
}

/* Keeps the cheapest plan, and one that is as cheap and different. */
static void
weigh_plan(Search *search, AllmPlan *plan)
{
	char	   *sql = NULL;

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
counts_stored(const Search *search)
{
	ListCell   *cell;

	foreach(cell, search->best->measures)
	{
		const AllmOutput *output = lfirst(cell);

		if (output->ref == NULL &&
			allm_naming_stores_number(search->lexicon->snapshot,
									  search->best->base))
			return true;
	}
	return false;
}

/* The plan's SQL, or why there is none. */
static void
finish_reading(const Search *search, AllmReading *reading)
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
	}
	else if (search->rival != NULL)
		reading->problem =
			psprintf("The question could mean: %s (of %s); or: %s (of %s).",
					 search->best->words, search->best->base->name,
					 search->rival->words, search->rival->base->name);
	else if (counts_stored(search))
		reading->problem =
			psprintf("The number of %s could be that of its rows, or the one that is stored as a figure.",
					 search->best->base->name);
	else
	{
		reading->sql = search->best_sql;
		reading->interpretation = search->best->words;
		reading->assumed = search->best->assumed;
		reading->plan = search->best;
		allm_account_path(search->account, search->best);
	}
}

/* The questions that are proposed, and what bounds their search. */
typedef struct Proposal
{
	const AllmSnapshot *snapshot;
	const List *definitions;	/* of AllmDefinition */
	List	   *questions;		/* of char * */
	int			wanted;
	int			tries;			/* that are left */
} Proposal;

static int	compare_facts(const ListCell *a, const ListCell *b);
static void propose_metrics(Proposal *proposal);
static void propose_over(Proposal *proposal, const AllmRelation *relation);

/*
 * Up to n questions that the rules can answer, as a list of char *: of metrics
 * first, then over the relations that refer to others and are largest.  Each
 * was read back.
 */
List *
allm_match_suggest(const AllmSnapshot *snapshot, const List *definitions,
				   int n)
{
	Proposal	proposal = {.snapshot = snapshot,.wanted = n};
	List	   *relations = list_copy(snapshot->relations);
	ListCell   *cell;

	proposal.tries = TRIES_RELATIONS / Max(list_length(relations), 1);
	proposal.tries = Min(Max(proposal.tries, MIN_TRIES), MAX_TRIES);
	list_sort(relations, compare_facts);
	proposal.definitions = definitions;
	propose_metrics(&proposal);
	foreach(cell, relations)
	{
		CHECK_FOR_INTERRUPTS();
		if (list_length(proposal.questions) >= n ||
			proposal.tries <= 0)
			break;
		propose_over(&proposal, lfirst(cell));
	}
	return proposal.questions;
}

/* Those that refer to something first, then the largest, then by name. */
static int
compare_facts(const ListCell *a, const ListCell *b)
{
	const AllmRelation *left = lfirst(a);
	const AllmRelation *right = lfirst(b);
	int			order = (left->foreign_keys == NIL) -
	(right->foreign_keys == NIL);

	if (order == 0)
		order = (left->rows < right->rows) - (left->rows > right->rows);
	return order != 0 ? order : strcmp(left->name, right->name);
}

/* Proposes a question, if the rules can read it. */
static void
propose(Proposal *proposal, char *question)
{
	AllmReadInput input = {0};
	ListCell   *cell;

	if (list_length(proposal->questions) >= proposal->wanted ||
		proposal->tries-- <= 0)
		return;
	foreach(cell, proposal->questions)
	{
		if (strcmp(lfirst(cell), question) == 0)
			return;
	}
	input.question = question;
	input.snapshot = proposal->snapshot;
	input.definitions = proposal->definitions;
	if (allm_match_read(&input)->sql != NULL)
		proposal->questions = lappend(proposal->questions, question);
}

/* A name as a person would write it in a question. */
static char *
make_words(const char *name)
{
	char	   *words = allm_text_lower(name);

	for (char *c = words; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = ' ';
	}
	return words;
}

/* The first amount of a relation that may be added up, or NULL. */
static char *
find_measure(const AllmRelation *relation)
{
	ListCell   *cell;

	/* Money and the like are more telling than counts of pieces. */
	for (int pass = 0; pass < 2; pass++)
	{
		foreach(cell, relation->columns)
		{
			AllmColumn *column = lfirst(cell);

			if (allm_column_is_additive(column) &&
				(pass == 1 || !allm_column_is_integer(column)))
				return make_words(column->name);
		}
	}
	return NULL;
}

/* Proposes each metric, in total and by the first thing that its base has. */
static void
propose_metrics(Proposal *proposal)
{
	ListCell   *cell;

	foreach(cell, proposal->definitions)
	{
		const AllmDefinition *definition = lfirst(cell);
		AllmForeignKey *key;

		if (definition->means != ALLM_MEANS_METRIC ||
			definition->text != NULL)
			continue;
		if (definition->relation->foreign_keys == NIL)
		{
			propose(proposal, pstrdup(definition->word));
			continue;
		}
		key = linitial(definition->relation->foreign_keys);
		propose(proposal, psprintf("%s by %s", definition->word,
								   allm_column_entity(key->to)));
	}
}

/* Proposes what one relation gives: its amount and number, by what it has. */
static void
propose_over(Proposal *proposal, const AllmRelation *relation)
{
	char	   *measure = find_measure(relation);
	char	   *name = make_words(relation->name);
	ListCell   *cell;

	foreach(cell, relation->foreign_keys)
	{
		AllmRelation *to = ((AllmForeignKey *) lfirst(cell))->to;

		if (measure == NULL)
			break;
		propose(proposal, psprintf("%s by %s", measure,
								   allm_column_entity(to)));
		if (foreach_current_index(cell) == 0)
		{
			propose(proposal, psprintf("how many %s", name));
			propose(proposal, psprintf("%s by month", measure));
			propose(proposal, psprintf("top 5 %s by %s",
									   make_words(to->name), measure));
		}
	}
	propose(proposal, psprintf("how many %s", name));
	propose(proposal, psprintf("number of %s by month", name));
	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (allm_column_is_text(column) && !column->unique &&
			!list_member_ptr(allm_column_labels(relation), column))
			propose(proposal, psprintf("number of %s by %s", name,
									   make_words(column->name)));
	}
}
