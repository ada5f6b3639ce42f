/*
 * period.c
 *		Times in a question: "in March 2024", "since 2020", "last quarter".
 *
 * Every time becomes a half-open stretch of whole days.  Today is given by the
 * caller.  A bare number is a year only after a word that places it in time.
 * What days a stretch has is stretch.c's.
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "semantic/lexicon.h"
#include "semantic/period.h"
#include "semantic/stretch.h"
#include "semantic/weekday.h"

/* A phrase that places a time; articles are left out of it. */
typedef struct PlaceRow
{
	const char *text;
	AllmTimeWord word;
} PlaceRow;

/*
 * Beside the single words.  "until 2024" and "by 2024" are absent: they may end
 * before that year, or with it.
 */
static const PlaceRow places[] =
{
	{"beginning in", ALLM_TIME_SINCE},
	{"beginning on", ALLM_TIME_SINCE},
	{"by end of", ALLM_TIME_THROUGH},
	{"earlier than", ALLM_TIME_BEFORE},
	{"from beginning of", ALLM_TIME_SINCE},
	{"from start of", ALLM_TIME_SINCE},
	{"in or after", ALLM_TIME_SINCE},
	{"in or before", ALLM_TIME_THROUGH},
	{"later than", ALLM_TIME_AFTER},
	{"no earlier than", ALLM_TIME_SINCE},
	{"no later than", ALLM_TIME_THROUGH},
	{"on or after", ALLM_TIME_SINCE},
	{"on or before", ALLM_TIME_THROUGH},
	{"prior to", ALLM_TIME_BEFORE},
	{"since beginning of", ALLM_TIME_SINCE},
	{"since start of", ALLM_TIME_SINCE},
	{"starting from", ALLM_TIME_SINCE},
	{"starting in", ALLM_TIME_SINCE},
	{"starting on", ALLM_TIME_SINCE},
	{"until end of", ALLM_TIME_THROUGH},
	{"up to and including", ALLM_TIME_THROUGH},
};

static int	read_place(const AllmToken *tokens, int count, int *word);
static int	read_over(const AllmToken *tokens, int count, DateADT today,
					  AllmPeriod *period);
static int	read_placed(const AllmToken *tokens, int count, DateADT today,
						int word, AllmPeriod *period);
static int	read_open_end(const AllmToken *tokens, int count, int *word);
static int	read_pair(const AllmToken *tokens, int count, DateADT today,
					  int word, AllmPeriod *period);

/*
 * Reads a time at the start of the tokens.  Gives the number of tokens that it
 * takes, 0 when there is none.
 */
int
allm_period_read(const AllmToken *tokens, int count, DateADT today,
				 AllmPeriod *period)
{
	int			word = -1;
	int			place;
	int			used;

	memset(period, 0, sizeof(*period));
	if (count == 0)
		return 0;
	used = allm_weekday_read(tokens, count, period);
	if (used > 0)
		return used;
	place = read_place(tokens, count, &word);
	if (place == 0)
	{
		used = read_over(tokens, count, today, period);
		if (used > 0)
			return used;

		/* Without a word before it, a year is only a number. */
		used = allm_stretch_read(tokens, count, today, period);
		return used == 1 && allm_stretch_year(&tokens[0]) > 0 ? 0 : used;
	}
	used = read_placed(tokens + place, count - place, today, word, period);
	return used > 0 ? used + place : 0;
}

/* The word or phrase that places a time: how many tokens it takes, or 0. */
static int
read_place(const AllmToken *tokens, int count, int *word)
{
	for (int i = 0; i < lengthof(places); i++)
	{
		const char *rest = places[i].text;
		int			at = 0;

		while (at < count && tokens[at].kind == ALLM_WORD)
		{
			size_t		length = strcspn(rest, " ");

			if (at > 0 && strcmp(tokens[at].text, "the") == 0)
			{
				at++;
				continue;
			}
			if (strlen(tokens[at].text) != length ||
				strncmp(tokens[at].text, rest, length) != 0)
				break;
			at++;
			rest += length + (rest[length] == ' ');
			if (*rest != '\0')
				continue;
			*word = places[i].word;
			return at;
		}
	}
	*word = tokens[0].kind == ALLM_WORD ? allm_words_time(tokens[0].text) : -1;
	return *word < 0 ? 0 : 1;
}

/* "over the last 6 months": over anything else is more than it. */
static int
read_over(const AllmToken *tokens, int count, DateADT today,
		  AllmPeriod *period)
{
	int			used;

	if (tokens[0].kind != ALLM_WORD || strcmp(tokens[0].text, "over") != 0)
		return 0;
	used = allm_stretch_read_last(tokens + 1, count - 1, today, period);
	return used > 0 ? used + 1 : 0;
}

/* What follows a word such as "since" or "between". */
static int
read_placed(const AllmToken *tokens, int count, DateADT today, int word,
			AllmPeriod *period)
{
	AllmPeriod	stretch;
	int			used;

	if (word == ALLM_TIME_FROM || word == ALLM_TIME_BETWEEN)
	{
		used = read_pair(tokens, count, today, word, period);
		if (used > 0 || word == ALLM_TIME_BETWEEN)
			return used;
	}
	used = allm_stretch_read(tokens, count, today, &stretch);
	if (used == 0)
		return 0;
	period->relative = stretch.relative;
	period->problem = stretch.problem;
	if (word == ALLM_TIME_FROM && used < count &&
		(strcmp(tokens[used].text, "onwards") == 0 ||
		 strcmp(tokens[used].text, "onward") == 0))
	{
		word = ALLM_TIME_SINCE;
		used++;
	}
	else if (word == ALLM_TIME_IN)
		used += read_open_end(tokens + used, count - used, &word);
	switch ((AllmTimeWord) word)
	{
		case ALLM_TIME_SINCE:
			period->has_from = true;
			period->from = stretch.from;
			break;
		case ALLM_TIME_AFTER:
			period->has_from = true;
			period->from = stretch.to;
			break;
		case ALLM_TIME_BEFORE:
			period->has_to = true;
			period->to = stretch.from;
			break;
		case ALLM_TIME_THROUGH:
			period->has_to = true;
			period->to = stretch.to;
			break;
		default:
			*period = stretch;
			break;
	}
	return used;
}

/*
 * "or later" behind a time, which ends there: "in 2005 or after 2010" are two
 * times, and "or later sold" is something that was done.
 */
static int
read_open_end(const AllmToken *tokens, int count, int *word)
{
	static const PlaceRow ends[] = {
		{"after", ALLM_TIME_SINCE}, {"before", ALLM_TIME_THROUGH},
		{"earlier", ALLM_TIME_THROUGH}, {"later", ALLM_TIME_SINCE}
	};
	static const char *const next[] = {",", ".", "?", "and", "by", "per"};
	bool		ends_there = count == 2;

	if (count < 2 || strcmp(tokens[0].text, "or") != 0)
		return 0;
	for (int i = 0; i < lengthof(next) && !ends_there; i++)
		ends_there = strcmp(tokens[2].text, next[i]) == 0;
	for (int i = 0; i < lengthof(ends) && ends_there; i++)
	{
		if (strcmp(tokens[1].text, ends[i].text) != 0)
			continue;
		*word = ends[i].word;
		return 2;
	}
	return 0;
}

/* "inclusive", "(inclusive)": both ends belong to it, as they do anyway. */
static int
read_inclusive(const AllmToken *tokens, int count)
{
	bool		bracket = count > 2 && strcmp(tokens[0].text, "(") == 0;

	if (count <= bracket ||
		strcmp(tokens[bracket].text, "inclusive") != 0)
		return 0;
	if (!bracket)
		return 1;
	return strcmp(tokens[2].text, ")") == 0 ? 3 : 0;
}

/* Is it the word between the ends of a pair? */
static bool
is_joint(const AllmToken *token, int word)
{
	if (word == ALLM_TIME_BETWEEN)
		return strcmp(token->text, "and") == 0;
	return strcmp(token->text, "to") == 0 ||
		strcmp(token->text, "through") == 0;
}

/*
 * "x and y" after between, "x to y" after from: both ends belong to it.  In
 * "January to March 2024" the year is said once.
 */
static int
read_pair(const AllmToken *tokens, int count, DateADT today, int word,
		  AllmPeriod *period)
{
	AllmPeriod	first;
	AllmPeriod	last;
	int			used = allm_stretch_read(tokens, count, today, &first);
	bool		bare = used == 0;
	int			year;
	int			month;
	int			day;
	int			rest;

	/* The year is of no matter for how many words it takes. */
	if (bare)
		used = allm_stretch_read_part(tokens, count, 2000, &first);
	if (used == 0 || used >= count || !is_joint(&tokens[used], word))
		return 0;
	used++;
	rest = allm_stretch_read(tokens + used, count - used, today, &last);
	if (rest == 0 || first.problem != NULL || last.problem != NULL)
		return 0;
	if (bare)
	{
		j2date(last.from + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		if (last.relative ||
			allm_stretch_read_part(tokens, count, year, &first) == 0)
			return 0;
	}
	if (last.to <= first.from || (bare && last.from <= first.from))
		return 0;
	used += rest;
	period->has_from = period->has_to = true;
	period->relative = first.relative || last.relative;
	period->from = first.from;
	period->to = last.to;
	return used + read_inclusive(tokens + used, count - used);
}

/* A date as "2024-03-15". */
char *
allm_period_date(DateADT date)
{
	int			year;
	int			month;
	int			day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("%04d-%02d-%02d", year, month, day);
}

/*
 * Is it made of whole years?  Then the first one and the one after the last;
 * an open end leaves its figure alone.
 */
bool
allm_period_years(const AllmPeriod *period, int *from, int *to)
{
	int			month;
	int			day;

	if (period->weekdays != 0)
		return false;
	if (period->has_from)
	{
		j2date(period->from + POSTGRES_EPOCH_JDATE, from, &month, &day);
		if (month != 1 || day != 1)
			return false;
	}
	if (period->has_to)
	{
		j2date(period->to + POSTGRES_EPOCH_JDATE, to, &month, &day);
		if (month != 1 || day != 1)
			return false;
	}
	return true;
}
