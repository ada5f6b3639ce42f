/*
 * period.c
 *		Times in a question: "in March 2024", "since 2020", "last quarter".
 *
 * Every time becomes a half-open stretch of whole days.  Today is given by the
 * caller.  A bare number is a year only after a word that places it in time; a
 * month without a year is nothing.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/datetime.h"

#include "semantic/lexicon.h"
#include "semantic/period.h"

/*
 * Years that a question may mean; other numbers of four digits are figures.
 */
#define FIRST_YEAR	1800
#define LAST_YEAR	2100

static int	read_placed(const AllmToken *tokens, int count, DateADT today,
						int word, AllmPeriod *period);
static int	read_pair(const AllmToken *tokens, int count, DateADT today,
					  int word, AllmPeriod *period);
static int	read_stretch(const AllmToken *tokens, int count, DateADT today,
						 AllmPeriod *stretch);
static int	read_year(const AllmToken *token);
static int	read_month(const AllmToken *tokens, int count, AllmPeriod *stretch);
static int	read_quarter(const AllmToken *tokens, int count,
						 AllmPeriod *stretch);
static int	read_relative(const AllmToken *tokens, int count, DateADT today,
						  AllmPeriod *stretch);
static int	read_to_date(const AllmToken *tokens, int count, DateADT today,
						 AllmPeriod *stretch);
static int	read_iso(const AllmToken *token, AllmPeriod *stretch);
static void set_months(AllmPeriod *stretch, int year, int month, int months);
static void set_unit(AllmPeriod *stretch, DateADT today, AllmGrain grain,
					 int offset);
static DateADT make_date(int year, int month, int day);

/*
 * Reads a time at the start of the tokens.  Gives the number of tokens that it
 * takes, 0 when there is none.
 */
int
allm_period_read(const AllmToken *tokens, int count, DateADT today,
				 AllmPeriod *period)
{
	int			word;
	int			used;

	memset(period, 0, sizeof(*period));
	if (count == 0)
		return 0;
	word = tokens[0].kind == ALLM_WORD ? allm_words_time(tokens[0].text) : -1;
	if (word < 0)
	{
		/* Without a word before it, a year is only a number. */
		if (read_year(&tokens[0]) > 0)
			return 0;
		return read_stretch(tokens, count, today, period);
	}
	used = read_placed(tokens + 1, count - 1, today, word, period);
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
	used = read_stretch(tokens, count, today, &stretch);
	if (used == 0)
		return 0;
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

/* "x and y" after between, "x to y" after from: both ends belong to it. */
static int
read_pair(const AllmToken *tokens, int count, DateADT today, int word,
		  AllmPeriod *period)
{
	AllmPeriod	first;
	AllmPeriod	last;
	int			used = read_stretch(tokens, count, today, &first);
	int			rest;
	const char *joint;

	if (used == 0 || used >= count)
		return 0;
	joint = tokens[used].text;
	if (word == ALLM_TIME_BETWEEN ? strcmp(joint, "and") != 0 :
		strcmp(joint, "to") != 0 && strcmp(joint, "through") != 0)
		return 0;
	used++;
	rest = read_stretch(tokens + used, count - used, today, &last);
	if (rest == 0 || last.to <= first.from)
		return 0;
	period->has_from = period->has_to = true;
	period->from = first.from;
	period->to = last.to;
	return used + rest;
}

/* A stretch of days: a year, quarter, month, day, or one relative to today. */
static int
read_stretch(const AllmToken *tokens, int count, DateADT today,
			 AllmPeriod *stretch)
{
	int			used;
	int			year;

	memset(stretch, 0, sizeof(*stretch));
	if (count == 0)
		return 0;
	stretch->has_from = stretch->has_to = true;
	if (count > 2 && strcmp(tokens[0].text, "the") == 0 &&
		strcmp(tokens[1].text, "year") == 0 && read_year(&tokens[2]) > 0)
	{
		set_months(stretch, read_year(&tokens[2]), 1, 12);
		return 3;
	}
	year = read_year(&tokens[0]);
	if (year > 0)
	{
		set_months(stretch, year, 1, 12);
		return 1;
	}
	if ((used = read_iso(&tokens[0], stretch)) > 0 ||
		(used = read_month(tokens, count, stretch)) > 0 ||
		(used = read_quarter(tokens, count, stretch)) > 0 ||
		(used = read_relative(tokens, count, today, stretch)) > 0)
		return used;
	return 0;
}

/* The year that a number of four digits is, or 0. */
static int
read_year(const AllmToken *token)
{
	int			year;

	if (token->kind != ALLM_WORD_NUMBER || strlen(token->text) != 4 ||
		strspn(token->text, "0123456789") != 4 ||
		token->end - token->start != 4)
		return 0;
	year = atoi(token->text);
	return year >= FIRST_YEAR && year <= LAST_YEAR ? year : 0;
}

/* "march 2024", "march of 2024". */
static int
read_month(const AllmToken *tokens, int count, AllmPeriod *stretch)
{
	int			month = tokens[0].kind == ALLM_WORD ?
	allm_words_month(tokens[0].text) : -1;
	int			at = 1;

	if (month < 0)
		return 0;
	if (count > 2 && strcmp(tokens[1].text, "of") == 0)
		at = 2;
	if (count <= at || read_year(&tokens[at]) == 0)
		return 0;
	set_months(stretch, read_year(&tokens[at]), month, 1);
	return at + 1;
}

/* "q2 2024", "q2 of 2024". */
static int
read_quarter(const AllmToken *tokens, int count, AllmPeriod *stretch)
{
	const char *text = tokens[0].text;
	int			at = 1;

	if (strlen(text) != 2 || text[0] != 'q' || text[1] < '1' || text[1] > '4')
		return 0;
	if (count > 2 && strcmp(tokens[1].text, "of") == 0)
		at = 2;
	if (count <= at || read_year(&tokens[at]) == 0)
		return 0;
	set_months(stretch, read_year(&tokens[at]), (text[1] - '1') * 3 + 1, 3);
	return at + 1;
}

/* "year to date": from its start through today. */
static int
read_to_date(const AllmToken *tokens, int count, DateADT today,
			 AllmPeriod *stretch)
{
	const AllmPhrase *unit = allm_words_find_phrase(tokens[0].text);

	if (count < 3 || unit == NULL || unit->role != ALLM_ROLE_GRAIN ||
		unit->argument == ALLM_GRAIN_DAY ||
		strcmp(tokens[1].text, "to") != 0 ||
		strcmp(tokens[2].text, "date") != 0)
		return 0;
	set_unit(stretch, today, unit->argument, 0);
	stretch->to = today + 1;
	return 3;
}

/* "last month", "this year", "today". */
static int
read_relative(const AllmToken *tokens, int count, DateADT today,
			  AllmPeriod *stretch)
{
	static const struct
	{
		const char *word;
		int			offset;
	}			offsets[] = {{"last", -1}, {"previous", -1}, {"this", 0}};
	int			at = 0;
	int			used;

	if (strcmp(tokens[0].text, "today") == 0 ||
		strcmp(tokens[0].text, "yesterday") == 0)
	{
		set_unit(stretch, today, ALLM_GRAIN_DAY, tokens[0].text[0] == 'y' ?
				 -1 : 0);
		return 1;
	}
	used = read_to_date(tokens, count, today, stretch);
	if (used > 0)
		return used;
	if (strcmp(tokens[0].text, "the") == 0)
		at = 1;
	if (count < at + 2)
		return 0;
	for (int i = 0; i < lengthof(offsets); i++)
	{
		const AllmPhrase *unit = allm_words_find_phrase(tokens[at + 1].text);

		if (strcmp(tokens[at].text, offsets[i].word) != 0 || unit == NULL ||
			unit->role != ALLM_ROLE_GRAIN || unit->argument == ALLM_GRAIN_DAY)
			continue;
		set_unit(stretch, today, unit->argument, offsets[i].offset);
		return at + 2;
	}
	return 0;
}

/* "2024-03-15" or "2024-03". */
static int
read_iso(const AllmToken *token, AllmPeriod *stretch)
{
	static const char pattern[] = "dddd-dd-dd";
	int			len = strlen(token->text);
	int			year;
	int			month;
	int			day;

	if (token->kind != ALLM_WORD || (len != 10 && len != 7))
		return 0;
	for (int i = 0; i < len; i++)
	{
		if (pattern[i] == 'd' ? !isdigit((unsigned char) token->text[i]) :
			token->text[i] != '-')
			return 0;
	}
	year = atoi(token->text);
	month = atoi(token->text + 5);
	if (year < 1 || month < 1 || month > 12)
		return 0;
	if (len == 7)
	{
		set_months(stretch, year, month, 1);
		return 1;
	}
	day = atoi(token->text + 8);
	if (day < 1 || day > day_tab[isleap(year)][month - 1])
		return 0;
	stretch->from = make_date(year, month, day);
	stretch->to = stretch->from + 1;
	return 1;
}

/* A stretch of whole months. */
static void
set_months(AllmPeriod *stretch, int year, int month, int months)
{
	int			end = year * 12 + month - 1 + months;

	stretch->from = make_date(year, month, 1);
	stretch->to = make_date(end / 12, end % 12 + 1, 1);
}

/* The unit of time around today, or one before it. */
static void
set_unit(AllmPeriod *stretch, DateADT today, AllmGrain grain, int offset)
{
	static const int months[] = {
		[ALLM_GRAIN_MONTH] = 1,[ALLM_GRAIN_QUARTER] = 3,
		[ALLM_GRAIN_YEAR] = 12
	};
	int			days = grain == ALLM_GRAIN_WEEK ? 7 : 1;
	int			year;
	int			month;
	int			day;
	int			start;

	if (grain == ALLM_GRAIN_DAY || grain == ALLM_GRAIN_WEEK)
	{
		/* Weeks begin on Monday, as date_trunc has it. */
		int			back = grain == ALLM_GRAIN_DAY ? 0 :
		(j2day(today + POSTGRES_EPOCH_JDATE) + 6) % 7;

		stretch->from = today - back + offset * days;
		stretch->to = stretch->from + days;
		return;
	}
	j2date(today + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	start = year * 12 + (month - 1) / months[grain] * months[grain] +
		offset * months[grain];
	set_months(stretch, start / 12, start % 12 + 1, months[grain]);
}

static DateADT
make_date(int year, int month, int day)
{
	return date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
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
