/*
 * render.c
 *		From a tree to SQL.
 *
 * The same tree always gives the same text.  Names come from the catalog and
 * pass quote_identifier, values come from the data and pass quote_literal,
 * and numbers are digits that the lexicon has read: no byte of the question is
 * copied as it is.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "semantic/column.h"
#include "semantic/defined.h"
#include "semantic/predicate.h"
#include "semantic/render.h"

/* A relation of a FROM clause that keys lead to from the base. */
typedef struct Joined
{
	const AllmForeignKey *key;
	bool		up;				/* to what it refers to */
	struct Joined *from;		/* NULL: the base */
	bool		outer;			/* a row may have none of it */
	char	   *alias;
} Joined;

/* One SELECT in progress. */
typedef struct Scope
{
	List	  **aliases;		/* of char *, of the whole query */
	char	   *base;			/* alias */
	List	   *joined;			/* of Joined */
} Scope;

static char *make_alias(Scope *scope, const AllmRelation *relation);
static char *write_source(List **aliases, const AllmSet *set);
static char *write_term(Scope *scope, const AllmTerm *term);
static char *write_test(Scope *scope, const AllmTest *test);
static List *write_tests(Scope *scope, const List *tests);
static char *write_related(Scope *scope, const AllmTerm *figure,
						   const List *steps, const AllmSet *set);
static char *write_joins(const Scope *scope);
static void append_list(StringInfo sql, const char *before, const List *texts,
						const char *between);

/* A scope over a base. */
static Scope
begin_scope(List **aliases, const AllmRelation *relation)
{
	Scope		scope = {.aliases = aliases};

	scope.base = make_alias(&scope, relation);
	return scope;
}

/* Is it a type that has an order? */
static bool
is_sortable(const AllmTerm *term)
{
	return term->column == NULL || term->function != ALLM_FUNCTION_DEFAULT ||
		allm_column_is_text(term->column) ||
		allm_column_is_number(term->column) ||
		allm_column_is_date(term->column);
}

/* The name of an output: lower case, words joined, unlike those before. */
static char *
name_output(const AllmTerm *term, List **names)
{
	static const char *const functions[] = {
		[ALLM_FUNCTION_DEFAULT] = "",[ALLM_FUNCTION_COUNT] = "number_of_",
		[ALLM_FUNCTION_SUM] = "total_",[ALLM_FUNCTION_AVG] = "average_",
		[ALLM_FUNCTION_MIN] = "minimum_",[ALLM_FUNCTION_MAX] = "maximum_"
	};
	char	   *name = term->column != NULL ?
	psprintf("%s%s", functions[term->function], term->column->name) :
	pstrdup(term->name);
	char	   *unique;
	ListCell   *cell;

	for (char *c = name; *c != '\0'; c++)
	{
		if (*c == ' ')
			*c = '_';
	}
	unique = name;
	for (int i = 2;; i++)
	{
		bool		taken = false;

		foreach(cell, *names)
			taken |= strcmp(lfirst(cell), unique) == 0;
		if (!taken)
			break;
		unique = psprintf("%s_%d", name, i);
	}
	*names = lappend(*names, unique);
	return unique;
}

/* The SELECT list; the columns that have an order, by number, in "order". */
static List *
write_outputs(Scope *scope, const AllmQuery *query, List **order)
{
	List	   *texts = NIL;
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);
		char	   *text = write_term(scope, term);
		char	   *name = name_output(term, &names);

		if (is_sortable(term))
			*order = lappend(*order,
							 psprintf("%d", foreach_current_index(cell) + 1));
		if (term->column != NULL && term->function == ALLM_FUNCTION_DEFAULT &&
			term->column->metric == NULL &&
			strcmp(name, term->column->name) == 0)
			texts = lappend(texts, text);
		else
			texts = lappend(texts, psprintf("%s AS %s", text,
											quote_identifier(name)));
	}
	return texts;
}

/* Can the first rows be taken of the whole query, rather than of its base? */
static bool
ends_with_best(const AllmQuery *query)
{
	ListCell   *cell;

	if (query->set->best == NULL || query->distinct || query->groups > 0 ||
		query->order != NULL)
		return false;
	foreach(cell, query->outputs)
	{
		AllmTerm   *term = lfirst(cell);

		if (term->function != ALLM_FUNCTION_DEFAULT && term->related == NULL)
			return false;
	}
	return true;
}

/* "x DESC NULLS LAST" */
static char *
write_direction(const char *text, bool descending)
{
	return psprintf("%s %s NULLS LAST", text, descending ? "DESC" : "ASC");
}

/* The number of the output that a term is, or 0. */
static int
find_output(const AllmQuery *query, const AllmTerm *term)
{
	ListCell   *cell;

	foreach(cell, query->outputs)
	{
		if (((AllmTerm *) lfirst(cell))->column == term->column)
			return foreach_current_index(cell) + 1;
	}
	return 0;
}

/*
 * What the rows are ordered by.  Of distinct rows only their own columns have
 * an order.
 */
static List *
write_sorting(Scope *scope, const AllmQuery *query)
{
	AllmSort	first = {.term = query->order,.descending = query->descending};
	List	   *order = NIL;
	ListCell   *cell;

	foreach(cell, lcons(&first, list_copy(query->then)))
	{
		const AllmSort *sort = lfirst(cell);
		char	   *text = write_term(scope, sort->term);

		if (query->distinct)
			text = psprintf("%d", find_output(query, sort->term));
		if (strcmp(text, "0") != 0)
			order = lappend(order, write_direction(text, sort->descending));
	}
	return order;
}

/* The SQL of a query, made in the current memory context. */
char *
allm_render_query(const AllmQuery *query)
{
	List	   *aliases = NIL;
	Scope		scope = begin_scope(&aliases, query->set->relation);
	StringInfoData sql;
	List	   *order = NIL;
	List	   *outputs = write_outputs(&scope, query, &order);
	List	   *conditions = NIL;
	List	   *grouped = NIL;
	bool		best = ends_with_best(query);
	char	   *source = query->set->relation->sql_name;
	char	   *ranking = NULL;
	List	   *sorting = NIL;

	if (query->set->best != NULL && !best)
		source = write_source(&aliases, query->set);
	else
		conditions = write_tests(&scope, query->set->tests);
	if (best)
	{
		ranking = write_term(&scope, query->set->best);
		if (query->set->best->related == NULL)
			conditions = lappend(conditions,
								 psprintf("%s IS NOT NULL", ranking));
		ranking = psprintf("%s\nFETCH FIRST %d ROWS WITH TIES",
						   write_direction(ranking, query->set->descending),
						   query->set->limit);
	}
	if (query->order != NULL)
		sorting = write_sorting(&scope, query);
	if (query->limit > 0)
	{
		ranking = psprintf("%s\nFETCH FIRST %d ROWS WITH TIES",
						   (char *) linitial(sorting), query->limit);
		sorting = NIL;
	}
	for (int i = 0; i < query->groups; i++)
		grouped = lappend(grouped, psprintf("%d", i + 1));

	initStringInfo(&sql);
	append_list(&sql, query->distinct ? "SELECT DISTINCT " : "SELECT ",
				outputs, ", ");
	appendStringInfo(&sql, "\nFROM %s AS %s%s", source, scope.base,
					 write_joins(&scope));
	append_list(&sql, "\nWHERE ", conditions, " AND ");
	append_list(&sql, "\nGROUP BY ", grouped, ", ");
	append_list(&sql, "\nHAVING ", write_tests(&scope, query->having),
				" AND ");
	if (ranking != NULL)
	{
		char	   *inner = psprintf("%s\nORDER BY %s", sql.data, ranking);

		resetStringInfo(&sql);
		appendStringInfo(&sql, "SELECT *\nFROM (\n%s\n) AS ranked", inner);
	}
	order = list_concat(sorting, order);
	append_list(&sql, "\nORDER BY ", order, ", ");
	return sql.data;
}

/* Texts with something before and between, if there are any. */
static void
append_list(StringInfo sql, const char *before, const List *texts,
			const char *between)
{
	ListCell   *cell;

	foreach(cell, texts)
		appendStringInfo(sql, "%s%s",
						 foreach_current_index(cell) > 0 ? between : before,
						 (char *) lfirst(cell));
}

/* The initials of a relation's words, with a number where they are taken. */
static char *
make_alias(Scope *scope, const AllmRelation *relation)
{
	StringInfoData initials;
	char	   *alias;
	ListCell   *cell;
	bool		taken;
	int			number = 1;

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
	do
	{
		taken = quote_identifier(alias) != alias;
		foreach(cell, *scope->aliases)
			taken |= strcmp(lfirst(cell), alias) == 0;
		if (taken)
			alias = psprintf("%s%d", initials.data, ++number);
	} while (taken);
	*scope->aliases = lappend(*scope->aliases, alias);
	return alias;
}

/* A set whose first rows alone are wanted, as a source of its own. */
static char *
write_source(List **aliases, const AllmSet *set)
{
	Scope		scope = begin_scope(aliases, set->relation);
	List	   *conditions = write_tests(&scope, set->tests);
	char	   *ranking = write_term(&scope, set->best);
	List	   *columns = NIL;
	StringInfoData sql;
	ListCell   *cell;

	if (set->best->related == NULL)
		conditions = lappend(conditions, psprintf("%s IS NOT NULL", ranking));
	foreach(cell, set->relation->columns)
		columns = lappend(columns,
						  psprintf("%s.%s", scope.base,
								   quote_identifier(((AllmColumn *) lfirst(cell))->name)));
	initStringInfo(&sql);
	append_list(&sql, "(SELECT ", columns, ", ");
	appendStringInfo(&sql, " FROM %s AS %s%s", set->relation->sql_name,
					 scope.base, write_joins(&scope));
	append_list(&sql, " WHERE ", conditions, " AND ");
	appendStringInfo(&sql, " ORDER BY %s FETCH FIRST %d ROWS WITH TIES)",
					 write_direction(ranking, set->descending), set->limit);
	return sql.data;
}

/* The joined relation over some keys, added with all before if it is new. */
static Joined *
find_joined(Scope *scope, const List *steps)
{
	Joined	   *from = NULL;
	Joined	   *joined;
	const AllmForeignKey *key;
	bool		up;
	ListCell   *cell;

	if (steps == NIL)
		return NULL;
	key = ((AllmStep *) llast(steps))->key;
	up = ((AllmStep *) llast(steps))->up;
	from = find_joined(scope, list_truncate(list_copy(steps),
											list_length(steps) - 1));
	foreach(cell, scope->joined)
	{
		joined = lfirst(cell);
		if (joined->key == key && joined->up == up && joined->from == from)
			return joined;
	}
	joined = palloc0(sizeof(Joined));
	joined->key = key;
	joined->up = up;
	joined->from = from;
	joined->outer = !up || !key->mandatory || (from != NULL && from->outer);
	joined->alias = make_alias(scope, up ? key->to : key->from);
	scope->joined = lappend(scope->joined, joined);
	return joined;
}

/* "a.x = b.y AND ..." for a key. */
static char *
write_key(const AllmForeignKey *key, const char *from, const char *to)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < list_length(key->to_columns); i++)
	{
		AllmColumn *far = list_nth(key->to_columns, i);
		AllmColumn *near = list_nth(key->from_columns, i);

		appendStringInfo(&sql, "%s%s.%s = ", i > 0 ? " AND " : "", to,
						 quote_identifier(far->name));
		appendStringInfo(&sql, "%s.%s", from, quote_identifier(near->name));
	}
	return sql.data;
}

/* The joins of a scope; one that may find nothing keeps the row. */
static char *
write_joins(const Scope *scope)
{
	StringInfoData sql;
	ListCell   *cell;

	initStringInfo(&sql);
	foreach(cell, scope->joined)
	{
		Joined	   *joined = lfirst(cell);
		char	   *near = joined->from != NULL ? joined->from->alias :
		scope->base;

		appendStringInfo(&sql, "\n%sJOIN %s AS %s ON %s",
						 joined->outer ? "LEFT " : "", joined->up ?
						 joined->key->to->sql_name : joined->key->from->sql_name,
						 joined->alias, joined->up ?
						 write_key(joined->key, near, joined->alias) :
						 write_key(joined->key, joined->alias, near));
	}
	return sql.data;
}

/* A column, or what a metric computes of a row, with an alias. */
static char *
write_plain(const AllmColumn *column, const char *alias)
{
	if (column->metric != NULL)
		return allm_defined_write(column->metric->filtered, alias);
	return psprintf("%s.%s", alias, quote_identifier(column->name));
}

/* A column over keys from many to one. */
static char *
write_column(Scope *scope, const AllmColumn *column, const List *steps)
{
	Joined	   *joined;

	if (steps != NIL)
	{
		const AllmForeignKey *key = ((AllmStep *) llast(steps))->key;

		/* What the key refers to stands in the referring row as well. */
		for (int i = 0; i < list_length(key->to_columns); i++)
		{
			if (((AllmStep *) llast(steps))->up &&
				list_nth(key->to_columns, i) == column)
				return write_column(scope, list_nth(key->from_columns, i),
									list_truncate(list_copy(steps),
												  list_length(steps) - 1));
		}
	}
	joined = find_joined(scope, steps);
	return write_plain(column, joined != NULL ? joined->alias : scope->base);
}

static const char *const functions[] = {
	[ALLM_FUNCTION_DEFAULT] = "",[ALLM_FUNCTION_COUNT] = "count",
	[ALLM_FUNCTION_SUM] = "sum",[ALLM_FUNCTION_AVG] = "avg",
	[ALLM_FUNCTION_MIN] = "min",[ALLM_FUNCTION_MAX] = "max"
};

/* A term of the rows of a scope. */
static char *
write_term(Scope *scope, const AllmTerm *term)
{
	char	   *text;

	if (term->related != NULL)
		return write_related(scope, term, term->steps, term->related);
	if (term->column == NULL)
		return pstrdup("count(*)");
	text = write_column(scope, term->column, term->steps);
	if (term->function == ALLM_FUNCTION_DEFAULT)
		return text;
	return psprintf("%s(%s%s)", functions[term->function],
					term->distinct ? "DISTINCT " : "", text);
}

/*
 * May the steps lead to the same row twice?  Over a relation between two
 * others they do unless its key is made of the two references.
 */
static bool
is_repeated(const List *steps, const AllmRelation *end)
{
	ListCell   *cell;
	bool		down = false;

	foreach(cell, steps)
	{
		AllmStep   *step = lfirst(cell);

		if (!step->up)
			down = true;
		else if (down)
			return list_length(end->primary_key) == 1;
	}
	return false;
}

/* Two rows of a relation are not the same one. */
static char *
write_difference(const AllmRelation *relation, const char *one,
				 const char *other)
{
	StringInfoData sql;
	ListCell   *cell;

	initStringInfo(&sql);
	foreach(cell, allm_tree_identity(relation))
	{
		const char *name = quote_identifier(((AllmColumn *) lfirst(cell))->name);

		appendStringInfo(&sql, "%s%s.%s <> ", sql.len > 0 ? " OR " : "(", one,
						 name);
		appendStringInfo(&sql, "%s.%s", other, name);
	}
	appendStringInfoString(&sql, sql.len > 0 ? ")" : "false");
	return sql.data;
}

/*
 * A SELECT over the rows of a set that steps lead to from a row of the scope.
 */
static char *
write_related(Scope *scope, const AllmTerm *figure, const List *steps,
			  const AllmSet *set)
{
	Scope		inner = {.aliases = scope->aliases};
	StringInfoData from;
	StringInfoData sql;
	List	   *conditions;
	char	   *what = pstrdup("1");
	char	   *first = NULL;
	char	   *before = scope->base;
	ListCell   *cell;

	initStringInfo(&from);
	foreach(cell, steps)
	{
		AllmStep   *step = lfirst(cell);
		const AllmRelation *relation = step->up ? step->key->to :
		step->key->from;
		bool		last = foreach_current_index(cell) ==
		list_length(steps) - 1;
		char	   *source = last && set->best != NULL ?
		write_source(scope->aliases, set) : relation->sql_name;
		char	   *alias = make_alias(&inner, relation);
		char	   *on = step->up ? write_key(step->key, before, alias) :
		write_key(step->key, alias, before);

		if (first == NULL)
		{
			first = on;
			appendStringInfo(&from, "%s AS %s", source, alias);
		}
		else
			appendStringInfo(&from, " JOIN %s AS %s ON %s", source, alias, on);
		before = alias;
	}
	inner.base = before;
	conditions = set->best != NULL ? NIL : write_tests(&inner, set->tests);
	conditions = lcons(first, conditions);
	if (set->other)
		conditions = lappend(conditions,
							 write_difference(set->relation, inner.base,
											  scope->base));
	if (figure != NULL && figure->column == NULL &&
		is_repeated(steps, set->relation))
		what = psprintf("count(DISTINCT %s.%s)", inner.base,
						quote_identifier(((AllmColumn *) linitial(set->relation->primary_key))->name));
	else if (figure != NULL)
		what = figure->column == NULL ? pstrdup("count(*)") :
			psprintf("%s(%s%s)", functions[figure->function],
					 figure->distinct ? "DISTINCT " : "",
					 write_plain(figure->column, inner.base));

	initStringInfo(&sql);
	appendStringInfo(&sql, "(SELECT %s FROM %s%s", what, from.data,
					 write_joins(&inner));
	append_list(&sql, " WHERE ", conditions, " AND ");
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

/* All tests of a set. */
static List *
write_tests(Scope *scope, const List *tests)
{
	List	   *texts = NIL;
	ListCell   *cell;

	foreach(cell, tests)
		texts = lappend(texts, write_test(scope, lfirst(cell)));
	return texts;
}

/* "x > 10", "x BETWEEN 1 AND 5", "x > (SELECT avg(y) ...)". */
static char *
write_comparison(Scope *scope, const AllmTest *test)
{
	static const char *const operators[] = {
		[ALLM_COMPARE_EQ] = "=",[ALLM_COMPARE_GT] = ">",
		[ALLM_COMPARE_GE] = ">=",[ALLM_COMPARE_LT] = "<",
		[ALLM_COMPARE_LE] = "<="
	};
	char	   *text = write_term(scope, test->term);
	char	   *right = test->low;

	if (test->compare == ALLM_COMPARE_BETWEEN)
		return psprintf(test->rest ? "(%s %sBETWEEN %s AND %s) IS NOT TRUE" :
						"%s %sBETWEEN %s AND %s", text,
						test->negated && !test->rest ? "NOT " : "",
						test->low, test->high);
	if (test->over == NULL && test->other != NULL)
		right = write_term(scope, test->other);
	else if (test->other != NULL)
	{
		Scope		inner = begin_scope(scope->aliases, test->over->relation);
		List	   *conditions = write_tests(&inner, test->over->tests);
		char	   *figure = write_term(&inner, test->other);
		StringInfoData sql;

		initStringInfo(&sql);
		appendStringInfo(&sql, "(SELECT %s FROM %s AS %s%s", figure,
						 test->over->relation->sql_name, inner.base,
						 write_joins(&inner));
		append_list(&sql, " WHERE ", conditions, " AND ");
		appendStringInfoChar(&sql, ')');
		right = sql.data;
	}
	if (test->rest)
		return psprintf("(%s %s %s) IS NOT TRUE", text,
						operators[test->compare], right);
	return psprintf("%s%s %s %s", test->negated ? "NOT " : "", text,
					operators[test->compare], right);
}

/* The value of a row of its own is the most common one, or among them. */
static char *
write_common(Scope *scope, const AllmTest *test)
{
	const AllmRelation *relation = test->term->column->relation;
	Scope		inner = begin_scope(scope->aliases, relation);
	char	   *value = write_plain(test->term->column, inner.base);

	return psprintf("%s %sIN (SELECT %s FROM %s AS %s WHERE %s IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC FETCH FIRST 1 ROWS WITH TIES)",
					write_term(scope, test->term), test->negated ? "NOT " : "",
					value, relation->sql_name, inner.base, value);
}

/* One condition of a WHERE clause. */
static char *
write_test(Scope *scope, const AllmTest *test)
{
	StringInfoData any;

	check_stack_depth();
	switch (test->kind)
	{
		case ALLM_TEST_VALUES:
			return allm_predicate_values(test, write_term(scope, test->term));
		case ALLM_TEST_COMPARE:
			return write_comparison(scope, test);
		case ALLM_TEST_PERIOD:
			return allm_predicate_period(test, write_term(scope, test->term));
		case ALLM_TEST_EXISTS:
			return psprintf("%sEXISTS %s", test->negated ? "NOT " : "",
							write_related(scope, NULL, test->steps,
										  test->set));
		case ALLM_TEST_TEXT:
			return allm_predicate_text(test, write_term(scope, test->term));
		case ALLM_TEST_NULL:
			return psprintf("%s IS %sNULL", write_term(scope, test->term),
							test->negated ? "NOT " : "");
		case ALLM_TEST_COMMON:
			return write_common(scope, test);
		case ALLM_TEST_ANY:
			initStringInfo(&any);
			append_list(&any, "(", write_tests(scope, test->tests), " OR ");
			appendStringInfoChar(&any, ')');
			return any.data;
	}
	return NULL;
}
