/*
 * wire.c
 *		The table of protocols, and what HTTP says to all of them alike.
 *
 * Pure functions; no state.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "model/wire.h"
#include "model/wire_anthropic.h"

/* Sorted by name. */
static const AllmWire *const wires[] =
{
	&allm_wire_anthropic,
};

/* A longer wait than a day is a day: the caller gives up far below it. */
#define MAX_WAIT_MS		(INT64CONST(24) * 60 * 60 * 1000)

static bool parse_wait(const char *text, double unit_ms, int64 *wait_ms);
static bool parse_http_date(const char *text, TimestampTz *at);

/* The protocol of that name, or NULL. */
const AllmWire *
allm_wire_find(const char *api)
{
	for (int i = 0; i < lengthof(wires); i++)
	{
		if (strcmp(wires[i]->api, api) == 0)
			return wires[i];
	}
	return NULL;
}

/* The names of all protocols, for a message. */
char *
allm_wire_list(void)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < lengthof(wires); i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", wires[i]->api);
	return list.data;
}

/*
 * Milliseconds before which the server does not want to see us again; -1 when
 * it did not say.  The forms are those that providers' own clients read, in
 * their order: milliseconds, seconds with a fraction, an HTTP date.
 */
int64
allm_wire_retry_after(const AllmHttpResponse *response, TimestampTz now)
{
	TimestampTz at;
	int64		wait_ms;

	if (response->retry_after_ms != NULL &&
		parse_wait(response->retry_after_ms, 1.0, &wait_ms))
		return wait_ms;
	if (response->retry_after == NULL)
		return -1;
	if (parse_wait(response->retry_after, 1000.0, &wait_ms))
		return wait_ms;
	if (parse_http_date(response->retry_after, &at))
		return Min(TimestampDifferenceMilliseconds(now, at), MAX_WAIT_MS);
	return -1;
}

/* A whole or broken number of units that is not negative. */
static bool
parse_wait(const char *text, double unit_ms, int64 *wait_ms)
{
	char	   *end;
	double		value;

	if (!isdigit((unsigned char) text[0]) && text[0] != '.')
		return false;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || isnan(value))
		return false;
	*wait_ms = (int64) ceil(Min(value * unit_ms, (double) MAX_WAIT_MS));
	return true;
}

/* The one form of date that servers may send: "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
parse_http_date(const char *text, TimestampTz *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct pg_tm tm = {0};
	char		month[4];
	const char *found;
	int			end = 0;
	int			utc = 0;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
			   &tm.tm_mday, month, &tm.tm_year,
			   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
		end == 0 || text[end] != '\0')
		return false;
	found = strstr(months, month);
	if (strlen(month) != 3 || found == NULL || (found - months) % 3 != 0)
		return false;
	tm.tm_mon = (found - months) / 3 + 1;
	if (tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
		tm.tm_min > 59 || tm.tm_sec > 60 || tm.tm_hour < 0 ||
		tm.tm_min < 0 || tm.tm_sec < 0 || tm.tm_year < 1970)
		return false;
	return tm2timestamp(&tm, 0, &utc, at) == 0;
}
