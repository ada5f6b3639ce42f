/*
 * sketch.c
 *		The form of a question, before its names are settled.
 *
 * The items of one way to take the question apart are read from left to right.
 * Each must find its place in the form: an item that does not ends the
 * attempt.  Nothing is skipped but the words that mean nothing.
 */
#include "postgres.h"

#include "semantic/sketch.h"

/* More is not a ranking that anybody reads. */
#define MAX_LIMIT	1000

/* What a name, a value and a keyword add to the cost of a form. */
#define COST_NAME		10
#define COST_KEYWORD	3

/* The reading in progress. */
typedef struct Parser
{
	AllmItem  **items;			/* without the free ones */
	int			count;
	int			at;
	AllmSketch *sketch;
	AllmItem   *last;			/* the name or value read last */
	AllmItem   *last_head;		/* the head read last */
	int			place;			/* role of the word just before, or -1 */
	bool		joined;			/* "and" stands just before */
	int			number;			/* "the 3 products with ...", 0: none */
	char	   *problem;
} Parser;

typedef bool (*Reader) (Parser *parser);

static int	compute_cost(AllmItem **items, int count);
static bool read_item(Parser *parser);
static bool read_phrase(Parser *parser);
static bool read_number(Parser *parser);
static bool read_time(Parser *parser);
static bool read_name(Parser *parser);
static bool read_value(Parser *parser);
static bool skip_item(Parser *parser);
static bool read_distinct(Parser *parser);
static bool read_targets(Parser *parser);
static bool read_breakdown(Parser *parser);
static bool read_each_grain(Parser *parser);
static bool read_top(Parser *parser);
static bool read_leading_compare(Parser *parser);
static bool read_with(Parser *parser);
static bool read_place(Parser *parser);
static bool read_of(Parser *parser);
static bool read_and(Parser *parser);

/* What is done with each kind of item. */
static const Reader item_readers[] = {
	[ALLM_ITEM_PHRASE] = read_phrase,
	[ALLM_ITEM_NUMBER] = read_number,
	[ALLM_ITEM_TIME] = read_time,
	[ALLM_ITEM_NAME] = read_name,
	[ALLM_ITEM_VALUE] = read_value,
};

/* What is done with each role of a phrase; NULL ends the attempt. */
static const Reader phrase_readers[] = {
	[ALLM_ROLE_FREE] = skip_item,
	[ALLM_ROLE_LIST] = skip_item,
	[ALLM_ROLE_COUNT] = read_targets,
	[ALLM_ROLE_DISTINCT] = read_distinct,
	[ALLM_ROLE_AGGREGATE] = read_targets,
	[ALLM_ROLE_SUPERLATIVE] = read_targets,
	[ALLM_ROLE_BY] = read_breakdown,
	[ALLM_ROLE_GRAIN] = NULL,
	[ALLM_ROLE_EACH_GRAIN] = read_each_grain,
	[ALLM_ROLE_TOP] = read_top,
	[ALLM_ROLE_COMPARE] = read_leading_compare,
	[ALLM_ROLE_WITH] = read_with,
	[ALLM_ROLE_PLACE] = read_place,
	[ALLM_ROLE_OF] = read_of,
	[ALLM_ROLE_AND] = read_and,
};

/*
 * The form of a question, or NULL; then *problem may say why, in a sentence.
 */
AllmSketch *
allm_sketch_make(AllmItem **items, int count, char **problem)
{
	Parser		parser = {0};

	parser.sketch = palloc0(sizeof(AllmSketch));
	parser.sketch->cost = compute_cost(items, count);
	parser.items = palloc_array(AllmItem *, count + 1);
	parser.place = -1;
	for (int i = 0; i < count; i++)
	{
		if (items[i]->kind != ALLM_ITEM_PHRASE ||
			items[i]->phrase->role != ALLM_ROLE_FREE)
			parser.items[parser.count++] = items[i];
	}

	while (parser.at < parser.count)
	{
		if (!read_item(&parser))
		{
			if (parser.problem != NULL)
				*problem = parser.problem;
			return NULL;
		}
	}
	if (parser.number > 0 || parser.joined ||
		(parser.sketch->subject != NULL && parser.sketch->measure == NULL))
	{
		if (parser.sketch->subject != NULL)
			*problem = psprintf("It is not said by what \"%s\" should be ranked.",
								parser.sketch->subject->text);
		return NULL;
	}
	return parser.sketch;
}

/* Names cost most: a form that explains the words by fewer of them wins. */
static int
compute_cost(AllmItem **items, int count)
{
	int			cost = 0;

	for (int i = 0; i < count; i++)
	{
		if (items[i]->kind == ALLM_ITEM_NAME ||
			items[i]->kind == ALLM_ITEM_VALUE)
			cost += COST_NAME;
		else if (items[i]->kind == ALLM_ITEM_PHRASE &&
				 items[i]->phrase->role == ALLM_ROLE_GRAIN)
			cost += COST_NAME;
		else if (items[i]->kind == ALLM_ITEM_PHRASE &&
				 (items[i]->phrase->role == ALLM_ROLE_COUNT ||
				  items[i]->phrase->role == ALLM_ROLE_AGGREGATE ||
				  items[i]->phrase->role == ALLM_ROLE_SUPERLATIVE))
			cost += COST_KEYWORD;
	}
	return cost;
}

/* The item "ahead" places on, or NULL. */
static AllmItem *
peek_item(const Parser *parser, int ahead)
{
	int			at = parser->at + ahead;

	return at < parser->count ? parser->items[at] : NULL;
}

/* Is the item that far ahead of this kind? */
static bool
is_kind(const Parser *parser, int ahead, AllmItemKind kind)
{
	AllmItem   *item = peek_item(parser, ahead);

	return item != NULL && item->kind == kind;
}

/* Is the item that far ahead a phrase of this role? */
static bool
is_role(const Parser *parser, int ahead, AllmRole role)
{
	AllmItem   *item = peek_item(parser, ahead);

	return item != NULL && item->kind == ALLM_ITEM_PHRASE &&
		item->phrase->role == role;
}

/* Has the name a sense of that kind? */
static bool
has_sense(const AllmItem *name, AllmSenseKind kind)
{
	ListCell   *cell;

	foreach(cell, name->senses)
	{
		if (((AllmSense *) lfirst(cell))->kind == kind)
			return true;
	}
	return false;
}

/* Forgets the words that stood before what has been read now. */
static bool
finish_mention(Parser *parser, AllmItem *item)
{
	parser->last = item;
	parser->place = -1;
	parser->joined = false;
	return true;
}

/* Reads one item, and what belongs to it. */
static bool
read_item(Parser *parser)
{
	return item_readers[peek_item(parser, 0)->kind] (parser);
}

static bool
read_phrase(Parser *parser)
{
	Reader		reader = phrase_readers[peek_item(parser, 0)->phrase->role];

	return reader != NULL && reader(parser);
}

/* A word that asks, such as "list". */
static bool
skip_item(Parser *parser)
{
	parser->at++;
	return true;
}

/* "the 3 products with the highest price". */
static bool
read_number(Parser *parser)
{
	AllmItem   *item = peek_item(parser, 0);

	if (parser->number > 0 || !is_kind(parser, 1, ALLM_ITEM_NAME) ||
		strspn(item->text, "0123456789") != strlen(item->text))
		return false;
	parser->number = strlen(item->text) > 4 ? 0 : atoi(item->text);
	parser->at++;
	return parser->number > 0 && parser->number <= MAX_LIMIT;
}

/* One time for the whole question. */
static bool
read_time(Parser *parser)
{
	AllmItem   *item = peek_item(parser, 0);

	if (parser->sketch->has_period)
		return false;
	parser->sketch->has_period = true;
	parser->sketch->period = item->period;
	parser->sketch->period_item = item;
	parser->at++;
	parser->place = -1;
	parser->joined = false;
	return true;
}

/* Must be followed by what is to be listed. */
static bool
read_distinct(Parser *parser)
{
	parser->sketch->distinct = true;
	parser->at++;
	return is_kind(parser, 0, ALLM_ITEM_NAME);
}

/* "in" and its like must place something. */
static bool
read_place(Parser *parser)
{
	parser->place = ALLM_ROLE_PLACE;
	parser->at++;
	return is_kind(parser, 0, ALLM_ITEM_NAME) ||
		is_kind(parser, 0, ALLM_ITEM_VALUE) ||
		is_kind(parser, 0, ALLM_ITEM_TIME);
}

/* "of" belongs to a name before it. */
static bool
read_of(Parser *parser)
{
	parser->place = ALLM_ROLE_OF;
	parser->at++;
	return parser->last != NULL && (is_kind(parser, 0, ALLM_ITEM_NAME) ||
									is_kind(parser, 0, ALLM_ITEM_VALUE));
}

/* "and" must lead to something more; "or" only joins values. */
static bool
read_and(Parser *parser)
{
	AllmItem   *item = peek_item(parser, 0);

	if (item->phrase->argument != 0 || parser->joined)
		return false;
	parser->joined = true;
	parser->at++;
	return parser->at < parser->count;
}

/* "monthly revenue". */
static bool
read_each_grain(Parser *parser)
{
	AllmDimension *dimension = palloc0(sizeof(AllmDimension));

	dimension->grain = peek_item(parser, 0)->phrase->argument;
	parser->sketch->dimensions = lappend(parser->sketch->dimensions,
										 dimension);
	parser->at++;
	return true;
}

/* Values in a row, joined by "and" or "or", that belong to one column. */
static bool
read_values(Parser *parser, AllmItem *qualifier)
{
	AllmFilter *filter = palloc0(sizeof(AllmFilter));

	filter->qualifier = qualifier;
	filter->place = parser->place;
	filter->values = list_make1(peek_item(parser, 0));
	parser->last = peek_item(parser, 0);
	parser->at++;
	for (;;)
	{
		int			ahead = is_role(parser, 0, ALLM_ROLE_AND) ? 1 : 0;

		/* "Rome, and in Paris" */
		if (ahead > 0 && is_role(parser, 1, ALLM_ROLE_AND))
			ahead = 2;
		if (ahead == 0 || !is_kind(parser, ahead, ALLM_ITEM_VALUE))
			break;
		parser->at += ahead;
		parser->last = peek_item(parser, 0);
		filter->values = lappend(filter->values, parser->last);
		parser->at++;
	}
	parser->sketch->filters = lappend(parser->sketch->filters, filter);
	return finish_mention(parser, parser->last);
}

/* A value that stands alone; its column is found later. */
static bool
read_value(Parser *parser)
{
	return read_values(parser, NULL);
}

/* "over 100", "between 5 and 10" after or before a name. */
static bool
read_compare(Parser *parser, AllmComparison *comparison)
{
	comparison->compare = peek_item(parser, 0)->phrase->argument;
	parser->at++;
	if (!is_kind(parser, 0, ALLM_ITEM_NUMBER))
		return false;
	comparison->low = peek_item(parser, 0)->text;
	parser->at++;
	if (comparison->compare != ALLM_COMPARE_BETWEEN)
		return true;
	if (!is_role(parser, 0, ALLM_ROLE_AND) ||
		!is_kind(parser, 1, ALLM_ITEM_NUMBER))
		return false;
	comparison->high = peek_item(parser, 1)->text;
	parser->at += 2;
	return true;
}

/* "more than 100 units". */
static bool
read_leading_compare(Parser *parser)
{
	AllmComparison *comparison = palloc0(sizeof(AllmComparison));

	if (!read_compare(parser, comparison) ||
		!is_kind(parser, 0, ALLM_ITEM_NAME))
		return false;
	comparison->name = peek_item(parser, 0);
	parser->at++;
	parser->sketch->comparisons = lappend(parser->sketch->comparisons,
										  comparison);
	return finish_mention(parser, comparison->name);
}

/* "price over 10": the parser stands on the name. */
static bool
read_named_compare(Parser *parser)
{
	AllmComparison *comparison = palloc0(sizeof(AllmComparison));

	comparison->name = peek_item(parser, 0);
	parser->at++;
	if (!read_compare(parser, comparison))
		return false;
	parser->sketch->comparisons = lappend(parser->sketch->comparisons,
										  comparison);
	return finish_mention(parser, comparison->name);
}

/* "customer id 5": the parser stands on the name. */
static bool
read_named_number(Parser *parser)
{
	AllmComparison *comparison = palloc0(sizeof(AllmComparison));

	comparison->name = peek_item(parser, 0);
	comparison->compare = ALLM_COMPARE_EQ;
	comparison->low = peek_item(parser, 1)->text;
	parser->at += 2;
	parser->sketch->comparisons = lappend(parser->sketch->comparisons,
										  comparison);
	return finish_mention(parser, comparison->name);
}

/*
 * A name: with a comparison, a value or a time behind it, it says what that is
 * about; else it stands for itself.
 */
static bool
read_name(Parser *parser)
{
	AllmItem   *name = peek_item(parser, 0);
	AllmHead   *head;

	if (is_role(parser, 1, ALLM_ROLE_COMPARE))
		return read_named_compare(parser);
	if (is_kind(parser, 1, ALLM_ITEM_VALUE))
	{
		parser->at++;
		return read_values(parser, name);
	}
	if (is_kind(parser, 1, ALLM_ITEM_NUMBER) &&
		has_sense(name, ALLM_SENSE_COLUMN))
		return read_named_number(parser);
	if (is_kind(parser, 1, ALLM_ITEM_TIME) &&
		has_sense(name, ALLM_SENSE_DATE) &&
		!has_sense(name, ALLM_SENSE_RELATION))
	{
		parser->sketch->period_name = name;
		parser->at++;
		return read_time(parser);
	}

	head = palloc0(sizeof(AllmHead));
	head->name = name;
	head->before = parser->last;
	head->place = parser->place;
	head->joined = parser->joined;
	parser->sketch->heads = lappend(parser->sketch->heads, head);
	parser->last_head = name;
	parser->at++;
	return finish_mention(parser, name);
}

/* The functions before a name: "average and maximum", "number of". */
static List *
read_functions(Parser *parser)
{
	List	   *targets = NIL;

	for (;;)
	{
		AllmTarget *target;
		AllmItem   *item = peek_item(parser, 0);

		if (is_role(parser, 0, ALLM_ROLE_AND) && targets != NIL &&
			(is_role(parser, 1, ALLM_ROLE_AGGREGATE) ||
			 is_role(parser, 1, ALLM_ROLE_SUPERLATIVE) ||
			 is_role(parser, 1, ALLM_ROLE_AND)))
		{
			parser->at++;
			continue;
		}
		if (!is_role(parser, 0, ALLM_ROLE_AGGREGATE) &&
			!is_role(parser, 0, ALLM_ROLE_SUPERLATIVE))
			break;
		target = palloc0(sizeof(AllmTarget));
		target->function = item->phrase->argument & ~ALLM_MOST_OF;
		target->superlative = item->phrase->role == ALLM_ROLE_SUPERLATIVE;
		targets = lappend(targets, target);
		parser->at++;
	}
	if (targets != NIL && is_role(parser, 0, ALLM_ROLE_OF))
		parser->at++;
	return targets;
}

/* "number of", "number of different": one target without its name. */
static List *
read_count(Parser *parser)
{
	AllmTarget *target = palloc0(sizeof(AllmTarget));

	target->function = ALLM_FUNCTION_COUNT;
	parser->at++;
	if (is_role(parser, 0, ALLM_ROLE_DISTINCT))
	{
		target->distinct = true;
		parser->at++;
	}
	return list_make1(target);
}

/* Figures: functions, values that narrow them down, and the name. */
static bool
read_targets(Parser *parser)
{
	List	   *targets = is_role(parser, 0, ALLM_ROLE_COUNT) ?
	read_count(parser) : read_functions(parser);
	ListCell   *cell;

	while (is_kind(parser, 0, ALLM_ITEM_VALUE))
		read_values(parser, NULL);
	if (targets == NIL || !is_kind(parser, 0, ALLM_ITEM_NAME))
		return false;
	foreach(cell, targets)
	{
		AllmTarget *target = lfirst(cell);

		target->name = peek_item(parser, 0);
		parser->sketch->targets = lappend(parser->sketch->targets, target);
	}
	finish_mention(parser, peek_item(parser, 0));
	parser->at++;

	/* "how many customers with ..." may be ranked or compared no further */
	return !is_kind(parser, 0, ALLM_ITEM_NUMBER);
}

/* What a ranking goes by: "revenue", "total revenue", "number of sales". */
static bool
read_measure(Parser *parser)
{
	List	   *targets;

	if (parser->sketch->measure != NULL || parser->sketch->targets != NIL)
		return false;
	if (is_role(parser, 0, ALLM_ROLE_COUNT))
		targets = read_count(parser);
	else
		targets = read_functions(parser);
	if (targets == NIL)
		targets = list_make1(palloc0(sizeof(AllmTarget)));
	if (list_length(targets) != 1 || !is_kind(parser, 0, ALLM_ITEM_NAME))
		return false;
	parser->sketch->measure = linitial(targets);
	parser->sketch->measure->name = peek_item(parser, 0);
	parser->at++;
	return finish_mention(parser, parser->sketch->measure->name);
}

/* One dimension: a unit of time, or a name and whose it is. */
static bool
read_dimension(Parser *parser)
{
	AllmDimension *dimension;
	AllmItem   *item = peek_item(parser, 0);

	if (is_role(parser, 0, ALLM_ROLE_GRAIN))
	{
		parser->place = -1;
		parser->joined = false;
		return read_each_grain(parser);
	}
	if (!is_kind(parser, 0, ALLM_ITEM_NAME))
		return false;
	dimension = palloc0(sizeof(AllmDimension));
	dimension->name = item;
	parser->at++;
	if (is_role(parser, 0, ALLM_ROLE_OF) &&
		is_kind(parser, 1, ALLM_ITEM_NAME) &&
		has_sense(peek_item(parser, 1), ALLM_SENSE_RELATION))
	{
		dimension->qualifier = peek_item(parser, 1);
		parser->at += 2;
	}
	parser->sketch->dimensions = lappend(parser->sketch->dimensions,
										 dimension);
	return finish_mention(parser, item);
}

/* "by region and month"; in a ranking, "by revenue"; "by" somebody. */
static bool
read_breakdown(Parser *parser)
{
	AllmBy		by = peek_item(parser, 0)->phrase->argument;

	if (by == ALLM_BY_PER)
		parser->sketch->per = true;
	parser->at++;
	if (by == ALLM_BY_PLAIN && is_kind(parser, 0, ALLM_ITEM_VALUE))
		return read_values(parser, NULL);
	if (by == ALLM_BY_PLAIN && is_kind(parser, 0, ALLM_ITEM_NAME) &&
		is_kind(parser, 1, ALLM_ITEM_VALUE))
		return read_name(parser);
	if (parser->sketch->subject != NULL)
		return read_measure(parser);
	for (;;)
	{
		int			ahead = 0;

		if (!read_dimension(parser))
			return false;
		while (is_role(parser, ahead, ALLM_ROLE_AND) ||
			   (ahead > 0 && is_role(parser, ahead, ALLM_ROLE_BY)))
			ahead++;
		if (ahead == 0 || (!is_kind(parser, ahead, ALLM_ITEM_NAME) &&
						   !is_role(parser, ahead, ALLM_ROLE_GRAIN)))
			return true;
		/* "and" before a name with a comparison or a value goes elsewhere. */
		if (is_role(parser, ahead + 1, ALLM_ROLE_COMPARE) ||
			is_kind(parser, ahead + 1, ALLM_ITEM_VALUE))
			return true;
		parser->at += ahead;
	}
}

/* "top 3 products", "bottom five regions". */
static bool
read_top(Parser *parser)
{
	AllmItem   *top = peek_item(parser, 0);
	AllmItem   *number = peek_item(parser, 1);

	if (parser->sketch->subject != NULL || parser->number > 0)
		return false;
	if (number == NULL || number->kind != ALLM_ITEM_NUMBER ||
		strspn(number->text, "0123456789") != strlen(number->text) ||
		strlen(number->text) > 4)
	{
		parser->problem = psprintf("It is not said how many \"%s\" should give.",
								   top->text);
		return false;
	}
	parser->at += 2;
	while (is_kind(parser, 0, ALLM_ITEM_VALUE))
		read_values(parser, NULL);
	if (!is_kind(parser, 0, ALLM_ITEM_NAME))
		return false;
	parser->sketch->subject = peek_item(parser, 0);
	parser->sketch->descending = top->phrase->argument != 0;
	parser->sketch->limit = atoi(number->text);
	parser->at++;
	finish_mention(parser, parser->sketch->subject);
	return parser->sketch->limit > 0 && parser->sketch->limit <= MAX_LIMIT;
}

/*
 * "products with the highest price": the name before becomes what is ranked.
 * Otherwise "with" must have a name, a value or a comparison behind it, but
 * for "how many customers do we have".
 */
static bool
read_with(Parser *parser)
{
	AllmSketch *sketch = parser->sketch;
	AllmItem   *superlative = peek_item(parser, 1);
	const char *text = peek_item(parser, 0)->text;

	parser->at++;
	parser->place = ALLM_ROLE_WITH;
	if (superlative == NULL)
		return pg_strncasecmp(text, "ha", 2) == 0 && sketch->targets != NIL;
	if (!is_role(parser, 0, ALLM_ROLE_SUPERLATIVE))
		return is_kind(parser, 0, ALLM_ITEM_NAME) ||
			is_kind(parser, 0, ALLM_ITEM_VALUE) ||
			is_role(parser, 0, ALLM_ROLE_COMPARE);

	if (parser->last_head == NULL || parser->last != parser->last_head ||
		sketch->subject != NULL || sketch->targets != NIL)
		return false;
	sketch->subject = parser->last_head;
	sketch->heads = list_delete_last(sketch->heads);
	sketch->descending =
		(superlative->phrase->argument & ~ALLM_MOST_OF) == ALLM_FUNCTION_MAX;
	sketch->limit = parser->number > 0 ? parser->number : 1;
	parser->number = 0;
	parser->at++;
	if (!read_measure(parser))
		return false;

	sketch->superlative = true;

	/* "most sales" counts them, "highest sales" does not. */
	sketch->measure->superlative =
		(superlative->phrase->argument & ALLM_MOST_OF) != 0;
	return true;
}
