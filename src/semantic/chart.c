/*
 * chart.c
 *		Pieces of a question and where they stand.
 *
 * Every stretch of tokens is looked at once for each category, and what was
 * found is kept: the work grows with the length of the question, not with the
 * number of ways to read it.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "semantic/chart.h"
#include "semantic/names.h"

/*
 * More ways to read one stretch than this are no language but a list; the
 * question is refused, since the right way may be among those left out.
 */
#define MAX_PIECES	60
#define MAX_ALL		5000

/* Ways to put the parts of one piece together; a person means one of few. */
#define MAX_WAYS		200

static void find_marks(AllmChart *chart);

/* An empty chart over the tokens of a lexicon. */
AllmChart *
allm_chart_make(AllmLexicon *lexicon, const AllmReadInput *input)
{
	AllmChart  *chart = palloc0(sizeof(AllmChart));

	chart->lexicon = lexicon;
	chart->input = input;
	chart->none.done = true;
	chart->n = lexicon->ntokens;
	while (chart->n > 0 &&
		   strlen(lexicon->tokens[chart->n - 1].text) == 1 &&
		   strchr(".?!;:", lexicon->tokens[chart->n - 1].text[0]) != NULL &&
		   lexicon->tokens[chart->n - 1].kind == ALLM_WORD_PUNCTUATION)
		chart->n--;
	for (int i = 0; i < ALLM_CATEGORIES; i++)
		chart->cells[i] = palloc0_array(AllmCell,
										(chart->n + 1) * (chart->n + 1));
	find_marks(chart);
	return chart;
}

/*
 * Does a word that may be said of all things tell some of them apart here?
 * "Available courses" are the courses, unless something in the schema says
 * which of them are to be had.
 */
static bool
tells_apart(const AllmChart *chart, const char *word)
{
	static const char *const names[] = {
		"active", "availability", "available", "discontinued", "inventory",
		"retired", "status", "stock", "withdrawn"
	};
	List	   *stems = NIL;

	if (strcmp(word, "available") != 0)
		return false;
	for (int i = 0; i < lengthof(names); i++)
		stems = lappend(stems, allm_words_stem(names[i]));
	return allm_names_find(chart->lexicon->snapshot, stems) != NIL;
}

/* Looks every stretch of few tokens up in the table of marks. */
static void
find_marks(AllmChart *chart)
{
	const AllmToken *tokens = chart->lexicon->tokens;

	for (int at = 0; at < chart->n; at++)
	{
		StringInfoData text;

		initStringInfo(&text);
		for (int length = 1; length <= ALLM_MAX_MARK &&
			 at + length <= chart->n; length++)
		{
			const AllmToken *token = &tokens[at + length - 1];
			ListCell   *cell;

			if (token->kind == ALLM_WORD_QUOTED ||
				tells_apart(chart, token->text))
				break;
			if (length > 1)
				appendStringInfoChar(&text, ' ');
			appendStringInfoString(&text, token->text);
			foreach(cell, allm_vocabulary_marks(text.data))
			{
				const AllmMarkRow *row = lfirst(cell);
				AllmMarkAt *mark = palloc(sizeof(AllmMarkAt));

				mark->mark = row->mark;
				mark->argument = row->argument;
				mark->length = length;
				chart->marks[at] = lappend(chart->marks[at], mark);
			}
		}
	}
}

/* The length of the longest such mark that begins here, or 0. */
int
allm_chart_mark(const AllmChart *chart, int at, AllmMark mark, int *argument)
{
	int			length = 0;
	ListCell   *cell;

	if (at >= chart->n)
		return 0;
	foreach(cell, chart->marks[at])
	{
		AllmMarkAt *row = lfirst(cell);

		if (row->mark != mark || row->length <= length)
			continue;
		length = row->length;
		if (argument != NULL)
			*argument = row->argument;
	}
	return length;
}

/* Is the whole stretch such a mark? */
bool
allm_chart_is(const AllmChart *chart, int from, int to, AllmMark mark,
			  int *argument)
{
	ListCell   *cell;

	if (from >= to || from >= chart->n)
		return false;
	foreach(cell, chart->marks[from])
	{
		AllmMarkAt *row = lfirst(cell);

		if (row->mark != mark || row->length != to - from)
			continue;
		if (argument != NULL)
			*argument = row->argument;
		return true;
	}
	return false;
}

/* The item of that kind over the whole stretch, or NULL. */
AllmItem *
allm_chart_item(const AllmChart *chart, int from, int to, AllmItemKind kind)
{
	ListCell   *cell;

	if (from >= to || from >= chart->n)
		return NULL;
	foreach(cell, chart->lexicon->items[from])
	{
		AllmItem   *item = lfirst(cell);

		if (item->kind == kind && item->length == to - from)
			return item;
	}
	return NULL;
}

/* The cell of a stretch. */
AllmCell *
allm_chart_cell(AllmChart *chart, AllmCategory category, int from, int to)
{
	CHECK_FOR_INTERRUPTS();

	/* The question is refused: there is nothing more to find. */
	if (chart->too_many)
		return &chart->none;
	return &chart->cells[category][from * (chart->n + 1) + to];
}

/* Adds a piece. */
void
allm_chart_add(AllmChart *chart, AllmCell *cell, void *piece)
{
	if (list_length(cell->pieces) >= MAX_PIECES ||
		chart->npieces++ >= MAX_ALL)
		chart->too_many = true;
	else
		cell->pieces = lappend(cell->pieces, piece);
}

/*
 * May so many ways to put the parts of one piece together be looked at?  If
 * not, the question is refused: each part more would multiply them.
 */
bool
allm_chart_may_hold(AllmChart *chart, const List *ways)
{
	CHECK_FOR_INTERRUPTS();
	if (list_length(ways) > MAX_WAYS)
		chart->too_many = true;
	return !chart->too_many;
}

/* A token's text, "" behind the last one. */
char *
allm_chart_text(const AllmChart *chart, int at)
{
	return at >= 0 && at < chart->n ? chart->lexicon->tokens[at].text : "";
}

/* Is the token a form of an adjective, alone or behind "most"? */
static bool
is_adjective(const AllmChart *chart, int at)
{
	char	   *alone = allm_chart_text(chart, at);
	char	   *pair = psprintf("%s %s", allm_chart_text(chart, at - 1), alone);

	for (int degree = ALLM_DEGREE_PLAIN; degree <= ALLM_DEGREE_MOST; degree++)
	{
		for (int dates = 0; dates < 2; dates++)
		{
			if (allm_vocabulary_adjective(alone, degree, dates) != NULL ||
				allm_vocabulary_adjective(pair, degree, dates) != NULL)
				return true;
		}
	}
	return false;
}

/* Is there anything that this token may be? */
bool
allm_chart_explains(const AllmChart *chart, int at)
{
	for (int from = 0; from <= at; from++)
	{
		ListCell   *cell;

		foreach(cell, chart->marks[from])
		{
			if (from + ((AllmMarkAt *) lfirst(cell))->length > at)
				return true;
		}
		foreach(cell, chart->lexicon->items[from])
		{
			AllmItem   *item = lfirst(cell);

			if (from + item->length > at && item->kind != ALLM_ITEM_PHRASE &&
				(item->kind != ALLM_ITEM_VALUE || item->senses != NIL))
				return true;
		}
	}
	return allm_vocabulary_verb(allm_chart_text(chart, at)) != NULL ||
		is_adjective(chart, at);
}
