/*
 * gate.c
 *		May a call go out?  The breakers of all models and keys.
 *
 * A call passes three breakers: that of the model at its endpoint, that of the
 * key, and that of both together, since one key may not do what another one
 * may, and a limit of the rate is that of a key's owner for a model.  So a role
 * with a bad key of its own shuts out nobody else.  All databases of the server
 * share them: an endpoint that is down is down for everybody.  A breaker of a
 * key begins with the first fault; nobody knows of a key that works.
 *
 * Keys are not here, nor can they be found out from what is: a breaker is known
 * by a hash of what it stands for, with a salt that was drawn when the shared
 * memory was made, and is shown nowhere.
 *
 * Locking: one LWLock over all of it, held for a look at a few hundred entries,
 * twice a call, and never across anything that waits or raises.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "commands/trigger.h"
#include "common/cryptohash.h"
#include "common/pg_prng.h"
#include "common/sha2.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "base/shmem.h"
#include "base/table.h"
#include "model/gate.h"
#include "model/wire_error.h"

/*
 * Breakers at the same time; the one that was not needed for longest goes for a
 * new one.  A model has one, and each key with which something went wrong.
 */
#define MAX_ENTRIES		256

/*
 * Of them, so many at most are for keys that one role keeps for itself: it may
 * change its key as often as it likes, and pushes out its own.
 */
#define MAX_OWN_ENTRIES	32

/* Names of models, as the table of models has them. */
#define MODEL_BYTES		204

/* Times of a model that are looked back on, and for how long; how many it takes. */
#define USUAL_CALLS		16
#define USUAL_MINUTES	5
#define MIN_USUAL_CALLS	5

/* A probe that ends at its deadline has so long to say so. */
#define PROBE_GRACE_MS	1000

/* One breaker.  All fields: the gate's lock. */
typedef struct GateEntry
{
	bool		in_use;
	AllmGateLevel level;
	AllmGateId	id;
	AllmGateId	endpoint;
	Oid			database;		/* whose call made it: for llm_status */
	Oid			mapping_user;	/* likewise; InvalidOid: PUBLIC */
	NameData	server;			/* likewise */
	char		model[MODEL_BYTES];
	TimestampTz last_used;
	AllmBreaker breaker;
	int			newest_time;	/* place of the last one in what follows */
	TimestampTz answered_at[USUAL_CALLS];	/* 0: none yet */
	int			answer_ms[USUAL_CALLS];
} GateEntry;

/* The area. */
typedef struct Gate
{
	uint8		salt[16];		/* constant */
	uint32		probes;			/* the gate's lock; number of the last probe */
	GateEntry	entries[MAX_ENTRIES];	/* the gate's lock */
} Gate;

static Gate *gate = NULL;
static LWLock *gate_lock = NULL;

extern PGDLLEXPORT Datum analytics_llm_gate_forget(PG_FUNCTION_ARGS);

static Size gate_size(void);
static void attach_gate(void *area, bool found);
static AllmGateId make_id(const AllmProvider *provider, int level,
						  const char *model, const char *key);
static void add_text(pg_cryptohash_ctx *ctx, const char *text, bool *ok);
static bool judge_levels(const AllmGatePass *pass, TimestampTz now,
						 AllmBreakerJudgement *judged,
						 AllmGateRefusal *refusal);
static void take_places(AllmGatePass *pass, AllmDeadline deadline,
						const AllmBreakerJudgement *judged, TimestampTz now);
static void tell_breaker(const AllmGatePass *pass, AllmGateLevel level,
						 const AllmFailure *failure, double elapsed_ms,
						 TimestampTz now, double random);
static AllmBreakerSign find_sign(AllmGateLevel level,
								 const AllmFailure *failure, bool is_fair);
static AllmGateLevel find_level(const AllmFailure *failure);
static bool was_answered(const AllmFailure *failure);
static void note_time(GateEntry *entry, double elapsed_ms, TimestampTz now);
static int	usual_time(const GateEntry *entry, TimestampTz now);
static GateEntry *find_entry(const AllmGateId *id);
static GateEntry *make_entry(const AllmGatePass *pass, AllmGateLevel level,
							 TimestampTz now);
static bool is_own(const GateEntry *entry, const AllmGatePass *pass);
static bool is_older(const GateEntry *entry, const GateEntry *than);
static void forget_entries(const char *server, const char *model);
static bool may_see(const GateEntry *entry);
static void say_entry(const GateEntry *entry, AllmStatusLine line, void *state);
static void write_owner(AllmJsonWriter *w, const GateEntry *entry);

static const AllmShmemArea gate_area =
{
	"analytics_llm breakers", 1, gate_size, attach_gate
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_gate_install(void)
{
	allm_shmem_register(&gate_area);
}

/* The bytes of the area. */
static Size
gate_size(void)
{
	return sizeof(Gate);
}

/* Makes the area, or finds it made, in each process that has not forked. */
static void
attach_gate(void *area, bool found)
{
	gate = area;
	gate_lock = &GetNamedLWLockTranche(gate_area.name)[0].lock;
	if (found)
		return;
	memset(gate, 0, sizeof(Gate));
	if (!pg_strong_random(gate->salt, sizeof(gate->salt)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
}

/* Finds out which breakers a call has to pass.  The texts must outlive it. */
void
allm_gate_identify(AllmGatePass *pass, const AllmProvider *provider,
				   const char *model, const char *key)
{
	memset(pass, 0, sizeof(AllmGatePass));
	pass->server = provider->name;
	pass->model = model;
	pass->mapping_user = provider->mapping_user;
	pass->endpoint = make_id(provider, ALLM_GATE_LEVELS, NULL, NULL);
	pass->ids[ALLM_GATE_MODEL] =
		make_id(provider, ALLM_GATE_MODEL, model, NULL);
	pass->ids[ALLM_GATE_KEY] = make_id(provider, ALLM_GATE_KEY, NULL, key);
	pass->ids[ALLM_GATE_ACCESS] =
		make_id(provider, ALLM_GATE_ACCESS, model, key);
}

/* The hash of what a breaker stands for. */
static AllmGateId
make_id(const AllmProvider *provider, int level, const char *model,
		const char *key)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	uint8		level_byte = level;
	AllmGateId	id;
	bool		ok = ctx != NULL && pg_cryptohash_init(ctx) >= 0 &&
	pg_cryptohash_update(ctx, gate->salt, sizeof(gate->salt)) >= 0 &&
	pg_cryptohash_update(ctx, &level_byte, 1) >= 0;

	add_text(ctx, provider->wire->api, &ok);
	add_text(ctx, provider->url, &ok);
	add_text(ctx, model, &ok);
	add_text(ctx, key, &ok);
	ok = ok && pg_cryptohash_final(ctx, digest, sizeof(digest)) >= 0;
	pg_cryptohash_free(ctx);
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a hash")));
	memcpy(id.hash, digest, sizeof(id.hash));
	return id;
}

/* Adds a text with its end, so that two texts are not taken for two others. */
static void
add_text(pg_cryptohash_ctx *ctx, const char *text, bool *ok)
{
	if (text == NULL)
		text = "";
	*ok = *ok &&
		pg_cryptohash_update(ctx, (const uint8 *) text,
							 strlen(text) + 1) >= 0;
}

/*
 * Lets a call out, or says why not.  What is let out must be reported, or else
 * released.  A call is not let out either when the model usually takes longer
 * than is left.
 */
bool
allm_gate_admit(AllmGatePass *pass, AllmDeadline deadline,
				AllmGateRefusal *refusal)
{
	AllmBreakerJudgement judged[ALLM_GATE_LEVELS];
	TimestampTz now = GetCurrentTimestamp();
	GateEntry  *entry;

	LWLockAcquire(gate_lock, LW_EXCLUSIVE);
	if (!judge_levels(pass, now, judged, refusal))
	{
		LWLockRelease(gate_lock);
		return false;
	}
	entry = find_entry(&pass->ids[ALLM_GATE_MODEL]);
	if (entry != NULL && judged[ALLM_GATE_MODEL] == ALLM_JUDGED_GO &&
		usual_time(entry, now) >
		TimestampDifferenceMilliseconds(now, deadline.at))
	{
		refusal->judged = ALLM_JUDGED_GO;
		refusal->usual_ms = usual_time(entry, now);
		LWLockRelease(gate_lock);
		return false;
	}
	take_places(pass, deadline, judged, now);
	LWLockRelease(gate_lock);
	return true;
}

/* The call goes out, as the probe where one is due.  Under the lock. */
static void
take_places(AllmGatePass *pass, AllmDeadline deadline,
			const AllmBreakerJudgement *judged, TimestampTz now)
{
	TimestampTz until = TimestampTzPlusMilliseconds(deadline.at,
													PROBE_GRACE_MS);

	for (int i = 0; i < ALLM_GATE_LEVELS; i++)
	{
		GateEntry  *entry = find_entry(&pass->ids[i]);

		pass->probes[i] = 0;
		if (entry == NULL)
			continue;
		entry->last_used = now;
		if (judged[i] != ALLM_JUDGED_PROBE)
			continue;
		pass->probes[i] = ++gate->probes;
		allm_breaker_probe(&entry->breaker, pass->probes[i], until, now);
	}
	pass->is_out = true;
}

/*
 * What the breakers of a call say.  Of several that refuse it, the one that
 * does so for longest is told.  Under the lock.
 */
static bool
judge_levels(const AllmGatePass *pass, TimestampTz now,
			 AllmBreakerJudgement *judged, AllmGateRefusal *refusal)
{
	memset(refusal, 0, sizeof(AllmGateRefusal));
	for (int i = 0; i < ALLM_GATE_LEVELS; i++)
	{
		GateEntry  *entry = find_entry(&pass->ids[i]);
		TimestampTz until;

		judged[i] = ALLM_JUDGED_GO;
		if (entry == NULL)
			continue;
		judged[i] = allm_breaker_judge(&entry->breaker, now, &until);
		if (judged[i] < ALLM_JUDGED_WAITS || until <= refusal->until)
			continue;
		refusal->level = i;
		refusal->judged = judged[i];
		refusal->cause = entry->breaker.cause;
		refusal->until = until;
	}
	return refusal->until == 0;
}

/*
 * Tells the breakers what came of a call.  Returns whether another one may
 * follow now or after the wait that the provider asked for; "until" is set to
 * when the model can be asked again, or to 0 for at once.
 */
bool
allm_gate_report(AllmGatePass *pass, const AllmFailure *failure,
				 double elapsed_ms, TimestampTz *until)
{
	AllmBreakerJudgement judged[ALLM_GATE_LEVELS];
	AllmGateRefusal refusal;
	TimestampTz now = GetCurrentTimestamp();
	double		random = pg_prng_double(&pg_global_prng_state);

	LWLockAcquire(gate_lock, LW_EXCLUSIVE);
	for (AllmGateLevel i = 0; i < ALLM_GATE_LEVELS; i++)
		tell_breaker(pass, i, failure, elapsed_ms, now, random);
	(void) judge_levels(pass, now, judged, &refusal);
	LWLockRelease(gate_lock);
	pass->is_out = false;
	*until = refusal.until;
	return refusal.judged < ALLM_JUDGED_RESTS;
}

/* Tells the breaker of one level, if it is news to it.  Under the lock. */
static void
tell_breaker(const AllmGatePass *pass, AllmGateLevel level,
			 const AllmFailure *failure, double elapsed_ms,
			 TimestampTz now, double random)
{
	AllmBreakerSign sign = find_sign(level, failure,
									 elapsed_ms >= pass->fair_ms);
	bool		holds = failure->retry_after_ms > 0 &&
	find_level(failure) == level;
	bool		is_news = level == ALLM_GATE_MODEL ||
	sign == ALLM_SIGN_BROKEN || holds;
	GateEntry  *entry = find_entry(&pass->ids[level]);

	if (entry == NULL && is_news)
		entry = make_entry(pass, level, now);
	if (entry == NULL)
		return;
	allm_breaker_note(&entry->breaker, sign, failure->kind,
					  pass->probes[level], now, random);
	if (holds)
		allm_breaker_hold(&entry->breaker, failure->retry_after_ms, now);
	if (level == ALLM_GATE_MODEL && was_answered(failure))
		note_time(entry, elapsed_ms, now);
}

/* What a call tells the breaker of a level. */
static AllmBreakerSign
find_sign(AllmGateLevel level, const AllmFailure *failure, bool is_fair)
{
	if (was_answered(failure))
		return ALLM_SIGN_WORKS;
	if (failure->lasting && find_level(failure) == level)
		return ALLM_SIGN_BROKEN;
	if (level != ALLM_GATE_MODEL || failure->kind == ALLM_FAILURE_STOPPED ||
		failure->kind == ALLM_FAILURE_CONFIG)
		return ALLM_SIGN_NOTHING;
	if (!failure->counts)
		return ALLM_SIGN_RESPONDS;

	/* Who gives a model no time finds out nothing about it. */
	if (failure->kind == ALLM_FAILURE_TIMEOUT && !is_fair)
		return ALLM_SIGN_NOTHING;
	return ALLM_SIGN_FAILED;
}

/* The breaker that a failure is a matter of. */
static AllmGateLevel
find_level(const AllmFailure *failure)
{
	if (failure->scope == ALLM_SCOPE_ACCESS)
		return ALLM_GATE_ACCESS;
	return failure->scope == ALLM_SCOPE_CREDENTIAL ?
		ALLM_GATE_KEY : ALLM_GATE_MODEL;
}

/* Did the model answer, whatever it said? */
static bool
was_answered(const AllmFailure *failure)
{
	return failure->kind == ALLM_FAILURE_NONE ||
		failure->kind == ALLM_FAILURE_EMPTY ||
		failure->kind == ALLM_FAILURE_TRUNCATED ||
		failure->kind == ALLM_FAILURE_REFUSED;
}

/*
 * Gives a place back that was not reported: the call was cancelled, or the
 * session ends.  Never raises; nothing happens when there is none.
 */
void
allm_gate_release(AllmGatePass *pass)
{
	TimestampTz now = GetCurrentTimestamp();

	if (!pass->is_out)
		return;
	pass->is_out = false;
	LWLockAcquire(gate_lock, LW_EXCLUSIVE);
	for (int i = 0; i < ALLM_GATE_LEVELS; i++)
	{
		GateEntry  *entry = find_entry(&pass->ids[i]);

		if (entry != NULL && pass->probes[i] != 0)
			allm_breaker_note(&entry->breaker, ALLM_SIGN_NOTHING,
							  ALLM_FAILURE_NONE, pass->probes[i], now, 0);
	}
	LWLockRelease(gate_lock);
}

/* A model took so long for an answer. */
static void
note_time(GateEntry *entry, double elapsed_ms, TimestampTz now)
{
	entry->newest_time = (entry->newest_time + 1) % USUAL_CALLS;
	entry->answered_at[entry->newest_time] = now;
	entry->answer_ms[entry->newest_time] = (int) elapsed_ms;
}

/*
 * The median of what a model took for its last answers, -1 when there are too
 * few: what it took some while ago says nothing, so that a model that was slow
 * is tried again.
 */
static int
usual_time(const GateEntry *entry, TimestampTz now)
{
	TimestampTz from = now - USUAL_MINUTES * USECS_PER_MINUTE;
	int			sorted[USUAL_CALLS];
	int			n = 0;

	for (int i = 0; i < USUAL_CALLS; i++)
	{
		int			place;

		if (entry->answered_at[i] == 0 || entry->answered_at[i] < from)
			continue;
		for (place = n++; place > 0 &&
			 sorted[place - 1] > entry->answer_ms[i]; place--)
			sorted[place] = sorted[place - 1];
		sorted[place] = entry->answer_ms[i];
	}
	return n < MIN_USUAL_CALLS ? -1 : sorted[n / 2];
}

/* The entry of a breaker, or NULL.  Under the lock. */
static GateEntry *
find_entry(const AllmGateId *id)
{
	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		GateEntry  *entry = &gate->entries[i];

		if (entry->in_use && memcmp(&entry->id, id, sizeof(*id)) == 0)
			return entry;
	}
	return NULL;
}

/*
 * A new entry for a level of a call; NULL when each one that may go for it is
 * being probed.  Under the lock.
 */
static GateEntry *
make_entry(const AllmGatePass *pass, AllmGateLevel level, TimestampTz now)
{
	GateEntry  *oldest = NULL;
	GateEntry  *own = NULL;
	int			nown = 0;

	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		GateEntry  *entry = &gate->entries[i];
		bool		may_go = entry->breaker.phase != ALLM_BREAKER_HALF_OPEN;

		if (may_go && (oldest == NULL || is_older(entry, oldest)))
			oldest = entry;
		if (level == ALLM_GATE_MODEL || !is_own(entry, pass))
			continue;
		nown++;
		if (may_go && (own == NULL || is_older(entry, own)))
			own = entry;
	}
	if (nown >= MAX_OWN_ENTRIES)
		oldest = own;
	if (oldest == NULL)
		return NULL;
	memset(oldest, 0, sizeof(GateEntry));
	oldest->in_use = true;
	oldest->level = level;
	oldest->id = pass->ids[level];
	oldest->endpoint = pass->endpoint;
	oldest->database = MyDatabaseId;
	oldest->mapping_user = pass->mapping_user;
	namestrcpy(&oldest->server, pass->server);
	strlcpy(oldest->model, level == ALLM_GATE_KEY ? "" : pass->model,
			MODEL_BYTES);
	oldest->last_used = now;
	oldest->breaker.since = now;
	return oldest;
}

/* Is it of a key that the role of a call keeps for itself? */
static bool
is_own(const GateEntry *entry, const AllmGatePass *pass)
{
	return entry->in_use && entry->level != ALLM_GATE_MODEL &&
		OidIsValid(pass->mapping_user) &&
		entry->mapping_user == pass->mapping_user &&
		entry->database == MyDatabaseId;
}

/* Should an entry sooner go than another one: unused, closed, not needed? */
static bool
is_older(const GateEntry *entry, const GateEntry *than)
{
	bool		closed = entry->breaker.phase == ALLM_BREAKER_CLOSED;

	if (entry->in_use != than->in_use)
		return !entry->in_use;
	if (closed != (than->breaker.phase == ALLM_BREAKER_CLOSED))
		return closed;
	return entry->last_used < than->last_used;
}

/* One line for the breaker of a model; there is one also before any call. */
void
allm_gate_model_status(const AllmProvider *provider, const char *model,
					   AllmStatusLine line, void *state)
{
	AllmGateId	id = make_id(provider, ALLM_GATE_MODEL, model, NULL);
	GateEntry	copy = {0};
	GateEntry  *entry;

	LWLockAcquire(gate_lock, LW_SHARED);
	entry = find_entry(&id);
	if (entry != NULL)
		copy = *entry;
	LWLockRelease(gate_lock);

	/* Another database may have made it, with a server of another name. */
	namestrcpy(&copy.server, provider->name);
	strlcpy(copy.model, model, MODEL_BYTES);
	say_entry(&copy, line, state);
}

/* One line for each breaker of a key that the current role may know of. */
void
allm_gate_key_status(AllmStatusLine line, void *state)
{
	GateEntry  *copies = palloc(sizeof(GateEntry) * MAX_ENTRIES);
	int			n = 0;

	LWLockAcquire(gate_lock, LW_SHARED);
	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		if (gate->entries[i].in_use &&
			gate->entries[i].level != ALLM_GATE_MODEL)
			copies[n++] = gate->entries[i];
	}
	LWLockRelease(gate_lock);

	for (int i = 0; i < n; i++)
	{
		if (may_see(&copies[i]))
			say_entry(&copies[i], line, state);
	}
	pfree(copies);
}

/* May the current role know how a key does?  Its own, and PUBLIC's. */
static bool
may_see(const GateEntry *entry)
{
	if (entry->database != MyDatabaseId)
		return false;
	return !OidIsValid(entry->mapping_user) ||
		entry->mapping_user == GetUserId() ||
		has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

/* A breaker for llm_status. */
static void
say_entry(const GateEntry *entry, AllmStatusLine line, void *state)
{
	static const char *const phases[] = {"closed", "open", "half_open"};
	const AllmBreaker *breaker = &entry->breaker;
	TimestampTz now = GetCurrentTimestamp();
	bool		waits = breaker->phase == ALLM_BREAKER_CLOSED &&
	now < breaker->not_before;
	int			usual = usual_time(entry, now);
	int			calls;
	int			failures;
	AllmJsonWriter w;

	allm_breaker_count(breaker, now, &calls, &failures);
	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	write_owner(&w, entry);
	if (breaker->since != 0)
		allm_json_time(&w, "since", breaker->since);
	if (breaker->phase != ALLM_BREAKER_CLOSED)
	{
		allm_json_text(&w, "cause", allm_wire_error_code(breaker->cause));
		allm_json_time(&w, "next_try_at", breaker->until);
	}
	if (waits)
		allm_json_time(&w, "next_try_at", breaker->not_before);
	allm_json_int(&w, "calls", calls);
	allm_json_int(&w, "failures", failures);
	allm_json_int(&w, "window_s", ALLM_BREAKER_WINDOW_S);
	if (usual >= 0)
		allm_json_int(&w, "usual_ms", usual);
	allm_json_close(&w, '}');
	line(state, "breaker", entry->level == ALLM_GATE_KEY ?
		 NameStr(entry->server) : entry->model,
		 waits ? "waits" : phases[breaker->phase], w.buf.data);
}

/* What a breaker is that of. */
static void
write_owner(AllmJsonWriter *w, const GateEntry *entry)
{
	static const char *const levels[] = {"model", "key", "model with key"};
	const char *role = NULL;

	if (OidIsValid(entry->mapping_user))
		role = GetUserNameFromId(entry->mapping_user, true);
	allm_json_text(w, "of", levels[entry->level]);
	allm_json_text(w, "server", NameStr(entry->server));
	if (entry->level != ALLM_GATE_MODEL)
		allm_json_text(w, "key_of", role != NULL ? role : "public");
}

/* The breakers of a model and of its server's keys begin anew. */
static void
forget_entries(const char *server, const char *model)
{
	AllmProvider provider;
	AllmGateId	endpoint;

	if (allm_provider_find(server, &provider) == ALLM_ACCESS_NO_SERVER)
		return;
	endpoint = make_id(&provider, ALLM_GATE_LEVELS, NULL, NULL);
	LWLockAcquire(gate_lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		GateEntry  *entry = &gate->entries[i];

		if (entry->in_use &&
			memcmp(&entry->endpoint, &endpoint, sizeof(endpoint)) == 0 &&
			(entry->level == ALLM_GATE_KEY ||
			 strcmp(entry->model, model) == 0))
			memset(entry, 0, sizeof(GateEntry));
	}
	LWLockRelease(gate_lock);
}

PG_FUNCTION_INFO_V1(analytics_llm_gate_forget);

/*
 * analytics_llm_gate_forget
 *		A row of analytics_llm.model was written: its breakers begin anew.
 *
 * SQL: llm_gate_forget() returns trigger, AFTER INSERT OR UPDATE, for each row
 *
 * Acts at once, also when the transaction is rolled back: that costs a call.
 */
Datum
analytics_llm_gate_forget(PG_FUNCTION_ARGS)
{
	HeapTuple	row = allm_table_trigger_row(fcinfo, TRIGGER_EVENT_AFTER,
											 "model");
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	columns = RelationGetDescr(trigger->tg_relation);
	char	   *server = SPI_getvalue(row, columns,
									  SPI_fnumber(columns, "server"));
	char	   *name = SPI_getvalue(row, columns,
									SPI_fnumber(columns, "name"));

	if (gate != NULL && server != NULL && name != NULL)
		forget_entries(server, name);
	return PointerGetDatum(NULL);
}
