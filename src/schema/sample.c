/*
 * sample.c
 *		What may be said of a column's contents: labels, common values.
 *
 * Labels of an enum belong to its type, which every role can read.  Values
 * come from the server's statistics, and only where the view pg_stats would
 * show them to the current role, and analytics_llm.send_values lets cell values
 * go to a model.  A column of a snapshot is readable; what remains is that no
 * row security applies to the role, since statistics know no rows.
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

static int	compare_labels(const void *a, const void *b);
static List *read_values(HeapTuple statistics);
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
	Oid			relid = column->relation->oid;
	HeapTuple	statistics;
	List	   *values = NIL;

	if (!allm_send_values || column->category != TYPCATEGORY_STRING ||
		check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		return NIL;
	for (int inherit = 0; inherit <= 1 && values == NIL; inherit++)
	{
		statistics = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relid),
									 Int16GetDatum(column->attnum),
									 BoolGetDatum(inherit == 1));
		if (!HeapTupleIsValid(statistics))
			continue;
		values = read_values(statistics);
		ReleaseSysCache(statistics);
	}
	return values;
}

/* The most common values in a row of pg_statistic. */
static List *
read_values(HeapTuple statistics)
{
	AttStatsSlot slot;
	List	   *values = NIL;
	Oid			output;
	bool		is_varlena;

	if (!get_attstatsslot(&slot, statistics, STATISTIC_KIND_MCV, InvalidOid,
						  ATTSTATSSLOT_VALUES))
		return NIL;
	getTypeOutputInfo(slot.valuetype, &output, &is_varlena);
	for (int i = 0; i < Min(slot.nvalues, MAX_VALUES); i++)
		values = lappend(values,
						 clean_value(OidOutputFunctionCall(output,
														   slot.values[i])));
	free_attstatsslot(&slot);
	return values;
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
