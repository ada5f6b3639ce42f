/*
 * match.c
 *		The built-in rules: from a question to one reading, or to the reasons
 *		why there is none.
 *
 * A question is read as figures, as a sentence, and as several figures
 * together; which of these readings is the one, is decided here.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "schema/graph.h"
#include "semantic/account.h"
#include "semantic/column.h"
#include "semantic/compose.h"
#include "semantic/defined.h"
#include "semantic/deleted.h"
#include "semantic/doubt.h"
#include "semantic/frame.h"
#include "semantic/lexicon.h"
#include "semantic/match.h"
#include "semantic/plain.h"
#include "semantic/question.h"
#include "semantic/render.h"
#include "semantic/restated.h"
#include "semantic/say.h"
#include "semantic/search.h"
#include "semantic/sketch.h"
#include "semantic/values.h"

/*
 * Questions that are read back to find some to propose.  Each costs a walk
 * over the schema, so a large one gets fewer.
 */
#define MAX_TRIES		100
#define MIN_TRIES		8
#define TRIES_RELATIONS	20000

static AllmReading *choose_reading(const AllmReadInput *input);
static AllmReading *read_sentence(const AllmReadInput *input);
static void try_form(AllmSearch *search, AllmItem **items, int nitems);

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
	AllmReading *reading = choose_reading(input);

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
	AllmReading *restated;
	AllmReading *composed;

	if (figures->sql != NULL && !figures->assumed && !figures->guessed)
		return figures;
	if (figures->doubtful)
	{
		composed = allm_compose_read(input);
		if (composed != NULL && composed->sql != NULL && composed->settles)
			return composed;
	}
	sentence = read_sentence(input);
	/* A sentence knows better whether what has no partner is meant. */
	if (sentence->sql != NULL && figures->guessed)
		return sentence;
	if (figures->sql != NULL || figures->doubtful)
		return settles(sentence, figures) ? sentence : figures;
	if (sentence->sql != NULL)
		return sentence;
	restated = allm_restated_read(input);
	if (restated != NULL)
		return restated;
	composed = allm_compose_read(input);

	/* That figures mean nothing says more than what no other reading knows. */
	if (figures->senseless && (composed == NULL || composed->sql == NULL))
		return figures;

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

/* The relation whose rows a query counts, and gives nothing else; or NULL. */
static const AllmRelation *
get_counted(const AllmQuery *query)
{
	const AllmTerm *term = list_length(query->outputs) == 1 ?
	linitial(query->outputs) : NULL;

	if (term == NULL || term->function != ALLM_FUNCTION_COUNT ||
		term->column != NULL || term->related != NULL || query->groups > 0 ||
		query->having != NIL || query->set->best != NULL)
		return NULL;
	return query->set->relation;
}

/*
 * The reading of a question that is a part of another: as figures, or as a
 * sentence, as for a whole question.
 */
AllmReading *
allm_match_part(const AllmReadInput *input)
{
	AllmReading *figures = allm_match_figures(input);

	AllmReading *sentence;

	if (figures->doubtful ||
		(figures->sql != NULL && !figures->assumed && !figures->guessed))
		return figures;
	sentence = read_sentence(input);
	return figures->guessed && sentence->sql == NULL ? figures : sentence;
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
	const AllmQuery *first = NULL;
	char	   *rival = NULL;
	const char *doubt = NULL;
	char	   *words = NULL;
	char	   *rival_words = NULL;
	int			cost = PG_INT32_MAX;
	int			parts = 0;
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
		if (query->doubt != NULL)
			doubt = query->doubt;
		if (best == NULL)
		{
			best = sql;
			first = query;
			words = allm_say_query(query);
			reading->counted = get_counted(query);
			reading->single = query->set->named && query->groups == 0;
			reading->near = is_near(query);
			if (doubt == NULL)
				doubt = allm_doubt_query(query);
		}
		else if (strcmp(best, sql) != 0 &&
				 strcmp(allm_plain_sql(first), allm_plain_sql(query)) != 0)
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
	else if (doubt != NULL)
		reading->problem = pstrdup(doubt);
	for (int at = 0; best == NULL && at < chart->n; at++)
	{
		if (allm_sequel_is_break(chart, at))
			parts++;
		else if (!allm_chart_explains(chart, at))
			reading->unknown = lappend(reading->unknown,
									   allm_lexicon_text(lexicon, at, 1));
	}
	if (parts > 0 && reading->unknown == NIL && reading->problem == NULL)
		reading->problem =
			pstrdup("It is not clear what the second part says of the first.");
	if (reading->problem == NULL && best != NULL)
	{
		reading->sql = best;
		reading->interpretation = words;
		reading->remark = allm_deleted_query(input, first);
	}
	return reading;
}

/* Does any name say how things belong together, where no constraint does? */
static bool
has_likely_keys(const AllmSnapshot *snapshot)
{
	ListCell   *cell;

	foreach(cell, snapshot->relations)
	{
		if (((AllmRelation *) lfirst(cell))->likely_keys != NIL)
			return true;
	}
	return false;
}

/* The reading as figures, by what they are broken down by. */
AllmReading *
allm_match_figures(const AllmReadInput *input)
{
	AllmReading *reading = palloc0(sizeof(AllmReading));
	AllmLexicon *lexicon = allm_search_take_apart(input, reading);
	AllmSearch	search = {.account = input->account,.input = input};
	AllmSearch	wider = {.likely = true,.input = input};

	if (lexicon == NULL)
		return reading;
	allm_search_ways(&search, lexicon, try_form);
	if (search.best == NULL && !search.too_many &&
		has_likely_keys(input->snapshot))
	{
		/* Nothing can be meant by what is declared. */
		allm_search_ways(&wider, lexicon, try_form);
		reading->guessed = wider.best_sql != NULL && wider.rival == NULL;
	}
	if (reading->guessed)
	{
		/* Once more, to be told of. */
		search = (AllmSearch)
		{
			.account = input->account,.input = input,.likely = true
		};
		allm_search_ways(&search, lexicon, try_form);
	}
	allm_search_finish(&search, reading);
	if (reading->sql != NULL)
		reading->remark = allm_deleted_plan(input, reading->plan);
	return reading;
}

/* AllmWayTaken: the form of it is weighed, if it has one. */
static void
try_form(AllmSearch *search, AllmItem **items, int nitems)
{
	AllmSketch *sketch = allm_sketch_make(items, nitems,
										  &search->form_problem);

	if (sketch != NULL)
		allm_search_weigh(search, sketch);
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
