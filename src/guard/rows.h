/*
 * rows.h
 *		Keeps the rows of a query as JSON.
 */
#ifndef ALLM_GUARD_ROWS_H
#define ALLM_GUARD_ROWS_H

#include "postgres.h"

#include "tcop/dest.h"

#include "guard/execute.h"

extern DestReceiver *allm_rows_receiver(AllmCaps caps, MemoryContext keep,
										AllmRows **rows);

#endif							/* ALLM_GUARD_ROWS_H */
