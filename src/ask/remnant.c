/*
 * remnant.c
 *		What is recorded of a request when there is no memory for its records:
 *		each row without its texts, so that what was paid for is not lost.
 *
 * The memory for that is there before anything is spent.  It is a context with
 * one block that it keeps; the records are built in it try by try, and what one
 * of them takes is small, since the texts of people and models are left out.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "ask/record.h"
#include "ask/remnant.h"

/*
 * What the records of one try take at most: a row of the log, two of usage and
 * the alerts of its quotas, of 4 kB each while they are built.
 */
#define KEPT_BYTES		(128 * 1024)

static MemoryContext context = NULL;

static void cut_request(const AllmRequest *request, AllmRequest *cut);
static void cut_attempt(const AllmAttempt *attempt, AllmAttempt *cut);

/* Gets the memory, once in a process; raises when there is none. */
void
allm_remnant_prepare(void)
{
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext,
										"analytics_llm remnants",
										KEPT_BYTES, KEPT_BYTES, KEPT_BYTES);
}

/*
 * Hands over what is left of a request: its own row, and the rows of each try.
 * With interrupts held.
 */
void
allm_remnant_put(const AllmRequest *request)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	AllmRoom   *room = request->room;
	AllmRequest cut_off;
	AllmRecord *records;
	ListCell   *cell;
	int			number = 0;

	cut_request(request, &cut_off);
	records = palloc(sizeof(AllmRecord));
	if (!request->is_shadow)
	{
		allm_record_of_request(&cut_off, records);
		allm_queue_put(room, records, 1);
	}
	else if (room != NULL)
		allm_queue_release(room);
	foreach(cell, request->attempts)
	{
		AllmAttempt *whole = lfirst(cell);
		AllmAttempt attempt;
		int			n;

		MemoryContextReset(context);
		cut_attempt(whole, &attempt);
		records = palloc(sizeof(AllmRecord) * allm_record_most(&attempt));
		n = allm_record_of_attempt(&cut_off, &attempt, ++number,
								   allm_record_is_first_call(request, whole),
								   records);
		allm_queue_put(NULL, records, n);
	}
	MemoryContextReset(context);
	ereport(LOG,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("the records of question %s are without their texts: out of memory",
					allm_record_uuid_text(&request->id))));
	MemoryContextReset(context);
	MemoryContextSwitchTo(caller);
}

/* A request without its texts, its steps and its warnings. */
static void
cut_request(const AllmRequest *request, AllmRequest *cut)
{
	*cut = *request;
	cut->question = "";
	cut->options.text = "{}";
	cut->answer.sql = NULL;
	cut->answer.interpretation = NULL;
	cut->answer.warnings = NIL;
	cut->trace.spans = NIL;
	cut->trace.left_out = 0;
	cut->arms = NIL;
}

/* A try without what a model, a query or a person said. */
static void
cut_attempt(const AllmAttempt *attempt, AllmAttempt *cut)
{
	*cut = *attempt;
	cut->generated_query = NULL;
	cut->sentence = NULL;
	cut->error_message = NULL;
}
