/*
 * drive.c
 *		Questions, one or many at once, from their text to their answer.
 *
 * Each question walks by itself, in steps that do not wait; a single one is the
 * case of one.  What is done in this backend, prompts, checks and queries, is
 * done one after the other; what is waited for, models above all, is waited for
 * together: on libcurl's sockets, and on one thing in shared memory, since a
 * backend can sleep on one condition variable only.
 *
 * Questions begin in their order, as long as there is a place for a call.  So
 * those that are under way come before those that are not, when one of them has
 * to be called for again.
 *
 * Whatever happens between admission and the end, each request is settled.
 * What a question does wrong is no error here.  What goes wrong about one of
 * several, a damaged table, a full disk, a lock that does not come, is the answer
 * of that one: each step of theirs is a subtransaction.  What concerns all of
 * them, a cancel, a shutdown, no memory, a transaction that has to be done anew,
 * ends them all, is recorded for each, and goes on its way; so does any error of
 * a single question.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/condition_variable.h"
#include "utils/memutils.h"

#include "ask/conversation.h"
#include "ask/drive.h"
#include "ask/models.h"
#include "ask/pipeline.h"
#include "ask/recall.h"
#include "ask/shadow.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "guard/finding.h"
#include "guard/subxact.h"
#include "net/client.h"

/*
 * So many questions are under way for each call that may be: while one rests, as
 * its provider asked, or follows another session, the next one has its place.
 */
#define QUESTIONS_PER_CALL	2

/*
 * Of several things in shared memory that are waited for, one wakes this
 * backend up; so often it looks at the others.  And at that one, for the case
 * that something else has slept meanwhile.
 */
#define LOOK_MS				100
#define LOOK_AGAIN_MS		1000

/*
 * What needs no model has the last part of the time that is for all: a tenth,
 * and at most so much.
 */
#define MAX_LOCAL_MS		1000

/* A question under way. */
typedef struct Walker
{
	int			number;
	AllmRequest *request;
} Walker;

/* What a question does in a subtransaction. */
typedef struct Step
{
	AllmRequest *request;
	bool		done;			/* it has its answer */
} Step;

/* All that is asked together. */
typedef struct Company
{
	const AllmDrive *drive;
	const AllmBounds *bounds;	/* NULL: it is one question */
	MemoryContext context;		/* of what is made here */
	int			begun;			/* questions, in their order */
	int			nwalker;
	int			room;
	Walker	   *walkers;		/* in the order in which they began */
	bool		is_paid;		/* something must be committed, before anybody */
	AllmRecord *paid;			/* returns: what these say, if they could be
								 * made */
	int			npaid;
	ConditionVariable *prepared;	/* that changes of are told of; or NULL */
} Company;

static void drive(const AllmDrive *orders, const AllmBounds *bounds);
static void go_on(Company *company);
static bool step_all(Company *company);
static bool step_walker(Company *company, int i);
static bool step_apart(Company *company, AllmRequest *request);
static void take_step(void *arg);
static bool concerns_all(const ErrorData *edata);
static void fail(AllmRequest *request, const ErrorData *edata);
static void finish(Company *company, int number, AllmRequest *request);
static void keep_records(Company *company, const AllmRecord *records, int n);
static bool begin_more(Company *company);
static bool begin_next(Company *company);
static void sleep_or_look(Company *company);
static ErrorData *take_error(MemoryContext keep);
pg_noreturn static void raise_again(ErrorData *edata);
static void abort_all(Company *company, int error_code, const char *message);
static void take_answer(void *state, int n, AllmRequest *request);

/*
 * Answers a question, as far as it is wanted.  Returns the settled request,
 * in a context below the current one; its answer may be degraded.  Raises for
 * a question or options that are not admitted, for a cancel, and for what is
 * not the question's: out of memory, a shutdown.
 */
AllmRequest *
allm_drive_one(const char *question, Jsonb *options, AllmWant want)
{
	AllmRequest *request = NULL;
	AllmDrive	one = {&question, 1, options, want, take_answer, &request};

	drive(&one, NULL);
	return request;
}

/* AllmDrive.answered of a single question, whose memory stays. */
static void
take_answer(void *state, int n, AllmRequest *request)
{
	*(AllmRequest **) state = request;
}

/*
 * Answers several questions, each of which must be one that is admitted, within
 * analytics_llm.request_timeout for all of them: their statement's snapshot is
 * held for that time.  Raises as allm_drive_one() does.
 */
void
allm_drive_all(const AllmDrive *orders)
{
	int			local_ms = Min(allm_request_timeout / 10, MAX_LOCAL_MS);
	AllmBounds	bounds;

	bounds.decide_by = allm_deadline_in(allm_request_timeout - local_ms);
	bounds.end_by = allm_deadline_in(allm_request_timeout);
	drive(orders, &bounds);
}

/* Asks all questions, and waits until what they cost is committed. */
static void
drive(const AllmDrive *orders, const AllmBounds *bounds)
{
	Company		company = {orders, bounds, CurrentMemoryContext};

	allm_require_loaded();
	allm_request_require_none();
	/* The calls of one statement at most are not committed, in a session. */
	if (bounds != NULL)
		allm_queue_commit(NULL, 0, bounds->decide_by);
	company.room = Min(orders->n, QUESTIONS_PER_CALL * allm_max_parallel_calls);
	company.walkers = palloc(sizeof(Walker) * Max(company.room, 1));
	PG_TRY();
	{
		go_on(&company);
	}
	PG_CATCH();
	{
		int			error_code = geterrcode();
		ErrorData  *edata = take_error(company.context);

		abort_all(&company, error_code, edata != NULL ? edata->message : NULL);
		raise_again(edata);
	}
	PG_END_TRY();
	if (company.is_paid)
		allm_queue_commit(company.paid, company.npaid,
						  allm_deadline_in(PG_INT32_MAX));
	if (company.paid != NULL)
		pfree(company.paid);
	pfree(company.walkers);
}

/* Until all questions are answered. */
static void
go_on(Company *company)
{
	for (;;)
	{
		bool		moved = step_all(company);

		moved = begin_more(company) || moved;
		if (company->nwalker == 0)
			break;
		CHECK_FOR_INTERRUPTS();
		/* What has ended may have made room for one that waits. */
		if (!moved)
			sleep_or_look(company);
	}
}

/* Each question goes on, as far as it can; did anything end? */
static bool
step_all(Company *company)
{
	uint64		ended = allm_client_ended();
	bool		moved = false;

	for (int i = 0; i < company->nwalker; i++)
	{
		if (step_walker(company, i))
		{
			moved = true;
			i--;
		}
	}
	return moved || ended != allm_client_ended();
}

/* One question goes on; true: it has its answer, and is no walker any more. */
static bool
step_walker(Company *company, int i)
{
	Walker		walker = company->walkers[i];
	MemoryContext caller = MemoryContextSwitchTo(walker.request->context);
	bool		done = company->bounds == NULL ?
	allm_pipeline_step(walker.request) :
	step_apart(company, walker.request);
	AllmRecord *records;
	int			n;

	if (done)
	{
		if (allm_request_settle(walker.request, &records, &n))
			company->is_paid = true;
		else
			n = 0;
		allm_recall_keep(walker.request);
		allm_conversation_note(walker.request);
		allm_shadow_offer(walker.request);
		MemoryContextSwitchTo(company->context);
		keep_records(company, records, n);
		company->nwalker--;
		memmove(company->walkers + i, company->walkers + i + 1,
				sizeof(Walker) * (company->nwalker - i));
		finish(company, walker.number, walker.request);
	}
	MemoryContextSwitchTo(caller);
	/* Its call need not wait until all others have been looked at. */
	if (company->bounds != NULL)
		(void) allm_client_work();
	return done;
}

/*
 * A step of one of several questions: an error that concerns no other one is its
 * answer.  True: it has one.
 */
static bool
step_apart(Company *company, AllmRequest *request)
{
	Step		step = {request, false};
	ErrorData  *edata = allm_subxact_run(take_step, NULL, &step, true);

	if (edata == NULL)
		return step.done;
	/* The rollback has given up whatever sleep was prepared. */
	company->prepared = NULL;
	if (concerns_all(edata))
		ReThrowError(edata);
	fail(request, edata);
	return true;
}

/* AllmSubxactWork of a step. */
static void
take_step(void *arg)
{
	Step	   *step = arg;

	step->done = allm_pipeline_step(step->request);
}

/*
 * Does an error of one question end all of them?  What a query does wrong never
 * comes here, so an error of that kind is a mistake of the caller, who gave all of
 * them their options.  A transaction that cannot be serialized is lost, whoever
 * went first; a deadlock ends with the locks of the one that was chosen.
 */
static bool
concerns_all(const ErrorData *edata)
{
	int			category = ERRCODE_TO_CATEGORY(edata->sqlerrcode);

	if (edata->elevel > ERROR || allm_finding_is_verdict(edata) ||
		edata->sqlerrcode == ERRCODE_OUT_OF_MEMORY)
		return true;
	return category == ERRCODE_OPERATOR_INTERVENTION ||
		(category == ERRCODE_TRANSACTION_ROLLBACK &&
		 edata->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED);
}

/* Makes an error the answer of its question; the error is in its memory. */
static void
fail(AllmRequest *request, const ErrorData *edata)
{
	AllmAnswer *answer = &request->answer;

	allm_flight_end(&request->seat, ALLM_FLIGHT_END_FAILED, 0);
	allm_models_abandon(request);
	allm_request_fail(request, edata->sqlerrcode, edata->message);
	answer->message = edata->message;
	answer->detail = edata->detail;
	answer->hint = edata->hint;
}

/* A question is answered and settled. */
static void
finish(Company *company, int number, AllmRequest *request)
{
	company->drive->answered(company->drive->state, number, request);
	if (company->bounds != NULL)
		MemoryContextDelete(request->context);
}

/* Notes what has to be committed; the request of one question stays with it. */
static void
keep_records(Company *company, const AllmRecord *records, int n)
{
	Size		size = sizeof(AllmRecord) * (company->npaid + n);

	if (n == 0)
		return;
	if (company->paid == NULL)
		company->paid = palloc(size);
	else
		company->paid = repalloc_huge(company->paid, size);
	for (int i = 0; i < n; i++)
	{
		AllmRecord *record = &company->paid[company->npaid++];

		*record = records[i];
		if (company->bounds != NULL)
			record->json = pstrdup(record->json);
	}
}

/* Begins with further questions while there is a place; did one end at once? */
static bool
begin_more(Company *company)
{
	bool		moved = false;

	while (company->begun < company->drive->n &&
		   company->nwalker < company->room &&
		   allm_client_has_place(allm_max_parallel_calls))
	{
		int			before = company->nwalker;

		if (!begin_next(company))
			break;
		if (company->nwalker == before || step_walker(company, before))
			moved = true;
	}
	return moved;
}

/*
 * Begins with the next question, or answers it at once; false: it has to wait,
 * for there is no room for its records.
 */
static bool
begin_next(Company *company)
{
	const AllmDrive *orders = company->drive;
	int			number = company->begun;
	const char *question = orders->questions[number];
	AllmRequest *request = NULL;
	AllmBounds	bounds;

	/* A hit has the id of another's question, or none that was told. */
	if (!allm_request_is_named())
		request = allm_recall_hit(question, orders->options, orders->want);
	if (request != NULL)
	{
		company->begun++;
		finish(company, number, request);
		return true;
	}
	if (company->bounds != NULL)
	{
		bounds = *company->bounds;
		bounds.may_wait = company->nwalker == 0;
	}
	request = allm_request_begin(question, orders->options, orders->want,
								 company->bounds != NULL ? &bounds : NULL);
	if (request->room == NULL && company->nwalker > 0)
	{
		/* Those that are under way will give theirs back. */
		MemoryContextDelete(request->context);
		return false;
	}
	company->begun++;
	company->walkers[company->nwalker++] = (Walker)
	{
		number, request
	};
	return true;
}

/*
 * Sleeps until something has come, or one of the questions wants to go on.
 * What is waited for in shared memory may have changed since it was looked at:
 * after this backend has asked to be woken up, it looks once more.
 */
static void
sleep_or_look(Company *company)
{
	AllmDeadline until = {DT_NOEND};
	ConditionVariable *first = NULL;
	bool		several = false;

	for (int i = 0; i < company->nwalker; i++)
	{
		const AllmWait *wait = &company->walkers[i].request->wait;

		until = allm_deadline_sooner(until, wait->until);
		if (first == NULL)
			first = wait->changed;
		several = several || (wait->changed != NULL &&
							  wait->changed != first);
	}
	if (first != NULL && first != company->prepared)
	{
		ConditionVariablePrepareToSleep(first);
		company->prepared = first;
		return;
	}
	if (first != NULL)
		until = allm_deadline_sooner(until,
									 allm_deadline_in(several ? LOOK_MS :
													  LOOK_AGAIN_MS));
	allm_client_wait(until);
	if (company->prepared != NULL)
		ConditionVariableCancelSleep();
	company->prepared = NULL;
}

/*
 * The error that is being handled, out of the way of those that may come while
 * the records of what was spent are built; NULL when there is no memory for it.
 */
static ErrorData *
take_error(MemoryContext keep)
{
	ErrorData  *volatile edata = NULL;

	MemoryContextSwitchTo(keep);
	PG_TRY();
	{
		edata = CopyErrorData();
	}
	PG_CATCH();
	{
		/* There are two errors now, and both go. */
	}
	PG_END_TRY();
	FlushErrorState();
	return edata;
}

/* Raises it again, or says what its loss means. */
static void
raise_again(ErrorData *edata)
{
	if (edata != NULL)
		ReThrowError(edata);
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of memory")));
}

/*
 * An error ends all questions: their calls are cut, so that nobody goes on
 * answering, and each is recorded.  Their memory stays: the error may be in it.
 */
static void
abort_all(Company *company, int error_code, const char *message)
{
	for (int i = 0; i < company->nwalker; i++)
	{
		AllmRequest *request = company->walkers[i].request;

		MemoryContextSwitchTo(request->context);
		allm_flight_end(&request->seat, ALLM_FLIGHT_END_FAILED, 0);
		allm_models_abandon(request);
		allm_request_abort(request, error_code, message);
	}
	MemoryContextSwitchTo(company->context);
}
