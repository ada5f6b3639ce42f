/*
 * usage.c
 *		Budgets: reserved before a call, settled after it.
 *
 * A call is reserved with the most that it can use, in all budgets that it has
 * to fit in at once; when it has ended, what it really used takes the place of
 * that.  A call that does not fit may be asked for again while calls under way
 * hold what it needs, and not when even their giving it all back would not do.
 *
 * A reservation belongs to a memory context, and is given back with it, or
 * when the process exits, unless it was settled before.
 *
 * Locking: see budget.c.  Nothing here is held across a call of a model.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "ledger/budget.h"
#include "ledger/queue.h"
#include "ledger/usage.h"

/* An alert is raised when so much of a quota is used. */
#define ALERT_FRACTION	0.9

/*
 * To find out what was used, records that are queued have to be written; a
 * writer that needs longer cannot write.
 */
#define BUILD_PATIENCE	3000	/* ms */

/* What one budget says to a call. */
typedef enum Fit
{
	FIT_YES,
	FIT_LATER,					/* when others give back what they hold */
	FIT_NEVER,					/* in this period */
	FIT_RATE					/* too many calls in a minute */
} Fit;

/* A reservation in one budget. */
typedef struct Part
{
	const AllmQuota *quota;
	int			entry;
	uint64		generation;		/* that the entry had */
	Fit			fit;			/* as of the last look, */
	AllmAmount	used;			/* with what was used then */
	TimestampTz room_at;		/* with FIT_RATE */
	bool		alert;			/* this call has raised one, */
	bool		resolved;		/* or ended it, the limit being higher now */
} Part;

struct AllmReservation
{
	dlist_node	node;			/* in "reservations", while "held" */
	bool		held;			/* the entries are */
	bool		settled;
	AllmAmount	need;
	TimestampTz called_at;
	MemoryContextCallback callback;
	int			nparts;
	Part		parts[FLEXIBLE_ARRAY_MEMBER];
};

/* What came of a try to reserve. */
typedef enum Outcome
{
	OUTCOME_TAKEN,
	OUTCOME_USED_UP,
	OUTCOME_WAIT,				/* for those who hold what is missing */
	OUTCOME_WAIT_BUILD,			/* for who finds out what was used */
	OUTCOME_BUILD,				/* that is up to this process: see "building" */
	OUTCOME_FULL				/* too many budgets are held */
} Outcome;

/* What the caller is told; BUILD comes to one of the others. */
static const AllmGrant grants[] =
{
	[OUTCOME_TAKEN] = ALLM_GRANT_YES,
	[OUTCOME_USED_UP] = ALLM_GRANT_USED_UP,
	[OUTCOME_WAIT] = ALLM_GRANT_HELD,
	[OUTCOME_WAIT_BUILD] = ALLM_GRANT_NOT_YET,
	[OUTCOME_FULL] = ALLM_GRANT_UNKNOWN,
};

static dlist_head reservations = DLIST_STATIC_INIT(reservations);
static int	building = -1;		/* the entry that this process makes */

static void note_ungoverned(const List *rows);
static uint32 hash_rows(const List *rows);
static AllmReservation *make_reservation(const List *quotas);
static Outcome try_reserve(AllmReservation *reservation);
static Outcome find_entries(AllmReservation *reservation, TimestampTz now);
static void look_at_part(Part *part, AllmAmount need, TimestampTz now);
static Fit	fit_amount(int64 limit, int64 used, int64 reserved, int64 need);
static void take_parts(AllmReservation *reservation);
static bool build_entry(AllmDeadline deadline);
static void end_building(const AllmAmount *used);
static void fill_reply(AllmGrantReply *reply,
					   const AllmReservation *reservation);
static AllmExcess make_excess(const Part *part, TimestampTz now);
static char *build_alert(const Part *part, TimestampTz called_at);
static void give_back(void *reservation);
static void give_back_at_exit(int code, Datum arg);

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_usage_install(void)
{
	allm_budget_install();
}

/*
 * A reservation in all quotas that apply to a call of these roles, which holds
 * nothing yet; it belongs to the current memory context.  NULL when there are
 * none.
 */
AllmReservation *
allm_usage_want(Oid user_id, Oid session_user_id)
{
	List	   *rows = allm_quota_read();

	note_ungoverned(rows);
	return allm_usage_want_in(allm_quota_apply(rows, user_id,
											   session_user_id));
}

/* The same in quotas that were found to apply. */
AllmReservation *
allm_usage_want_in(const List *quotas)
{
	return quotas != NIL ? make_reservation(quotas) : NULL;
}

/*
 * Reserves what a call may use at most, in all quotas of a reservation or in
 * none.  HELD, NOT_YET: the caller may ask again, and sleep on
 * allm_usage_changed() meanwhile.  It does not wait itself, but, until the
 * deadline, when it is up to this process to find out what was used; and serves
 * interrupts then.
 */
AllmGrantReply
allm_usage_reserve(AllmReservation *reservation, AllmAmount need,
				   AllmDeadline deadline)
{
	AllmGrantReply reply = {ALLM_GRANT_YES};
	Outcome		outcome;

	reply.called_at = GetCurrentTimestamp();
	if (reservation == NULL)
		return reply;
	reservation->need = need;
	while ((outcome = try_reserve(reservation)) == OUTCOME_BUILD)
	{
		if (!build_entry(deadline))
		{
			outcome = OUTCOME_FULL;
			break;
		}
	}
	reply.grant = grants[outcome];
	fill_reply(&reply, reservation);
	return reply;
}

/* What is told of each change that may make room. */
ConditionVariable *
allm_usage_changed(void)
{
	return allm_budget_changed;
}

/*
 * A budget whose quota was taken away misses what is used from then on.  Looks
 * for such only when the rows, or the budgets, have changed since this process
 * last did.
 */
static void
note_ungoverned(const List *rows)
{
	static uint32 seen_rows = 0;
	static uint64 seen_made = 0;
	uint64		made = allm_budget_made();
	uint32		hash;

	if (made == 0)
		return;
	hash = hash_rows(rows);
	if (hash == seen_rows && made == seen_made)
		return;
	allm_budget_mark_stale(rows);
	seen_rows = hash;
	seen_made = made;
}

/* What changes when another role or period has a quota. */
static uint32
hash_rows(const List *rows)
{
	uint32		hash = 0;
	ListCell   *cell;

	foreach(cell, rows)
	{
		AllmQuota  *row = lfirst(cell);

		/* In whatever order they come. */
		hash += hash_combine(murmurhash32(row->grantee),
							 murmurhash32(row->period + 1));
	}
	return hash;
}

/* A reservation that holds nothing yet. */
static AllmReservation *
make_reservation(const List *quotas)
{
	static bool exit_registered = false;
	AllmReservation *reservation;
	ListCell   *cell;

	reservation = palloc0(offsetof(AllmReservation, parts) +
						  sizeof(Part) * list_length(quotas));
	foreach(cell, quotas)
		reservation->parts[reservation->nparts++].quota = lfirst(cell);
	reservation->callback.func = give_back;
	reservation->callback.arg = reservation;
	MemoryContextRegisterResetCallback(CurrentMemoryContext,
									   &reservation->callback);
	if (!exit_registered)
		on_shmem_exit(give_back_at_exit, (Datum) 0);
	exit_registered = true;
	return reservation;
}

/* Reserves all parts, or none and says why. */
static Outcome
try_reserve(AllmReservation *reservation)
{
	TimestampTz now = GetCurrentTimestamp();
	Outcome		outcome;

	LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
	outcome = find_entries(reservation, now);
	reservation->called_at = now;
	if (outcome == OUTCOME_TAKEN)
	{
		for (int i = 0; i < reservation->nparts; i++)
		{
			Part	   *part = &reservation->parts[i];

			look_at_part(part, reservation->need, now);
			if (!part->quota->hard || part->quota->shadow ||
				part->fit == FIT_YES)
				continue;
			if (part->fit != FIT_LATER)
				outcome = OUTCOME_USED_UP;
			else if (outcome == OUTCOME_TAKEN)
				outcome = OUTCOME_WAIT;
		}
		if (outcome == OUTCOME_TAKEN)
			take_parts(reservation);
	}
	LWLockRelease(allm_budget_lock);
	return outcome;
}

/*
 * Finds the entry of each part, in the period of now.  One that is not there,
 * or not to be relied on, is this process's to build.  Under the lock.
 */
static Outcome
find_entries(AllmReservation *reservation, TimestampTz now)
{
	for (int i = 0; i < reservation->nparts; i++)
	{
		Part	   *part = &reservation->parts[i];
		AllmEntry  *entry;
		bool		made = false;

		part->entry = allm_budget_find(part->quota->grantee,
									   part->quota->period);
		if (part->entry < 0)
		{
			part->entry = allm_budget_make(part->quota->grantee,
										   part->quota->period);
			made = true;
		}
		if (part->entry < 0)
			return OUTCOME_FULL;
		entry = allm_budget_get(part->entry);
		if (!made && entry->state == ALLM_ENTRY_BUILDING)
			return OUTCOME_WAIT_BUILD;
		allm_budget_roll(entry, now);
		entry->last_used = now;
		if (made || (entry->state == ALLM_ENTRY_STALE && entry->holders == 0))
		{
			entry->state = ALLM_ENTRY_BUILDING;
			building = part->entry;
			return OUTCOME_BUILD;
		}
	}
	return OUTCOME_TAKEN;
}

/* How a call fits in one budget.  Under the lock. */
static void
look_at_part(Part *part, AllmAmount need, TimestampTz now)
{
	AllmEntry  *entry = allm_budget_get(part->entry);
	const AllmQuota *quota = part->quota;
	Fit			tokens = fit_amount(quota->token_limit, entry->used.tokens,
									entry->reserved.tokens, need.tokens);
	Fit			cost = fit_amount(quota->cost_limit, entry->used.micros,
								  entry->reserved.micros, need.micros);

	part->fit = Max(tokens, cost);
	part->used = entry->used;
	if (allm_budget_calls(entry, now) >= quota->requests_per_minute &&
		quota->requests_per_minute != ALLM_NO_LIMIT &&
		part->fit != FIT_NEVER)
	{
		part->fit = FIT_RATE;
		part->room_at = allm_budget_room_at(entry, quota->requests_per_minute);
	}
}

/* How an amount fits in what is left of a limit. */
static Fit
fit_amount(int64 limit, int64 used, int64 reserved, int64 need)
{
	if (limit == ALLM_NO_LIMIT || used + reserved + need <= limit)
		return FIT_YES;
	return used + need <= limit ? FIT_LATER : FIT_NEVER;
}

/* Reserves all parts.  Under the lock. */
static void
take_parts(AllmReservation *reservation)
{
	for (int i = 0; i < reservation->nparts; i++)
	{
		Part	   *part = &reservation->parts[i];
		AllmEntry  *entry = allm_budget_get(part->entry);

		part->generation = entry->generation;
		entry->reserved.tokens += reservation->need.tokens;
		entry->reserved.micros += reservation->need.micros;
		entry->holders++;
		allm_budget_count_call(entry);
	}
	reservation->held = true;
	dlist_push_head(&reservations, &reservation->node);
}

/*
 * Finds out what was used, for the entry that this process is to build; false
 * when that is not possible.  What is queued is waited for, so that the table
 * has all.
 */
static bool
build_entry(AllmDeadline deadline)
{
	const AllmEntry *entry = allm_budget_get(building);
	AllmDeadline patience = allm_deadline_sooner(deadline,
												 allm_deadline_in(BUILD_PATIENCE));
	AllmAmount	used = {0};
	bool		known = false;

	PG_TRY();
	{
		/* Nobody else changes the key or the period of an entry being built. */
		known = allm_queue_wait(patience);
		if (known)
			used = allm_spent_sum(entry->key.grantee, entry->key.period,
								  entry->period_start);
	}
	PG_CATCH();
	{
		end_building(NULL);
		PG_RE_THROW();
	}
	PG_END_TRY();
	end_building(known ? &used : NULL);
	return known;
}

/* The entry is built, or given up, and others need not wait for it. */
static void
end_building(const AllmAmount *used)
{
	AllmEntry  *entry = allm_budget_get(building);

	LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
	if (used != NULL)
	{
		entry->used = *used;
		entry->last_used = GetCurrentTimestamp();
		entry->state = ALLM_ENTRY_READY;
	}
	else
		allm_budget_drop(building);
	building = -1;
	LWLockRelease(allm_budget_lock);
	ConditionVariableBroadcast(allm_budget_changed);
}

/* What the caller has to know: of the quotas that refuse, the last to relent. */
static void
fill_reply(AllmGrantReply *reply, const AllmReservation *reservation)
{
	TimestampTz now = reservation->called_at;

	reply->called_at = now;
	if (reservation->held)
		reply->reservation = (AllmReservation *) reservation;
	if (reply->grant == ALLM_GRANT_UNKNOWN ||
		reply->grant == ALLM_GRANT_NOT_YET)
		return;
	for (int i = 0; i < reservation->nparts; i++)
	{
		const Part *part = &reservation->parts[i];
		AllmExcess	excess = make_excess(part, now);

		if (part->fit == FIT_YES ||
			(part->fit == FIT_LATER && reply->grant != ALLM_GRANT_HELD))
			continue;
		if (part->quota->shadow)
			reply->shadow = true;
		else if (!part->quota->hard)
		{
			AllmExcess *soft;

			/* Only a call that is made is said to go on. */
			if (reply->grant != ALLM_GRANT_YES)
				continue;
			soft = palloc(sizeof(AllmExcess));
			*soft = excess;
			reply->soft = lappend(reply->soft, soft);
		}
		else if (excess.until > reply->excess.until)
			reply->excess = excess;
	}
}

/* What a call does not fit in. */
static AllmExcess
make_excess(const Part *part, TimestampTz now)
{
	AllmExcess	excess = {0};

	excess.quota = part->quota;
	excess.by_rate = part->fit == FIT_RATE;
	excess.used = part->used;
	excess.until = excess.by_rate ? part->room_at :
		allm_term_end(part->quota->period, now);
	return excess;
}

/*
 * Charges what a call has used in the place of what was reserved for it.  Not
 * called at all, it does not count as a call either.  Nothing happens the
 * second time.  Reads no catalog, and serves no interrupt.
 */
void
allm_usage_settle(AllmReservation *reservation, AllmAmount used, bool called)
{
	if (!reservation->held || reservation->settled)
		return;
	reservation->settled = true;
	LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
	for (int i = 0; i < reservation->nparts; i++)
	{
		Part	   *part = &reservation->parts[i];
		AllmEntry  *entry = allm_budget_get(part->entry);
		bool		is_near;

		if (entry->generation != part->generation)
			continue;
		entry->reserved.tokens -= reservation->need.tokens;
		entry->reserved.micros -= reservation->need.micros;
		entry->used.tokens += used.tokens;
		entry->used.micros += used.micros;
		if (!called)
			allm_budget_uncount_call(entry, reservation->called_at);
		part->used = entry->used;
		is_near = allm_usage_fraction(part->quota,
									  &entry->used) >= ALERT_FRACTION;
		part->alert = is_near && !entry->alerted;
		part->resolved = entry->alerted && !is_near;
		entry->alerted = is_near;
	}
	LWLockRelease(allm_budget_lock);
	ConditionVariableBroadcast(allm_budget_changed);
}

/*
 * The fraction of a quota that is used: of tokens or of cost, the larger one;
 * below 0 when neither is limited.  What is limited to nothing is used up.
 */
double
allm_usage_fraction(const AllmQuota *quota, const AllmAmount *used)
{
	double		tokens = -1;
	double		cost = -1;

	if (quota->token_limit != ALLM_NO_LIMIT)
		tokens = quota->token_limit == 0 ? 1 :
			(double) used->tokens / quota->token_limit;
	if (quota->cost_limit != ALLM_NO_LIMIT)
		cost = quota->cost_limit == 0 ? 1 :
			(double) used->micros / quota->cost_limit;
	return Max(tokens, cost);
}

/*
 * The alerts that a settled call has raised or ended, as records in the current
 * memory context, into an array that has room for as many as there are quotas.
 * Returns how many.  The writer keeps one for each period.
 */
int
allm_usage_alerts(const AllmReservation *reservation, AllmRecord *records)
{
	int			n = 0;

	for (int i = 0; i < reservation->nparts; i++)
	{
		const Part *part = &reservation->parts[i];

		if (!part->alert && !part->resolved)
			continue;
		records[n].kind = part->alert ? ALLM_RECORD_ALERT : ALLM_RECORD_RESOLVED;
		records[n++].json = build_alert(part, reservation->called_at);
	}
	return n;
}

/* The row of an alert, or what says which one has ended. */
static char *
build_alert(const Part *part, TimestampTz called_at)
{
	const char *period = allm_term_name(part->quota->period);
	TimestampTz end = allm_term_end(part->quota->period, called_at);
	double		fraction = allm_usage_fraction(part->quota, &part->used);
	AllmJsonWriter w;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_time(&w, part->alert ? "raised_at" : "resolved_at",
				   GetCurrentTimestamp());
	allm_json_text(&w, "kind", "quota");
	allm_json_text(&w, "subject", part->quota->name);
	allm_json_real(&w, "value", fraction);
	allm_json_real(&w, "threshold", ALERT_FRACTION);
	allm_json_text(&w, "message",
				   psprintf("%d percent of the quota of role \"%s\" for the %s are used",
							(int) (fraction * 100), part->quota->name,
							period));
	/* By name: the number would be another role's after a restore. */
	allm_json_text(&w, "occasion",
				   psprintf("quota of %s for the %s to %s",
							part->quota->name, period,
							allm_term_say(end)));
	allm_json_time(&w, "over_at", end);
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* How many quotas a reservation is in. */
int
allm_usage_quotas(const AllmReservation *reservation)
{
	return reservation->nparts;
}

/*
 * Lets the budgets go, when the records of what was charged are in the queue.
 * A reservation that was not settled is given back.
 */
void
allm_usage_release(AllmReservation *reservation)
{
	AllmAmount	nothing = {0};

	if (!reservation->held)
		return;
	allm_usage_settle(reservation, nothing, false);
	dlist_delete(&reservation->node);
	reservation->held = false;
	LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
	for (int i = 0; i < reservation->nparts; i++)
	{
		Part	   *part = &reservation->parts[i];
		AllmEntry  *entry = allm_budget_get(part->entry);

		if (entry->generation == part->generation)
			entry->holders--;
	}
	LWLockRelease(allm_budget_lock);
}

/* The memory context that owns a reservation goes away. */
static void
give_back(void *reservation)
{
	allm_usage_release(reservation);
}

/* The process exits: gives back what no memory context has. */
static void
give_back_at_exit(int code, Datum arg)
{
	if (building >= 0)
		end_building(NULL);
	while (!dlist_is_empty(&reservations))
		allm_usage_release(dlist_head_element(AllmReservation, node,
											  &reservations));
}

/*
 * The budget of a role in the period of now, as it stands in shared memory;
 * false when it is not there.
 */
bool
allm_usage_look(Oid grantee, AllmTerm period, TimestampTz now,
				AllmBudget *budget)
{
	bool		there = false;
	int			i;

	memset(budget, 0, sizeof(AllmBudget));
	LWLockAcquire(allm_budget_lock, LW_EXCLUSIVE);
	i = allm_budget_find(grantee, period);
	if (i >= 0)
	{
		AllmEntry  *entry = allm_budget_get(i);

		budget->calls = allm_budget_calls(entry, now);
		there = entry->state == ALLM_ENTRY_READY &&
			entry->period_start == allm_term_start(period, now);
		if (there)
		{
			budget->used = entry->used;
			budget->reserved = entry->reserved;
		}
	}
	LWLockRelease(allm_budget_lock);
	return there;
}
