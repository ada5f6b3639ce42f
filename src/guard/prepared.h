/*
 * prepared.h
 *		Checked queries whose plans are kept, to be run again with other words.
 */
#ifndef ALLM_GUARD_PREPARED_H
#define ALLM_GUARD_PREPARED_H

#include "postgres.h"

#include "guard/execute.h"

extern AllmRows *allm_prepared_run(const char *sql, const List *words,
								   AllmCaps caps, MemoryContext keep);
extern bool allm_prepared_keep(const char *sql, const AllmChecked *checked);
extern char *allm_prepared_literal(const List *words);

#endif							/* ALLM_GUARD_PREPARED_H */
