/*
 * stretch.c
 *		Stretches of whole days, as a question names them: "March 2024",
 *		"June 21, 2002", "the second quarter of 2023", "the last 90 days".
 *
 * Where words mean several stretches to several people, none is given: a day
 * or a month without its year, 03/04/2024, the last two years up to now or up
 * to the beginning of this one.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/datetime.h"

#include "semantic/lexicon.h"
#include "semantic/stretch.h"

/*
 * Years that a question may mean; other numbers of four digits are figures.
 */
#define FIRST_YEAR	1800
#define LAST_YEAR	2100

/* More units before today than this are a slip: no answer goes back so far. */
#define MAX_UNITS	3660

/* What "last" is among the ordinals. */
#define LAST_ORDINAL	5

/* What a year has: some months, or a day of one. */
typedef struct Part
{
	int			month;			/* from 1 */
	int			months;
	int			day;			/* 0: the months as a whole */
} Part;

/* What is said of the unit that today is in, behind "the last 3 months". */
typedef enum Around
{
	AROUND_UNSAID,
	AROUND_WITH_TODAY,
	AROUND_WITHOUT_TODAY,
	AROUND_WITH_CURRENT,
	AROUND_WITHOUT_CURRENT
} Around;

static int	read_the_year(const AllmToken *tokens, int count,
						  AllmPeriod *stretch);
static int	read_part(const AllmToken *tokens, int count, Part *part);
static bool set_part(AllmPeriod *stretch, const Part *part, int year);
static int	read_dated(const AllmToken *tokens, int count,
					   AllmPeriod *stretch);
static int	read_relative(const AllmToken *tokens, int count, DateADT today,
						  AllmPeriod *stretch);
static int	read_iso(const AllmToken *token, AllmPeriod *stretch);
static void set_months(AllmPeriod *stretch, int year, int month, int months);
static void set_units(AllmPeriod *stretch, DateADT today, AllmGrain grain,
					  int first, int count);
static DateADT make_date(int year, int month, int day);

/* Is there a token of this text? */
static bool
is_text(const AllmToken *tokens, int count, int at, const char *text)
{
	return at < count && tokens[at].kind != ALLM_WORD_QUOTED &&
		strcmp(tokens[at].text, text) == 0;
}

/* Is it one of some words, which a NULL ends? */
static bool
is_one_of(const AllmToken *tokens, int count, int at,
		  const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (is_text(tokens, count, at, *words))
			return true;
	}
	return false;
}

/*
 * A stretch at the start of the tokens: how many of them it takes, or 0.  Its
 * ends are set, or "problem", when the words can be taken in two ways.
 */
int
allm_stretch_read(const AllmToken *tokens, int count, DateADT today,
				  AllmPeriod *stretch)
{
	int			used;
	int			the = is_text(tokens, count, 0, "the");

	memset(stretch, 0, sizeof(*stretch));
	if (count <= the || tokens[0].kind == ALLM_WORD_QUOTED)
		return 0;
	stretch->has_from = stretch->has_to = true;
	tokens += the;
	count -= the;
	if ((the > 0 && (used = read_the_year(tokens, count, stretch)) > 0) ||
		(used = read_dated(tokens, count, stretch)) > 0 ||
		(used = read_iso(&tokens[0], stretch)) > 0 ||
		(used = allm_stretch_read_last(tokens, count, today, stretch)) > 0 ||
		(used = read_relative(tokens, count, today, stretch)) > 0)
		return used + the;
	return 0;
}

/* The year that a number of four digits is, or 0. */
int
allm_stretch_year(const AllmToken *token)
{
	int			year;

	if (token->kind != ALLM_WORD_NUMBER || strlen(token->text) != 4 ||
		strspn(token->text, "0123456789") != 4 ||
		token->end - token->start != 4)
		return 0;
	year = atoi(token->text);
	return year >= FIRST_YEAR && year <= LAST_YEAR ? year : 0;
}

/* "the year 2024"; "year 2024" may be a property and its value. */
static int
read_the_year(const AllmToken *tokens, int count, AllmPeriod *stretch)
{
	int			year = count > 1 && is_text(tokens, count, 0, "year") ?
	allm_stretch_year(&tokens[1]) : 0;

	if (year > 0)
		set_months(stretch, year, 1, 12);
	return year > 0 ? 2 : 0;
}

/* A year, or what is said to be of one: "2024", "q2 2024", "June 21, 2002". */
static int
read_dated(const AllmToken *tokens, int count, AllmPeriod *stretch)
{
	Part		part = {.month = 1,.months = 12};
	int			year = allm_stretch_year(&tokens[0]);
	int			used;

	if (year > 0)
	{
		/* "2024 q2", and "2024-Q2", which is two words. */
		used = count > 1 && tokens[1].text[0] == 'q' ?
			read_part(tokens + 1, count - 1, &part) + 1 : 1;
	}
	else
	{
		used = read_part(tokens, count, &part);
		if (used == 0)
			return 0;
		if (is_text(tokens, count, used, "of") ||
			is_text(tokens, count, used, ","))
			used++;
		if (used >= count || (year = allm_stretch_year(&tokens[used])) == 0)
			return 0;
		used++;
	}
	return set_part(stretch, &part, year) ? used : 0;
}

/* What is part of the given year, though that is not said: "from March". */
int
allm_stretch_read_part(const AllmToken *tokens, int count, int year,
					   AllmPeriod *stretch)
{
	Part		part;
	int			used = read_part(tokens, count, &part);

	memset(stretch, 0, sizeof(*stretch));
	stretch->has_from = stretch->has_to = true;
	return used > 0 && set_part(stretch, &part, year) ? used : 0;
}

/* The day of a month that a token says, "21" or "21st", or 0. */
static int
read_day(const AllmToken *tokens, int count, int at)
{
	static const char *const ordinals[] = {"st", "nd", "rd", "th", NULL};
	AllmToken	ending;
	int			digits;

	if (at >= count || tokens[at].kind == ALLM_WORD_QUOTED)
		return 0;
	digits = strspn(tokens[at].text, "0123456789");
	ending = tokens[at];
	ending.text += digits;
	if (digits < 1 || digits > 2 ||
		(ending.text[0] != '\0' && !is_one_of(&ending, 1, 0, ordinals)))
		return 0;
	return atoi(tokens[at].text);
}

/* The number of an ordinal up to 4, LAST_ORDINAL, or 0. */
static int
read_ordinal(const AllmToken *tokens, int count, int at)
{
	static const char *const words[LAST_ORDINAL][3] = {
		{"first", "1st", NULL}, {"second", "2nd", NULL},
		{"third", "3rd", NULL}, {"fourth", "4th", NULL},
		{"last", "final", NULL}
	};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (is_one_of(tokens, count, at, words[i]))
			return i + 1;
	}
	return 0;
}

/* "q2", "second quarter", "h1", "first half": some months of a year. */
static int
read_fraction(const AllmToken *tokens, int count, Part *part)
{
	const char *text = tokens[0].text;
	int			ordinal = read_ordinal(tokens, count, 0);
	int			used = 2;
	int			fractions;

	if (is_text(tokens, count, 1, "quarter"))
		fractions = 4;
	else if (is_text(tokens, count, 1, "half"))
		fractions = 2;
	else if ((text[0] == 'q' || text[0] == 'h') && strlen(text) == 2 &&
			 tokens[0].kind == ALLM_WORD && isdigit((unsigned char) text[1]))
	{
		fractions = text[0] == 'q' ? 4 : 2;
		ordinal = text[1] - '0';
		used = 1;
		if (ordinal > fractions)
			return 0;
	}
	else
		return 0;
	if (ordinal == LAST_ORDINAL)
		ordinal = fractions;
	if (ordinal < 1 || ordinal > fractions)
		return 0;
	part->months = 12 / fractions;
	part->month = (ordinal - 1) * part->months + 1;
	part->day = 0;
	return used;
}

/* "march", "march 5", "5 march", "5th of march", "second quarter". */
static int
read_part(const AllmToken *tokens, int count, Part *part)
{
	int			day = read_day(tokens, count, 0);
	int			at = day > 0;
	int			used = count > 0 ? read_fraction(tokens, count, part) : 0;

	if (count == 0 || used > 0)
		return used;
	if (day > 0 && is_text(tokens, count, at, "of"))
		at++;
	if (at >= count || tokens[at].kind != ALLM_WORD)
		return 0;
	part->month = allm_words_month(tokens[at].text);
	part->months = 1;
	if (part->month < 0)
		return 0;
	at++;
	if (day == 0)
	{
		day = read_day(tokens, count, at);
		at += day > 0;
	}
	part->day = day;
	return at;
}

/* Sets what a part is in a year, if that has such a day. */
static bool
set_part(AllmPeriod *stretch, const Part *part, int year)
{
	if (part->day == 0)
	{
		set_months(stretch, year, part->month, part->months);
		return true;
	}
	if (part->day > day_tab[isleap(year)][part->month - 1])
		return false;
	stretch->from = make_date(year, part->month, part->day);
	stretch->to = stretch->from + 1;
	return true;
}

/* The unit of time that a token is, or -1. */
static int
read_unit(const AllmToken *tokens, int count, int at)
{
	const AllmPhrase *unit = at < count && tokens[at].kind == ALLM_WORD ?
	allm_words_find_phrase(tokens[at].stem) : NULL;

	return unit != NULL && unit->role == ALLM_ROLE_GRAIN ? unit->argument : -1;
}

/*
 * "including today", "(excluding the current month)": how many tokens it
 * takes.
 */
static int
read_around(const AllmToken *tokens, int count, AllmGrain grain,
			Around *around)
{
	static const char *const with[] = {"including", "inclusive", NULL};
	static const char *const without[] = {"excluding", "exclusive", NULL};
	static const char *const current[] = {"current", "this", NULL};
	int			at = is_text(tokens, count, 0, ",");
	bool		bracket = is_text(tokens, count, at, "(");
	bool		excluded;

	*around = AROUND_UNSAID;
	at += bracket;
	if (is_text(tokens, count, at, "not"))
		at++;
	excluded = at > 0 && is_text(tokens, count, at - 1, "not") ?
		is_text(tokens, count, at, "including") :
		is_one_of(tokens, count, at, without);
	if (!excluded && !is_one_of(tokens, count, at, with))
		return 0;
	at++;
	if (is_text(tokens, count, at, "of"))
		at++;
	if (is_text(tokens, count, at, "the"))
		at++;
	if (is_text(tokens, count, at, "today"))
		*around = excluded ? AROUND_WITHOUT_TODAY : AROUND_WITH_TODAY;
	else if (is_one_of(tokens, count, at, current) &&
			 read_unit(tokens, count, ++at) == (int) grain)
		*around = excluded ? AROUND_WITHOUT_CURRENT : AROUND_WITH_CURRENT;
	else
		return 0;
	at++;
	if (bracket && !is_text(tokens, count, at, ")"))
		return 0;
	return at + bracket;
}

/* The same day so many months before; the last of a month that is shorter. */
static DateADT
go_back_months(DateADT date, int months)
{
	int			year;
	int			month;
	int			day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	months = year * 12 + month - 1 - months;
	year = months / 12;
	month = months % 12 + 1;
	return make_date(year, month, Min(day, day_tab[isleap(year)][month - 1]));
}

/*
 * "last 90 days", "past 6 months excluding the current month".  Without more
 * it goes from the same day so many units ago through today.  Quarters and
 * years are counted whole by most and up to today by some: it has to be said.
 */
int
allm_stretch_read_last(const AllmToken *tokens, int count, DateADT today,
					   AllmPeriod *stretch)
{
	static const char *const last[] = {"last", "past", "previous", NULL};
	static const char *const whole[] = {"calendar", "complete", "full", NULL};
	int			the = is_text(tokens, count, 0, "the");
	int			at = the + 1;
	int			grain;
	int			units;
	int			used;
	bool		full;
	Around		around;

	if (!is_one_of(tokens, count, the, last) || at >= count)
		return 0;
	units = tokens[at].kind == ALLM_WORD_NUMBER &&
		strspn(tokens[at].text, "0123456789") == strlen(tokens[at].text) &&
		strlen(tokens[at].text) < 5 ? atoi(tokens[at].text) :
		tokens[at].kind == ALLM_WORD ? allm_words_number(tokens[at].text) : 0;
	at++;
	full = is_one_of(tokens, count, at, whole);
	at += full;
	grain = read_unit(tokens, count, at);
	if (units < 1 || units > MAX_UNITS || grain < 0)
		return 0;
	at++;
	used = read_around(tokens + at, count - at, grain, &around);
	stretch->has_from = stretch->has_to = stretch->relative = true;
	if (around == AROUND_WITHOUT_CURRENT ||
		(full && around == AROUND_UNSAID))
		set_units(stretch, today, grain, -units, units);
	else if (around == AROUND_WITH_CURRENT)
		set_units(stretch, today, grain, 1 - units, units);
	else if (full)
		return 0;
	else if (grain == ALLM_GRAIN_QUARTER || grain == ALLM_GRAIN_YEAR)
		stretch->problem = "It is not said whether these are whole ones: \"excluding the current year\" or \"including\" it would say so, or another unit.";
	else
	{
		stretch->rolling = grain != ALLM_GRAIN_DAY;
		stretch->grain = grain;
		stretch->from = grain == ALLM_GRAIN_MONTH ?
			go_back_months(today, units) :
			today - units * (grain == ALLM_GRAIN_WEEK ? 7 : 1);
		stretch->from += around == AROUND_WITH_TODAY;
		stretch->to = today + (around != AROUND_WITHOUT_TODAY);
	}
	return at + used;
}

/* "year to date": from its start through today. */
static int
read_to_date(const AllmToken *tokens, int count, DateADT today,
			 AllmPeriod *stretch)
{
	int			grain = read_unit(tokens, count, 0);

	if (grain < 0 || grain == ALLM_GRAIN_DAY ||
		!is_text(tokens, count, 1, "to") ||
		!is_text(tokens, count, 2, "date"))
		return 0;
	set_units(stretch, today, grain, 0, 1);
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
	}			offsets[] = {
		{"current", 0}, {"last", -1}, {"previous", -1}, {"this", 0}
	};
	int			grain = read_unit(tokens, count, 1);
	int			used;
	Around		around;

	stretch->relative = true;
	if (is_text(tokens, count, 0, "today") ||
		is_text(tokens, count, 0, "yesterday"))
	{
		set_units(stretch, today, ALLM_GRAIN_DAY,
				  tokens[0].text[0] == 'y' ? -1 : 0, 1);
		return 1;
	}
	used = read_to_date(tokens, count, today, stretch);
	if (used > 0)
		return used;
	for (int i = 0; i < lengthof(offsets) && grain > ALLM_GRAIN_DAY; i++)
	{
		if (!is_text(tokens, count, 0, offsets[i].word) ||
			strcmp(tokens[1].text, tokens[1].stem) != 0)
			continue;
		set_units(stretch, today, grain, offsets[i].offset, 1);

		/* "last week (exclusive of the current week)" says no more. */
		used = read_around(tokens + 2, count - 2, grain, &around);
		return offsets[i].offset < 0 && around == AROUND_WITHOUT_CURRENT ?
			2 + used : 2;
	}
	return 0;
}

/* "2024-03-15" or "2024-03". */
static int
read_iso(const AllmToken *token, AllmPeriod *stretch)
{
	static const char pattern[] = "dddd-dd-dd";
	int			len = strlen(token->text);
	Part		part = {.months = 1};
	int			year;

	if (token->kind != ALLM_WORD || (len != 10 && len != 7))
		return 0;
	for (int i = 0; i < len; i++)
	{
		if (pattern[i] == 'd' ? !isdigit((unsigned char) token->text[i]) :
			token->text[i] != '-')
			return 0;
	}
	year = atoi(token->text);
	part.month = atoi(token->text + 5);
	if (len == 10)
		part.day = atoi(token->text + 8);
	if (year < 1 || part.month < 1 || part.month > 12 ||
		(len == 10 && part.day < 1))
		return 0;
	return set_part(stretch, &part, year) ? 1 : 0;
}

/* A stretch of whole months. */
static void
set_months(AllmPeriod *stretch, int year, int month, int months)
{
	int			end = year * 12 + month - 1 + months;

	stretch->from = make_date(year, month, 1);
	stretch->to = make_date(end / 12, end % 12 + 1, 1);
}

/* Some units of time, the first of them so many after that of today. */
static void
set_units(AllmPeriod *stretch, DateADT today, AllmGrain grain, int first,
		  int count)
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

		stretch->from = today - back + first * days;
		stretch->to = stretch->from + count * days;
		return;
	}
	j2date(today + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	start = year * 12 + (month - 1) / months[grain] * months[grain] +
		first * months[grain];
	set_months(stretch, start / 12, start % 12 + 1, count * months[grain]);
}

static DateADT
make_date(int year, int month, int day)
{
	return date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
}
