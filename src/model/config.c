/*
 * config.c
 *		Models, tiers, routes and prices, as the tables have them at this
 *		question.
 *
 * A change acts in every backend at its next question, in a transaction that
 * sees older data, too.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/kept.h"
#include "model/config.h"

/*
 * The prices of kept rows as they were read: a list has dozens of decimal
 * numbers, and each question wants all of them.
 */
static struct
{
	uint64		version;		/* of the rows; 0: nothing is kept */
	MemoryContext context;
	List	   *rows;
}			kept_prices;

static char *read_name(const AllmTableScan *scan, const char *column);
static List *read_prices(AllmTableScan *scan);
static void keep_prices(uint64 version, const List *rows);
static List *copy_prices(const List *rows);
static int	compare_positions(const ListCell *a, const ListCell *b);

/*
 * The enabled models of an enabled tier, in order of position, as a list of
 * AllmTierModel in the current memory context.
 */
List *
allm_config_tier(int tier)
{
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_kept_begin(&scan, "tier"))
		return NIL;
	while (allm_table_next(&scan))
	{
		AllmTierModel *row;

		if (allm_table_int(&scan, "tier", 0) != tier ||
			!allm_table_bool(&scan, "enabled"))
			continue;
		row = allm_config_model(read_name(&scan, "model"));
		if (row == NULL)
			continue;
		row->tier = tier;
		row->position = allm_table_int(&scan, "position", 0);
		row->timeout_ms = allm_table_int(&scan, "timeout_ms", 0);
		row->max_retries = allm_table_int(&scan, "max_retries", 0);
		row->min_confidence = allm_table_real(&scan, "min_confidence");
		rows = lappend(rows, row);
	}
	allm_table_end(&scan);
	list_sort(rows, compare_positions);
	return rows;
}

/* The enabled routes, as a list of AllmRoute. */
List *
allm_config_routes(void)
{
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_kept_begin(&scan, "route"))
		return NIL;
	while (allm_table_next(&scan))
	{
		AllmRoute  *row;

		if (!allm_table_bool(&scan, "enabled"))
			continue;
		row = palloc0(sizeof(AllmRoute));
		row->min_complexity = allm_table_real(&scan, "min_complexity");
		row->max_complexity = allm_table_real(&scan, "max_complexity");
		row->question_class = allm_table_text(&scan, "question_class");
		row->start_tier = allm_table_int(&scan, "start_tier", 1);
		row->effort = allm_table_text(&scan, "effort");
		row->thinking = allm_table_text(&scan, "thinking");
		row->verify = allm_table_text(&scan, "verify");
		row->timeout_ms = allm_table_int(&scan, "timeout_ms", 0);
		row->max_output_tokens = allm_table_int(&scan, "max_output_tokens", 0);
		rows = lappend(rows, row);
	}
	allm_table_end(&scan);
	return rows;
}

/* The rollouts whose share acts, as a list of AllmRollout. */
List *
allm_config_rollouts(void)
{
	static const char *const states[] = {"running", "paused", "done"};
	List	   *rows = NIL;
	AllmTableScan scan;

	if (!allm_kept_begin(&scan, "rollout"))
		return NIL;
	while (allm_table_next(&scan))
	{
		char	   *state = read_name(&scan, "state");
		AllmRollout *row;
		bool		acts = false;

		for (int i = 0; i < lengthof(states); i++)
			acts = acts || strcmp(state, states[i]) == 0;
		if (!acts)
			continue;
		row = palloc0(sizeof(AllmRollout));
		row->name = read_name(&scan, "name");
		row->tier = allm_table_int(&scan, "tier", 0);
		row->model = read_name(&scan, "model");
		row->instead_of = allm_table_text(&scan, "instead_of");
		row->share = allm_table_real(&scan, "share");
		row->sticky_by = read_name(&scan, "sticky_by");
		row->is_shadow = strcmp(read_name(&scan, "kind"),
								"shadow") == 0;
		rows = lappend(rows, row);
	}
	allm_table_end(&scan);
	return rows;
}

/*
 * All prices, as a list of AllmPriceRow in the current memory context: which
 * of them is needed is known when the answer is there, and nothing may be
 * waited for then.
 */
List *
allm_config_prices(void)
{
	List	   *rows;
	AllmTableScan scan;

	if (!allm_kept_begin(&scan, "price"))
		return NIL;
	if (scan.version != 0 && scan.version == kept_prices.version)
		rows = copy_prices(kept_prices.rows);
	else
	{
		rows = read_prices(&scan);
		if (scan.version != 0)
			keep_prices(scan.version, rows);
	}
	allm_table_end(&scan);
	return rows;
}

/* The rows of a scan, in the current memory context. */
static List *
read_prices(AllmTableScan *scan)
{
	List	   *rows = NIL;

	while (allm_table_next(scan))
	{
		AllmPriceRow *row = palloc0(sizeof(AllmPriceRow));

		row->model = read_name(scan, "model");
		row->from = allm_table_int(scan, "min_prompt_tokens", 0);
		row->price.input = allm_table_micros(scan, "input");
		row->price.output = allm_table_micros(scan, "output");
		row->price.cache_read = allm_table_micros(scan, "cache_read");
		row->price.cache_write_5m = allm_table_micros(scan, "cache_write_5m");
		row->price.cache_write_1h = allm_table_micros(scan, "cache_write_1h");
		rows = lappend(rows, row);
	}
	return rows;
}

/* Keeps a copy for the questions to come, until the rows are others. */
static void
keep_prices(uint64 version, const List *rows)
{
	MemoryContext caller;

	kept_prices.version = 0;
	if (kept_prices.context == NULL)
		kept_prices.context = AllocSetContextCreate(CacheMemoryContext,
													"analytics_llm prices",
													ALLOCSET_SMALL_SIZES);
	MemoryContextReset(kept_prices.context);
	caller = MemoryContextSwitchTo(kept_prices.context);
	kept_prices.rows = copy_prices(rows);
	MemoryContextSwitchTo(caller);
	kept_prices.version = version;
}

/* A list of prices of its own, in the current memory context. */
static List *
copy_prices(const List *rows)
{
	List	   *copy = NIL;
	ListCell   *cell;

	foreach(cell, rows)
	{
		const AllmPriceRow *row = lfirst(cell);
		AllmPriceRow *own = palloc(sizeof(AllmPriceRow));

		*own = *row;
		own->model = pstrdup(row->model);
		copy = lappend(copy, own);
	}
	return copy;
}

/*
 * The price of a model for a prompt of so many tokens: the row with the
 * largest threshold that the prompt reaches; NULL when there is none.
 */
const AllmPrice *
allm_config_price(const List *prices, const char *model, int64 prompt_tokens)
{
	const AllmPriceRow *best = NULL;
	ListCell   *cell;

	foreach(cell, prices)
	{
		const AllmPriceRow *row = lfirst(cell);

		if (strcmp(row->model, model) == 0 && row->from <= prompt_tokens &&
			(best == NULL || row->from > best->from))
			best = row;
	}
	return best != NULL ? &best->price : NULL;
}

/* An enabled model, with nothing of a tier set; NULL when there is none. */
AllmTierModel *
allm_config_model(const char *name)
{
	AllmTierModel *row = NULL;
	AllmTableScan scan;

	if (!allm_kept_begin(&scan, "model"))
		return NULL;
	while (row == NULL && allm_table_next(&scan))
	{
		if (strcmp(read_name(&scan, "name"), name) != 0 ||
			!allm_table_bool(&scan, "enabled"))
			continue;
		row = palloc0(sizeof(AllmTierModel));
		row->server = read_name(&scan, "server");
		row->context_tokens = allm_table_int(&scan, "context_tokens", 0);
		row->model.name = read_name(&scan, "name");
		row->model.family = allm_table_text(&scan, "family");
		row->model.max_output_tokens =
			allm_table_int(&scan, "max_output_tokens", 0);
		row->model.effort = allm_table_text(&scan, "effort");
		row->model.thinking = allm_table_text(&scan, "thinking");
	}
	allm_table_end(&scan);
	return row;
}

/*
 * What the table declares NOT NULL.  Tables of another version than the library
 * may lack the column, and then it is the name of nothing.
 */
static char *
read_name(const AllmTableScan *scan, const char *column)
{
	char	   *name = allm_table_text(scan, column);

	return name != NULL ? name : pstrdup("");
}

/* For list_sort. */
static int
compare_positions(const ListCell *a, const ListCell *b)
{
	return ((AllmTierModel *) lfirst(a))->position -
		((AllmTierModel *) lfirst(b))->position;
}
