/*
 * deadline.c
 *		A moment by which something must have ended, and an alarm for it.
 *
 * The alarm is for code that we do not write the waits of: a query that is
 * executed.  When it rings, the query is cancelled as Ctrl-C would cancel it;
 * whoever armed it asks on the way out whether it was the alarm.  There is one
 * alarm in a backend: what is run under it does not arm it again.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "base/deadline.h"

static TimeoutId alarm_id = MAX_TIMEOUTS;	/* until it is registered */
static volatile sig_atomic_t alarm_rang = false;

static void ring_alarm(void);

/* The moment that is "ms" milliseconds from now. */
AllmDeadline
allm_deadline_in(int ms)
{
	AllmDeadline deadline;

	deadline.at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
	return deadline;
}

/* The sooner of two. */
AllmDeadline
allm_deadline_sooner(AllmDeadline a, AllmDeadline b)
{
	return a.at <= b.at ? a : b;
}

/* Milliseconds that are left, 0 when none are. */
long
allm_deadline_left(AllmDeadline deadline)
{
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
										   deadline.at);
}

/*
 * How much of the time that is left somebody may take who would like "own" of
 * it, when others who come later would like "later": all of it if it does for
 * everybody, else as large a part as each of them gets.
 */
int64
allm_deadline_share(int64 left, int64 own, int64 later)
{
	if (own + later <= left || own <= 0)
		return Min(own, left);
	return left * own / (own + later);
}

/* A moment for a person who waits for it: the time of day, rounded up. */
char *
allm_deadline_say(TimestampTz at)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;

	if (timestamp2tm(at + USECS_PER_SEC - 1, &tz, &tm, &fsec, NULL,
					 NULL) != 0)
		return pstrdup("later");
	return psprintf("%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/*
 * Cancels what this backend is doing when the moment comes.  The caller must
 * disarm on every way out, with interrupts held if it wants to be sure that a
 * late alarm does not cancel what comes after.
 */
void
allm_deadline_arm(AllmDeadline deadline)
{
	if (alarm_id == MAX_TIMEOUTS)
		alarm_id = RegisterTimeout(USER_TIMEOUT, ring_alarm);
	alarm_rang = false;
	enable_timeout_at(alarm_id, deadline.at);
}

/*
 * Stops the alarm, and says whether it rang.  A cancel that it asked for and
 * that nobody has acted on yet is taken back; a cancel that a person asked for
 * in that same instant is taken back with it, which costs them one Ctrl-C.
 */
bool
allm_deadline_disarm(void)
{
	disable_timeout(alarm_id, false);
	if (alarm_rang)
		QueryCancelPending = false;
	return alarm_rang;
}

/* Runs in a signal handler. */
static void
ring_alarm(void)
{
	alarm_rang = true;
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}
