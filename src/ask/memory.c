/*
 * memory.c
 *		What this backend knows of the questions that it was asked: their keys,
 *		where their answers are, and which of these it has looked at.
 *
 * An answer is looked at before this backend gives its rows for the first
 * time, and again after any message that may mean that it has changed: its
 * query goes through the whole check, as the role that asks, and must come out
 * as the same query over the same objects.  Between two messages it is trusted.
 *
 * Nothing is shared.  The memory has a fixed number of places; a question
 * takes that of another one with the same hash.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"

#include "ask/key.h"
#include "ask/memory.h"
#include "guard/execute.h"
#include "ledger/stored.h"

/* Questions that a session asks again and again; of a few hundred bytes each. */
#define PLACES			64

/*
 * So long the look at an answer waits for somebody who has locked one of its
 * relations.
 */
#define LOOK_PATIENCE_MS	1000

/* What goes into the fence around a look, and comes out. */
typedef struct Look
{
	const char *sql;
	bool		passed;
	AllmOrigin	origin;
} Look;

static AllmMemory places[PLACES];
static MemoryContext context = NULL;

static bool is_of(const AllmMemory *memory, uint64 hash, const char *question,
				  const char *options, Size options_len, const char *earlier);
static void remember(AllmMemory *memory, const char *question, Jsonb *options,
					 const char *earlier);
static void clear_place(AllmMemory *memory);
static bool find_answer(AllmMemory *memory);
static bool fetch_answer(AllmMemory *memory);
static void look_at(void *arg);

/*
 * The memory of a question: its key under the circumstances of now, if nothing
 * else.  NULL when the circumstances cannot be told.  Raises 22023 for a
 * question or options that are not admitted.  The next one that is found may
 * take its place.  "earlier" is what the question goes on from, or empty.
 */
AllmMemory *
allm_memory_find(const char *question, Jsonb *options, const char *earlier)
{
	uint64		circumstances = allm_key_circumstances();
	const char *bytes = "";
	Size		len = 0;
	AllmMemory *memory;
	uint64		hash;

	if (circumstances == 0)
		return NULL;
	if (options != NULL &&
		!(JB_ROOT_IS_OBJECT(options) && JB_ROOT_COUNT(options) == 0))
	{
		bytes = VARDATA_ANY(options);
		len = VARSIZE_ANY_EXHDR(options);
	}
	hash = hash_bytes_extended((const unsigned char *) question,
							   strlen(question), 0);
	if (len > 0)
		hash = hash_combine64(hash,
							  hash_bytes_extended((const unsigned char *) bytes,
												  len, 0));
	if (earlier[0] != '\0')
		hash = hash_combine64(hash,
							  hash_bytes_extended((const unsigned char *) earlier,
												  strlen(earlier), 0));
	memory = &places[hash % PLACES];
	if (memory->circumstances != circumstances ||
		!is_of(memory, hash, question, bytes, len, earlier))
	{
		remember(memory, question, options, earlier);
		memory->hash = hash;
		memory->options = MemoryContextAlloc(context, len + 1);
		memcpy(memory->options, bytes, len);
		memory->options_len = len;
		memory->circumstances = circumstances;
	}
	return memory;
}

/*
 * A copy in the current memory context, for who goes on with it while others
 * are found.
 */
AllmMemory *
allm_memory_hold(const AllmMemory *memory)
{
	AllmMemory *held = palloc(sizeof(AllmMemory));

	*held = *memory;
	held->question = pstrdup(memory->question);
	held->earlier = pstrdup(memory->earlier);
	held->options = palloc(memory->options_len + 1);
	memcpy(held->options, memory->options, memory->options_len);
	held->key.text = pstrdup(memory->key.text);
	return held;
}

/* Takes what is known of the answer back, if the question has its place still. */
void
allm_memory_share(const AllmMemory *held)
{
	AllmMemory *memory = &places[held->hash % PLACES];

	if (memory->circumstances != held->circumstances ||
		!is_of(memory, held->hash, held->question, held->options,
			   held->options_len, held->earlier))
		return;
	memory->ref = held->ref;
	memory->sound_number = held->sound_number;
	memory->sound_at = held->sound_at;
}

/* Is a place taken by that question with those options? */
static bool
is_of(const AllmMemory *memory, uint64 hash, const char *question,
	  const char *options, Size options_len, const char *earlier)
{
	return memory->question != NULL && memory->hash == hash &&
		strcmp(memory->question, question) == 0 &&
		strcmp(memory->earlier, earlier) == 0 &&
		memory->options_len == options_len &&
		memcmp(memory->options, options, options_len) == 0;
}

/* Takes a place for a question, and makes its key. */
static void
remember(AllmMemory *memory, const char *question, Jsonb *options,
		 const char *earlier)
{
	AllmOptions read;
	AllmCacheKey key;

	allm_request_admit(question);
	allm_options_read(options, &read);
	allm_key_make(question, &read, earlier, &key);

	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext,
										"analytics_llm memory",
										ALLOCSET_DEFAULT_SIZES);
	clear_place(memory);
	memory->key = key;
	memory->key.text = MemoryContextStrdup(context, key.text);
	memory->use_cache = read.use_cache;
	memory->question = MemoryContextStrdup(context, question);
	memory->earlier = MemoryContextStrdup(context, earlier);
}

/* Frees what a place holds. */
static void
clear_place(AllmMemory *memory)
{
	if (memory->question != NULL)
		pfree(memory->question);
	if (memory->earlier != NULL)
		pfree(memory->earlier);
	if (memory->options != NULL)
		pfree(memory->options);
	if (memory->key.text != NULL)
		pfree(unconstify(char *, memory->key.text));
	memset(memory, 0, sizeof(AllmMemory));
}

/*
 * The answer that is kept for a question, in the current memory context; NULL
 * when there is none.  From the table it comes into shared memory first.
 */
AllmKept *
allm_memory_read(AllmMemory *memory)
{
	AllmKept   *kept = NULL;
	char	   *data;

	/* Twice: what was known may be gone, and another one be there. */
	for (int i = 0; i < 2; i++)
	{
		if (memory->ref.number == 0 && !find_answer(memory))
			return NULL;
		data = palloc(memory->ref.length);
		if (allm_cache_read(&memory->ref, data))
		{
			kept = allm_kept_unpack(&memory->key, data, memory->ref.length);
			break;
		}
		pfree(data);
		memory->ref.number = 0;
	}
	return kept;
}

/* Finds out where the answer is. */
static bool
find_answer(AllmMemory *memory)
{
	return allm_cache_find(&memory->key, &memory->ref) ||
		fetch_answer(memory);
}

/* Brings the answer from the table into shared memory. */
static bool
fetch_answer(AllmMemory *memory)
{
	uint64		epoch = allm_cache_epoch();
	Size		length;
	char	   *data = allm_stored_fetch(&memory->key, &length);

	return data != NULL &&
		allm_kept_unpack(&memory->key, data, length) != NULL &&
		allm_cache_put(&memory->key, GetUserId(), data, length, epoch,
					   &memory->ref);
}

/*
 * May this backend give the rows of an answer?  If not, the answer has ended,
 * or nobody could look at it in time.
 */
bool
allm_memory_is_sound(AllmMemory *memory, const AllmKept *kept)
{
	uint64		generation = allm_key_generation();
	Look		look = {.sql = kept->answer.sql};
	MemoryContext work;
	MemoryContext caller;
	ErrorData  *edata;
	bool		sound;

	if (memory->sound_number == memory->ref.number &&
		memory->sound_at == generation)
		return true;

	work = AllocSetContextCreate(CurrentMemoryContext,
								 "analytics_llm look", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(work);
	edata = allm_execute_fenced(look_at, &look,
								allm_deadline_in(LOOK_PATIENCE_MS));
	MemoryContextSwitchTo(caller);
	sound = edata == NULL && look.passed && look.origin.shareable &&
		look.origin.version[0] == kept->origin.version[0] &&
		look.origin.version[1] == kept->origin.version[1];
	if (sound)
	{
		/* What came while it was looked at is looked at next time. */
		memory->sound_number = memory->ref.number;
		memory->sound_at = generation;
	}
	else if (edata == NULL || edata->sqlerrcode != ERRCODE_QUERY_CANCELED)
		allm_memory_forget(memory);
	MemoryContextDelete(work);
	return sound;
}

/* Inside the fence: the whole check, and where the query now comes from. */
static void
look_at(void *arg)
{
	Look	   *look = arg;
	AllmChecked *checked = allm_analyze_check(look->sql);

	look->passed = checked->query != NULL && checked->findings == NIL;
	if (look->passed)
		allm_origin_read(checked,
						 !contain_mutable_functions((Node *) checked->query),
						 &look->origin);
}

/* Ends the answer for everybody. */
void
allm_memory_forget(AllmMemory *memory)
{
	if (memory->ref.number != 0)
		allm_cache_drop(&memory->ref);
	memory->ref.number = 0;
}
