/*
 * against.c
 *		What a property is compared with: "over 20", "above the average price of
 *		x", "lower than the corresponding y", "above 20 or below 10".
 *
 * "Higher than any x" may mean than each or than one of them, so it is not read;
 * "than all x" is the first, "than some x" the second.
 */
#include "postgres.h"

#include "semantic/against.h"

static List *read_held(AllmChart *chart, AllmAttribute *said, int from,
					   int to);

/* "5 or more": does the word behind "or" turn the number into a bound? */
static bool
reads_or_more(const AllmChart *chart, int at, AllmClause *clause)
{
	static const struct
	{
		const char *word;
		AllmCompare compare;
	}			kinds[] =

	{
		{"more", ALLM_COMPARE_GE}, {"higher", ALLM_COMPARE_GE},
		{"above", ALLM_COMPARE_GE}, {"greater", ALLM_COMPARE_GE},
		{"less", ALLM_COMPARE_LE}, {"fewer", ALLM_COMPARE_LE},
		{"lower", ALLM_COMPARE_LE}, {"below", ALLM_COMPARE_LE}
	};

	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(allm_chart_text(chart, at), kinds[i].word) != 0)
			continue;
		clause->compare = kinds[i].compare;
		return true;
	}
	return false;
}

/*
 * Reads "more than 5", "between 1 and 5", "5 or more", "above the average".
 * How many tokens it takes, 0 if it is none.
 */
int
allm_against_read(const AllmChart *chart, int from, int to, AllmClause *clause)
{
	int			at = from;
	int			compare = ALLM_COMPARE_EQ;
	int			length = allm_chart_mark(chart, at, ALLM_MARK_CMP, &compare);

	clause->compare = compare;
	if (length > 0)
	{
		int			average = allm_chart_mark(chart, at + length,
											  ALLM_MARK_AVERAGE, NULL);

		if (average > 0 && compare != ALLM_COMPARE_EQ)
		{
			clause->average = true;
			return length + average;
		}
		at += length;
		length = allm_clause_number(chart, at, to, &clause->low);
		return length > 0 ? at + length - from : 0;
	}
	length = allm_chart_mark(chart, at, ALLM_MARK_BETWEEN, NULL);
	if (length > 0)
	{
		at += length;
		length = allm_clause_number(chart, at, to, &clause->low);
		at += length;
		if (length == 0 || (strcmp(allm_chart_text(chart, at), "and") != 0 &&
							strcmp(allm_chart_text(chart, at), "to") != 0))
			return 0;
		length = allm_clause_number(chart, ++at, to, &clause->high);
		clause->compare = ALLM_COMPARE_BETWEEN;
		return length > 0 ? at + length - from : 0;
	}
	length = allm_clause_number(chart, at, to, &clause->low);
	if (length == 0)
		return 0;
	at += length;
	if (strcmp(allm_chart_text(chart, at), "or") != 0)
		return at - from;
	return reads_or_more(chart, at + 1, clause) ? at + 2 - from : 0;
}

/* Does a comparison ask for more, rather than for less? */
static bool
is_upward(AllmCompare compare)
{
	return compare == ALLM_COMPARE_GT || compare == ALLM_COMPARE_GE;
}

/* Is a number all that it is compared with, from one side? */
static bool
is_bound(const AllmClause *clause)
{
	return clause->kind == ALLM_CLAUSE_COMPARE && clause->low != NULL &&
		!clause->negated && clause->compare != ALLM_COMPARE_EQ &&
		clause->compare != ALLM_COMPARE_BETWEEN;
}

/*
 * "Over 20 and under 50", "under 10 or over 20": two bounds of one column.
 * NULL where no row passes both, or where each passes one of them.
 */
static AllmClause *
join_bounds(AllmClause *one, AllmClause *other, bool or)
{
	AllmClause *clause;
	bool		upward = is_upward(one->compare);
	double		from;
	double		to;

	if (!is_bound(one) || !is_bound(other) ||
		is_upward(other->compare) == upward)
		return NULL;
	from = strtod(upward ? one->low : other->low, NULL);
	to = strtod(upward ? other->low : one->low, NULL);
	if (or ? from < to : from >= to)
		return NULL;
	clause = allm_clause_make(or ? ALLM_CLAUSE_ANY : ALLM_CLAUSE_ALL, NULL);
	clause->clauses = list_make2(one, other);
	return clause;
}

/* Can a property be what another is compared with? */
static bool
may_be_target(const AllmAttribute *attribute)
{
	return attribute->item != NULL && attribute->counted == NULL &&
		!attribute->distinct &&
		(attribute->function == ALLM_FUNCTION_DEFAULT ||
		 attribute->function == ALLM_FUNCTION_AVG ||
		 attribute->function == ALLM_FUNCTION_MIN ||
		 attribute->function == ALLM_FUNCTION_MAX);
}

/* A copy of a comparison with the property that it is made with, and whose. */
static AllmClause *
hold_against(const AllmClause *read, AllmAttribute *against, AllmSet *set)
{
	AllmClause *clause = palloc(sizeof(AllmClause));

	*clause = *read;
	clause->against = against;
	clause->set = set;
	if (set != NULL)
		clause->cost += set->cost;
	return clause;
}

/* A copy of a property, to be the first or the last of some rows. */
static AllmAttribute *
with_function(const AllmAttribute *attribute, AllmFunction function)
{
	AllmAttribute *copy = palloc(sizeof(AllmAttribute));

	*copy = *attribute;
	copy->function = function;
	return copy;
}

/*
 * Is a property of these things one value, or is the farthest of them meant?
 * "The price of all x" is, "the price of x" is not.
 */
static bool
is_one_value(const AllmAttribute *attribute, const AllmSet *set)
{
	if (set->best != NULL)
		return false;
	return attribute->function != ALLM_FUNCTION_DEFAULT || set->named ||
		set->every;
}

/* What all or some things have beyond which it is: the last, or the first. */
static AllmFunction
end_of(AllmCompare compare, bool all)
{
	return is_upward(compare) == all ? ALLM_FUNCTION_MAX : ALLM_FUNCTION_MIN;
}

/* "the price of all x", "that of x", "all x", "some x" */
static List *
read_others(AllmChart *chart, AllmAttribute *said, const AllmClause *read,
			int at, int to)
{
	List	   *clauses = NIL;
	bool		some = strcmp(allm_chart_text(chart, at), "some") == 0;
	ListCell   *inner;
	ListCell   *other;

	for (int end = at + 1; end < to; end++)
	{
		int			of = allm_chart_mark(chart, end, ALLM_MARK_OF, NULL);

		foreach(inner, of > 0 ? allm_attribute_parse(chart, at, end) : NIL)
		{
			AllmAttribute *attribute = lfirst(inner);

			if (!may_be_target(attribute))
				continue;
			foreach(other, allm_noun_parse(chart, end + of, to))
			{
				AllmSet    *set = lfirst(other);

				if (!is_one_value(attribute, set))
					continue;
				if (attribute->function == ALLM_FUNCTION_DEFAULT)
					attribute = with_function(attribute,
											  end_of(read->compare, true));
				clauses = lappend(clauses, hold_against(read, attribute, set));
			}
		}
	}
	if (strcmp(allm_chart_text(chart, at), "that") == 0 &&
		strcmp(allm_chart_text(chart, at + 1), "of") == 0)
		at += 2;
	foreach(inner, allm_noun_parse(chart, at + some, to))
	{
		AllmSet    *set = lfirst(inner);

		if (set->best == NULL && (some ? !set->named && !set->every :
								  set->named || set->every))
			clauses = lappend(clauses,
							  hold_against(read,
										   with_function(said, end_of(read->compare, !some)),
										   set));
	}
	return clauses;
}

/*
 * The comparisons of a property with what a stretch names; the stretch is all
 * that stands behind "than".
 */
static List *
read_targets(AllmChart *chart, AllmAttribute *said, const AllmClause *read,
			 int at, int to)
{
	List	   *clauses = NIL;
	ListCell   *inner;

	if (at >= to || read->compare == ALLM_COMPARE_EQ)
		return NIL;
	if (allm_chart_is(chart, at, to, ALLM_MARK_AVERAGE, NULL))
	{
		AllmClause *clause = hold_against(read, NULL, NULL);

		clause->average = true;
		return list_make1(clause);
	}
	foreach(inner, allm_attribute_parse(chart, at, to))
	{
		if (may_be_target(lfirst(inner)))
			clauses = lappend(clauses, hold_against(read, lfirst(inner), NULL));
	}
	return list_concat(clauses, read_others(chart, said, read, at, to));
}

/* What a property is held against by a stretch that stands right behind it. */
static List *
read_held(AllmChart *chart, AllmAttribute *said, int from, int to)
{
	AllmClause *read = allm_clause_make(ALLM_CLAUSE_COMPARE, NULL);
	List	   *clauses = NIL;
	int			at = from;
	int			compare = ALLM_COMPARE_EQ;
	int			length;
	int			next;

	at += allm_chart_mark(chart, at, ALLM_MARK_REL, NULL);
	at += allm_chart_mark(chart, at, ALLM_MARK_AUX, NULL);
	if (strcmp(allm_chart_text(chart, at), "of") == 0)
		at++;
	length = allm_chart_mark(chart, at, ALLM_MARK_NOT, NULL);
	if (length > 0 && allm_chart_mark(chart, at, ALLM_MARK_CMP, NULL) == 0)
	{
		read->negated = true;
		at += length;
	}
	read->attribute = said;
	length = allm_chart_mark(chart, at, ALLM_MARK_CMP, &compare);
	if (length > 0)
	{
		AllmClause *target = palloc(sizeof(AllmClause));

		*target = *read;
		target->compare = compare;
		clauses = read_targets(chart, said, target, at + length, to);
	}
	length = allm_against_read(chart, at, to, read);
	next = at + length;
	if (length == 0 || read->average)
		return clauses;
	if (next == to)
		return lappend(clauses, read);
	{
		int			and = allm_chart_mark(chart, next, ALLM_MARK_AND, NULL);
		int			or = allm_chart_mark(chart, next, ALLM_MARK_ORWORD, NULL);
		ListCell   *inner;

		length = Max(and, or);
		foreach(inner, length > 0 && next + length < to ?
				read_held(chart, said, next + length, to) : NIL)
		{
			AllmClause *joined = join_bounds(read, lfirst(inner), or > 0);

			if (joined != NULL)
				clauses = lappend(clauses, joined);
		}
	}
	return clauses;
}

/* May the property be compared at all? */
static bool
may_be_held(const AllmAttribute *attribute)
{
	return attribute->item != NULL &&
		attribute->function == ALLM_FUNCTION_DEFAULT;
}

/* "a higher price than the average", "a lower x than y" */
static void
add_turned(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmClause	read = {.kind = ALLM_CLAUSE_COMPARE};
	const char *word = allm_chart_text(chart, from);
	ListCell   *mark;
	ListCell   *inner;
	ListCell   *other;

	foreach(mark, allm_vocabulary_marks(psprintf("%s than", word)))
	{
		AllmMarkRow *row = lfirst(mark);

		for (int at = from + 2; row->mark == ALLM_MARK_CMP && at < to - 1; at++)
		{
			if (strcmp(allm_chart_text(chart, at), "than") != 0)
				continue;
			read.compare = row->argument;
			foreach(inner, allm_attribute_parse(chart, from + 1, at))
			{
				read.attribute = lfirst(inner);
				if (!may_be_held(read.attribute))
					continue;
				foreach(other, read_targets(chart, read.attribute, &read,
											at + 1, to))
					allm_chart_add(chart, cell, lfirst(other));
			}
		}
	}
}

/*
 * Adds the comparisons that a stretch may be: "age over 20", "a price higher than
 * the average price", "over 20 points", "a higher x than y".
 */
void
allm_against_add(AllmChart *chart, AllmCell *cell, int from, int to)
{
	AllmClause	read = {0};
	int			length;
	ListCell   *inner;
	ListCell   *other;

	for (int at = from + 1; at < to && !chart->too_many; at++)
	{
		foreach(inner, allm_attribute_parse(chart, from, at))
		{
			if (!may_be_held(lfirst(inner)))
				continue;
			foreach(other, read_held(chart, lfirst(inner), at, to))
				allm_chart_add(chart, cell, lfirst(other));
		}
	}
	add_turned(chart, cell, from, to);
	length = allm_against_read(chart, from, to, &read);
	if (length == 0 || from + length >= to)
		return;
	foreach(inner, allm_attribute_parse(chart, from + length, to))
	{
		AllmClause *clause = allm_clause_make(ALLM_CLAUSE_COMPARE, NULL);

		*clause = read;
		clause->kind = ALLM_CLAUSE_COMPARE;
		clause->attribute = lfirst(inner);
		if (may_be_held(clause->attribute))
			allm_chart_add(chart, cell, clause);
	}
}
