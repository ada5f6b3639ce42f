/*
 * heed.c
 *		Definitions and models: what a model is told, and whether it listened.
 *
 * A definition that a query ignored although the question names it is a
 * warning of the guard's kind, and so a doubt.  Whether a query says the same
 * as a metric cannot be decided; what can be seen is that it leaves out a
 * column, an aggregate or a value that the definition is made of.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "ask/heed.h"
#include "ask/meaning.h"
#include "base/settings.h"
#include "guard/finding.h"
#include "schema/snapshot.h"
#include "semantic/defined.h"

/* All definitions may take such a part of what the schema may. */
#define PART_OF_SCHEMA	4

/* As in model/prompt.c: bytes for one token. */
#define BYTES_PER_TOKEN	2.5

/* More would be a schema of its own. */
#define MAX_DESCRIPTION	300

/* One column of a relation. */
typedef struct Used
{
	Oid			relid;
	AttrNumber	attnum;
} Used;

/* What a query is made of. */
typedef struct Survey
{
	List	   *queries;		/* of Query, the innermost first */
	List	   *columns;		/* of Used */
	List	   *aggregates;		/* OIDs */
	List	   *values;			/* of char *: constants as texts */
} Survey;

static char *write_all(const List *definitions, Size max_bytes);
static void write_one(StringInfo out, const AllmDefinition *definition);
static bool survey_node(Node *node, Survey *survey);
static void note_column(Survey *survey, const Var *var);
static const char *find_missing(const AllmDefinition *definition,
								const AllmChecked *checked,
								const Survey *survey);

/*
 * What a prompt says of the definitions: all of them, as the same bytes for
 * every question; where they are too many, those that the question names.
 */
AllmTold
allm_heed_tell(const char *question, AllmDeadline deadline)
{
	AllmTold	told = {NULL, NULL};
	const List *definitions;
	Size		max_bytes = (Size) (allm_prompt_schema_tokens *
									BYTES_PER_TOKEN / PART_OF_SCHEMA);

	if (allm_meaning_get(deadline, &definitions) != NULL ||
		definitions == NIL)
		return told;
	told.always = write_all(definitions, max_bytes);
	if (told.always == NULL)
		told.now = write_all(allm_defined_named(question, allm_snapshot_get(),
												definitions), max_bytes);
	return told;
}

/* Definitions in words; NULL when that takes more bytes, or there are none. */
static char *
write_all(const List *definitions, Size max_bytes)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, definitions)
		write_one(&out, lfirst(cell));
	return out.len > 0 && out.len <= max_bytes ? out.data : NULL;
}

/* One definition, on one line. */
static void
write_one(StringInfo out, const AllmDefinition *definition)
{
	const AllmMetric *metric = definition->metric;

	if (definition->means == ALLM_MEANS_NOTHING)
		return;
	if (definition->text != NULL)
	{
		appendStringInfo(out, "- %s: means %s\n", definition->word,
						 definition->text);
		return;
	}
	appendStringInfo(out, "- %s: %s over the rows of %s", definition->word,
					 allm_defined_write(metric->expression,
										metric->base->sql_name),
					 metric->base->sql_name);
	if (metric->filter != NULL)
		appendStringInfo(out, " where %s",
						 allm_defined_write(metric->filter,
											metric->base->sql_name));
	if (metric->unit != NULL)
		appendStringInfo(out, ", in %s", metric->unit);
	if (!metric->additive)
		appendStringInfoString(out, "; its values must not be added up");
	if (metric->description != NULL)
		appendStringInfo(out, " (%.*s)", MAX_DESCRIPTION,
						 metric->description);
	appendStringInfoChar(out, '\n');
}

/* The definitions that a question names, to be held against its query. */
List *
allm_heed_named(const char *question, AllmDeadline deadline)
{
	const List *definitions;

	if (allm_meaning_get(deadline, &definitions) != NULL ||
		definitions == NIL)
		return NIL;
	return allm_defined_named(question, allm_snapshot_get(), definitions);
}

/*
 * Warnings for definitions that a checked query ignores.  To be asked before
 * the query is planned, which uses it up.
 */
List *
allm_heed_check(const List *named, const AllmChecked *checked)
{
	List	   *findings = NIL;
	Survey		survey = {0};
	ListCell   *cell;

	if (named == NIL || checked->query == NULL)
		return NIL;
	(void) survey_node((Node *) checked->query, &survey);
	foreach(cell, named)
	{
		const AllmDefinition *definition = lfirst(cell);
		const char *missing = find_missing(definition, checked, &survey);
		AllmFinding *finding;

		if (missing == NULL)
			continue;
		finding = allm_finding_make(false, "definition_ignored", 0,
									"the query does not use the definition of \"%s\"",
									definition->word);
		finding->detail = psprintf("It does without %s.", missing);
		findings = lappend(findings, finding);
	}
	return findings;
}

/* Collects columns, aggregates and constants of a query and those in it. */
static bool
survey_node(Node *node, Survey *survey)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		bool		result;

		survey->queries = lcons(node, survey->queries);
		result = query_tree_walker((Query *) node, survey_node, survey,
								   QTW_IGNORE_JOINALIASES);
		survey->queries = list_delete_first(survey->queries);
		return result;
	}
	if (IsA(node, Var))
		note_column(survey, (Var *) node);
	if (IsA(node, Aggref))
		survey->aggregates = list_append_unique_oid(survey->aggregates,
													((Aggref *) node)->aggfnoid);
	if (IsA(node, Const) && !((Const *) node)->constisnull)
	{
		Const	   *constant = (Const *) node;
		Oid			output;
		bool		varlena;

		getTypeOutputInfo(constant->consttype, &output, &varlena);
		survey->values = lappend(survey->values,
								 OidOutputFunctionCall(output,
													   constant->constvalue));
	}
	return expression_tree_walker(node, survey_node, survey);
}

/* Notes the relation's column that a Var is, through joins. */
static void
note_column(Survey *survey, const Var *var)
{
	Query	   *query;
	RangeTblEntry *rte;
	Used	   *used;

	if (var->varlevelsup >= list_length(survey->queries))
		return;
	query = list_nth(survey->queries, var->varlevelsup);
	if (var->varno < 1 || var->varno > list_length(query->rtable))
		return;
	rte = rt_fetch(var->varno, query->rtable);
	if (rte->rtekind == RTE_JOIN && var->varattno > 0)
	{
		List	   *queries = survey->queries;

		survey->queries = list_copy_tail(queries, var->varlevelsup);
		(void) survey_node(list_nth(rte->joinaliasvars, var->varattno - 1),
						   survey);
		survey->queries = queries;
	}
	if (rte->rtekind != RTE_RELATION)
		return;
	used = palloc(sizeof(Used));
	used->relid = rte->relid;
	used->attnum = var->varattno;
	survey->columns = lappend(survey->columns, used);
}

/* Does the query use that column, or the whole row? */
static bool
uses_column(const Survey *survey, Oid relid, AttrNumber attnum)
{
	ListCell   *cell;

	foreach(cell, survey->columns)
	{
		Used	   *used = lfirst(cell);

		if (used->relid == relid &&
			(used->attnum == attnum || used->attnum == 0))
			return true;
	}
	return false;
}

/* Is the text one of the constants of the query? */
static bool
uses_value(const Survey *survey, const char *value)
{
	ListCell   *cell;

	foreach(cell, survey->values)
	{
		if (strcmp(lfirst(cell), value) == 0)
			return true;
	}
	return false;
}

/* What a metric is made of and the query has not, in words; or NULL. */
static const char *
find_missing_part(const AllmMetric *metric, const Survey *survey)
{
	ListCell   *cell;

	foreach(cell, metric->attnums)
	{
		if (!uses_column(survey, metric->base->oid, lfirst_int(cell)))
			return psprintf("column %s.%s", metric->base->name,
							get_attname(metric->base->oid, lfirst_int(cell),
										false));
	}
	foreach(cell, metric->aggregates)
	{
		if (!list_member_oid(survey->aggregates, lfirst_oid(cell)))
			return psprintf("aggregate %s", get_func_name(lfirst_oid(cell)));
	}
	return NULL;
}

/*
 * What the definition is made of and the query has not.  Of a view, whose
 * columns are no more to be seen in a query that was expanded, only that it is
 * read at all.
 */
static const char *
find_missing(const AllmDefinition *definition, const AllmChecked *checked,
			 const Survey *survey)
{
	const AllmRelation *relation = definition->relation;

	if (definition->means == ALLM_MEANS_NOTHING)
		return NULL;
	if (!list_member_oid(checked->relations, relation->oid))
		return psprintf("relation %s", relation->name);
	if (relation->kind == RELKIND_VIEW ||
		definition->means == ALLM_MEANS_RELATION)
		return NULL;
	if (definition->means == ALLM_MEANS_METRIC)
		return find_missing_part(definition->metric, survey);
	if (!uses_column(survey, relation->oid, definition->column->attnum))
		return psprintf("column %s.%s", relation->name,
						definition->column->name);
	if (definition->means == ALLM_MEANS_VALUE &&
		!uses_value(survey, definition->value))
		return psprintf("the value of %s.%s", relation->name,
						definition->column->name);
	return NULL;
}
