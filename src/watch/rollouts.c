/*
 * rollouts.c
 *		Rollouts go on, step by step, or are ended by their guards.
 *
 * A task of the writers.  What there is to decide is in evidence.c, how it is
 * looked up and kept in rollouts.sql, where a DBA can read it, and call it.
 */
#include "postgres.h"

#include "executor/spi.h"

#include "ledger/task.h"
#include "watch/rollouts.h"

static void watch_rollouts(void);

static const AllmTask task =
{
	"rollouts", "rollout", watch_rollouts
};

/* Registers the task.  Called once, from _PG_init. */
void
allm_rollouts_install(void)
{
	allm_task_register(&task);
}

/* AllmTask.run */
static void
watch_rollouts(void)
{
	if (SPI_execute("SELECT analytics_llm.rollout_watch()"
					" WHERE EXISTS (SELECT FROM analytics_llm.rollout"
					" WHERE state IN ('running', 'paused'))", false, 0) < 0)
		elog(ERROR, "rollouts were not looked at");
}
