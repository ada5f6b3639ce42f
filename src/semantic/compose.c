/*
 * compose.c
 *		Shares, ratios, differences, growth: figures made of figures.
 *
 * The parts are questions for figures of their own, each of which must be
 * understood; their queries become the sources of one more.  So nothing here
 * joins, filters or adds up rows of a table, and whatever the parts say of
 * fan-out and ambiguity holds for the whole.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/layer.h"
#include "semantic/account.h"
#include "semantic/column.h"
#include "semantic/compile.h"
#include "semantic/compose.h"
#include "semantic/defined.h"
#include "semantic/forms.h"
#include "semantic/plan.h"
#include "semantic/rate.h"

/* One part that was understood. */
typedef struct Part
{
	const AllmPlan *plan;
	char	   *sql;
	List	   *groups;			/* of char *: names of its columns, quoted */
	List	   *measures;
} Part;

/* One composition in progress. */
typedef struct Composer
{
	const AllmReadInput *input;
	const AllmParts *parts;
	Part		first;
	Part		second;
	char	   *problem;
	char	   *words;
} Composer;

typedef char *(*Write) (Composer *composer);

static char *write_share(Composer *composer);
static char *write_pair(Composer *composer);
static char *write_steps(Composer *composer);
static char *write_average(Composer *composer);
static char *write_having(Composer *composer);
static char *write_above(Composer *composer);

/* How each form is written. */
static const Write writers[] = {
	[ALLM_FORM_SHARE] = write_share,
	[ALLM_FORM_PART] = write_pair,
	[ALLM_FORM_RATIO] = write_pair,
	[ALLM_FORM_DIFFERENCE] = write_pair,
	[ALLM_FORM_GROWTH] = write_pair,
	[ALLM_FORM_STEPS] = write_steps,
	[ALLM_FORM_AVERAGE] = write_average,
	[ALLM_FORM_HAVING] = write_having,
	[ALLM_FORM_ABOVE] = write_above,
};

static char *read_rates(const AllmReadInput *input, const List *ways,
						AllmReading *reading);
static bool read_part(Composer *composer, const char *question, Part *part,
					  AllmReading *reading);
static void weigh(AllmReading *reading, Composer *composer, char *sql);

/*
 * The reading of a question that is made of others; NULL when its words say
 * nothing of the kind.  Two compositions that give different SQL are an
 * ambiguity, like two plans.
 */
AllmReading *
allm_compose_read(const AllmReadInput *input)
{
	AllmReading *reading = palloc0(sizeof(AllmReading));
	List	   *ways = allm_forms_read(input->question);
	char	   *rival = NULL;
	ListCell   *cell;

	if (ways == NIL)
		return NULL;
	foreach(cell, ways)
	{
		Composer	composer = {.input = input,.parts = lfirst(cell)};
		char	   *sql;

		if (allm_rate_is_form(composer.parts->form))
			continue;
		if (!read_part(&composer, composer.parts->first, &composer.first,
					   reading) ||
			(composer.parts->second != NULL &&
			 !read_part(&composer, composer.parts->second, &composer.second,
						reading)))
			continue;
		sql = writers[composer.parts->form] (&composer);
		if (sql == NULL)
		{
			reading->problem = composer.problem;
			continue;
		}
		if (reading->sql != NULL && strcmp(reading->sql, sql) != 0)
			rival = psprintf("The question could mean: %s; or: %s.",
							 reading->interpretation, composer.words);
		if (input->account != NULL)
			allm_account_reading(input->account, "made of figures", 0,
								 composer.words, NULL);
		weigh(reading, &composer, sql);
	}
	if (reading->sql == NULL && rival == NULL)
		rival = read_rates(input, ways, reading);
	if (reading->sql != NULL)
	{
		reading->problem = rival;
		reading->unknown = NIL;
		if (rival != NULL)
			reading->sql = NULL;
	}
	return reading;
}

/*
 * The same of numbers of things, where figures do not say it.  Gives the problem
 * when there are two ways.
 */
static char *
read_rates(const AllmReadInput *input, const List *ways, AllmReading *reading)
{
	char	   *rival = NULL;
	ListCell   *cell;

	foreach(cell, ways)
	{
		const AllmParts *parts = lfirst(cell);
		char	   *words;
		char	   *remark = NULL;
		char	   *problem = NULL;
		char	   *sql = allm_rate_is_form(parts->form) ?
		allm_rate_read(input, parts, &words, &remark, &problem) : NULL;

		if (problem != NULL)
		{
			reading->problem = problem;
			reading->unknown = NIL;
		}
		if (sql == NULL)
			continue;
		if (input->account != NULL)
			allm_account_reading(input->account, "made of numbers", 0, words,
								 NULL);
		if (reading->sql != NULL && strcmp(reading->sql, sql) != 0)
			rival = psprintf("The question could mean: %s; or: %s.",
							 reading->interpretation, words);
		reading->sql = sql;
		reading->interpretation = words;
		reading->remark = remark;
	}
	return rival;
}

/* Takes a composition as the reading. */
static void
weigh(AllmReading *reading, Composer *composer, char *sql)
{
	reading->sql = sql;

	/* "average total per", where "average per" could be of rows or totals. */
	reading->settles = composer->parts->form == ALLM_FORM_AVERAGE;
	reading->interpretation = composer->words;
}

/*
 * Reads one part as figures.  When it is not understood, the reading has the
 * words or the sentence that say why, as long as there is nothing better.
 */
static bool
read_part(Composer *composer, const char *question, Part *part,
		  AllmReading *reading)
{
	AllmReadInput input = *composer->input;
	AllmReading *own;

	input.question = question;
	input.account = NULL;
	own = allm_match_figures(&input);
	if (own->sql == NULL)
	{
		if (reading->problem == NULL && reading->unknown == NIL)
		{
			reading->unknown = own->unknown;
			reading->problem = own->unknown == NIL ? own->problem : NULL;
		}
		return false;
	}
	if (own->remark != NULL)
		reading->remark = own->remark;
	part->plan = own->plan;
	if (part->plan->measures == NIL || part->plan->ranked)
		return false;
	part->sql = allm_compile_part(part->plan, &part->groups, &part->measures);
	return list_length(part->measures) == 1;
}

/* Gives up, with a sentence. */
static char *
fail(Composer *composer, const char *problem)
{
	composer->problem = pstrdup(problem);
	return NULL;
}

/* Do the figures of groups add up to the figure of all? */
static bool
adds_up(const AllmPlan *plan)
{
	const AllmOutput *output = linitial(plan->measures);

	if (output->ref == NULL)
		return true;
	if (output->function == ALLM_FUNCTION_DEFAULT)
		return output->ref->column->metric != NULL &&
			output->ref->column->metric->additive;
	return output->function == ALLM_FUNCTION_SUM;
}

/*
 * Was it said what to do with many rows, or is it defined?  "Regions with
 * revenue over 10" could be about single rows.
 */
static bool
is_said(const AllmPlan *plan)
{
	const AllmOutput *output = linitial(plan->measures);

	return plan->spoken || output->ref == NULL ||
		allm_defined_is_aggregate(output->ref->column);
}

/* The part as a source: "FROM (...) AS alias". */
static char *
write_source(const Part *part, const char *alias)
{
	return psprintf("(\n%s\n) AS %s", part->sql, alias);
}

/* Columns with an alias before each, and what follows each. */
static void
append_columns(StringInfo out, const List *names, const char *alias,
			   const char *behind)
{
	ListCell   *cell;

	foreach(cell, names)
		appendStringInfo(out, "%s.%s%s", alias, (char *) lfirst(cell), behind);
}

/* "1, 2": the order of the groups. */
static char *
write_order(const List *groups)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 1; i <= list_length(groups); i++)
		appendStringInfo(&out, "%s%d", i > 1 ? ", " : "\nORDER BY ", i);
	return out.data;
}

/* Each group's part of all of them. */
static char *
write_share(Composer *composer)
{
	const Part *part = &composer->first;
	const char *measure = linitial(part->measures);
	const char *name = composer->parts->percent ? "percentage" : "share";
	StringInfoData sql;

	if (part->groups == NIL)
		return fail(composer, "It is not said whose share is wanted.");
	if (part->plan->dimensions > 1)
		return fail(composer, "It is not said whether the shares are those of all or of each group.");
	if (!adds_up(part->plan))
		return fail(composer, "The figures of the groups do not add up, so that they have no shares.");
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_columns(&sql, part->groups, "f", ", ");
	appendStringInfo(&sql, "f.%s, %sf.%s::numeric / nullif(sum(f.%s) OVER (), 0) AS %s\nFROM %s%s",
					 measure, composer->parts->percent ? "100 * " : "",
					 measure, measure, name, write_source(part, "f"),
					 write_order(part->groups));
	composer->words = psprintf("%s of each in all: %s", name,
							   part->plan->words);
	return sql.data;
}

/* Have the parts the same groups? */
static bool
same_groups(const Part *first, const Part *second)
{
	if (list_length(first->groups) != list_length(second->groups))
		return false;
	for (int i = 0; i < list_length(first->groups); i++)
	{
		const AllmOutput *a = list_nth(first->plan->groups, i);
		const AllmOutput *b = list_nth(second->plan->groups, i);

		if (a->ref->column != b->ref->column || a->has_grain != b->has_grain ||
			a->grain != b->grain)
			return false;
	}
	return true;
}

/*
 * The two figures side by side: one row, or one for each group that either of
 * them has.
 */
static char *
write_both(const Composer *composer, const char *names[2])
{
	const Part *parts[2] = {&composer->first, &composer->second};
	StringInfoData sql;

	initStringInfo(&sql);
	if (composer->first.groups == NIL)
	{
		appendStringInfo(&sql, "(SELECT a.%s::numeric AS %s, b.%s::numeric AS %s\nFROM %s\nCROSS JOIN %s) AS f",
						 (char *) linitial(parts[0]->measures), names[0],
						 (char *) linitial(parts[1]->measures), names[1],
						 write_source(parts[0], "a"),
						 write_source(parts[1], "b"));
		return sql.data;
	}
	appendStringInfoString(&sql, "(SELECT ");
	append_columns(&sql, composer->first.groups, "u", ", ");
	appendStringInfo(&sql, "max(u.%s) AS %s, max(u.%s) AS %s\nFROM (",
					 names[0], names[0], names[1], names[1]);
	for (int i = 0; i < 2; i++)
	{
		const char *measure = psprintf("a.%s::numeric",
									   (char *) linitial(parts[i]->measures));
		const char *null = "NULL::numeric";

		appendStringInfoString(&sql, i > 0 ? "\nUNION ALL\nSELECT " :
							   "SELECT ");
		append_columns(&sql, parts[i]->groups, "a", ", ");
		appendStringInfo(&sql, "%s AS %s, %s AS %s\nFROM %s",
						 i == 0 ? measure : null, names[0],
						 i == 0 ? null : measure, names[1],
						 write_source(parts[i], "a"));
	}
	appendStringInfoString(&sql, ") AS u\nGROUP BY ");
	for (int i = 1; i <= list_length(composer->first.groups); i++)
		appendStringInfo(&sql, "%s%d", i > 1 ? ", " : "", i);
	appendStringInfoString(&sql, ") AS f");
	return sql.data;
}

/* A name for a column, unlike those of the groups. */
static char *
make_name(const Part *part, const char *measure, const char *suffix)
{
	char	   *name = psprintf("%s%s", measure, suffix);
	ListCell   *cell;

	if (name[0] == '"')
		name = psprintf("figure%s", suffix);
	foreach(cell, part->groups)
	{
		if (strcmp(lfirst(cell), name) == 0)
			name = psprintf("%s_figure", name);
	}
	return pstrdup(quote_identifier(name));
}

/* What is computed of two figures, by form. */
static char *
write_result(const Composer *composer, const char *names[2])
{
	const char *a = names[0];
	const char *b = names[1];

	switch (composer->parts->form)
	{
		case ALLM_FORM_PART:
			return psprintf("%sf.%s / nullif(f.%s, 0) AS %s",
							composer->parts->percent ? "100 * " : "", a, b,
							composer->parts->percent ? "percentage" : "share");
		case ALLM_FORM_RATIO:
			return psprintf("f.%s / nullif(f.%s, 0) AS ratio", a, b);
		case ALLM_FORM_GROWTH:
			return psprintf("f.%s - f.%s AS difference, (f.%s - f.%s) / nullif(f.%s, 0) AS growth",
							b, a, b, a, a);
		default:
			return psprintf("f.%s - f.%s AS difference", a, b);
	}
}

/* Two figures, and what is made of them. */
static char *
write_pair(Composer *composer)
{
	static const char *const said[] = {
		[ALLM_FORM_PART] = "share of (%s) in (%s)",
		[ALLM_FORM_RATIO] = "ratio of (%s) to (%s)",
		[ALLM_FORM_DIFFERENCE] = "(%s) less (%s)",
		[ALLM_FORM_GROWTH] = "growth from (%s) to (%s)",
	};
	const Part *first = &composer->first;
	AllmForm	form = composer->parts->form;
	const char *names[2];
	StringInfoData sql;
	bool		same = strcmp(linitial(first->measures),
							  linitial(composer->second.measures)) == 0;

	if (!same_groups(first, &composer->second))
		return fail(composer, "The two figures are not about the same groups.");
	if (form == ALLM_FORM_PART && !adds_up(first->plan))
		return fail(composer, "The figures do not add up, so that they have no shares.");
	if (strcmp(first->sql, composer->second.sql) == 0)
		return fail(composer, "The two figures are the same.");
	names[0] = make_name(first, linitial(first->measures),
						 form == ALLM_FORM_GROWTH ? "_before" :
						 form == ALLM_FORM_PART ? "_part" : "");
	names[1] = make_name(first, linitial(composer->second.measures),
						 form == ALLM_FORM_GROWTH ? "_after" :
						 form == ALLM_FORM_PART ? "_total" : same ? "_2" : "");
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_columns(&sql, first->groups, "f", ", ");
	appendStringInfo(&sql, "f.%s, f.%s, %s\nFROM %s%s", names[0], names[1],
					 write_result(composer, names),
					 write_both(composer, names), write_order(first->groups));
	composer->words = psprintf(said[form], first->plan->words,
							   composer->second.plan->words);
	return sql.data;
}

/* The number of the only group that is a unit of time, or -1. */
static int
find_grain(const AllmPlan *plan, AllmGrain grain)
{
	int			found = -1;
	ListCell   *cell;

	foreach(cell, plan->groups)
	{
		const AllmOutput *output = lfirst(cell);

		if (output->has_grain && output->grain == grain)
			found = found < 0 ? foreach_current_index(cell) : -2;
	}
	return Max(found, -1);
}

/*
 * From each unit of time to the next.  The one before is looked for by its date,
 * so that a unit without rows is not skipped.
 */
static char *
write_steps(Composer *composer)
{
	static const char *const steps[] = {
		[ALLM_GRAIN_DAY] = "(%s - interval '1 day')::date",
		[ALLM_GRAIN_WEEK] = "(%s - interval '7 days')::date",
		[ALLM_GRAIN_MONTH] = "(%s - interval '1 month')::date",
		[ALLM_GRAIN_QUARTER] = "(%s - interval '3 months')::date",
		[ALLM_GRAIN_YEAR] = "%s - 1"
	};
	const Part *part = &composer->first;
	const char *measure = linitial(part->measures);
	AllmGrain	step = composer->parts->step;
	int			at = find_grain(part->plan, step);
	char	   *before = make_name(part, measure, "_before");
	StringInfoData sql;
	ListCell   *cell;

	if (at < 0)
		return fail(composer, "It is not clear which dates are compared.");
	initStringInfo(&sql);
	appendStringInfo(&sql, "WITH f AS (\n%s\n)\nSELECT ", part->sql);
	append_columns(&sql, part->groups, "f", ", ");
	appendStringInfo(&sql, "f.%s, p.%s AS %s, f.%s - p.%s AS difference, (f.%s - p.%s)::numeric / nullif(p.%s, 0) AS growth\nFROM f\nLEFT JOIN f AS p ON ",
					 measure, measure, before, measure, measure, measure,
					 measure, measure);
	foreach(cell, part->groups)
	{
		const char *name = lfirst(cell);

		if (foreach_current_index(cell) > 0)
			appendStringInfoString(&sql, " AND ");
		appendStringInfo(&sql, "p.%s ", name);
		if (foreach_current_index(cell) == at)
		{
			appendStringInfoString(&sql, "= ");
			appendStringInfo(&sql, steps[step], psprintf("f.%s", name));
		}
		else
			appendStringInfo(&sql, "IS NOT DISTINCT FROM f.%s", name);
	}
	appendStringInfoString(&sql, write_order(part->groups));
	composer->words = psprintf("growth from each to the next: %s",
							   part->plan->words);
	return sql.data;
}

/* Has each row of the base such a value? */
static bool
is_always_there(const AllmRef *ref)
{
	ListCell   *cell;

	foreach(cell, ref->keys)
	{
		if (!((AllmForeignKey *) lfirst(cell))->mandatory)
			return false;
	}
	return ref->column->not_null;
}

/*
 * Rows that belong to nothing are no group among the things that are asked
 * about: a condition, with what stands before it, or nothing.
 */
static char *
write_real_groups(const Part *part, const char *before)
{
	StringInfoData out;
	ListCell   *cell;

	foreach(cell, part->plan->groups)
	{
		if (is_always_there(((AllmOutput *) lfirst(cell))->ref))
			return pstrdup("");
	}
	initStringInfo(&out);
	foreach(cell, part->groups)
		appendStringInfo(&out, "%sf.%s", foreach_current_index(cell) > 0 ?
						 ", " : "", (char *) lfirst(cell));
	return psprintf("%snum_nonnulls(%s) > 0", before, out.data);
}

/* The average of the groups' figures. */
static char *
write_average(Composer *composer)
{
	const Part *part = &composer->first;
	const char *measure = linitial(part->measures);

	if (part->groups == NIL || part->plan->dimensions != 1)
		return fail(composer, "It is not said over what the average goes.");
	if (!is_said(part->plan))
		return fail(composer, "It is not said whether the average is one of rows or of totals.");
	composer->words = psprintf("average over those that have any: %s",
							   part->plan->words);
	return psprintf("SELECT avg(f.%s) AS %s\nFROM %s%s", measure,
					make_name(part, psprintf("average_%s", measure), ""),
					write_source(part, "f"),
					write_real_groups(part, "\nWHERE "));
}

/* "f.x > 10" */
static char *
write_compare(const AllmParts *parts, const char *left, const char *number)
{
	static const char *const operators[] = {
		[ALLM_COMPARE_EQ] = "=",[ALLM_COMPARE_GT] = ">",
		[ALLM_COMPARE_GE] = ">=",[ALLM_COMPARE_LT] = "<",
		[ALLM_COMPARE_LE] = "<="
	};

	if (parts->compare == ALLM_COMPARE_BETWEEN)
		return psprintf("%s BETWEEN %s AND %s", left, number, parts->high);
	return psprintf("%s %s %s", left, operators[parts->compare], number);
}

/* In words: "over", "at most". */
static const char *
say_compare(AllmCompare compare)
{
	static const char *const words[] = {
		[ALLM_COMPARE_EQ] = "equal to",[ALLM_COMPARE_GT] = "over",
		[ALLM_COMPARE_GE] = "at least",[ALLM_COMPARE_LT] = "under",
		[ALLM_COMPARE_LE] = "at most",[ALLM_COMPARE_BETWEEN] = "between"
	};

	return words[compare];
}

/* Is it clear that the groups' figures are compared, and whose they are? */
static bool
are_groups_compared(Composer *composer)
{
	const Part *part = &composer->first;
	const AllmOutput *output = linitial(part->plan->measures);

	if (part->groups == NIL || part->plan->dimensions != 1)
		return fail(composer, "It is not said whose figures are compared.") != NULL;
	if (!is_said(part->plan))
		return fail(composer, "It is not said whether single rows or totals are compared.") != NULL;

	/* Those that have none would be missing where they belong. */
	if ((output->ref == NULL || output->function == ALLM_FUNCTION_SUM) &&
		(composer->parts->compare == ALLM_COMPARE_LT ||
		 composer->parts->compare == ALLM_COMPARE_LE))
		return fail(composer, "Those that have none would be missing.") != NULL;
	return true;
}

/* The groups whose figure compares so with a number. */
static char *
write_having(Composer *composer)
{
	const Part *part = &composer->first;
	const AllmParts *parts = composer->parts;
	char	   *left = psprintf("f.%s", (char *) linitial(part->measures));

	if (!are_groups_compared(composer))
		return NULL;
	composer->words = psprintf("%s, each %s %s%s%s", part->plan->words,
							   say_compare(parts->compare), parts->number,
							   parts->high != NULL ? " and " : "",
							   parts->high != NULL ? parts->high : "");
	return psprintf("SELECT f.*\nFROM %s\nWHERE %s%s%s",
					write_source(part, "f"),
					write_compare(parts, left, parts->number),
					write_real_groups(part, " AND "),
					write_order(part->groups));
}

/* The groups whose figure is above, or below, the average of all groups. */
static char *
write_above(Composer *composer)
{
	const Part *part = &composer->first;
	const char *measure = linitial(part->measures);
	char	   *left = psprintf("f.%s", measure);

	if (composer->parts->compare == ALLM_COMPARE_BETWEEN)
		return NULL;
	if (!are_groups_compared(composer))
		return NULL;
	composer->words = psprintf("%s, each %s the average of them",
							   part->plan->words,
							   say_compare(composer->parts->compare));
	return psprintf("WITH f AS (\nSELECT f.*\nFROM %s%s\n)\nSELECT f.*\nFROM f\nWHERE %s%s",
					write_source(part, "f"),
					write_real_groups(part, "\nWHERE "),
					write_compare(composer->parts, left,
								  psprintf("(SELECT avg(a.%s) FROM f AS a)",
										   measure)),
					write_order(part->groups));
}
