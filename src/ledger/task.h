/*
 * task.h
 *		What a writer does for its database beside writing records.
 */
#ifndef ALLM_LEDGER_TASK_H
#define ALLM_LEDGER_TASK_H

#include "postgres.h"

/*
 * A task looks at what was recorded and acts on it.  It runs in a transaction
 * of its own, in an SPI connection, as the owner of its table, and not at all
 * in a database whose extension has no such table.  An error of it is reported
 * to the server log, and ends nothing else.
 */
typedef struct AllmTask
{
	const char *name;
	const char *table;			/* in schema analytics_llm */
	void		(*run) (void);
} AllmTask;

extern void allm_task_register(const AllmTask *task);
extern void allm_task_note_records(void);
extern void allm_task_run_due(bool at_the_end);

#endif							/* ALLM_LEDGER_TASK_H */
