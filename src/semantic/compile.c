/*
 * compile.c
 *		From a plan to SQL.
 *
 * The same plan always gives the same text.  Names come from the catalog and
 * pass quote_identifier, values come from the data and pass quote_literal, and
 * numbers are digits that the lexicon has read: no byte of the question is
 * copied as it is.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "semantic/column.h"
#include "semantic/compile.h"
#include "semantic/defined.h"
#include "semantic/predicate.h"

/* A relation in the FROM clause. */
typedef struct Source
{
	const AllmRelation *relation;
	const AllmForeignKey *key;	/* NULL: the base */
	struct Source *from;		/* where the key leads from */
	bool		outer;			/* a row may have none of it */
	char	   *alias;
} Source;

/* One column of the SELECT list. */
typedef struct Column
{
	const AllmOutput *output;
	char	   *expression;
	char	   *name;
	bool		grouped;
} Column;

/* One query in progress. */
typedef struct Compiler
{
	const AllmPlan *plan;
	List	   *sources;		/* of Source, the base first */
	List	   *columns;		/* of Column */
} Compiler;

static char *write_plan(Compiler *compiler, bool ordered);
static Source *find_source(Compiler *compiler, const List *keys);
static char *make_alias(Compiler *compiler, const AllmRelation *relation);
static const AllmMetric *find_only_metric(const AllmPlan *plan);
static char *write_filter(Compiler *compiler);
static char *write_ref(Compiler *compiler, const AllmRef *ref);
static char *write_output(Compiler *compiler, const AllmOutput *output);
static void add_column(Compiler *compiler, const AllmOutput *output,
					   bool grouped);
static char *write_condition(Compiler *compiler,
							 const AllmCondition *condition);
static void append_from(Compiler *compiler, StringInfo sql);
static void append_where(StringInfo sql, const List *conditions);
static void append_groups(Compiler *compiler, StringInfo sql,
						  const char *clause);
static void append_ranking(Compiler *compiler, StringInfo sql);

/* Is it a plain column, under the name that it has anyway? */
static bool
has_own_name(const Column *column)
{
	const AllmOutput *output = column->output;

	return output->ref != NULL && !output->has_grain &&
		output->function == ALLM_FUNCTION_DEFAULT &&
		output->ref->column->metric == NULL &&
		strcmp(output->ref->column->name, column->name) == 0;
}

/* The SQL of a plan, made in the current memory context. */
char *
allm_compile_plan(const AllmPlan *plan)
{
	Compiler	compiler = {.plan = plan};

	return write_plan(&compiler, true);
}

/*
 * The same as the source of another query, without order; and the names of its
 * columns, quoted.
 */
char *
allm_compile_part(const AllmPlan *plan, List **groups, List **measures)
{
	Compiler	compiler = {.plan = plan};
	char	   *sql = write_plan(&compiler, false);
	ListCell   *cell;

	foreach(cell, compiler.columns)
	{
		Column	   *column = lfirst(cell);
		List	  **names = column->grouped ? groups : measures;

		*names = lappend(*names, pstrdup(quote_identifier(column->name)));
	}
	return sql;
}

/* The conditions of a plan, and those that its figures imply. */
static List *
write_conditions(Compiler *compiler)
{
	const AllmPlan *plan = compiler->plan;
	List	   *conditions = NIL;
	ListCell   *cell;

	foreach(cell, plan->conditions)
		conditions = lappend(conditions,
							 write_condition(compiler, lfirst(cell)));
	if (find_only_metric(plan) != NULL &&
		find_only_metric(plan)->filter != NULL)
		conditions = lappend(conditions, write_filter(compiler));
	if (plan->order != NULL)
		conditions = lappend(conditions,
							 psprintf("%s IS NOT NULL",
									  write_ref(compiler, plan->order)));
	else if (plan->ranked)
	{
		AllmOutput *subject = llast(plan->groups);

		if (!subject->ref->column->not_null)
			conditions = lappend(conditions,
								 psprintf("%s IS NOT NULL",
										  write_ref(compiler, subject->ref)));
	}
	return conditions;
}

/* The SQL of a plan, ordered if that is wanted or needed. */
static char *
write_plan(Compiler *compiler, bool ordered)
{
	const AllmPlan *plan = compiler->plan;
	StringInfoData sql;
	List	   *conditions;
	ListCell   *cell;

	find_source(compiler, NIL);
	foreach(cell, plan->groups)
		add_column(compiler, lfirst(cell), true);
	foreach(cell, plan->measures)
		add_column(compiler, lfirst(cell), false);
	conditions = write_conditions(compiler);

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s", plan->distinct ? "DISTINCT " : "");
	foreach(cell, compiler->columns)
	{
		Column	   *column = lfirst(cell);

		appendStringInfo(&sql, "%s%s",
						 foreach_current_index(cell) > 0 ? ", " : "",
						 column->expression);
		if (!has_own_name(column))
			appendStringInfo(&sql, " AS %s", quote_identifier(column->name));
	}
	append_from(compiler, &sql);
	append_where(&sql, conditions);
	if (plan->measures != NIL)
		append_groups(compiler, &sql, "GROUP BY");
	if (plan->ranked)
		append_ranking(compiler, &sql);
	else if (ordered)
		append_groups(compiler, &sql, "ORDER BY");
	return sql.data;
}

/* The source at the end of a way, added with all before it if it is new. */
static Source *
find_source(Compiler *compiler, const List *keys)
{
	Source	   *from = NULL;
	Source	   *source;
	const AllmForeignKey *key = NULL;
	ListCell   *cell;

	if (keys != NIL)
	{
		key = llast(keys);
		from = find_source(compiler, list_truncate(list_copy(keys),
												   list_length(keys) - 1));
	}
	foreach(cell, compiler->sources)
	{
		source = lfirst(cell);
		if (source->key == key && source->from == from)
			return source;
	}
	source = palloc0(sizeof(Source));
	source->relation = key != NULL ? key->to : compiler->plan->base;
	source->key = key;
	source->from = from;

	/* What is ranked are things: a row that has none is left out. */
	source->outer = key != NULL && !compiler->plan->ranked &&
		(!key->mandatory || from->outer);
	source->alias = make_alias(compiler, source->relation);
	compiler->sources = lappend(compiler->sources, source);
	return source;
}

/* Is the alias in use? */
static bool
has_alias(const Compiler *compiler, const char *alias)
{
	ListCell   *cell;

	foreach(cell, compiler->sources)
	{
		if (strcmp(((Source *) lfirst(cell))->alias, alias) == 0)
			return true;
	}
	return false;
}

/* The initials of a relation's words, with a number where they are taken. */
static char *
make_alias(Compiler *compiler, const AllmRelation *relation)
{
	StringInfoData initials;
	char	   *alias;
	ListCell   *cell;

	initStringInfo(&initials);
	foreach(cell, allm_lexicon_relation_words(relation))
	{
		char		c = ((char *) lfirst(cell))[0];

		if (isascii((unsigned char) c) && isalpha((unsigned char) c))
			appendStringInfoChar(&initials, c);
	}
	if (initials.len == 0)
		appendStringInfoChar(&initials, 't');
	alias = initials.data;

	/* "order_rows" would be the keyword OR. */
	if (quote_identifier(alias) != alias)
		alias = psprintf("%s1", initials.data);
	for (int i = 2; has_alias(compiler, alias); i++)
		alias = psprintf("%s%d", initials.data, i);
	return alias;
}

/*
 * The metric of the only figure of a plan, or NULL.  Its filter then picks the
 * rows of the query; beside others each figure has its own.
 */
static const AllmMetric *
find_only_metric(const AllmPlan *plan)
{
	AllmOutput *only;

	if (list_length(plan->measures) != 1)
		return NULL;
	only = linitial(plan->measures);
	return only->ref != NULL ? only->ref->column->metric : NULL;
}

/* Which rows count for the only metric. */
static char *
write_filter(Compiler *compiler)
{
	return allm_defined_write(find_only_metric(compiler->plan)->filter,
							  find_source(compiler, NIL)->alias);
}

/* A column, or what a metric computes, with its alias in front. */
static char *
write_ref(Compiler *compiler, const AllmRef *ref)
{
	const char *alias = find_source(compiler, ref->keys)->alias;
	const AllmMetric *metric = ref->column->metric;

	if (metric != NULL)
		return allm_defined_write(metric == find_only_metric(compiler->plan) ?
								  metric->expression : metric->filtered,
								  alias);
	return psprintf("%s.%s", alias, quote_identifier(ref->column->name));
}

/* A date cut down to a unit of time: a date, but for years, which are numbers. */
static char *
write_grain(const char *ref, const AllmColumn *column, AllmGrain grain)
{
	static const char *const units[] = {
		[ALLM_GRAIN_DAY] = "day",[ALLM_GRAIN_WEEK] = "week",
		[ALLM_GRAIN_MONTH] = "month",[ALLM_GRAIN_QUARTER] = "quarter",
		[ALLM_GRAIN_YEAR] = "year"
	};
	const char *cast = column->type == DATEOID ? "::timestamp" : "";

	if (grain == ALLM_GRAIN_YEAR)
		return psprintf("extract(year FROM %s)::integer", ref);
	if (grain == ALLM_GRAIN_DAY)
		return psprintf("%s%s", ref, column->type == DATEOID ? "" : "::date");
	return psprintf("date_trunc('%s', %s%s)::date", units[grain], ref, cast);
}

/* The expression of an output. */
static char *
write_output(Compiler *compiler, const AllmOutput *output)
{
	static const char *const functions[] = {
		[ALLM_FUNCTION_COUNT] = "count",[ALLM_FUNCTION_SUM] = "sum",
		[ALLM_FUNCTION_AVG] = "avg",[ALLM_FUNCTION_MIN] = "min",
		[ALLM_FUNCTION_MAX] = "max"
	};
	char	   *ref;

	if (output->ref == NULL)
		return pstrdup("count(*)");
	ref = write_ref(compiler, output->ref);
	if (output->has_grain)
		return write_grain(ref, output->ref->column, output->grain);
	if (output->function == ALLM_FUNCTION_DEFAULT)
		return ref;
	return psprintf("%s(%s%s)", functions[output->function],
					output->distinct ? "DISTINCT " : "", ref);
}

/* Has a column that name? */
static bool
has_column(const Compiler *compiler, const char *name)
{
	ListCell   *cell;

	foreach(cell, compiler->columns)
	{
		if (strcmp(((Column *) lfirst(cell))->name, name) == 0)
			return true;
	}
	return false;
}

/* Adds a column under a name of its own: lower case, words joined. */
static void
add_column(Compiler *compiler, const AllmOutput *output, bool grouped)
{
	Column	   *column = palloc0(sizeof(Column));
	char	   *name = pstrdup(output->name);

	for (char *c = name; *c != '\0'; c++)
	{
		if (*c == ' ')
			*c = '_';
	}
	column->output = output;
	column->grouped = grouped;
	column->expression = write_output(compiler, output);
	column->name = name;
	for (int i = 2; has_column(compiler, column->name); i++)
		column->name = psprintf("%s_%d", name, i);
	compiler->columns = lappend(compiler->columns, column);
}

/* "x = 'a'", or "x IN ('a', 'b')". */
static char *
write_values(const char *ref, const List *values)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	if (list_length(values) == 1)
	{
		appendStringInfo(&text, "%s = %s", ref,
						 quote_literal_cstr(linitial(values)));
		return text.data;
	}
	appendStringInfo(&text, "%s IN (", ref);
	foreach(cell, values)
		appendStringInfo(&text, "%s%s",
						 foreach_current_index(cell) > 0 ? ", " : "",
						 quote_literal_cstr(lfirst(cell)));
	appendStringInfoChar(&text, ')');
	return text.data;
}

/* "x > 10", "x BETWEEN 1 AND 5". */
static char *
write_comparison(const char *ref, const AllmComparison *comparison)
{
	static const char *const operators[] = {
		[ALLM_COMPARE_EQ] = "=",[ALLM_COMPARE_GT] = ">",
		[ALLM_COMPARE_GE] = ">=",[ALLM_COMPARE_LT] = "<",
		[ALLM_COMPARE_LE] = "<="
	};

	if (comparison->compare == ALLM_COMPARE_BETWEEN)
		return psprintf("%s BETWEEN %s AND %s", ref, comparison->low,
						comparison->high);
	return psprintf("%s %s %s", ref, operators[comparison->compare],
					comparison->low);
}

/* A condition of the WHERE clause. */
static char *
write_condition(Compiler *compiler, const AllmCondition *condition)
{
	char	   *ref = write_ref(compiler, condition->ref);

	if (condition->values != NIL)
		return write_values(ref, condition->values);
	if (condition->comparison != NULL)
		return write_comparison(ref, condition->comparison);
	return allm_predicate_stretch(condition->period, condition->ref->column,
								  ref);
}

/* The base and its joins; a join that may find nothing keeps the row. */
static void
append_from(Compiler *compiler, StringInfo sql)
{
	ListCell   *cell;

	foreach(cell, compiler->sources)
	{
		Source	   *source = lfirst(cell);

		if (source->key == NULL)
		{
			appendStringInfo(sql, "\nFROM %s AS %s",
							 source->relation->sql_name, source->alias);
			continue;
		}
		appendStringInfo(sql, "\n%sJOIN %s AS %s ON ",
						 source->outer ? "LEFT " : "",
						 source->relation->sql_name, source->alias);
		for (int i = 0; i < list_length(source->key->to_columns); i++)
		{
			AllmColumn *to = list_nth(source->key->to_columns, i);
			AllmColumn *from = list_nth(source->key->from_columns, i);

			appendStringInfo(sql, "%s%s.%s = %s.", i > 0 ? " AND " : "",
							 source->alias, quote_identifier(to->name),
							 source->from->alias);
			appendStringInfoString(sql, quote_identifier(from->name));
		}
	}
}

/* All conditions must hold. */
static void
append_where(StringInfo sql, const List *conditions)
{
	ListCell   *cell;

	foreach(cell, conditions)
		appendStringInfo(sql, "%s%s",
						 foreach_current_index(cell) > 0 ? " AND " :
						 "\nWHERE ", (char *) lfirst(cell));
}

/* A type that has an order of its own. */
static bool
is_sortable(const AllmOutput *output)
{
	return output->ref == NULL || output->has_grain ||
		allm_column_is_text(output->ref->column) ||
		allm_column_is_number(output->ref->column) ||
		allm_column_is_date(output->ref->column) ||
		output->ref->column->category == TYPCATEGORY_BOOLEAN;
}

/* The columns that are not figures, after GROUP BY or ORDER BY. */
static void
append_groups(Compiler *compiler, StringInfo sql, const char *clause)
{
	bool		sorting = strcmp(clause, "ORDER BY") == 0;
	bool		any = false;
	ListCell   *cell;

	foreach(cell, compiler->columns)
	{
		Column	   *column = lfirst(cell);

		if (!column->grouped || (sorting && !is_sortable(column->output)))
			continue;
		if (any)
			appendStringInfo(sql, ", %s", column->expression);
		else
			appendStringInfo(sql, "\n%s %s", clause, column->expression);
		any = true;
	}
}

/*
 * The first rows by the figure, with those that tie with the last of them.
 * Ties are sorted outside: inside, a second key would end the tie.
 */
static void
append_ranking(Compiler *compiler, StringInfo sql)
{
	const AllmPlan *plan = compiler->plan;
	Column	   *measure = llast(compiler->columns);
	const char *direction = plan->descending ? "DESC NULLS LAST" : "ASC NULLS LAST";
	StringInfoData outer;
	ListCell   *cell;

	foreach(cell, compiler->columns)
	{
		Column	   *column = lfirst(cell);

		if (plan->order != NULL && column->grouped &&
			column->output->ref->column == plan->order->column)
			measure = column;
	}
	appendStringInfo(sql, "\nORDER BY %s %s\nFETCH FIRST %d ROWS WITH TIES",
					 measure->expression, direction, plan->limit);

	initStringInfo(&outer);
	appendStringInfo(&outer, "SELECT *\nFROM (\n%s\n) AS ranked\nORDER BY %s %s",
					 sql->data, quote_identifier(measure->name), direction);
	foreach(cell, compiler->columns)
	{
		Column	   *column = lfirst(cell);

		if (column != measure && is_sortable(column->output))
			appendStringInfo(&outer, ", %s", quote_identifier(column->name));
	}
	resetStringInfo(sql);
	appendStringInfoString(sql, outer.data);
}
