/*
 * meaning.c
 *		Definitions that the asking role may use: checked metrics, synonyms.
 *
 * A metric's expression is text like any other.  It is analysed in a query
 * over its base alone, as the role that asks; what goes on from here is the
 * server's own writing of what it understood, so that no byte of the text
 * reaches another query.  What the role may not read, and what is broken, is
 * not there for it.
 *
 * The result is kept in this backend, by role, until a table of definitions or
 * the snapshot changes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/ruleutils.h"
#include "utils/varlena.h"

#include "ask/meaning.h"
#include "base/settings.h"
#include "guard/analyze.h"
#include "guard/execute.h"
#include "guard/finding.h"
#include "schema/comment.h"
#include "schema/snapshot.h"

/* What the words of a synonym lead to, by names alone. */
typedef struct Target
{
	const AllmMetricRow *metric;
	List	   *names;			/* of char *: schema, relation, column */
	char	   *value;			/* or NULL */
	Oid			relid;			/* or invalid */
	char	   *column;			/* or NULL: the relation itself */
} Target;

/* What the walk over a metric's expression collects. */
typedef struct Parts
{
	List	   *attnums;
	List	   *aggregates;
	bool		plain;			/* a column outside of any aggregate */
	Node	   *filter;
} Parts;

/* The definitions of one role. */
typedef struct Kept
{
	MemoryContext context;
	Oid			role;
	uint64		serial;			/* of the snapshot */
	List	   *definitions;	/* of AllmDefinition */
} Kept;

/* A check that is run inside the fence. */
typedef struct FencedCheck
{
	const char *sql;
	const AllmMetricRow *metric;
	AllmMetric *made;
	char	   *problem;
} FencedCheck;

/* Why a definition cannot be used, as the end of a sentence. */
#define BROKEN	"is broken; its table says why"
#define CLOSED	"uses what this role may not read"

/* The tables whose rows are kept. */
static const char *const tables[] = {"metric", "synonym"};

static Kept *kept = NULL;
static Oid	table_oids[lengthof(tables)];
static bool is_stale = true;

static void watch_tables(void);
static void note_relation(Datum arg, Oid relid);
static void build_definitions(void *arg);
static void add_metric(Kept *build, const AllmMetricRow *row);
static void add_synonym(Kept *build, const AllmSynonymRow *row,
						const List *metrics);
static char *write_metric_query(const AllmMetricRow *row);
static char *make_metric(const AllmMetricRow *row, AllmMetric *metric);
static char *list_errors(const List *findings);
static bool read_target(const AllmSynonymRow *row, const List *metrics,
						Target *target);
static AllmRelation *find_relation(Oid relid);
static AllmColumn *find_column(const AllmRelation *relation, const char *name);

/*
 * The definitions that the current role may use, as a list of AllmDefinition;
 * it stays valid until the next call.  Returns why they could not be read or
 * checked in time, or NULL: without them, words would mean what the catalog
 * says, so that who cannot read them must not answer.
 */
ErrorData *
allm_meaning_get(AllmDeadline deadline, const List **definitions)
{
	const AllmSnapshot *snapshot = allm_snapshot_get();
	MemoryContext context;
	ErrorData  *edata;
	Kept	   *build;

	watch_tables();
	if (kept != NULL && !is_stale && kept->role == GetUserId() &&
		kept->serial == snapshot->serial)
	{
		*definitions = kept->definitions;
		return NULL;
	}
	if (kept != NULL)
		MemoryContextDelete(kept->context);
	kept = NULL;
	*definitions = NIL;
	if (snapshot->relations == NIL)
		return NULL;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"analytics_llm definitions",
									ALLOCSET_DEFAULT_SIZES);

	/* A transaction whose snapshot does not move keeps nothing for the next. */
	is_stale = IsolationUsesXactSnapshot();
	build = MemoryContextAllocZero(context, sizeof(Kept));
	build->context = context;
	build->role = GetUserId();
	build->serial = snapshot->serial;
	edata = allm_execute_fenced(build_definitions, build, deadline);
	if (edata != NULL)
	{
		is_stale = true;
		return edata;
	}
	MemoryContextSetParent(context, CacheMemoryContext);
	kept = build;
	*definitions = kept->definitions;
	return NULL;
}

/* Registers the callback, and finds the tables that it waits for. */
static void
watch_tables(void)
{
	static bool is_watching = false;
	Oid			namespace = get_namespace_oid("analytics_llm", true);

	for (int i = 0; i < lengthof(tables); i++)
	{
		Oid			oid = get_relname_relid(tables[i], namespace);

		if (oid != table_oids[i])
			is_stale = true;
		table_oids[i] = oid;
	}
	if (is_watching)
		return;
	CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	is_watching = true;
}

/* Did one of the tables change? */
static void
note_relation(Datum arg, Oid relid)
{
	for (int i = 0; i < lengthof(tables); i++)
		is_stale |= !OidIsValid(relid) || relid == table_oids[i];
}

/* Inside the fence: reads the rows, and keeps what passes the check. */
static void
build_definitions(void *arg)
{
	Kept	   *build = arg;
	MemoryContext caller = MemoryContextSwitchTo(build->context);
	List	   *metrics = allm_layer_metrics();
	ListCell   *cell;

	foreach(cell, metrics)
	{
		CHECK_FOR_INTERRUPTS();
		add_metric(build, lfirst(cell));
	}
	foreach(cell, allm_layer_synonyms())
		add_synonym(build, lfirst(cell), metrics);
	MemoryContextSwitchTo(caller);
}

/*
 * Words whose definition cannot be used: to read them as if they had none would
 * give other figures under the same name.
 */
static void
block_word(Kept *build, char *word, const char *problem)
{
	AllmDefinition *definition = palloc0(sizeof(AllmDefinition));

	definition->means = ALLM_MEANS_NOTHING;
	definition->word = word;
	definition->problem = problem;
	build->definitions = lappend(build->definitions, definition);
}

/* Adds a metric, if its base is there for the role. */
static void
add_metric(Kept *build, const AllmMetricRow *row)
{
	AllmDefinition *definition;
	AllmMetric *metric;
	AllmRelation *base = find_relation(row->base);

	if (row->name == NULL || row->expression == NULL ||
		(base == NULL && get_rel_name(row->base) != NULL))
		return;
	metric = palloc0(sizeof(AllmMetric));
	metric->base = base;
	if (row->broken || base == NULL)
	{
		block_word(build, row->name, BROKEN);
		return;
	}
	if (make_metric(row, metric) != NULL)
	{
		block_word(build, row->name, CLOSED);
		return;
	}
	definition = palloc0(sizeof(AllmDefinition));
	definition->means = ALLM_MEANS_METRIC;
	definition->word = row->name;
	definition->metric = metric;
	definition->relation = metric->base;
	build->definitions = lappend(build->definitions, definition);
}

/* The definition of a metric that was added, or NULL. */
static const AllmDefinition *
find_metric(const Kept *build, const AllmMetricRow *row)
{
	ListCell   *cell;

	foreach(cell, build->definitions)
	{
		const AllmDefinition *definition = lfirst(cell);

		if (definition->word == row->name)
			return definition;
	}
	return NULL;
}

/* Adds a synonym, if the role may read what it names. */
static void
add_synonym(Kept *build, const AllmSynonymRow *row, const List *metrics)
{
	AllmDefinition *definition = palloc0(sizeof(AllmDefinition));
	Target		target = {0};

	if (row->word == NULL || row->means == NULL)
		return;
	if (row->broken)
	{
		block_word(build, row->word, BROKEN);
		return;
	}
	if (!read_target(row, metrics, &target))
		return;
	definition->word = row->word;
	definition->text = row->means;
	if (target.metric != NULL)
	{
		const AllmDefinition *metric = find_metric(build, target.metric);

		if (metric == NULL)
			return;
		if (metric->means == ALLM_MEANS_NOTHING)
		{
			block_word(build, row->word, metric->problem);
			return;
		}
		definition->means = ALLM_MEANS_METRIC;
		definition->metric = metric->metric;
		definition->relation = metric->relation;
	}
	else
	{
		definition->relation = find_relation(target.relid);
		if (definition->relation == NULL)
			return;
		definition->means = target.column == NULL ? ALLM_MEANS_RELATION :
			target.value == NULL ? ALLM_MEANS_COLUMN : ALLM_MEANS_VALUE;
		definition->value = target.value;
		if (target.column != NULL)
		{
			definition->column = find_column(definition->relation,
											 target.column);
			if (definition->column == NULL)
			{
				block_word(build, row->word, CLOSED);
				return;
			}
		}
	}
	build->definitions = lappend(build->definitions, definition);
}

/* The query that shows what a metric is; its lines end what a comment began. */
static char *
write_metric_query(const AllmMetricRow *row)
{
	char	   *name = get_rel_name(row->base);
	StringInfoData sql;

	if (name == NULL)
		return NULL;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s\nAS value\nFROM %s",
					 row->expression,
					 quote_qualified_identifier(get_namespace_name(get_rel_namespace(row->base)),
												name));
	if (row->filter != NULL)
		appendStringInfo(&sql, "\nWHERE %s\n", row->filter);
	return sql.data;
}

/* Collects columns and aggregates of an expression. */
static bool
collect_parts(Node *node, Parts *parts)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		parts->attnums = list_append_unique_int(parts->attnums,
												((Var *) node)->varattno);
	if (IsA(node, Aggref))
		parts->aggregates = list_append_unique_oid(parts->aggregates,
												   ((Aggref *) node)->aggfnoid);
	return expression_tree_walker(node, collect_parts, parts);
}

/* A copy in which each aggregate takes only the rows that pass the filter. */
static Node *
filter_aggregates(Node *node, Parts *parts)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Aggref))
	{
		Aggref	   *copy = copyObject((Aggref *) node);

		copy->aggfilter = (Expr *) (copy->aggfilter == NULL ?
									copyObject(parts->filter) :
									make_and_qual((Node *) copy->aggfilter,
												  copyObject(parts->filter)));
		return (Node *) copy;
	}
	return expression_tree_mutator(node, filter_aggregates, parts);
}

/* Why an analysed query is not one figure over one relation; NULL if it is. */
static char *
find_misshape(const AllmMetricRow *row, const Query *query)
{
	Oid			type;

	if (list_length(query->targetList) != 1 || query->groupClause != NIL ||
		query->groupingSets != NIL || query->havingQual != NULL ||
		query->distinctClause != NIL || query->sortClause != NIL ||
		query->limitCount != NULL || query->limitOffset != NULL ||
		query->setOperations != NULL || query->cteList != NIL)
		return pstrdup("the expression must be one value, and the filter one condition");
	if (list_length(query->rtable) != 1 || query->hasSubLinks)
		return psprintf("the expression and the filter may read %s alone, without subqueries",
						get_rel_name(row->base));
	if (query->hasWindowFuncs || query->hasTargetSRFs)
		return pstrdup("window functions and functions that return sets cannot be in a metric");
	type = getBaseType(exprType((Node *) ((TargetEntry *) linitial(query->targetList))->expr));
	if (TypeCategory(type) != TYPCATEGORY_NUMERIC)
		return psprintf("the expression must be a number, not a %s",
						format_type_be(type));
	return NULL;
}

/* The column that stands for a metric where columns are looked for. */
static AllmColumn *
make_column(const AllmMetric *metric, Oid type)
{
	AllmColumn *column = palloc0(sizeof(AllmColumn));
	bool		preferred;

	column->relation = metric->base;
	column->name = pstrdup(metric->name);
	for (char *c = column->name; *c != '\0'; c++)
	{
		if (*c == ' ')
			*c = '_';
	}
	column->declared_type = type;
	column->type = getBaseType(type);
	column->typmod = -1;
	get_type_category_preferred(column->type, &column->category, &preferred);
	column->metric = metric;
	return column;
}

/* Fills in what the server understood.  Inside the fence. */
static void
write_texts(const AllmMetricRow *row, const Query *query, AllmMetric *metric)
{
	Node	   *value = (Node *) ((TargetEntry *) linitial(query->targetList))->expr;
	List	   *context = deparse_context_for(ALLM_LAYER_ALIAS, row->base);
	Parts		parts = {0};

	parts.filter = query->jointree->quals;
	metric->aggregate = query->hasAggs;
	metric->expression = deparse_expression(value, context, true, false);
	metric->filtered = metric->expression;
	if (parts.filter != NULL)
	{
		metric->filter = deparse_expression(parts.filter, context, true, false);
		metric->filtered = metric->aggregate ?
			deparse_expression(filter_aggregates(value, &parts), context, true,
							   false) :
			psprintf("CASE WHEN %s THEN %s END", metric->filter,
					 metric->expression);
	}
	(void) collect_parts(value, &parts);
	(void) collect_parts(parts.filter, &parts);
	metric->attnums = parts.attnums;
	metric->aggregates = parts.aggregates;
	metric->column = make_column(metric, exprType(value));
}

/*
 * Checks a metric as the current role, inside the fence.  NULL when it is
 * right, else what is wrong, one line each.
 */
static char *
make_metric(const AllmMetricRow *row, AllmMetric *metric)
{
	char	   *sql = write_metric_query(row);
	AllmChecked *checked;
	char	   *problem;

	if (sql == NULL)
		return psprintf("undefined_table: the relation with number %u does not exist any more",
						row->base);
	checked = allm_analyze_check(sql);
	problem = list_errors(checked->findings);
	if (problem == NULL)
		problem = find_misshape(row, checked->query);
	if (problem != NULL)
		return problem;
	metric->name = row->name;
	metric->unit = row->unit;
	metric->description = row->description;
	metric->additive = row->additive;
	write_texts(row, checked->query, metric);
	return NULL;
}

/* The errors among findings, one line each; NULL when there is none. */
static char *
list_errors(const List *findings)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, findings)
	{
		AllmFinding *finding = lfirst(cell);

		if (!finding->is_error)
			continue;
		appendStringInfo(&out, "%s%s: %s", out.len > 0 ? "\n" : "",
						 finding->code, finding->message);
		if (finding->hint != NULL)
			appendStringInfo(&out, " (%s)", finding->hint);
	}
	return out.len > 0 ? out.data : NULL;
}

/* Takes "name = 'value'" apart; the value is left as it would be stored. */
static char *
split_value(char *text)
{
	char	   *equals = strchr(text, '=');
	char	   *value;
	StringInfoData out;
	int			length;

	if (equals == NULL)
		return NULL;
	value = equals + 1;
	value += strspn(value, " \t\n");
	*equals = '\0';
	length = strlen(value);
	while (length > 0 && strchr(" \t\n", value[length - 1]) != NULL)
		length--;
	if (length < 2 || value[0] != '\'' || value[length - 1] != '\'')
		return pnstrdup(value, length);
	initStringInfo(&out);
	for (int i = 1; i < length - 1; i++)
	{
		if (value[i] == '\'' && i + 1 < length - 1 && value[i + 1] == '\'')
			i++;
		appendStringInfoChar(&out, value[i]);
	}
	return out.data;
}

/* The relation of a qualified name, or invalid. */
static Oid
look_up_relation(const List *names)
{
	RangeVar   *range;

	if (list_length(names) == 1)
		range = makeRangeVar(NULL, linitial(names), -1);
	else if (list_length(names) == 2)
		range = makeRangeVar(linitial(names), lsecond(names), -1);
	else
		return InvalidOid;
	return RangeVarGetRelidExtended(range, NoLock, RVR_MISSING_OK, NULL, NULL);
}

/*
 * What a synonym's meaning names: a metric, a relation, a column, or a column
 * with a value.  False when it is none of that; then names may still say what
 * was tried.
 */
static bool
read_target(const AllmSynonymRow *row, const List *metrics, Target *target)
{
	char	   *text = pstrdup(row->means);
	ListCell   *cell;

	foreach(cell, metrics)
	{
		const AllmMetricRow *metric = lfirst(cell);

		if (metric->name != NULL && pg_strcasecmp(metric->name, text) == 0)
		{
			target->metric = metric;
			return true;
		}
	}
	target->value = split_value(text);
	if (!SplitIdentifierString(text, '.', &target->names) ||
		target->names == NIL)
	{
		target->names = NIL;
		return false;
	}
	if (target->value == NULL)
		target->relid = look_up_relation(target->names);
	if (OidIsValid(target->relid) || list_length(target->names) < 2)
		return OidIsValid(target->relid);
	target->column = llast(target->names);
	target->relid = look_up_relation(list_truncate(list_copy(target->names),
												   list_length(target->names) - 1));
	return OidIsValid(target->relid);
}

/* The relation with that number, if the role may read it. */
static AllmRelation *
find_relation(Oid relid)
{
	ListCell   *cell;

	foreach(cell, allm_snapshot_get()->relations)
	{
		AllmRelation *relation = lfirst(cell);

		if (relation->oid == relid)
			return relation;
	}
	return NULL;
}

/* The column of that name, if the role may read it. */
static AllmColumn *
find_column(const AllmRelation *relation, const char *name)
{
	ListCell   *cell;

	foreach(cell, relation->columns)
	{
		AllmColumn *column = lfirst(cell);

		if (strcmp(column->name, name) == 0)
			return column;
	}
	return NULL;
}

/* Inside the fence: one query, or one metric. */
static void
check_one(void *arg)
{
	FencedCheck *check = arg;

	if (check->metric != NULL)
		check->problem = make_metric(check->metric, check->made);
	else
		check->problem = list_errors(allm_analyze_check(check->sql)->findings);
}

/* Runs a check in a fence of its own: what is wrong, or NULL. */
static char *
run_check(const char *sql, const AllmMetricRow *metric)
{
	FencedCheck check = {.sql = sql,.metric = metric};
	ErrorData  *edata;

	check.made = palloc0(sizeof(AllmMetric));
	edata = allm_execute_fenced(check_one, &check,
								allm_deadline_in(allm_query_timeout));
	return edata != NULL ? pstrdup(edata->message) : check.problem;
}

/* What is wrong with a query for the current role, one line a finding. */
char *
allm_meaning_check_query(const char *sql)
{
	return sql != NULL ? run_check(sql, NULL) : pstrdup("the query is null");
}

/* What is wrong with a metric for the current role; NULL when nothing is. */
char *
allm_meaning_check_metric(const AllmMetricRow *row)
{
	if (row->name == NULL || row->expression == NULL ||
		!OidIsValid(row->base))
		return NULL;			/* the table's own constraints say so */
	return run_check(NULL, row);
}

/* The same of a synonym: the guard says what is wrong with the names. */
char *
allm_meaning_check_synonym(const AllmSynonymRow *row)
{
	Target		target = {0};
	StringInfoData sql;
	int			count;
	char	   *problem;

	if (row->word == NULL || row->means == NULL)
		return NULL;
	(void) read_target(row, allm_layer_metrics(), &target);
	if (target.metric != NULL)
		return NULL;
	count = list_length(target.names);
	if (target.names == NIL || (target.value != NULL && count < 2))
		return psprintf("\"%s\" is not a metric, a relation, a column, nor a column with its value",
						row->means);

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM ", target.column != NULL ?
					 quote_identifier(target.column) : "1");
	if (target.column != NULL)
		count--;
	for (int i = 0; i < count; i++)
		appendStringInfo(&sql, "%s%s", i > 0 ? "." : "",
						 quote_identifier(list_nth(target.names, i)));
	if (target.value != NULL)
		appendStringInfo(&sql, " WHERE %s = %s",
						 quote_identifier(target.column),
						 quote_literal_cstr(target.value));
	problem = allm_meaning_check_query(sql.data);
	return problem != NULL ? problem : allm_comment_problem(target.relid);
}
