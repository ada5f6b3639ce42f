/*
 * sample.c
 *		What may be said of a column's contents: labels, common values.
 *
 * Labels of an enum belong to its type, which every role can read.  Values
 * come from the server's statistics, and only where the view pg_stats would
 * show them to the current role.  A column of a snapshot is readable; what
 * remains is that no row security applies to the role, since statistics know no
 * rows.  Values to be shown to a model are there only where
 * analytics_llm.send_values lets them; those that are only compared with a
 * question, here, are more.
 *
 * Nothing is read from a table: values that the server has not counted are not
 * known here.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "base/settings.h"
#include "schema/sample.h"

/* An enum with more labels than these is a table in disguise. */
#define MAX_LABELS		50

/* Common values of one column, and the bytes of each: names, not texts. */
#define MAX_VALUES		8
#define MAX_VALUE_BYTES	40

/*
 * Values of one column that a question is compared with.  Of a column that has
 * more of them, only those that are common: the rest would be a chance sample.
 */
#define MAX_KNOWN		200

static int	compare_labels(const void *a, const void *b);
static List *read_values(const AllmColumn *column, bool all);
static List *add_values(List *values, HeapTuple statistics, int kind, bool all);
static bool are_few(const AllmColumn *column, HeapTuple statistics);
static char *clean_value(char *value);

/*
 * The labels of an enum in their own order, which comparisons follow, as a list
 * of char *; NIL for other types, and for an enum with too many.
 */
List *
allm_sample_labels(const AllmColumn *column)
{
	List	   *result = NIL;
	Form_pg_enum labels[MAX_LABELS];
	CatCList   *list;

	if (column->category != TYPCATEGORY_ENUM)
		return NIL;
	list = SearchSysCacheList1(ENUMTYPOIDNAME,
							   ObjectIdGetDatum(column->type));
	if (list->n_members <= MAX_LABELS)
	{
		for (int i = 0; i < list->n_members; i++)
			labels[i] = (Form_pg_enum) GETSTRUCT(&list->members[i]->tuple);
		qsort(labels, list->n_members, sizeof(Form_pg_enum), compare_labels);
		for (int i = 0; i < list->n_members; i++)
			result = lappend(result, pstrdup(NameStr(labels[i]->enumlabel)));
	}
	ReleaseSysCacheList(list);
	return result;
}

/* For qsort: by the order of the enum. */
static int
compare_labels(const void *a, const void *b)
{
	float4		left = (*(const Form_pg_enum *) a)->enumsortorder;
	float4		right = (*(const Form_pg_enum *) b)->enumsortorder;

	return left < right ? -1 : left > right;
}

/*
 * The most common values of a text column, as a list of char * that are cut to
 * a few characters and hold no control character; NIL when there are none, or
 * none that may be shown.
 */
List *
allm_sample_values(const AllmColumn *column)
{
	return allm_send_values ? read_values(column, false) : NIL;
}

/*
 * What is known of the values of a text column, to compare a question with, and
 * never to be sent: common ones, and all of a column that has few.
 */
List *
allm_sample_known(const AllmColumn *column)
{
	return read_values(column, true);
}

/* The values in a column's statistics: those to be shown, or all. */
static List *
read_values(const AllmColumn *column, bool all)
{
	Oid			relid = column->relation->oid;
	List	   *values = NIL;

	if (column->category != TYPCATEGORY_STRING ||
		check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		return NIL;
	for (int inherit = 0; inherit <= 1 && values == NIL; inherit++)
	{
		HeapTuple	statistics;

		statistics = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relid),
									 Int16GetDatum(column->attnum),
									 BoolGetDatum(inherit == 1));
		if (!HeapTupleIsValid(statistics))
			continue;
		values = add_values(NIL, statistics, STATISTIC_KIND_MCV, all);
		if (all && are_few(column, statistics))
			values = add_values(values, statistics, STATISTIC_KIND_HISTOGRAM,
								all);
		ReleaseSysCache(statistics);
	}
	return values;
}

/* Adds the values of one kind in a row of pg_statistic. */
static List *
add_values(List *values, HeapTuple statistics, int kind, bool all)
{
	AttStatsSlot slot;
	Oid			output;
	bool		is_varlena;

	if (!get_attstatsslot(&slot, statistics, kind, InvalidOid,
						  ATTSTATSSLOT_VALUES))
		return values;
	getTypeOutputInfo(slot.valuetype, &output, &is_varlena);
	for (int i = 0; i < Min(slot.nvalues, all ? MAX_KNOWN : MAX_VALUES); i++)
	{
		char	   *value = OidOutputFunctionCall(output, slot.values[i]);

		/* A text is no name. */
		if (!all || strlen(value) <= MAX_VALUE_BYTES)
			values = lappend(values, clean_value(value));
	}
	free_attstatsslot(&slot);
	return values;
}

/* Has the column so few values that its statistics may hold all of them? */
static bool
are_few(const AllmColumn *column, HeapTuple statistics)
{
	double		distinct = ((Form_pg_statistic) GETSTRUCT(statistics))->stadistinct;

	if (distinct < 0)
		distinct *= -column->relation->rows;
	return distinct >= 0 && distinct <= MAX_KNOWN;
}

/* Cuts a value, and blanks out its control characters. */
static char *
clean_value(char *value)
{
	if (strlen(value) > MAX_VALUE_BYTES)
		value[pg_mbcliplen(value, strlen(value), MAX_VALUE_BYTES)] = '\0';
	for (char *c = value; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == 0x7F)
			*c = ' ';
	}
	return value;
}
