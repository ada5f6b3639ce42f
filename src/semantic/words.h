/*
 * words.h
 *		What the rules know of a language: its words, as tables of rows.
 */
#ifndef ALLM_SEMANTIC_WORDS_H
#define ALLM_SEMANTIC_WORDS_H

#include "postgres.h"

/* What a word or phrase does in a question. */
typedef enum AllmRole
{
	ALLM_ROLE_FREE,				/* nothing */
	ALLM_ROLE_LIST,				/* asks for things, not for figures */
	ALLM_ROLE_COUNT,
	ALLM_ROLE_DISTINCT,
	ALLM_ROLE_AGGREGATE,		/* argument: an AllmFunction */
	ALLM_ROLE_SUPERLATIVE,		/* argument: MIN or MAX */
	ALLM_ROLE_BY,				/* breaks down; argument: an AllmBy */
	ALLM_ROLE_GRAIN,			/* argument: an AllmGrain, after "by" */
	ALLM_ROLE_EACH_GRAIN,		/* argument: an AllmGrain, alone */
	ALLM_ROLE_TOP,				/* argument: 1 top, 0 bottom */
	ALLM_ROLE_COMPARE,			/* argument: an AllmCompare */
	ALLM_ROLE_WITH,				/* says something of what stands before */
	ALLM_ROLE_PLACE,			/* in, for, from: a filter or a period follows */
	ALLM_ROLE_OF,
	ALLM_ROLE_AND				/* argument: 1 for "or" */
} AllmRole;

typedef enum AllmFunction
{
	ALLM_FUNCTION_DEFAULT,		/* not said */
	ALLM_FUNCTION_COUNT,
	ALLM_FUNCTION_SUM,
	ALLM_FUNCTION_AVG,
	ALLM_FUNCTION_MIN,
	ALLM_FUNCTION_MAX
} AllmFunction;

/* What breaks figures down, and what else it may do. */
typedef enum AllmBy
{
	ALLM_BY_PLAIN,				/* also "albums by somebody" */
	ALLM_BY_PER,				/* also a quotient */
	ALLM_BY_EACH
} AllmBy;

typedef enum AllmGrain
{
	ALLM_GRAIN_DAY,
	ALLM_GRAIN_WEEK,
	ALLM_GRAIN_MONTH,
	ALLM_GRAIN_QUARTER,
	ALLM_GRAIN_YEAR
} AllmGrain;

typedef enum AllmCompare
{
	ALLM_COMPARE_EQ,
	ALLM_COMPARE_GT,
	ALLM_COMPARE_GE,
	ALLM_COMPARE_LT,
	ALLM_COMPARE_LE,
	ALLM_COMPARE_BETWEEN
} AllmCompare;

/* Beside a superlative's function: it may count things ("most orders"). */
#define ALLM_MOST_OF	16

/* How a time is placed. */
typedef enum AllmTimeWord
{
	ALLM_TIME_IN,
	ALLM_TIME_SINCE,			/* from its start on */
	ALLM_TIME_AFTER,			/* from its end on */
	ALLM_TIME_BEFORE,			/* up to its start */
	ALLM_TIME_THROUGH,			/* up to its end */
	ALLM_TIME_FROM,				/* "from x to y" */
	ALLM_TIME_BETWEEN			/* "between x and y" */
} AllmTimeWord;

/* A phrase and what it does; words are separated by one blank. */
typedef struct AllmPhrase
{
	const char *text;
	AllmRole	role;
	int			argument;
} AllmPhrase;

/* Words of a schema that say what a column is good for. */
typedef enum AllmWordClass
{
	ALLM_WORDS_STATISTIC,		/* computed: to add it up is wrong */
	ALLM_WORDS_NOT_ADDITIVE,	/* ends the name of what is not added up */
	ALLM_WORDS_LABEL,			/* names the row */
	ALLM_WORDS_TECHNICAL,		/* a date of record keeping */
	ALLM_WORDS_CREATION,		/* the date that a row was made */
	ALLM_WORDS_ATTRIBUTE_DATE,	/* a date that is not when the row happened */
	ALLM_WORDS_DATE_SUFFIX,		/* ends the name of a date */
	ALLM_WORDS_TABLE_PREFIX,	/* begins the name of a table, means nothing */
	ALLM_WORDS_IDENTIFIER,		/* ends the name of a key */
	ALLM_WORDS_MONEY,			/* an amount of money */
	ALLM_WORDS_TOTAL,			/* of many rows it is always the total */
	ALLM_WORDS_LASTING,			/* things that are there all the time */
	ALLM_WORDS_RATE				/* ends the name of what has no total */
} AllmWordClass;

/* The longest phrase of the tables, in words. */
#define ALLM_MAX_PHRASE		4

extern const AllmPhrase *allm_words_find_phrase(const char *text);
extern bool allm_words_has(AllmWordClass class, const char *word);
extern int	allm_words_month(const char *word);
extern int	allm_words_time(const char *word);
extern int	allm_words_number(const char *word);
extern char *allm_words_stem(const char *word);

#endif							/* ALLM_SEMANTIC_WORDS_H */
