/*
 * define.c
 *		Checks a definition when it is written.
 *
 * A definition that is wrong is refused with the findings.  One that is not
 * enabled is kept, marked, so that it can be written before what it is about
 * is there; so is one that cannot be told, as in a restore.  The columns status
 * and problem are written here and by recheck.c alone.  Whoever asks is checked
 * again at each use, with rights of their own.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rel.h"

#include "ask/define.h"
#include "ask/meaning.h"
#include "ask/template.h"
#include "base/shmem.h"
#include "base/table.h"
#include "base/text.h"
#include "guard/subxact.h"
#include "schema/comment.h"
#include "semantic/vocabulary.h"

PG_FUNCTION_INFO_V1(analytics_llm_definition_check);

static char *find_metric_problem(HeapTuple tuple, TupleDesc tupdesc);
static char *find_synonym_problem(HeapTuple tuple, TupleDesc tupdesc);
static char *find_example_problem(HeapTuple tuple, TupleDesc tupdesc);

/* Sorted by name. */
const AllmDefineTable allm_define_tables[] =
{
	{"example", "name", find_example_problem},
	{"metric", "name", find_metric_problem},
	{"synonym", "word", find_synonym_problem},
};

const int	allm_define_ntables = lengthof(allm_define_tables);

/* A template that is taken apart. */
typedef struct TemplateRead
{
	const AllmExample *example;
	AllmTemplate template;
	char	   *problem;
} TemplateRead;

/* Rows that recheck.c writes are not checked once more. */
static bool let_through = false;

static const AllmDefineTable *find_table(const char *name);
static void say_problem(const AllmDefineTable *table, const char *name,
						const char *problem, bool enabled);
static void read_template(void *arg);
static HeapTuple set_columns(Relation relation, HeapTuple tuple,
							 const char *status, const char *problem,
							 bool keep_author);

/*
 * analytics_llm_definition_check
 *		Check one definition, and set its status and problem.
 *
 * SQL: analytics_llm.definition_check() returns trigger
 *
 * status becomes "ok"; or "broken" with the problem beside it, which is an
 * error for a definition that is enabled; or "unchecked" where it cannot be
 * told: the library is not preloaded, or the session has no search path, as
 * that of a restore, and names are not found for that reason.
 */
Datum
analytics_llm_definition_check(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	const AllmDefineTable *table;
	HeapTuple	tuple;
	TupleDesc	tupdesc;
	char	   *problem;
	char	   *enabled;

	tuple = allm_table_trigger_row(fcinfo, TRIGGER_EVENT_BEFORE, NULL);
	if (let_through)
		return PointerGetDatum(tuple);
	tupdesc = RelationGetDescr(trigger->tg_relation);
	table = find_table(RelationGetRelationName(trigger->tg_relation));
	if (!allm_loaded())
		return PointerGetDatum(set_columns(trigger->tg_relation, tuple,
										   "unchecked", NULL, true));

	problem = table->find_problem(tuple, tupdesc);
	if (problem != NULL && !allm_define_has_path())
		return PointerGetDatum(set_columns(trigger->tg_relation, tuple,
										   "unchecked", NULL, true));
	enabled = SPI_getvalue(tuple, tupdesc, SPI_fnumber(tupdesc, "enabled"));
	if (problem != NULL)
		say_problem(table, SPI_getvalue(tuple, tupdesc,
										SPI_fnumber(tupdesc, table->key)),
					problem, enabled != NULL && enabled[0] == 't');
	return PointerGetDatum(set_columns(trigger->tg_relation, tuple,
									   problem ? "broken" : "ok", problem,
									   !allm_define_has_path()));
}

/* The row of a table that has the trigger. */
static const AllmDefineTable *
find_table(const char *name)
{
	for (int i = 0; i < allm_define_ntables; i++)
	{
		if (strcmp(allm_define_tables[i].name, name) == 0)
			return &allm_define_tables[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("table \"%s\" holds no definitions", name)));
}

/* Refuses what is wrong, or only says so of what is not in force. */
static void
say_problem(const AllmDefineTable *table, const char *name,
			const char *problem, bool enabled)
{
	if (enabled)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("%s \"%s\" is not right", table->name,
						name ? name : ""),
				 errdetail_internal("%s", problem),
				 errhint("To keep it as a draft, write it with enabled = false.")));
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("%s \"%s\" is kept as a draft, and is not right",
					table->name, name ? name : ""),
			 errdetail_internal("%s", problem)));
}

/* Can names without a schema mean anything but the server's own objects? */
bool
allm_define_has_path(void)
{
	Oid			path[2] = {PG_CATALOG_NAMESPACE, PG_CATALOG_NAMESPACE};

	(void) fetch_search_path_array(path, lengthof(path));
	return path[0] != PG_CATALOG_NAMESPACE || path[1] != PG_CATALOG_NAMESPACE;
}

/* From here on, rows are written as they are; or are checked again. */
void
allm_define_let_through(bool on)
{
	let_through = on;
}

/* A text column of a row, or NULL. */
static char *
get_text(HeapTuple tuple, TupleDesc tupdesc, const char *column)
{
	return SPI_getvalue(tuple, tupdesc, SPI_fnumber(tupdesc, column));
}

/*
 * Is it a word that does more in a question than open it?  What is said to "state"
 * or "sort" may be called so, too.
 */
static bool
makes_questions(const char *text)
{
	ListCell   *cell;

	foreach(cell, allm_vocabulary_marks(text))
	{
		if (((AllmMarkRow *) lfirst(cell))->mark != ALLM_MARK_FRAME)
			return true;
	}
	return false;
}

/*
 * Words that make questions cannot be given another meaning: whatever is asked
 * with them would become something else.
 */
static char *
find_word_problem(const char *text)
{
	char	   *lower = allm_text_lower(text);

	if (allm_words_find_phrase(lower) == NULL &&
		!makes_questions(lower) &&
		allm_words_number(lower) <= 0 && allm_words_month(lower) <= 0)
		return NULL;
	return psprintf("\"%s\" is a word of the language that questions are asked in",
					text);
}

/* What is wrong with a row of analytics_llm.metric. */
static char *
find_metric_problem(HeapTuple tuple, TupleDesc tupdesc)
{
	AllmMetricRow row = {0};
	bool		isnull;
	Datum		base = SPI_getbinval(tuple, tupdesc,
									 SPI_fnumber(tupdesc, "base"), &isnull);
	char	   *problem;

	row.name = get_text(tuple, tupdesc, "name");
	row.expression = get_text(tuple, tupdesc, "expression");
	row.filter = get_text(tuple, tupdesc, "filter");
	row.base = isnull ? InvalidOid : DatumGetObjectId(base);
	problem = row.name != NULL ? find_word_problem(row.name) : NULL;
	if (problem == NULL)
		problem = allm_meaning_check_metric(&row);
	return problem != NULL ? problem : allm_comment_problem(row.base);
}

/* What is wrong with a row of analytics_llm.synonym. */
static char *
find_synonym_problem(HeapTuple tuple, TupleDesc tupdesc)
{
	AllmSynonymRow row;
	char	   *problem;

	row.word = get_text(tuple, tupdesc, "word");
	row.means = get_text(tuple, tupdesc, "means");
	problem = row.word != NULL ? find_word_problem(row.word) : NULL;
	return problem != NULL ? problem : allm_meaning_check_synonym(&row);
}

/* What is wrong with a row of analytics_llm.example. */
static char *
find_example_problem(HeapTuple tuple, TupleDesc tupdesc)
{
	AllmExample example = {0};
	TemplateRead read = {.example = &example};
	ErrorData  *edata;

	example.name = get_text(tuple, tupdesc, "name");
	example.question = get_text(tuple, tupdesc, "question");
	example.sql = get_text(tuple, tupdesc, "sql");
	example.parameters = get_text(tuple, tupdesc, "parameters");
	if (example.parameters == NULL || example.question == NULL ||
		example.sql == NULL)
		return allm_meaning_check_query(example.sql);
	edata = allm_subxact_run(read_template, NULL, &read, true);
	if (edata != NULL)
		return pstrdup(edata->message);
	if (read.problem != NULL)
		return read.problem;
	return allm_meaning_check_query(allm_template_sample(&read.template));
}

/* In a subtransaction: the scanner raises for what is no SQL. */
static void
read_template(void *arg)
{
	TemplateRead *read = arg;

	read->problem = allm_template_read(read->example, &read->template);
}

/*
 * The tuple with its status and problem set, and, unless it is a dump's, with
 * who wrote it and under which search path.
 */
static HeapTuple
set_columns(Relation relation, HeapTuple tuple, const char *status,
			const char *problem, bool keep_author)
{
	TupleDesc	tupdesc = RelationGetDescr(relation);
	int			author = SPI_fnumber(tupdesc, "defined_by");
	int			columns[4];
	Datum		values[4] = {0};
	bool		nulls[4] = {0};
	int			n = 2;

	columns[0] = SPI_fnumber(tupdesc, "status");
	columns[1] = SPI_fnumber(tupdesc, "problem");
	values[0] = CStringGetTextDatum(status);
	nulls[1] = (problem == NULL);
	if (problem != NULL)
		values[1] = CStringGetTextDatum(problem);
	if (!keep_author)
	{
		columns[n] = SPI_fnumber(tupdesc, "search_path");
		values[n++] = CStringGetTextDatum(namespace_search_path);
	}
	if (!keep_author && author > 0)
	{
		columns[n] = author;
		values[n++] = CStringGetTextDatum(GetUserNameFromId(GetUserId(),
															false));
	}
	return heap_modify_tuple_by_cols(tuple, tupdesc, n, columns, values,
									 nulls);
}
