/*
 * batch.c
 *		llm_ask_batch: many questions in one statement.
 *
 * Unpacks the questions, has them asked together, and returns each with its
 * envelope, in their order.  What is the same text is one question here, as it
 * is within any one statement.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "ask/answer.h"
#include "ask/conversation.h"
#include "ask/drive.h"
#include "ask/tiers.h"
#include "base/shmem.h"

/*
 * Questions of one call.  Within the time that it may take, more could not be
 * asked of any model, and each would be a row of the log.
 */
#define MAX_QUESTIONS	1000

/* Columns of the result. */
enum
{
	COL_N,
	COL_QUESTION,
	COL_ANSWER,
	BATCH_COLUMNS
};

/* One text, for all of its places. */
typedef struct BatchText
{
	const char *question;
	int			uses;			/* places that its answer did not go to yet */
	HeapTuple	answer;			/* NULL: there is none yet */
} BatchText;

/* A call of the function. */
typedef struct Batch
{
	ReturnSetInfo *result;
	TupleDesc	answer_desc;
	MemoryContext work;			/* of one envelope that is being made */
	int			n;				/* questions */
	Datum	   *questions;
	bool	   *nulls;
	BatchText **places;			/* of each question, its text */
	BatchText  *texts;			/* different ones */
	int			ntext;
	BatchText **asked;			/* those of them that are questions */
	int			nasked;
	int			sent;			/* questions whose answer is in the result */
} Batch;

PG_FUNCTION_INFO_V1(analytics_llm_ask_batch);

static void unpack_questions(Batch *batch, ArrayType *array);
static void sort_texts(Batch *batch);
static BatchText *find_text(Batch *batch, const char *question);
static HeapTuple make_refusal(const Batch *batch, const char *problem,
							  char *detail);
static void take_answer(void *state, int n, AllmRequest *request);
static void send_answers(Batch *batch);

/* What is known of each question. */
static void
unpack_questions(Batch *batch, ArrayType *array)
{
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &batch->questions, &batch->nulls, &batch->n);
	if (batch->n > MAX_QUESTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are more than %d questions", MAX_QUESTIONS),
				 errdetail("There are %d.", batch->n)));
}

/*
 * Finds equal texts, and those that are no question: these have their answer at
 * once.  NULL has no words, which the admission says.
 */
static void
sort_texts(Batch *batch)
{
	batch->places = palloc(sizeof(BatchText *) * Max(batch->n, 1));
	batch->texts = palloc0(sizeof(BatchText) * Max(batch->n, 1));
	batch->asked = palloc(sizeof(BatchText *) * Max(batch->n, 1));
	for (int i = 0; i < batch->n; i++)
	{
		char	   *question = batch->nulls[i] ? "" :
		TextDatumGetCString(batch->questions[i]);
		BatchText  *place = find_text(batch, question);

		batch->places[i] = place;
		if (place->uses++ == 0)
		{
			char	   *detail;
			const char *problem = allm_request_problem(question, &detail);

			if (problem != NULL)
				place->answer = make_refusal(batch, problem, detail);
			else
				batch->asked[batch->nasked++] = place;
		}
	}
}

/* The place of a text, which may be a new one.  There are not many. */
static BatchText *
find_text(Batch *batch, const char *question)
{
	for (int i = 0; i < batch->ntext; i++)
	{
		if (strcmp(batch->texts[i].question, question) == 0)
			return &batch->texts[i];
	}
	batch->texts[batch->ntext].question = question;
	return &batch->texts[batch->ntext++];
}

/* The envelope of what is no question: no request was made of it. */
static HeapTuple
make_refusal(const Batch *batch, const char *problem, char *detail)
{
	AllmRequest request = {0};

	request.answer.status = "degraded";
	request.answer.tier = ALLM_TIER_DEGRADED;
	request.answer.error_code = ERRCODE_INVALID_PARAMETER_VALUE;
	request.answer.message = pstrdup(problem);
	request.answer.detail = detail;
	request.answer.answered_at = GetCurrentTimestamp();
	return allm_answer_tuple(&request, batch->answer_desc);
}

/* AllmDrive.answered: a question has its answer, in whatever order. */
static void
take_answer(void *state, int n, AllmRequest *request)
{
	Batch	   *batch = state;
	MemoryContext caller = MemoryContextSwitchTo(batch->work);
	HeapTuple	answer = allm_answer_tuple(request, batch->answer_desc);

	MemoryContextSwitchTo(caller);
	batch->asked[n]->answer = heap_copytuple(answer);
	MemoryContextReset(batch->work);
	send_answers(batch);
}

/*
 * Puts the answers into the result that are there, up to the first one that is
 * not: many large ones are not kept in memory.
 */
static void
send_answers(Batch *batch)
{
	for (; batch->sent < batch->n; batch->sent++)
	{
		BatchText  *place = batch->places[batch->sent];
		Datum		values[BATCH_COLUMNS];
		bool		nulls[BATCH_COLUMNS] = {0};

		if (place->answer == NULL)
			return;
		values[COL_N] = Int32GetDatum(batch->sent + 1);
		values[COL_QUESTION] = batch->questions[batch->sent];
		nulls[COL_QUESTION] = batch->nulls[batch->sent];
		values[COL_ANSWER] = HeapTupleGetDatum(place->answer);
		tuplestore_putvalues(batch->result->setResult,
							 batch->result->setDesc, values, nulls);
		if (--place->uses == 0)
			heap_freetuple(place->answer);
	}
}

/*
 * analytics_llm_ask_batch
 *		Answer several questions; the envelope of each, in their order.
 *
 * SQL: llm_ask_batch(questions text[], options jsonb)
 *		returns table (n int, question text, answer analytics_llm.answer)
 *
 * A question that cannot be answered, or is none, is a row like any other.
 * Raises 22004 for an array that is null, and 22023 for one that is too long
 * or options that are not admitted.
 */
Datum
analytics_llm_ask_batch(PG_FUNCTION_ARGS)
{
	Batch		batch = {(ReturnSetInfo *) fcinfo->resultinfo};
	AllmDrive	drive = {0};
	AllmOptions options;
	const char **questions;

	allm_require_loaded();
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the array of questions is null")));
	if (!PG_ARGISNULL(1))
		drive.options = PG_GETARG_JSONB_P(1);
	allm_options_read(drive.options, &options);
	allm_conversation_require_none(&options);

	InitMaterializedSRF(fcinfo, 0);
	batch.answer_desc =
		lookup_rowtype_tupdesc_copy(TupleDescAttr(batch.result->setDesc,
												  COL_ANSWER)->atttypid, -1);
	batch.work = AllocSetContextCreate(CurrentMemoryContext,
									   "analytics_llm batch",
									   ALLOCSET_DEFAULT_SIZES);
	unpack_questions(&batch, PG_GETARG_ARRAYTYPE_P(0));
	sort_texts(&batch);
	questions = palloc(sizeof(char *) * Max(batch.nasked, 1));
	for (int i = 0; i < batch.nasked; i++)
		questions[i] = batch.asked[i]->question;
	drive.questions = questions;
	drive.n = batch.nasked;
	drive.want = ALLM_WANT_ROWS;
	drive.answered = take_answer;
	drive.state = &batch;
	send_answers(&batch);
	allm_drive_all(&drive);
	return (Datum) 0;
}
