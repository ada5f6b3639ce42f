/*
 * layer.c
 *		What data engineers define: here, the verified examples.
 *
 * Whoever may not read the table finds nothing in it.  An example's SQL is
 * text like any other: it is checked at each use, by the caller.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/table.h"
#include "base/text.h"
#include "schema/layer.h"

extern PGDLLEXPORT Datum analytics_llm_normal_form(PG_FUNCTION_ARGS);

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
		example = palloc0(sizeof(AllmExample));
		example->name = allm_table_text(&scan, "name");
		example->question = allm_table_text(&scan, "question");
		example->sql = allm_table_text(&scan, "sql");
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
