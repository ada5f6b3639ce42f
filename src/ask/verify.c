/*
 * verify.c
 *		Do two ways to an answer give the same rows?
 *
 * Two results are the same when the rows are equal as a multiset, for some
 * choice of the columns of the wider one: names and order of columns are the
 * writer's taste, and one more column (a key beside its label) is no other
 * answer.  Numbers are compared as numbers.  Pure functions.
 */
#include "postgres.h"

#include <float.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "ask/verify.h"
#include "base/json.h"

/* Larger results are not compared: the choice of columns is tried out. */
#define MAX_COMPARED_ROWS		5000
#define MAX_COMPARED_COLUMNS	8

/* How many choices of columns are tried, at most. */
#define MAX_CHOICES				200

/* A result as texts that are equal when the values are. */
typedef struct Grid
{
	int			nrows;
	int			ncolumns;
	char	 ***columns;		/* [column][row] */
	char	 ***sorted;			/* the same, each column sorted */
} Grid;

/* A search for the columns of the wide result that give the narrow one. */
typedef struct Search
{
	const Grid *narrow;
	const Grid *wide;
	int			chosen[MAX_COMPARED_COLUMNS];
	char	  **narrow_rows;	/* sorted row texts */
	int			choices;
} Search;

static Grid *make_grid(const AllmRows *rows);
static char *canonical_value(const AllmJson *value);
static void append_counted(StringInfo out, const char *text);
static char **sorted_copy(char **texts, int n);
static char **sorted_rows(const Grid *grid, const int *columns, int ncolumns);
static bool same_texts(char **a, char **b, int n);
static bool try_columns(Search *search, int column);
static int	compare_texts(const void *a, const void *b);

/*
 * Compares two results.  No verdict when one of them is cut off, empty or too
 * large, or when more choices of columns would have to be tried.
 */
AllmVerdict
allm_verify_compare(const AllmRows *a, const AllmRows *b)
{
	const AllmRows *narrow_rows = a->ncolumns <= b->ncolumns ? a : b;
	Search		search = {0};
	int			all[MAX_COMPARED_COLUMNS];

	if (a->truncated || b->truncated || (a->count == 0 && b->count == 0) ||
		a->count > MAX_COMPARED_ROWS || b->count > MAX_COMPARED_ROWS ||
		a->ncolumns > MAX_COMPARED_COLUMNS ||
		b->ncolumns > MAX_COMPARED_COLUMNS)
		return ALLM_VERDICT_NONE;
	if (a->count != b->count)
		return ALLM_VERDICT_OTHER;

	search.narrow = make_grid(narrow_rows);
	search.wide = make_grid(narrow_rows == a ? b : a);
	for (int i = 0; i < search.narrow->ncolumns; i++)
		all[i] = i;
	search.narrow_rows = sorted_rows(search.narrow, all,
									 search.narrow->ncolumns);
	if (try_columns(&search, 0))
		return ALLM_VERDICT_SAME;
	return search.choices < MAX_CHOICES ? ALLM_VERDICT_OTHER : ALLM_VERDICT_NONE;
}

/* The values of a result as canonical texts, column by column. */
static Grid *
make_grid(const AllmRows *rows)
{
	Grid	   *grid = palloc0(sizeof(Grid));

	grid->nrows = rows->count;
	grid->ncolumns = rows->ncolumns;
	grid->columns = palloc0(sizeof(char **) * Max(grid->ncolumns, 1));
	grid->sorted = palloc0(sizeof(char **) * Max(grid->ncolumns, 1));
	for (int c = 0; c < grid->ncolumns; c++)
		grid->columns[c] = palloc0(sizeof(char *) * Max(grid->nrows, 1));
	for (int r = 0; r < grid->nrows; r++)
	{
		AllmJson   *row = allm_json_parse(rows->rows[r], strlen(rows->rows[r]));
		AllmJson   *value = row->first;

		CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < grid->ncolumns; c++)
		{
			grid->columns[c][r] = canonical_value(value);
			value = value->next;
		}
	}
	for (int c = 0; c < grid->ncolumns; c++)
		grid->sorted[c] = sorted_copy(grid->columns[c], grid->nrows);
	return grid;
}

/*
 * A text that is equal for equal values: 1.50 and 1.5 are.  What has a fraction
 * is compared by the digits that a double has for certain: the last one of a sum
 * depends on the order in which rows come.
 */
static char *
canonical_value(const AllmJson *value)
{
	StringInfoData out;
	const char *text;
	Datum		number;

	switch (value->kind)
	{
		case ALLM_JSON_NULL:
			return pstrdup("-");
		case ALLM_JSON_NUMBER:
			text = value->text;
			if (strlen(text) > DBL_DIG && strpbrk(text, ".eE") != NULL)
				text = psprintf("%.*g", DBL_DIG, strtod(text, NULL));
			number = DirectFunctionCall3(numeric_in,
										 CStringGetDatum(text),
										 ObjectIdGetDatum(InvalidOid),
										 Int32GetDatum(-1));
			return psprintf("#%s", numeric_normalize(DatumGetNumeric(number)));
		case ALLM_JSON_ARRAY:
		case ALLM_JSON_OBJECT:
			initStringInfo(&out);
			appendStringInfoChar(&out, value->kind == ALLM_JSON_ARRAY ?
								 '[' : '{');
			for (AllmJson *e = value->first; e != NULL; e = e->next)
			{
				if (e->key != NULL)
					append_counted(&out, e->key);
				append_counted(&out, canonical_value(e));
			}
			return out.data;
		default:
			return psprintf("'%s", value->text);
	}
}

/* Appends a text with its length, so that two never run into one. */
static void
append_counted(StringInfo out, const char *text)
{
	appendStringInfo(out, "%zu:%s", strlen(text), text);
}

/* The same texts in order. */
static char **
sorted_copy(char **texts, int n)
{
	char	  **copy = palloc(sizeof(char *) * Max(n, 1));

	memcpy(copy, texts, sizeof(char *) * n);
	qsort(copy, n, sizeof(char *), compare_texts);
	return copy;
}

/* The rows of some columns as texts, in order. */
static char **
sorted_rows(const Grid *grid, const int *columns, int ncolumns)
{
	char	  **rows = palloc(sizeof(char *) * Max(grid->nrows, 1));

	for (int r = 0; r < grid->nrows; r++)
	{
		StringInfoData out;

		initStringInfo(&out);
		for (int c = 0; c < ncolumns; c++)
			append_counted(&out, grid->columns[columns[c]][r]);
		rows[r] = out.data;
	}
	qsort(rows, grid->nrows, sizeof(char *), compare_texts);
	return rows;
}

/* Are two ordered lists equal? */
static bool
same_texts(char **a, char **b, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

/*
 * Chooses a column of the wide result for this one of the narrow result, then
 * for those after it.  Only a column of the same values can be the one, which
 * leaves few to try.
 */
static bool
try_columns(Search *search, int column)
{
	const Grid *narrow = search->narrow;
	const Grid *wide = search->wide;

	if (column == narrow->ncolumns)
	{
		CHECK_FOR_INTERRUPTS();
		search->choices++;
		return same_texts(search->narrow_rows,
						  sorted_rows(wide, search->chosen, narrow->ncolumns),
						  narrow->nrows);
	}
	for (int c = 0; c < wide->ncolumns; c++)
	{
		bool		taken = false;

		for (int i = 0; i < column; i++)
			taken = taken || search->chosen[i] == c;
		if (taken || search->choices >= MAX_CHOICES ||
			!same_texts(narrow->sorted[column], wide->sorted[c],
						narrow->nrows))
			continue;
		search->chosen[column] = c;
		if (try_columns(search, column + 1))
			return true;
	}
	return false;
}

/* For qsort. */
static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}
