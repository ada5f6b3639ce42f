/*
 * term.c
 *		The days and months that quotas are for, in UTC.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "ledger/term.h"

/* By AllmTerm; as the tables spell them. */
static const char *const period_names[ALLM_TERMS] =
{
	[ALLM_TERM_DAY] = "day",
	[ALLM_TERM_MONTH] = "month",
};

/* How the tables spell a period. */
const char *
allm_term_name(AllmTerm period)
{
	return period_names[period];
}

/* The beginning, in UTC, of the period that a moment is in. */
TimestampTz
allm_term_start(AllmTerm period, TimestampTz now)
{
	struct pg_tm tm;
	fsec_t		fsec;
	TimestampTz start;

	/* Without a zone, the fields are those of UTC. */
	if (timestamp2tm(now, NULL, &tm, &fsec, NULL, NULL) != 0)
		return now;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (period == ALLM_TERM_MONTH)
		tm.tm_mday = 1;
	return tm2timestamp(&tm, 0, NULL, &start) == 0 ? start : now;
}

/* The end of that period, which is the beginning of the next one. */
TimestampTz
allm_term_end(AllmTerm period, TimestampTz now)
{
	TimestampTz start = allm_term_start(period, now);

	if (period == ALLM_TERM_DAY)
		return start + USECS_PER_DAY;
	/* No month is longer than 31 days, or shorter than 28. */
	return allm_term_start(period, start + 31 * USECS_PER_DAY);
}

/* A moment in words: in UTC, to the minute, and not too soon. */
char *
allm_term_say(TimestampTz at)
{
	struct pg_tm tm;
	fsec_t		fsec;

	at += USECS_PER_MINUTE - 1;
	if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) != 0)
		return pstrdup(timestamptz_to_str(at));
	return psprintf("%04d-%02d-%02d %02d:%02d UTC", tm.tm_year, tm.tm_mon,
					tm.tm_mday, tm.tm_hour, tm.tm_min);
}
