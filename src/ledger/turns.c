/*
 * turns.c
 *		What was asked last in each conversation, as text, in shared memory.
 *
 * Of a conversation there are the questions that the next one may go on from:
 * one that stands by itself, and those that went on from it.  They are text and
 * nothing else, so that whoever reads them sees the schema, the data and the
 * rights of that moment.  A conversation is found by role, end user and
 * database, and by nobody else; any connection will do, also through a pooler
 * and on a standby.  A restart ends all of them, and so does a day of silence.
 *
 * What is said was said: a transaction that rolls back takes no turn back.  Of
 * two questions at once in one conversation, each goes on from what was there
 * when it came, and the one that is answered last is the one that counts.
 *
 * Locking.  One LWLock, the turns lock: shared to copy the questions out,
 * exclusive to put others in their place.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "base/shmem.h"
#include "ledger/turns.h"

/*
 * Conversations at the same time, over all databases, and the bytes of their
 * questions: some 2 MB.  One that was silent longest makes room.
 */
#define CONVERSATIONS	1024
#define MAX_BYTES		2048

/* A conversation has one of so many places. */
#define PLACES			16

/* After so long, nobody knows any more what was asked last. */
#define MAX_SILENCE_S	(24 * 60 * 60)

/* One conversation.  All fields: turns lock. */
typedef struct Conversation
{
	AllmTurnsKey key;
	TimestampTz at;				/* of the last turn; 0: free */
	int			nquestion;
	int			bytes;
	char		questions[MAX_BYTES];	/* each with a zero byte */
} Conversation;

static Conversation *conversations = NULL;
static LWLock *lock = NULL;

static Size area_size(void);
static void attach_area(void *area, bool found);
static Conversation *first_place(const AllmTurnsKey *key);
static Conversation *find_conversation(const AllmTurnsKey *key);
static Conversation *find_place(const AllmTurnsKey *key);

static const AllmShmemArea turns_area =
{
	"analytics_llm turns", 1, area_size, attach_area
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_turns_install(void)
{
	allm_shmem_register(&turns_area);
}

/* The bytes of the area. */
static Size
area_size(void)
{
	return mul_size(CONVERSATIONS, sizeof(Conversation));
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_area(void *area, bool found)
{
	conversations = area;
	lock = &GetNamedLWLockTranche(turns_area.name)[0].lock;
	if (!found)
		memset(conversations, 0, area_size());
}

/*
 * Whose conversation it is.  The digest keeps roles and end users apart: two of
 * the same cannot be found.
 */
void
allm_turns_identify(const pg_uuid_t *conversation, Oid role,
					const char *end_user, AllmTurnsKey *key)
{
	const Oid	oids[2] = {MyDatabaseId, role};
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);

	StaticAssertStmt(ALLM_TURNS_DIGEST == PG_SHA256_DIGEST_LENGTH,
					 "a key is one digest");
	if (context == NULL || pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) oids,
							 sizeof(oids)) < 0 ||
		pg_cryptohash_update(context, conversation->data, UUID_LEN) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) end_user,
							 strlen(end_user)) < 0 ||
		pg_cryptohash_final(context, key->digest, sizeof(key->digest)) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the digest of a conversation")));
	pg_cryptohash_free(context);
}

/*
 * The questions that the next one may go on from, the oldest first, as a list
 * of char *; NIL when there are none.
 */
List *
allm_turns_read(const AllmTurnsKey *key)
{
	char	   *copy = palloc(MAX_BYTES);
	char	   *at = copy;
	int			n = 0;
	List	   *questions = NIL;
	Conversation *found;

	LWLockAcquire(lock, LW_SHARED);
	found = find_conversation(key);
	if (found != NULL &&
		!TimestampDifferenceExceeds(found->at, GetCurrentTimestamp(),
									MAX_SILENCE_S * 1000))
	{
		n = found->nquestion;
		memcpy(copy, found->questions, found->bytes);
	}
	LWLockRelease(lock);
	for (int i = 0; i < n; i++)
	{
		questions = lappend(questions, at);
		at += strlen(at) + 1;
	}
	return questions;
}

/*
 * Puts these questions in the place of those that were there.  Of what does not
 * fit nothing is kept, since the next question must not go on from less.
 */
void
allm_turns_keep(const AllmTurnsKey *key, const List *questions)
{
	char	   *bytes = palloc(MAX_BYTES);
	Size		length = 0;
	Conversation *place;
	ListCell   *cell;

	foreach(cell, questions)
	{
		Size		size = strlen(lfirst(cell)) + 1;

		if (length + size > MAX_BYTES)
		{
			questions = NIL;
			length = 0;
			break;
		}
		memcpy(bytes + length, lfirst(cell), size);
		length += size;
	}
	LWLockAcquire(lock, LW_EXCLUSIVE);
	place = find_place(key);
	place->key = *key;
	place->at = GetCurrentTimestamp();
	place->nquestion = list_length(questions);
	place->bytes = length;
	memcpy(place->questions, bytes, length);
	LWLockRelease(lock);
	pfree(bytes);
}

/* One line of llm_status: how many there are. */
void
allm_turns_status(AllmStatusLine line, void *state)
{
	AllmJsonWriter detail;
	int			used = 0;

	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < CONVERSATIONS; i++)
		used += conversations[i].at != 0;
	LWLockRelease(lock);
	allm_json_start(&detail);
	allm_json_open(&detail, NULL, '{');
	allm_json_int(&detail, "conversations", used);
	allm_json_int(&detail, "limit", CONVERSATIONS);
	allm_json_close(&detail, '}');
	line(state, "conversation", "turns", "open", detail.buf.data);
}

/* The first of the places that a conversation may have. */
static Conversation *
first_place(const AllmTurnsKey *key)
{
	uint32		hash;

	memcpy(&hash, key->digest, sizeof(hash));
	return &conversations[hash % (CONVERSATIONS / PLACES) * PLACES];
}

/* The place that a conversation has, or NULL.  Under the lock. */
static Conversation *
find_conversation(const AllmTurnsKey *key)
{
	Conversation *first = first_place(key);

	for (int i = 0; i < PLACES; i++)
	{
		if (first[i].at != 0 &&
			memcmp(&first[i].key, key, sizeof(AllmTurnsKey)) == 0)
			return &first[i];
	}
	return NULL;
}

/* The place for a conversation: its own, or that of the one silent longest. */
static Conversation *
find_place(const AllmTurnsKey *key)
{
	Conversation *place = find_conversation(key);
	Conversation *first = first_place(key);

	if (place != NULL)
		return place;
	place = first;
	for (int i = 1; i < PLACES; i++)
	{
		if (first[i].at < place->at)
			place = &first[i];
	}
	return place;
}
