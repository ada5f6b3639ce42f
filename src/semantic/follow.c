/*
 * follow.c
 *		Questions that go on from earlier ones: "and by month", "only West".
 *
 * What is known of the earlier ones is their text.  It is read anew each time,
 * as whoever asks sees the schema now: the first as any question, each of the
 * others as a change of what came before.
 *
 * Which of the two a question is: one that says that it goes on, by a word of
 * the tables below, does so or is not understood.  Any other stands by itself
 * if it can be read by itself; if it could as well go on, it is not said which
 * is meant.
 */
#include "postgres.h"

#include <ctype.h>

#include "semantic/amend.h"
#include "semantic/deleted.h"
#include "semantic/follow.h"

/* A phrase in front of a question, or behind it, and what it says of it. */
typedef struct MarkRow
{
	const char *text;
	AllmManner	manner;
	bool		tells;			/* that the question goes on from another */
} MarkRow;

/* Sorted by length: the longest that fits is meant. */
static const MarkRow front[] =
{
	{"and what about", ALLM_MANNER_ABOUT, true},
	{"and how about", ALLM_MANNER_ABOUT, true},
	{"the same but", ALLM_MANNER_ABOUT, true},
	{"what about", ALLM_MANNER_ABOUT, true},
	{"how about", ALLM_MANNER_ABOUT, true},
	{"same but", ALLM_MANNER_ABOUT, true},
	{"the same", ALLM_MANNER_ABOUT, true},
	{"show me", ALLM_MANNER_BARE, false},
	{"give me", ALLM_MANNER_BARE, false},
	{"same", ALLM_MANNER_ABOUT, true},
	{"also", ALLM_MANNER_AND, true},
	{"and", ALLM_MANNER_AND, true},
	{"but", ALLM_MANNER_BARE, true},
	{"just", ALLM_MANNER_ONLY, true},
	{"now", ALLM_MANNER_BARE, false},
	{"ok", ALLM_MANNER_BARE, false},
	{"only", ALLM_MANNER_ONLY, true},
	{"show", ALLM_MANNER_BARE, false},
	{"then", ALLM_MANNER_BARE, false},
};

static const MarkRow behind[] =
{
	{"as well", ALLM_MANNER_AND, true},
	{"also", ALLM_MANNER_AND, true},
	{"alone", ALLM_MANNER_ONLY, true},
	{"instead", ALLM_MANNER_INSTEAD, true},
	{"only", ALLM_MANNER_ONLY, true},
	{"please", ALLM_MANNER_BARE, false},
	{"too", ALLM_MANNER_AND, true},
};

/*
 * Words for what a question before was about.  Some may as well be about what
 * stands in the same question, which is not found out: the rules would read a
 * question as if such a word were not there.
 */
static const char *const pronouns[] =
{
	"it", "its", "ones", "such", "their", "them", "these", "they", "those"
};

/* "In that year" is that of a question before; "that have" is none of it. */
static const char *const placing[] = {"at", "by", "during", "for", "from", "in", "of"};

/* A question without its marks. */
typedef struct Remark
{
	AllmManner	manner;
	bool		tells;			/* that it goes on from another question */
	bool		points;			/* to one, with a pronoun */
	bool		asks;			/* it ends with a question mark */
	char	   *rest;			/* NULL: nothing is left */
} Remark;

/* What the search for a change works with. */
typedef struct Going
{
	AllmManner	manner;
	bool		asks;			/* "and in 2023?" */
	bool		points;			/* "those in West" */
	bool		is_part;		/* some way says no more than a change */
	bool		limits;			/* some way says a condition */
	const AllmAmended *before;	/* NULL: it is only looked at */
} Going;

static void strip_marks(const char *question, Remark *remark);
static void try_amendment(AllmSearch *search, AllmItem **items, int nitems);
static AllmReading *go_on(const AllmReadInput *input, const Remark *remark,
						  const AllmAmended *before, int turn);
static AllmReading *read_earlier(const AllmReadInput *input,
								 const List *earlier, AllmAmended *before);

/* The word at a place, if it is one that can be of a mark. */
static const char *
word_at(const List *words, int at)
{
	const AllmWord *word;

	if (at < 0 || at >= list_length(words))
		return "";
	word = list_nth(words, at);
	return word->kind == ALLM_WORD ? word->text : "";
}

/* How many words a phrase takes that stands at that place; 0: it does not. */
static int
match_phrase(const List *words, int from, const char *text)
{
	char	   *copy = pstrdup(text);
	char	   *rest = NULL;
	int			n = 0;

	for (char *part = strtok_r(copy, " ", &rest); part != NULL;
		 part = strtok_r(NULL, " ", &rest))
	{
		if (strcmp(word_at(words, from + n), part) != 0)
			return 0;
		n++;
	}
	return n;
}

/* How many words a phrase has. */
static int
count_words(const char *text)
{
	int			n = 1;

	for (const char *c = text; *c != '\0'; c++)
		n += (*c == ' ');
	return n;
}

/* Notes a mark.  "And only" is only, "and ... instead" is instead. */
static void
note_mark(Remark *remark, const MarkRow *row)
{
	remark->manner = Max(remark->manner, row->manner);
	remark->tells |= row->tells;
}

/* Is the word there one character that says nothing at the end of a text? */
static bool
is_stop(const List *words, int at)
{
	const AllmWord *word = list_nth(words, at);

	return word->kind == ALLM_WORD_PUNCTUATION &&
		strchr(".,:;!?", word->text[0]) != NULL;
}

/* Does a word stand for what a question before was about? */
static bool
points_back(const List *words)
{
	for (int at = 0; at < list_length(words); at++)
	{
		const char *word = word_at(words, at);

		for (int i = 0; i < lengthof(pronouns); i++)
		{
			if (strcmp(word, pronouns[i]) == 0)
				return true;
		}
		for (int i = 0; i < lengthof(placing); i++)
		{
			if (strcmp(word, "that") == 0 &&
				strcmp(word_at(words, at - 1), placing[i]) == 0)
				return true;
		}
	}
	return false;
}

/* Takes the marks off both ends of a question. */
static void
strip_marks(const char *question, Remark *remark)
{
	List	   *words = allm_text_words(question);
	int			from = 0;
	int			to = list_length(words);
	bool		again = true;

	memset(remark, 0, sizeof(Remark));
	remark->points = points_back(words);
	remark->asks = to > 0 && strcmp(((AllmWord *) llast(words))->text, "?") == 0;
	while (again && from < to)
	{
		again = false;
		while (to > from && is_stop(words, to - 1))
			to--;
		while (from < to && is_stop(words, from))
			from++;
		for (int i = 0; i < lengthof(front) && !again; i++)
		{
			int			n = match_phrase(words, from, front[i].text);

			if (n == 0 || from + n > to)
				continue;
			note_mark(remark, &front[i]);
			from += n;
			again = true;
		}
		for (int i = 0; i < lengthof(behind) && !again; i++)
		{
			int			n = count_words(behind[i].text);

			if (to - n < from ||
				match_phrase(words, to - n, behind[i].text) == 0)
				continue;
			note_mark(remark, &behind[i]);
			to -= n;
			again = true;
		}
	}
	if (from < to)
	{
		const AllmWord *first = list_nth(words, from);
		const AllmWord *last = list_nth(words, to - 1);

		remark->rest = pnstrdup(question + first->start,
								last->start + strlen(last->raw) - first->start);
	}
}

/*
 * Does the question say that it goes on from another one?  Where there is one,
 * a pronoun does so, too.
 */
bool
allm_follow_is_marked(const char *question, bool by_pronouns)
{
	Remark		remark;

	strip_marks(question, &remark);
	return remark.tells || (by_pronouns && remark.points);
}

/*
 * Can the question be no more than a change of another one: "by month"?  Then
 * it names nothing that is wanted, or says that it goes on.
 */
bool
allm_follow_is_part(const AllmReadInput *input)
{
	Remark		remark;
	Going		going = {0};
	AllmSearch	search = {.state = &going};
	AllmReadInput part = *input;
	AllmReading reading = {0};
	AllmLexicon *lexicon;

	strip_marks(input->question, &remark);
	if (remark.rest == NULL || remark.tells)
		return true;
	part.question = remark.rest;
	part.account = NULL;
	lexicon = allm_search_take_apart(&part, &reading);
	if (lexicon != NULL)
		allm_search_ways(&search, lexicon, try_amendment);
	return going.is_part;
}

/* AllmWayTaken: a way that says a change is weighed. */
static void
try_amendment(AllmSearch *search, AllmItem **items, int nitems)
{
	Going	   *going = search->state;
	AllmAmendment amendment;

	if (!allm_amend_read(items, nitems, going->manner, &amendment,
						 &search->form_problem))
		return;
	amendment.asks = going->asks;
	amendment.points = going->points;
	going->is_part |= !allm_amend_names(&amendment);
	going->limits |= amendment.sketch->filters != NIL ||
		amendment.sketch->comparisons != NIL;
	if (going->before != NULL)
		allm_amend_weigh(search, going->before, &amendment);
}

/* A bare year is a time here: "what about 2022". */
static char *
place_year(char *text)
{
	if (strlen(text) == 4 && strspn(text, "0123456789") == 4)
		return psprintf("in %s", text);
	return text;
}

/*
 * The reading of a question as a change of another.  "turn" keeps the places
 * of its words apart from those of the others.
 */
static AllmReading *
go_on(const AllmReadInput *input, const Remark *remark,
	  const AllmAmended *before, int turn)
{
	AllmReading *reading = palloc0(sizeof(AllmReading));
	Going		going = {.manner = remark->manner,.asks = remark->asks,
	.points = remark->points,.before = before};
	AllmSearch	search = {.account = input->account,.input = input,
	.state = &going};
	AllmReadInput part = *input;
	AllmLexicon *lexicon;

	if (remark->rest == NULL)
	{
		reading->problem = pstrdup("It is not said what is to change.");
		return reading;
	}
	part.question = place_year(remark->rest);
	part.about = before->plan->base;
	lexicon = allm_search_take_apart(&part, reading);
	if (lexicon == NULL)
		return reading;
	for (int at = 0; at < lexicon->ntokens; at++)
	{
		ListCell   *cell;

		foreach(cell, lexicon->items[at])
			((AllmItem *) lfirst(cell))->start += turn * (ALLM_MAX_TOKENS + 2);
	}
	allm_search_ways(&search, lexicon, try_amendment);
	allm_search_finish(&search, reading);
	reading->follows = going.is_part;
	if (reading->sql != NULL)
		reading->remark = allm_deleted_plan(input, reading->plan);
	if (reading->sql == NULL && reading->problem != NULL && going.limits &&
		search.hopeless != NULL && remark->manner == ALLM_MANNER_AND)
		reading->problem =
			psprintf("%s (\"And\" adds to what was asked before; \"only\", \"what about\" and \"instead\" change it.)",
					 reading->problem);
	return reading;
}

/*
 * Reads the questions before.  NULL, and what they ask together in *before; or
 * a reading that says why they cannot be gone on from.
 */
static AllmReading *
read_earlier(const AllmReadInput *input, const List *earlier,
			 AllmAmended *before)
{
	ListCell   *cell;

	foreach(cell, earlier)
	{
		int			turn = foreach_current_index(cell);
		AllmReadInput past = *input;
		AllmReading *reading;
		Remark		remark;

		past.question = lfirst(cell);
		past.account = NULL;
		if (turn == 0)
			reading = allm_match_read(&past);
		else
		{
			strip_marks(past.question, &remark);
			reading = go_on(&past, &remark, before, turn);
		}
		allm_account_turn(input->account, turn + 1, past.question,
						  reading->sql != NULL ? reading->interpretation :
						  "not understood by the built-in rules");
		if (reading->sql != NULL && reading->sketch != NULL)
		{
			before->sketch = reading->sketch;
			before->plan = reading->plan;
			continue;
		}
		reading->problem = psprintf(reading->sql == NULL ?
									"The question before, \"%s\", is not understood here." :
									"The question before, \"%s\", is not one that can be gone on from: ask for the whole of it.",
									past.question);
		reading->sql = NULL;
		reading->unknown = NIL;
		return reading;
	}
	return NULL;
}

/*
 * What the rules make of a question that comes after others, as
 * allm_match_read() does of one alone.  "earlier" is a list of char *, the
 * oldest first, which stands by itself, and not empty.
 */
AllmReading *
allm_follow_read(const AllmReadInput *input, const List *earlier)
{
	AllmAmended before = {0};
	AllmReading *alone = NULL;
	AllmReading *reading;
	Remark		remark;

	strip_marks(input->question, &remark);
	if (!remark.tells && !remark.points)
	{
		AllmReadInput quiet = *input;

		quiet.account = NULL;
		alone = allm_match_read(&quiet);
	}
	reading = read_earlier(input, earlier, &before);
	if (reading != NULL)
		reading->follows = allm_follow_is_part(input);
	else
		reading = go_on(input, &remark, &before, list_length(earlier));
	if (alone == NULL ||
		(alone->sql == NULL && (reading->sql != NULL || reading->follows)))
	{
		reading->follows = true;
		return reading;
	}
	if (alone->sql != NULL && reading->sql != NULL &&
		strcmp(alone->sql, reading->sql) != 0)
	{
		alone->problem = psprintf("The question could mean, by itself: %s; or, after those before: %s.",
								  alone->interpretation,
								  reading->interpretation);
		alone->sql = NULL;
		alone->follows = true;
		return alone;
	}
	if (alone->sql != NULL && input->account != NULL)
		return allm_match_read(input);
	return alone;
}
