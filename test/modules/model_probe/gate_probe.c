/*
 * gate_probe.c
 *		The breakers, for tests: looked at, forgotten, and made older.
 *
 * Includes the file that it probes, for its area in shared memory, which it
 * finds by its name.  So that no test has to wait for a rest to end, and the
 * product needs no setting for tests.
 */
#include "model/gate.c"

#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "catalog/pg_type.h"

extern PGDLLEXPORT Datum probe_gate_clear(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum probe_gate_pass_time(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum probe_breaker(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum probe_share(PG_FUNCTION_ARGS);

static void
find_gate(void)
{
	bool		found;
	void	   *area;

	if (gate != NULL)
		return;
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	area = ShmemInitStruct(gate_area.name, gate_area.size(), &found);
	LWLockRelease(AddinShmemInitLock);
	if (!found)
		elog(ERROR, "the server has not loaded analytics_llm");
	attach_gate(area, true);
}

void
allm_shmem_register(const AllmShmemArea *area)
{
	elog(ERROR, "the probe has no areas of its own");
}

/* All breakers begin anew. */
PG_FUNCTION_INFO_V1(probe_gate_clear);
Datum
probe_gate_clear(PG_FUNCTION_ARGS)
{
	find_gate();
	LWLockAcquire(gate_lock, LW_EXCLUSIVE);
	memset(gate->entries, 0, sizeof(gate->entries));
	LWLockRelease(gate_lock);
	PG_RETURN_VOID();
}

/* As if so many milliseconds had passed. */
PG_FUNCTION_INFO_V1(probe_gate_pass_time);
Datum
probe_gate_pass_time(PG_FUNCTION_ARGS)
{
	int64		passed = PG_GETARG_INT64(0) * 1000;

	find_gate();
	LWLockAcquire(gate_lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		AllmBreaker *breaker = &gate->entries[i].breaker;
		GateEntry  *entry = &gate->entries[i];

		breaker->since -= passed;
		breaker->until -= passed;
		breaker->not_before -= passed;
		for (int j = 0; j < ALLM_BREAKER_CALLS; j++)
			breaker->called_at[j] -= breaker->called_at[j] ? passed : 0;
		for (int j = 0; j < USUAL_CALLS; j++)
			entry->answered_at[j] -= entry->answered_at[j] ? passed : 0;
	}
	LWLockRelease(gate_lock);
	PG_RETURN_VOID();
}

/*
 * One breaker by itself.  Each step is "MS WORD [NUMBER]": at that time, a sign
 * (works, responds, failed, broken, nothing; the number is that of the probe),
 * "probe" (with that number, for 10 s), "hold" (so many ms), "random" (in
 * hundredths, from then on) or "judge".  Returns the phases after each step, or
 * what was judged, with the time of "until".
 */
PG_FUNCTION_INFO_V1(probe_breaker);
Datum
probe_breaker(PG_FUNCTION_ARGS)
{
	static const char *const signs[] = {"nothing", "works", "responds", "failed", "broken"};
	static const char *const phases[] = {"closed", "open", "half_open"};
	static const char *const judged[] = {"go", "probe", "waits", "rests", "probed"};
	AllmBreaker breaker = {0};
	double		random = 0;
	Datum	   *steps;
	int			n;
	StringInfoData out;

	initStringInfo(&out);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false,
					  TYPALIGN_INT, &steps, NULL, &n);
	for (int i = 0; i < n; i++)
	{
		TimestampTz now;
		TimestampTz until = 0;
		const char *said = NULL;
		int			ms;
		int			number = 0;
		char		word[20];

		if (sscanf(TextDatumGetCString(steps[i]), "%d %19s %d", &ms, word, &number) < 2)
			elog(ERROR, "no step");
		/* Zero stands for never: begin later. */
		now = USECS_PER_DAY + ms * INT64CONST(1000);
		for (int s = 0; s < lengthof(signs); s++)
		{
			if (strcmp(signs[s], word) == 0)
				allm_breaker_note(&breaker, s, ALLM_FAILURE_SERVER, number, now, random);
		}
		if (strcmp(word, "probe") == 0)
			allm_breaker_probe(&breaker, number, now + 10 * USECS_PER_SEC, now);
		else if (strcmp(word, "hold") == 0)
			allm_breaker_hold(&breaker, number, now);
		else if (strcmp(word, "random") == 0)
			random = number / 100.0;
		else if (strcmp(word, "judge") == 0)
			said = judged[allm_breaker_judge(&breaker, now, &until)];
		if (said == NULL)
		{
			said = phases[breaker.phase];
			until = breaker.until;
		}
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "", said);
		if (until > now)
			appendStringInfo(&out, " %ld", (long) ((until - now) / 1000));
	}
	PG_RETURN_TEXT_P(cstring_to_text(out.data));
}

PG_FUNCTION_INFO_V1(probe_share);
Datum
probe_share(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(allm_deadline_share(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
										PG_GETARG_INT64(2)));
}
