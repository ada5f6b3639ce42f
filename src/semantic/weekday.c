/*
 * weekday.c
 *		Days of the week as times: "on Mondays", "on Tuesdays and Fridays", "on
 *		weekends".
 *
 * Only plurals: "on Monday" may be the next one, or the last.  Days are counted
 * as ISO does, Monday is 1; a weekday is Monday to Friday.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "semantic/lexicon.h"
#include "semantic/weekday.h"

/* The days of a word, a bit for each, from 1 for Monday on. */
static const struct
{
	const char *word;
	int			days;
}			words[] =

{
	{"mondays", 1 << 1}, {"tuesdays", 1 << 2}, {"wednesdays", 1 << 3},
	{"thursdays", 1 << 4}, {"fridays", 1 << 5}, {"saturdays", 1 << 6},
	{"sundays", 1 << 7}, {"weekends", 1 << 6 | 1 << 7}, {"weekdays", 0x3e},
};

/* The days that a token names, or 0. */
static int
find_days(const AllmToken *tokens, int count, int at)
{
	for (int i = 0; at < count && tokens[at].kind == ALLM_WORD &&
		 i < lengthof(words); i++)
	{
		if (strcmp(tokens[at].text, words[i].word) == 0)
			return words[i].days;
	}
	return 0;
}

/* Is it "and", "or" or a comma? */
static bool
is_joint(const AllmToken *token)
{
	return strcmp(token->text, "and") == 0 || strcmp(token->text, "or") == 0 ||
		strcmp(token->text, ",") == 0;
}

/* Days of the week at the start of the tokens: how many of them, or 0. */
int
allm_weekday_read(const AllmToken *tokens, int count, AllmPeriod *period)
{
	int			at = 1;
	int			days;

	if (count < 2 || tokens[0].kind != ALLM_WORD ||
		(strcmp(tokens[0].text, "on") != 0 &&
		 strcmp(tokens[0].text, "at") != 0 &&
		 strcmp(tokens[0].text, "during") != 0))
		return 0;
	period->weekdays = find_days(tokens, count, at);
	if (period->weekdays == 0)
		return 0;
	at++;
	while (at < count && is_joint(&tokens[at]) &&
		   (days = find_days(tokens, count, at + 1)) != 0)
	{
		period->weekdays |= days;
		period->listed |= strcmp(tokens[at].text, "or") != 0;
		at += 2;
	}
	return at;
}

/* "6, 7" */
char *
allm_weekday_numbers(int weekdays)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int day = 1; day <= 7; day++)
	{
		if (weekdays & 1 << day)
			appendStringInfo(&out, "%s%d", out.len > 0 ? ", " : "", day);
	}
	return out.data;
}

/* "saturdays, sundays" */
char *
allm_weekday_names(int weekdays)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int day = 1; day <= 7; day++)
	{
		if (weekdays & 1 << day)
			appendStringInfo(&out, "%s%s", out.len > 0 ? ", " : "",
							 words[day - 1].word);
	}
	return out.data;
}
