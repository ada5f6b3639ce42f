/*
 * layer.c
 *		What data engineers define: the rows of metrics, synonyms, examples.
 *
 * Whoever may not read a table finds nothing in it.  Rows that are disabled are
 * left out.  What they say is text like any other: it is checked before it is
 * used, by the caller.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/table.h"
#include "base/text.h"
#include "schema/layer.h"

extern PGDLLEXPORT Datum analytics_llm_normal_form(PG_FUNCTION_ARGS);

/*
 * So many rows of one kind are read: each is checked in every session that
 * asks, a tenth of a millisecond each.
 */
#define MAX_ROWS	1000

/* Is the row known to be wrong? */
static bool
is_broken(const AllmTableScan *scan)
{
	char	   *status = allm_table_text(scan, "status");

	return status != NULL && strcmp(status, "broken") == 0;
}

/* The metrics that are enabled, as a list of AllmMetricRow. */
List *
allm_layer_metrics(void)
{
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_table_begin(&scan, "metric", NULL, NULL, NULL))
		return NIL;
	while (list_length(rows) < MAX_ROWS && allm_table_next(&scan))
	{
		AllmMetricRow *row;

		if (!allm_table_bool(&scan, "enabled"))
			continue;
		row = palloc0(sizeof(AllmMetricRow));
		row->broken = is_broken(&scan);
		row->name = allm_table_text(&scan, "name");
		row->expression = allm_table_text(&scan, "expression");
		row->base = allm_table_oid(&scan, "base");
		row->filter = allm_table_text(&scan, "filter");
		row->unit = allm_table_text(&scan, "unit");
		row->description = allm_table_text(&scan, "description");
		row->additive = allm_table_bool(&scan, "additive");
		rows = lappend(rows, row);
	}
	allm_table_end(&scan);
	return rows;
}

/* The synonyms that are enabled, as a list of AllmSynonymRow. */
List *
allm_layer_synonyms(void)
{
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_table_begin(&scan, "synonym", NULL, NULL, NULL))
		return NIL;
	while (list_length(rows) < MAX_ROWS && allm_table_next(&scan))
	{
		AllmSynonymRow *row;

		if (!allm_table_bool(&scan, "enabled"))
			continue;
		row = palloc0(sizeof(AllmSynonymRow));
		row->broken = is_broken(&scan);
		row->word = allm_table_text(&scan, "word");
		row->means = allm_table_text(&scan, "means");
		rows = lappend(rows, row);
	}
	allm_table_end(&scan);
	return rows;
}

/* The row that a scan is at, as an example. */
static AllmExample *
read_example(const AllmTableScan *scan)
{
	AllmExample *example = palloc0(sizeof(AllmExample));

	example->name = allm_table_text(scan, "name");
	example->question = allm_table_text(scan, "question");
	example->sql = allm_table_text(scan, "sql");
	if (!allm_table_is_null(scan, "parameters"))
	{
		Size		length;
		char	   *bytes = allm_table_bytes(scan, "parameters", &length);

		example->parameters = JsonbToCString(NULL, (JsonbContainer *) bytes,
											 length);
	}
	return example;
}

/* The order of names, so that what is told does not change with the heap. */
static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((AllmExample *) lfirst(a))->name,
				  ((AllmExample *) lfirst(b))->name);
}

/* The templates in force, as a list of AllmExample, by name. */
List *
allm_layer_templates(void)
{
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_table_begin(&scan, "example", NULL, NULL, NULL))
		return NIL;
	while (list_length(rows) < MAX_ROWS && allm_table_next(&scan))
	{
		if (allm_table_bool(&scan, "enabled") && !is_broken(&scan) &&
			!allm_table_is_null(&scan, "parameters"))
			rows = lappend(rows, read_example(&scan));
	}
	allm_table_end(&scan);
	list_sort(rows, compare_names);
	return rows;
}

/*
 * The enabled example, without parameters, whose question has this normal
 * form; NULL when there is none that the role may read.  It is made in the
 * current memory context.
 */
AllmExample *
allm_layer_find_example(const char *normal_form)
{
	AllmExample *example = NULL;
	AllmTableScan scan;

	if (!allm_table_begin(&scan, "example", "example_same_question_twice",
						  "normal_form", normal_form))
		return NULL;
	while (example == NULL && allm_table_next(&scan))
	{
		if (!allm_table_bool(&scan, "enabled") ||
			!allm_table_is_null(&scan, "parameters"))
			continue;
		example = read_example(&scan);
	}
	allm_table_end(&scan);
	return example;
}

PG_FUNCTION_INFO_V1(analytics_llm_normal_form);

/*
 * analytics_llm_normal_form
 *		The form of a question that two askers share.
 *
 * SQL: analytics_llm.normal_form(question text) returns text
 *
 * A pure function; it works without preloading, so that a restore does.
 */
Datum
analytics_llm_normal_form(PG_FUNCTION_ARGS)
{
	char	   *question = text_to_cstring(PG_GETARG_TEXT_PP(0));

	PG_RETURN_TEXT_P(cstring_to_text(allm_text_normal_form(question)));
}
