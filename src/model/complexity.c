/*
 * complexity.c
 *		How hard a question is, and of which class: by rules, without a model.
 *
 * A trait is a row: what it is called, what each find of it adds, how many
 * count.  The words that show a trait are rows as well, and so are the classes.
 * The numbers order questions by the work that their queries are; they were
 * chosen so that a figure, a breakdown and one join stay below 3, and that
 * only what nests queries or reasons about time gets over 7.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/text.h"
#include "model/complexity.h"

/* So many words are a sentence; more hold more than one thought. */
#define LONG_WORDS		25

/* What makes a question harder, or shows its class. */
typedef enum Trait
{
	TRAIT_LIST,
	TRAIT_AGGREGATE,
	TRAIT_GROUP,
	TRAIT_RANK,
	TRAIT_FILTER,
	TRAIT_PERIOD,
	TRAIT_TREND,
	TRAIT_TIME_LOGIC,
	TRAIT_COMPARE,
	TRAIT_NESTING,
	TRAIT_STATISTICS,
	TRAIT_STEPS,
	TRAIT_VAGUE,
	TRAIT_JOIN,
	TRAIT_UNLINKED,
	TRAIT_LONG
} Trait;

#define TRAITS	(TRAIT_LONG + 1)
#define SET(trait)	(1 << (trait))

typedef struct TraitRow
{
	const char *name;
	const char *text;
	float4		weight;			/* of each find */
	int			most;			/* finds that count */
} TraitRow;

/* By Trait. */
static const TraitRow traits[TRAITS] =
{
	[TRAIT_LIST] = {"list", "asks for rows", 0, 1},
	[TRAIT_AGGREGATE] = {"aggregation", "asks for figures", 0.5, 3},
	[TRAIT_GROUP] = {"breakdown", "breaks figures down", 0.5, 3},
	[TRAIT_RANK] = {"ranking", "ranks", 0.5, 2},
	[TRAIT_FILTER] = {"filters", "sets conditions", 0.5, 4},
	[TRAIT_PERIOD] = {"period", "names times", 0.5, 2},
	[TRAIT_TREND] = {"trend", "goes along time", 0.5, 1},
	[TRAIT_TIME_LOGIC] = {"time logic", "reasons about time", 2, 2},
	[TRAIT_COMPARE] = {"comparison", "compares figures", 1.5, 2},
	[TRAIT_NESTING] = {"nesting", "needs a query inside a query", 2, 2},
	[TRAIT_STATISTICS] = {"statistics", "needs more than a sum", 1.5, 2},
	[TRAIT_STEPS] = {"steps", "has several steps", 1.5, 2},
	[TRAIT_VAGUE] = {"vague words", "leaves open what is meant", 1, 2},
	[TRAIT_JOIN] = {"joins", "connects tables", 1, 4},
	[TRAIT_UNLINKED] = {"unknown words", "names no table or column that the role can read", 1, 1},
	[TRAIT_LONG] = {"length", "is longer than a sentence", 1, 1},
};

typedef struct TraitPhrase
{
	const char *text;			/* words with one blank between them */
	Trait		trait;
} TraitPhrase;

/* In the order of Trait, then by text; a phrase may show several traits. */
static const TraitPhrase phrases[] =
{
	{"display", TRAIT_LIST}, {"find", TRAIT_LIST}, {"get", TRAIT_LIST},
	{"give", TRAIT_LIST}, {"list", TRAIT_LIST}, {"names", TRAIT_LIST},
	{"show", TRAIT_LIST}, {"what are", TRAIT_LIST}, {"which", TRAIT_LIST},
	{"who", TRAIT_LIST},

	{"average", TRAIT_AGGREGATE}, {"avg", TRAIT_AGGREGATE},
	{"count", TRAIT_AGGREGATE}, {"how many", TRAIT_AGGREGATE},
	{"how much", TRAIT_AGGREGATE}, {"max", TRAIT_AGGREGATE},
	{"maximum", TRAIT_AGGREGATE}, {"mean", TRAIT_AGGREGATE},
	{"min", TRAIT_AGGREGATE}, {"minimum", TRAIT_AGGREGATE},
	{"number of", TRAIT_AGGREGATE}, {"overall", TRAIT_AGGREGATE},
	{"sum", TRAIT_AGGREGATE}, {"total", TRAIT_AGGREGATE},

	{"across", TRAIT_GROUP}, {"by", TRAIT_GROUP}, {"each", TRAIT_GROUP},
	{"every", TRAIT_GROUP}, {"per", TRAIT_GROUP},

	{"biggest", TRAIT_RANK}, {"bottom", TRAIT_RANK},
	{"fewest", TRAIT_RANK}, {"highest", TRAIT_RANK},
	{"largest", TRAIT_RANK}, {"least", TRAIT_RANK}, {"lowest", TRAIT_RANK},
	{"most", TRAIT_RANK}, {"rank", TRAIT_RANK}, {"ranked", TRAIT_RANK},
	{"ranking", TRAIT_RANK}, {"smallest", TRAIT_RANK}, {"top", TRAIT_RANK},

	{"above", TRAIT_FILTER}, {"at least", TRAIT_FILTER},
	{"at most", TRAIT_FILTER}, {"below", TRAIT_FILTER},
	{"between", TRAIT_FILTER}, {"contain", TRAIT_FILTER},
	{"containing", TRAIT_FILTER}, {"equal to", TRAIT_FILTER},
	{"exactly", TRAIT_FILTER}, {"except", TRAIT_FILTER},
	{"excluding", TRAIT_FILTER}, {"fewer than", TRAIT_FILTER},
	{"greater than", TRAIT_FILTER}, {"less than", TRAIT_FILTER},
	{"more than", TRAIT_FILTER}, {"not", TRAIT_FILTER},
	{"only", TRAIT_FILTER}, {"over", TRAIT_FILTER}, {"under", TRAIT_FILTER},
	{"where", TRAIT_FILTER}, {"whose", TRAIT_FILTER},
	{"with", TRAIT_FILTER},

	{"day", TRAIT_PERIOD}, {"days", TRAIT_PERIOD}, {"last", TRAIT_PERIOD},
	{"month", TRAIT_PERIOD}, {"months", TRAIT_PERIOD},
	{"quarter", TRAIT_PERIOD}, {"quarters", TRAIT_PERIOD},
	{"since", TRAIT_PERIOD}, {"today", TRAIT_PERIOD},
	{"week", TRAIT_PERIOD}, {"weeks", TRAIT_PERIOD},
	{"year", TRAIT_PERIOD}, {"years", TRAIT_PERIOD},
	{"yesterday", TRAIT_PERIOD},

	{"annually", TRAIT_TREND}, {"by day", TRAIT_TREND},
	{"by month", TRAIT_TREND}, {"by quarter", TRAIT_TREND},
	{"by week", TRAIT_TREND}, {"by year", TRAIT_TREND},
	{"daily", TRAIT_TREND}, {"each month", TRAIT_TREND},
	{"each year", TRAIT_TREND}, {"every month", TRAIT_TREND},
	{"every year", TRAIT_TREND}, {"monthly", TRAIT_TREND},
	{"over time", TRAIT_TREND}, {"per day", TRAIT_TREND},
	{"per month", TRAIT_TREND}, {"per quarter", TRAIT_TREND},
	{"per week", TRAIT_TREND}, {"per year", TRAIT_TREND},
	{"quarterly", TRAIT_TREND}, {"trend", TRAIT_TREND},
	{"trends", TRAIT_TREND}, {"weekly", TRAIT_TREND},
	{"yearly", TRAIT_TREND},

	{"consecutive", TRAIT_TIME_LOGIC}, {"cumulative", TRAIT_TIME_LOGIC},
	{"days between", TRAIT_TIME_LOGIC}, {"decline", TRAIT_TIME_LOGIC},
	{"declined", TRAIT_TIME_LOGIC}, {"grew", TRAIT_TIME_LOGIC},
	{"growth", TRAIT_TIME_LOGIC}, {"increase", TRAIT_TIME_LOGIC},
	{"increased", TRAIT_TIME_LOGIC}, {"month over month", TRAIT_TIME_LOGIC},
	{"month to date", TRAIT_TIME_LOGIC},
	{"moving average", TRAIT_TIME_LOGIC}, {"mtd", TRAIT_TIME_LOGIC},
	{"previous", TRAIT_TIME_LOGIC}, {"prior", TRAIT_TIME_LOGIC},
	{"quarter over quarter", TRAIT_TIME_LOGIC},
	{"rolling", TRAIT_TIME_LOGIC}, {"running total", TRAIT_TIME_LOGIC},
	{"same period", TRAIT_TIME_LOGIC}, {"time between", TRAIT_TIME_LOGIC},
	{"trailing", TRAIT_TIME_LOGIC}, {"week over week", TRAIT_TIME_LOGIC},
	{"year over year", TRAIT_TIME_LOGIC},
	{"year to date", TRAIT_TIME_LOGIC}, {"yoy", TRAIT_TIME_LOGIC},
	{"ytd", TRAIT_TIME_LOGIC},

	{"against", TRAIT_COMPARE}, {"compare", TRAIT_COMPARE},
	{"compared", TRAIT_COMPARE}, {"comparison", TRAIT_COMPARE},
	{"difference", TRAIT_COMPARE}, {"relative to", TRAIT_COMPARE},
	{"than last", TRAIT_COMPARE}, {"than the previous", TRAIT_COMPARE},
	{"versus", TRAIT_COMPARE}, {"vs", TRAIT_COMPARE},

	{"above average", TRAIT_NESTING}, {"above the average", TRAIT_NESTING},
	{"among", TRAIT_NESTING}, {"below average", TRAIT_NESTING},
	{"below the average", TRAIT_NESTING}, {"both", TRAIT_NESTING},
	{"but not", TRAIT_NESTING}, {"except", TRAIT_NESTING},
	{"first time", TRAIT_NESTING}, {"in a row", TRAIT_NESTING},
	{"most recent", TRAIT_NESTING}, {"neither", TRAIT_NESTING},
	{"never", TRAIT_NESTING}, {"of those", TRAIT_NESTING},
	{"percent of", TRAIT_NESTING}, {"percentage of", TRAIT_NESTING},
	{"proportion of", TRAIT_NESTING}, {"ratio of", TRAIT_NESTING},
	{"second highest", TRAIT_NESTING}, {"second largest", TRAIT_NESTING},
	{"share of", TRAIT_NESTING}, {"than average", TRAIT_NESTING},
	{"than the average", TRAIT_NESTING}, {"without", TRAIT_NESTING},

	{"churn", TRAIT_STATISTICS}, {"cohort", TRAIT_STATISTICS},
	{"cohorts", TRAIT_STATISTICS}, {"conversion", TRAIT_STATISTICS},
	{"correlate", TRAIT_STATISTICS}, {"correlation", TRAIT_STATISTICS},
	{"deviation", TRAIT_STATISTICS}, {"distribution", TRAIT_STATISTICS},
	{"forecast", TRAIT_STATISTICS}, {"funnel", TRAIT_STATISTICS},
	{"median", TRAIT_STATISTICS}, {"outliers", TRAIT_STATISTICS},
	{"percentile", TRAIT_STATISTICS}, {"predict", TRAIT_STATISTICS},
	{"quartile", TRAIT_STATISTICS}, {"retention", TRAIT_STATISTICS},
	{"variance", TRAIT_STATISTICS},

	{"after that", TRAIT_STEPS}, {"based on that", TRAIT_STEPS},
	{"followed by", TRAIT_STEPS}, {"for each of them", TRAIT_STEPS},
	{"for those", TRAIT_STEPS}, {"then", TRAIT_STEPS},

	{"bad", TRAIT_VAGUE}, {"best", TRAIT_VAGUE}, {"better", TRAIT_VAGUE},
	{"big", TRAIT_VAGUE}, {"data", TRAIT_VAGUE}, {"doing", TRAIT_VAGUE},
	{"good", TRAIT_VAGUE}, {"healthy", TRAIT_VAGUE},
	{"important", TRAIT_VAGUE}, {"insights", TRAIT_VAGUE},
	{"interesting", TRAIT_VAGUE}, {"key", TRAIT_VAGUE},
	{"overview", TRAIT_VAGUE}, {"performance", TRAIT_VAGUE},
	{"performing", TRAIT_VAGUE}, {"popular", TRAIT_VAGUE},
	{"recent", TRAIT_VAGUE}, {"recently", TRAIT_VAGUE},
	{"should", TRAIT_VAGUE}, {"significant", TRAIT_VAGUE},
	{"typical", TRAIT_VAGUE}, {"why", TRAIT_VAGUE}, {"worse", TRAIT_VAGUE},
	{"worst", TRAIT_VAGUE},
};

/* The classes, the first that applies: one of "any", none of "none". */
typedef struct ClassRow
{
	const char *name;
	int			any;			/* 0: always */
	int			none;
	const char *reason;
} ClassRow;

static const ClassRow classes[] =
{
	{
		"ambiguous", SET(TRAIT_UNLINKED), 0,
		"it names no table or column that the role can read"
	},
	{
		"ambiguous", SET(TRAIT_VAGUE), SET(TRAIT_AGGREGATE) | SET(TRAIT_GROUP),
		"a word leaves open what is meant, and no figure is named"
	},
	{"multi_step", SET(TRAIT_STEPS), 0, "it has several steps"},
	{"comparison", SET(TRAIT_COMPARE), 0, "it compares figures"},
	{
		"trend", SET(TRAIT_TREND) | SET(TRAIT_TIME_LOGIC), 0,
		"it goes along time"
	},
	{"ranking", SET(TRAIT_RANK), 0, "it ranks"},
	{"breakdown", SET(TRAIT_GROUP), 0, "it breaks figures down"},
	{"metric", SET(TRAIT_AGGREGATE), 0, "it asks for a figure"},
	{"list", SET(TRAIT_LIST), 0, "it asks for rows"},
	{"other", 0, 0, "no rule applies"},
};

/* What was found of each trait. */
typedef struct Finds
{
	int			count[TRAITS];
	StringInfoData words[TRAITS];
} Finds;

static void find_phrases(Finds *finds, const List *words);
static void find_shape(Finds *finds, const List *words);
static void find_touch(Finds *finds, const AllmTouch *touch);
static void note_find(Finds *finds, Trait trait, const char *word);
static int	count_phrase(const char *text, const char *phrase);
static void find_class(AllmComplexity *complexity, const Finds *finds);

/*
 * The score of a question of these words that touches such a part of the schema, with its
 * reasons, in the current memory context.
 */
AllmComplexity *
allm_complexity_estimate(const List *words, const AllmTouch *touch)
{
	AllmComplexity *complexity = palloc0(sizeof(AllmComplexity));
	Finds		finds = {0};

	find_phrases(&finds, words);
	find_shape(&finds, words);
	find_touch(&finds, touch);
	for (int i = 0; i < TRAITS; i++)
	{
		const TraitRow *row = &traits[i];
		AllmComplexityReason *reason;

		if (finds.count[i] == 0 || row->weight == 0)
			continue;
		reason = palloc0(sizeof(AllmComplexityReason));
		reason->name = row->name;
		reason->text = row->text;
		reason->count = Min(finds.count[i], row->most);
		reason->adds = row->weight * reason->count;
		reason->found = finds.words[i].len > 0 ? finds.words[i].data : NULL;
		complexity->reasons = lappend(complexity->reasons, reason);
		complexity->score += reason->adds;
	}
	complexity->score = Min(complexity->score, ALLM_MAX_COMPLEXITY);
	find_class(complexity, &finds);
	return complexity;
}

/* Looks for the phrases of the table, as whole words. */
static void
find_phrases(Finds *finds, const List *words)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, words)
	{
		const AllmWord *word = lfirst(cell);

		/* What is quoted is a value, whatever it says. */
		appendStringInfo(&text, " %s",
						 word->kind == ALLM_WORD_QUOTED ? "\"" : word->text);
	}
	appendStringInfoChar(&text, ' ');
	for (int i = 0; i < lengthof(phrases); i++)
	{
		int			count = count_phrase(text.data, phrases[i].text);

		for (int n = 0; n < count; n++)
			note_find(finds, phrases[i].trait, n == 0 ? phrases[i].text : NULL);
	}
}

/* How often a phrase stands in a text, with a blank on both sides. */
static int
count_phrase(const char *text, const char *phrase)
{
	int			len = strlen(phrase);
	int			count = 0;

	for (const char *at = strstr(text, phrase); at != NULL;
		 at = strstr(at + len, phrase))
		count += (at[-1] == ' ' && at[len] == ' ') ? 1 : 0;
	return count;
}

/* What the kinds of words show: quoted values, years, sentences, length. */
static void
find_shape(Finds *finds, const List *words)
{
	int			n = 0;
	ListCell   *cell;

	foreach(cell, words)
	{
		const AllmWord *word = lfirst(cell);

		if (word->kind == ALLM_WORD_QUOTED)
			note_find(finds, TRAIT_FILTER, word->raw);
		else if (word->kind == ALLM_WORD_NUMBER && strlen(word->text) == 4 &&
				 (strncmp(word->text, "19", 2) == 0 ||
				  strncmp(word->text, "20", 2) == 0))
			note_find(finds, TRAIT_PERIOD, word->text);
		else if (word->kind == ALLM_WORD_PUNCTUATION &&
				 strchr(".?;", word->text[0]) != NULL &&
				 lnext(words, cell) != NULL)
			note_find(finds, TRAIT_STEPS, word->text);
		if (word->kind != ALLM_WORD_PUNCTUATION)
			n++;
	}
	if (n > LONG_WORDS)
		note_find(finds, TRAIT_LONG, NULL);
}

/* What the question touches of the schema. */
static void
find_touch(Finds *finds, const AllmTouch *touch)
{
	ListCell   *cell;

	if (touch->relations == NIL)
		note_find(finds, TRAIT_UNLINKED, NULL);
	if (touch->joins == 0)
		return;
	foreach(cell, touch->relations)
		note_find(finds, TRAIT_JOIN, ((AllmRelation *) lfirst(cell))->name);
	finds->count[TRAIT_JOIN] = touch->joins;
}

/* Counts a find, and keeps the word that shows it, if any. */
static void
note_find(Finds *finds, Trait trait, const char *word)
{
	StringInfo	words = &finds->words[trait];

	finds->count[trait]++;
	if (word == NULL)
		return;
	if (words->data == NULL)
		initStringInfo(words);
	appendStringInfo(words, "%s%s", words->len > 0 ? ", " : "", word);
}

/* The class of a question with these traits. */
static void
find_class(AllmComplexity *complexity, const Finds *finds)
{
	int			found = 0;
	const ClassRow *row = classes;

	for (int i = 0; i < TRAITS; i++)
		found |= finds->count[i] > 0 ? SET(i) : 0;
	/* The last row always applies. */
	while (row->any != 0 &&
		   ((row->any & found) == 0 || (row->none & found) != 0))
		row++;
	complexity->question_class = row->name;
	complexity->class_reason = row->reason;
}
