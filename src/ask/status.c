/*
 * status.c
 *		llm_status(): what a DBA looks at first.
 *
 * Each room reports its own lines; this file only collects them.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "ask/background.h"
#include "ask/tiers.h"
#include "base/shmem.h"
#include "ledger/cache.h"
#include "ledger/report.h"
#include "ledger/standing.h"
#include "ledger/turns.h"
#include "model/gate.h"
#include "schema/shelf.h"

PG_FUNCTION_INFO_V1(analytics_llm_status);

/* Columns of a line: component, name, state, detail. */
#define STATUS_COLUMNS	4

static void put_line(void *state, const char *component, const char *name,
					 const char *status, const char *detail_json);

/*
 * analytics_llm_status
 *		The state of what runs: tiers, queue, writers, quotas near their limit.
 *
 * SQL: llm_status() returns table (component text, name text, state text,
 *		detail json)
 *
 * PUBLIC may call it; a room shows only what the calling role may know.
 */
Datum
analytics_llm_status(PG_FUNCTION_ARGS)
{
	allm_require_loaded();
	InitMaterializedSRF(fcinfo, 0);
	allm_tiers_status(put_line, fcinfo->resultinfo);
	allm_gate_key_status(put_line, fcinfo->resultinfo);
	allm_report_status(put_line, fcinfo->resultinfo);
	allm_cache_status(put_line, fcinfo->resultinfo);
	allm_shelf_status(put_line, fcinfo->resultinfo);
	allm_turns_status(put_line, fcinfo->resultinfo);
	allm_standing_status(put_line, fcinfo->resultinfo);
	allm_background_status(put_line, fcinfo->resultinfo);
	return (Datum) 0;
}

/* Adds one line to the result set. */
static void
put_line(void *state, const char *component, const char *name,
		 const char *status, const char *detail_json)
{
	ReturnSetInfo *rsinfo = state;
	const char *texts[STATUS_COLUMNS] = {component, name, status, detail_json};
	Datum		values[STATUS_COLUMNS] = {0};
	bool		nulls[STATUS_COLUMNS] = {0};

	for (int i = 0; i < STATUS_COLUMNS; i++)
	{
		nulls[i] = (texts[i] == NULL);
		if (!nulls[i])
			values[i] = CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
