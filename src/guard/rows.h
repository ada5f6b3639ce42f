/*
 * rows.h
 *		Keeps the rows of a query as JSON.
 */
#ifndef ALLM_GUARD_ROWS_H
#define ALLM_GUARD_ROWS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "executor/tuptable.h"
#include "tcop/dest.h"

#include "guard/execute.h"

extern DestReceiver *allm_rows_receiver(AllmCaps caps, MemoryContext keep,
										AllmRows **rows);
extern void allm_rows_name_uniquely(TupleDesc desc);
extern bool allm_rows_is_all_null(const TupleTableSlot *slot);

#endif							/* ALLM_GUARD_ROWS_H */
