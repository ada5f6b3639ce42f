/*
 * shelf.h
 *		Snapshots of large schemas, in memory that all sessions share.
 */
#ifndef ALLM_SCHEMA_SHELF_H
#define ALLM_SCHEMA_SHELF_H

#include "postgres.h"

#include "ledger/report.h"
#include "schema/image.h"

/* Schemas on the path of a snapshot that is shared, at most. */
#define ALLM_SHELF_PATH		32

/* Whose a snapshot is; bytes that are not used are 0. */
typedef struct AllmShelfKey
{
	Oid			database;
	Oid			role;
	Oid			path[ALLM_SHELF_PATH];
	bool		values;			/* analytics_llm.send_values */
} AllmShelfKey;

/* What lies in a place: the snapshot, and what others made of it. */
typedef enum AllmShelfPart
{
	ALLM_SHELF_SNAPSHOT,
	ALLM_SHELF_INDEX,
	ALLM_SHELF_NAMES
} AllmShelfPart;

#define ALLM_SHELF_PARTS	3

/* No place. */
#define ALLM_SHELF_NONE		(-1)

extern void allm_shelf_install(void);
extern uint64 allm_shelf_next_serial(void);
extern void allm_shelf_offer(const AllmShelfKey *key, uint64 serial,
							 uint64 position, AllmImageWrite write,
							 const void *snapshot);
extern int	allm_shelf_find(const AllmShelfKey *key, uint64 *serial,
							uint64 *position);
extern bool allm_shelf_hold(int number, uint64 serial);
extern void allm_shelf_confirm(int number, uint64 position);
extern void allm_shelf_retire(int number);
extern const void *allm_shelf_part(int number, AllmShelfPart part);
extern const void *allm_shelf_add(int number, AllmShelfPart part,
								  AllmImageWrite write, const void *what);
extern void allm_shelf_status(AllmStatusLine line, void *state);

#endif							/* ALLM_SCHEMA_SHELF_H */
