/*
 * changes.h
 *		A log of what is changed in the catalogs that snapshots are made of.
 */
#ifndef ALLM_SCHEMA_CHANGES_H
#define ALLM_SCHEMA_CHANGES_H

#include "postgres.h"

/* What a change is about. */
typedef enum AllmChange
{
	ALLM_CHANGE_RELATION,		/* a relation, its columns or grants: its OID */
	ALLM_CHANGE_ROW,			/* a type or a constraint: its hash value in
								 * the server's cache; 0: any */
	ALLM_CHANGE_ANY				/* roles, schemas, labels; or it is not known */
} AllmChange;

/* Takes one change. */
typedef void (*AllmTakeChange) (AllmChange change, uint32 value);

extern void allm_changes_install(void);
extern bool allm_changes_are_known(void);
extern void allm_changes_watch(AllmTakeChange take);
extern uint64 allm_changes_position(bool *is_quiet);
extern uint64 allm_changes_replay(uint64 from, AllmTakeChange take,
								  bool *is_quiet);

#endif							/* ALLM_SCHEMA_CHANGES_H */
