/*
 * analytics_llm.c
 *		Module magic and start-up: what each room registers with the server.
 *
 * No logic.  Without preloading nothing is registered: the functions then
 * exist, and say what to do.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "ask/background.h"
#include "ask/columns.h"
#include "ask/hint.h"
#include "ask/own_writes.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "base/switch.h"
#include "guard/portal.h"
#include "ledger/cache.h"
#include "ledger/flight.h"
#include "ledger/hits.h"
#include "ledger/outputs.h"
#include "ledger/queue.h"
#include "ledger/turns.h"
#include "ledger/usage.h"
#include "ledger/writer.h"
#include "watch/rollouts.h"
#include "model/gate.h"
#include "schema/changes.h"
#include "schema/comment.h"
#include "schema/shelf.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Called by the server when it loads the library. */
void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;

	allm_settings_define();
	allm_shmem_install();
	allm_switch_install();
	allm_queue_install();
	allm_usage_install();
	allm_outputs_install();
	allm_cache_install();
	allm_flight_install();
	allm_hits_install();
	allm_turns_install();
	allm_own_writes_install();
	allm_writer_install();
	allm_rollouts_install();
	allm_gate_install();
	allm_comment_install();
	allm_changes_install();
	allm_shelf_install();
	allm_background_install();
	allm_portal_install();
	allm_columns_install();
	allm_hint_install();
}
