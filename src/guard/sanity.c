/*
 * sanity.c
 *		Is a result plausible?  One small function and one row for each rule.
 *
 * Pure functions of the query and of its rows.  A doubt is said with the
 * answer and costs confidence; information is said, and costs nothing.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "base/json.h"
#include "guard/sanity.h"

/* A rule returns one clause, or NULL. */
typedef struct Rule
{
	bool		is_doubt;
	char	   *(*remark) (const AllmChecked *checked, const AllmRows *rows);
} Rule;

static char *remark_truncated(const AllmChecked *checked,
							  const AllmRows *rows);
static char *remark_truncated_unordered(const AllmChecked *checked,
										const AllmRows *rows);
static char *remark_aggregate_of_nothing(const AllmChecked *checked,
										 const AllmRows *rows);
static char *remark_count_of_nothing(const AllmChecked *checked,
									 const AllmRows *rows);
static bool counts_nothing(const AllmChecked *checked, const AllmRows *rows,
						   bool *all_there);
static char *remark_all_null(const AllmChecked *checked, const AllmRows *rows);
static char *remark_no_row(const AllmChecked *checked, const AllmRows *rows);

static const Rule rules[] =
{
	{true, remark_truncated},
	{true, remark_truncated_unordered},
	{true, remark_aggregate_of_nothing},
	{true, remark_all_null},
	{false, remark_count_of_nothing},
	{false, remark_no_row},
};

/* What there is to say of a result, as AllmRemark, in the order of the rules. */
List *
allm_sanity_remarks(const AllmChecked *checked, const AllmRows *rows)
{
	List	   *remarks = NIL;

	for (int i = 0; i < lengthof(rules); i++)
	{
		char	   *text = rules[i].remark(checked, rows);
		AllmRemark *remark;

		if (text == NULL)
			continue;
		remark = palloc(sizeof(AllmRemark));
		remark->is_doubt = rules[i].is_doubt;
		remark->text = text;
		remarks = lappend(remarks, remark);
	}
	return remarks;
}

/* The one line of a doubtful answer, which ends with what to do. */
char *
allm_sanity_doubt_line(const List *doubts)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, doubts)
		appendStringInfo(&out, "%s%s",
						 out.len > 0 ? "; " : "the answer may be wrong: ",
						 (char *) lfirst(cell));
	appendStringInfoString(&out, "; please review");
	return out.data;
}

/* The reader sees a part of the answer. */
static char *
remark_truncated(const AllmChecked *checked, const AllmRows *rows)
{
	if (!rows->truncated)
		return NULL;
	return psprintf("the answer was cut off at " INT64_FORMAT " rows",
					rows->count);
}

/* Which part, is chance. */
static char *
remark_truncated_unordered(const AllmChecked *checked, const AllmRows *rows)
{
	if (!rows->truncated || checked->is_ordered)
		return NULL;
	return pstrdup("the rows that were cut off are arbitrary, since the query has no order");
}

/*
 * sum, avg, min and max of no rows are null, and a null is easily read as
 * zero.  Beside a count that is zero, too.
 */
static char *
remark_aggregate_of_nothing(const AllmChecked *checked, const AllmRows *rows)
{
	bool		all_there;

	if (!checked->is_aggregate || rows->count != 1)
		return NULL;
	if (!rows->all_null &&
		(!counts_nothing(checked, rows, &all_there) || all_there))
		return NULL;
	return pstrdup("the aggregate ran over no rows or no values");
}

/*
 * A count of no rows is zero, which is what was asked, and true; as with an
 * answer without a row, whoever asked may have meant another value.
 */
static char *
remark_count_of_nothing(const AllmChecked *checked, const AllmRows *rows)
{
	bool		all_there;

	if (!counts_nothing(checked, rows, &all_there) || !all_there)
		return NULL;
	return pstrdup("no row matched, so the count is zero");
}

/* Is the count of all rows zero, and has each column a value beside it? */
static bool
counts_nothing(const AllmChecked *checked, const AllmRows *rows,
			   bool *all_there)
{
	AllmJson   *row;
	bool		nothing = false;
	int			n = 0;

	*all_there = true;
	if (!checked->is_aggregate || checked->count_column < 0 ||
		rows->count != 1)
		return false;
	row = allm_json_parse(rows->rows[0], strlen(rows->rows[0]));
	for (AllmJson *value = row->first; value != NULL; value = value->next, n++)
	{
		if (value->kind == ALLM_JSON_NULL)
			*all_there = false;
		if (n == checked->count_column)
			nothing = value->text != NULL && strcmp(value->text, "0") == 0;
	}
	return nothing;
}

/* Rows without a single value answer nothing. */
static char *
remark_all_null(const AllmChecked *checked, const AllmRows *rows)
{
	if (checked->is_aggregate || rows->count == 0 || rows->ncolumns == 0 ||
		!rows->all_null)
		return NULL;
	return pstrdup("the answer has no value that is not null");
}

/* An empty answer is an answer, and not zero. */
static char *
remark_no_row(const AllmChecked *checked, const AllmRows *rows)
{
	if (rows->count > 0 || rows->truncated)
		return NULL;
	return pstrdup("no row matched");
}
