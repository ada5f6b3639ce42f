/*
 * table.h
 *		Reading the extension's own tables, past the executor.
 */
#ifndef ALLM_BASE_TABLE_H
#define ALLM_BASE_TABLE_H

#include "postgres.h"

#include "access/genam.h"
#include "access/htup.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* A scan of one table of schema analytics_llm, or of rows that were kept. */
typedef struct AllmTableScan
{
	Relation	table;			/* NULL: of kept rows */
	Snapshot	snapshot;
	SysScanDesc scan;
	TupleDesc	desc;
	HeapTuple  *rows;			/* kept ones, copied for this scan */
	int			nrows;
	int			nread;
	uint64		version;		/* of kept rows: others have another one */
	HeapTuple	tuple;			/* the row that the scan is at */
} AllmTableScan;

extern Oid	allm_table_find(const char *name);
extern Oid	allm_table_find_own(const char *name);

extern HeapTuple allm_table_trigger_row(FunctionCallInfo fcinfo,
										TriggerEvent timing,
										const char *table);

extern bool allm_table_begin(AllmTableScan *scan, const char *table,
							 const char *index, const char *column,
							 const char *value);
extern bool allm_table_begin_own(AllmTableScan *scan, const char *table,
								 const char *index, const char *column,
								 RegProcedure equal, Datum value);
extern bool allm_table_next(AllmTableScan *scan);
extern void allm_table_end(AllmTableScan *scan);
extern bool allm_table_is_null(const AllmTableScan *scan, const char *column);
extern char *allm_table_text(const AllmTableScan *scan, const char *column);
extern char *allm_table_bytes(const AllmTableScan *scan, const char *column,
							  Size *length);
extern bool allm_table_bool(const AllmTableScan *scan, const char *column);
extern int	allm_table_int(const AllmTableScan *scan, const char *column,
						   int missing);
extern int64 allm_table_bigint(const AllmTableScan *scan, const char *column,
							   int64 missing);
extern Oid	allm_table_oid(const AllmTableScan *scan, const char *column);
extern float4 allm_table_real(const AllmTableScan *scan, const char *column);
extern int64 allm_table_micros(const AllmTableScan *scan, const char *column);

#endif							/* ALLM_BASE_TABLE_H */
