/*
 * chart.h
 *		Pieces of a question and where they stand.
 */
#ifndef ALLM_SEMANTIC_CHART_H
#define ALLM_SEMANTIC_CHART_H

#include "postgres.h"

#include "semantic/match.h"
#include "semantic/tree.h"
#include "semantic/vocabulary.h"

/* A mark that stands in the question. */
typedef struct AllmMarkAt
{
	AllmMark	mark;
	int			argument;
	int			length;			/* in tokens */
} AllmMarkAt;

/* What kinds of pieces there are. */
typedef enum AllmCategory
{
	ALLM_CATEGORY_NOUN,			/* of AllmSet */
	ALLM_CATEGORY_BARE,			/* of AllmSet: without clauses behind it */
	ALLM_CATEGORY_CLAUSE,		/* of AllmClause */
	ALLM_CATEGORY_TRAIT,		/* of AllmClause: what "with" is followed by */
	ALLM_CATEGORY_ATTRIBUTE,	/* of AllmAttribute */
	ALLM_CATEGORY_LIST,			/* of List of AllmAttribute */
	ALLM_CATEGORY_VALUES		/* of AllmValues */
} AllmCategory;

#define ALLM_CATEGORIES (ALLM_CATEGORY_VALUES + 1)

typedef struct AllmCell
{
	bool		done;
	List	   *pieces;
} AllmCell;

typedef struct AllmChart
{
	AllmLexicon *lexicon;
	int			n;				/* tokens */
	List	   *marks[ALLM_MAX_TOKENS + 1]; /* of AllmMarkAt */
	AllmCell   *cells[ALLM_CATEGORIES]; /* by start and end */
	AllmCell	none;			/* stands for all cells once there are too
								 * many */
	int			npieces;
	bool		too_many;		/* pieces were left out */
	bool		few_open;		/* the fewest of what some have none of */
	const AllmReadInput *input;
	List	   *things;			/* what thing.c knows of relations */
} AllmChart;

/* What stands for a property of things, before it is known of which. */
typedef enum AllmAny
{
	ALLM_ANY_NOT,				/* a name of the schema */
	ALLM_ANY_NAME,				/* "name": whatever names the thing */
	ALLM_ANY_ID,
	ALLM_ANY_ALL				/* "all information" */
} AllmAny;

typedef struct AllmAttribute
{
	AllmItem   *item;			/* the name, or NULL */
	AllmAny		any;
	AllmFunction function;		/* COUNT: of "counted", else of distinct
								 * values */
	AllmSet    *counted;
	const AllmAdjective *adjective; /* "how long": the column it is about */
	const AllmRelation *owner;	/* "name OF THE STUDENT", or NULL */
	struct AllmPointing *points;	/* "name of the team HE IS IN", or NULL */
	bool		distinct;
	bool		generic;		/* the item is "name" or "id" */
	int			cost;
} AllmAttribute;

/* Some values in a row. */
typedef struct AllmValues
{
	List	   *items;			/* of AllmItem */
	bool		all;			/* "both x and y" */
	bool		listed;			/* "x and y" */
} AllmValues;

typedef enum AllmClauseKind
{
	ALLM_CLAUSE_VALUES,			/* in Texas; whose name is x; named x */
	ALLM_CLAUSE_COMPARE,		/* with a price over 10 */
	ALLM_CLAUSE_PERIOD,			/* in 1999, after March 2004 */
	ALLM_CLAUSE_EXISTS,			/* with orders, that live in a city that ... */
	ALLM_CLAUSE_COUNT,			/* with more than 3 orders */
	ALLM_CLAUSE_BEST,			/* with the highest price */
	ALLM_CLAUSE_MOST,			/* with the most orders */
	ALLM_CLAUSE_ADJECTIVE,		/* older than 20 */
	ALLM_CLAUSE_TEXT,			/* whose name contains x */
	ALLM_CLAUSE_BY,				/* by population, of the largest */
	ALLM_CLAUSE_DONE,			/* that were ordered */
	ALLM_CLAUSE_EXCEPT,			/* except those in x */
	ALLM_CLAUSE_COMMON,			/* that is most common, or has such a value */
	ALLM_CLAUSE_LACKING,		/* without a phone number */
	ALLM_CLAUSE_ALL,			/* some clauses, all of them */
	ALLM_CLAUSE_ANY				/* some clauses, one of them */
} AllmClauseKind;

typedef struct AllmClause
{
	AllmClauseKind kind;
	bool		negated;
	AllmAttribute *attribute;	/* or NULL */
	AllmValues *values;
	bool		naming;			/* the values are names of the thing */
	bool		placed;			/* a preposition of place or time */
	const char *preposition;	/* its last word, or NULL */
	bool		owned;			/* "of x", behind a singular */
	bool		near;			/* "Texas cities": at most one key away */
	bool		whose;			/* "whose x is": each x, or one of them? */
	AllmCompare compare;
	char	   *low;
	char	   *high;
	bool		bare;			/* "with x", without a word of how many */
	bool		average;		/* compared with the average */
	AllmAttribute *against;		/* compared with this, of the rows of "set" if
								 * it is a figure of some; or NULL */
	AllmSet    *set;
	char	   *verb;			/* that joins the set, or NULL */
	bool		passive;		/* "bordered by" */
	bool		known;			/* it has a value, rather than none */
	bool		same;			/* "that are x": it is one of the set */
	const AllmAdjective *adjective;
	const AllmAdjective *dated; /* the same word, said of dates */
	bool		descending;
	int			limit;
	AllmPeriod	period;
	char	   *text;
	List	   *clauses;
	int			cost;
} AllmClause;

extern AllmChart *allm_chart_make(AllmLexicon *lexicon,
								  const AllmReadInput *input);
extern int	allm_chart_mark(const AllmChart *chart, int at, AllmMark mark,
							int *argument);
extern bool allm_chart_is(const AllmChart *chart, int from, int to,
						  AllmMark mark, int *argument);
extern AllmItem *allm_chart_item(const AllmChart *chart, int from, int to,
								 AllmItemKind kind);
extern AllmCell *allm_chart_cell(AllmChart *chart, AllmCategory category,
								 int from, int to);
extern void allm_chart_add(AllmChart *chart, AllmCell *cell, void *piece);
extern bool allm_chart_may_hold(AllmChart *chart, const List *ways);
extern bool allm_chart_explains(const AllmChart *chart, int at);
extern char *allm_chart_text(const AllmChart *chart, int at);

/* The pieces of each category over a stretch of tokens. */
extern List *allm_noun_parse(AllmChart *chart, int from, int to);
extern List *allm_noun_bare(AllmChart *chart, int from, int to);
extern List *allm_clause_parse(AllmChart *chart, int from, int to);
extern List *allm_trait_parse(AllmChart *chart, int from, int to);
extern List *allm_attribute_parse(AllmChart *chart, int from, int to);
extern List *allm_attribute_list(AllmChart *chart, int from, int to);
extern List *allm_values_parse(AllmChart *chart, int from, int to);

#endif							/* ALLM_SEMANTIC_CHART_H */
