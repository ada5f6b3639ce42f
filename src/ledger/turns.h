/*
 * turns.h
 *		What was asked last in each conversation, as text, in shared memory.
 */
#ifndef ALLM_LEDGER_TURNS_H
#define ALLM_LEDGER_TURNS_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/uuid.h"

#include "ledger/report.h"

/* Questions that go on from each other; a person remembers fewer. */
#define ALLM_MAX_TURNS		16

#define ALLM_TURNS_DIGEST	32

/*
 * A conversation of one role, speaking for one end user, in this database.  It
 * is a digest, so that no name of an end user is in the memory.
 */
typedef struct AllmTurnsKey
{
	uint8		digest[ALLM_TURNS_DIGEST];
} AllmTurnsKey;

extern void allm_turns_install(void);
extern void allm_turns_identify(const pg_uuid_t *conversation, Oid role,
								const char *end_user, AllmTurnsKey *key);
extern List *allm_turns_read(const AllmTurnsKey *key);
extern void allm_turns_keep(const AllmTurnsKey *key, const List *questions);
extern void allm_turns_status(AllmStatusLine line, void *state);

#endif							/* ALLM_LEDGER_TURNS_H */
