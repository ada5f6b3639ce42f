/*
 * portal.c
 *		The fence around a query that stands in its caller's own statement.
 *
 * Such a query is planned, kept and run by the server like the rest of the
 * statement: in one go or fetch by fetch, a thousand times from one plan, by
 * another role than the one that prepared it.  So there is no subtransaction
 * around it.  Each piece of its run is read-only and has what is left of
 * analytics_llm.query_timeout; rows are counted on their way to the client.
 * What there is to say of the answer is said when its rows are asked for, not
 * when the statement is described or explained.
 *
 * A statement is known by a note in the range table entry of the query, in a
 * field that entries of this kind have no use for.  The planner puts that
 * entry first in the range table of the plan.
 *
 * Owns two hooks of the executor.  State of this backend only, no locks: one
 * record for each marked query that is started and not ended, which dies with
 * the memory of its executor.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/parallel.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parsetree.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/errcodes.h"
#include "base/settings.h"
#include "guard/execute.h"
#include "guard/portal.h"
#include "guard/rows.h"
#include "guard/sanity.h"

/* What a note begins with: no relation has a name with a line feed by chance. */
#define NOTE_MARK	"analytics_llm note\n"

/* One marked query, from its start to its end. */
typedef struct PortalRun
{
	dlist_node	link;
	QueryDesc  *desc;
	EState	   *estate;
	AllmPortalNote note;
	AllmRows	rows;			/* what went out: their number, not the rows */
	AllmRows   *first;			/* the first one, where the rules want it */
	AllmCaps	caps;
	bool		counts;			/* rows go out once and in order */
	bool		was_announced;	/* what is known before it is run */
	bool		was_judged;		/* what is known of its rows */
	int64		used_ms;		/* of analytics_llm.query_timeout */
} PortalRun;

/* A piece of a run, with the receiver that counts its rows. */
typedef struct PortalPiece
{
	DestReceiver pub;
	PortalRun  *run;
	DestReceiver *client;
	DestReceiver *first;		/* keeps the first row, for the sanity rules */
	ScanDirection direction;
	uint64		count;
	bool		once;
} PortalPiece;

static ExecutorStart_hook_type previous_start = NULL;
static ExecutorRun_hook_type previous_run = NULL;

static dlist_head runs = DLIST_STATIC_INIT(runs);

static void start_query(QueryDesc *desc, int eflags);
static void run_query(QueryDesc *desc, ScanDirection direction,
					  uint64 count ALLM_ONCE_PARAMETER);
static void run_next(QueryDesc *desc, ScanDirection direction, uint64 count,
					 bool once);
static const char *find_note(const PlannedStmt *plan);
static void read_note(const char *text, AllmPortalNote *note);
static void check_privilege(Oid function);
static PortalRun *find_run(const QueryDesc *desc);
static void forget_run(void *arg);
static void run_piece(PortalRun *run, PortalPiece *piece);
static void run_in_fence(void *arg);
static void start_rows(DestReceiver *self, int operation, TupleDesc desc);
static bool receive_row(TupleTableSlot *slot, DestReceiver *self);
static void end_rows(DestReceiver *self);
static Size measure_row(TupleTableSlot *slot);
static bool has_ended(const PortalPiece *piece);
static void count_by_limit(PortalRun *run);
static void judge_rows(PortalRun *run);
static void say(const List *doubts, const List *notices);

/* Takes the hooks.  Called once, from _PG_init. */
void
allm_portal_install(void)
{
	previous_start = ExecutorStart_hook;
	ExecutorStart_hook = start_query;
	previous_run = ExecutorRun_hook;
	ExecutorRun_hook = run_query;
}

/* Marks the first entry of a statement's range table: its run is fenced. */
void
allm_portal_mark(RangeTblEntry *rte, const AllmPortalNote *note)
{
	StringInfoData out;
	ListCell   *cell;

	Assert(rte->rtekind == RTE_SUBQUERY);
	initStringInfo(&out);
	appendStringInfo(&out, NOTE_MARK "%u " INT64_FORMAT " %d %d %d %d %d",
					 note->function, note->row_cap, (int) note->written_on,
					 note->is_whole, note->is_ordered, note->is_aggregate,
					 note->count_column);
	foreach(cell, note->doubts)
		appendStringInfo(&out, "\nD%s", (char *) lfirst(cell));
	foreach(cell, note->notices)
		appendStringInfo(&out, "\nN%s", (char *) lfirst(cell));
	rte->enrname = out.data;
}

/* The note of a plan, or NULL.  Every plan of the server comes here. */
static const char *
find_note(const PlannedStmt *plan)
{
	RangeTblEntry *rte;

	if (plan->commandType != CMD_SELECT || plan->rtable == NIL)
		return NULL;
	rte = linitial_node(RangeTblEntry, plan->rtable);
	if (rte->rtekind != RTE_SUBQUERY || rte->enrname == NULL ||
		strncmp(rte->enrname, NOTE_MARK, strlen(NOTE_MARK)) != 0)
		return NULL;
	return rte->enrname + strlen(NOTE_MARK);
}

/* Reads a note, in the current memory context. */
static void
read_note(const char *text, AllmPortalNote *note)
{
	char	   *lines = pstrdup(text);
	char	   *next = NULL;
	int			flags[3];

	if (sscanf(text, "%u " INT64_FORMAT " %d %d %d %d %d", &note->function,
			   &note->row_cap, &note->written_on, &flags[0], &flags[1],
			   &flags[2], &note->count_column) != 7)
		elog(ERROR, "the note of a query cannot be read");
	note->is_whole = flags[0];
	note->is_ordered = flags[1];
	note->is_aggregate = flags[2];
	(void) strtok_r(lines, "\n", &next);
	for (char *line = strtok_r(NULL, "\n", &next); line != NULL;
		 line = strtok_r(NULL, "\n", &next))
	{
		if (*line == 'D')
			note->doubts = lappend(note->doubts, line + 1);
		else
			note->notices = lappend(note->notices, line + 1);
	}
}

/*
 * ExecutorStart: a marked query begins to be watched.  Whoever runs it, or has
 * it explained, needs the privilege for the call that it stands for: it may be
 * another role than the one that prepared it.
 */
static void
start_query(QueryDesc *desc, int eflags)
{
	const char *text = find_note(desc->plannedstmt);
	MemoryContextCallback *callback;
	MemoryContext caller;
	PortalRun  *run;

	if (previous_start != NULL)
		previous_start(desc, eflags);
	else
		standard_ExecutorStart(desc, eflags);
	if (text == NULL || IsParallelWorker())
		return;

	caller = MemoryContextSwitchTo(desc->estate->es_query_cxt);
	run = palloc0(sizeof(PortalRun));
	read_note(text, &run->note);
	check_privilege(run->note.function);
	run->desc = desc;
	run->estate = desc->estate;
	run->rows.all_null = true;
	run->caps.rows = Min(run->note.row_cap, allm_row_limit);
	run->caps.bytes = (Size) allm_max_result_size * 1024;
	run->counts = !(eflags & (EXEC_FLAG_REWIND | EXEC_FLAG_BACKWARD));
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = forget_run;
	callback->arg = run;
	MemoryContextRegisterResetCallback(desc->estate->es_query_cxt, callback);
	dlist_push_head(&runs, &run->link);
	MemoryContextSwitchTo(caller);
}

/*
 * As the executor checks it for a function that is called.  A plan may outlive
 * the extension, since the call is no part of it; then it belongs to nobody.
 */
static void
check_privilege(Oid function)
{
	char	   *name = get_func_name(function);
	AclResult	result;

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("the function that this statement was prepared with does not exist any more"),
				 errhint("Prepare the statement again.")));
	result = allm_function_aclcheck(function, GetUserId());
	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FUNCTION, name);
	InvokeFunctionExecuteHook(function);
}

/*
 * The record of a marked query, or NULL.  The descriptor may be freed before its
 * executor's memory, and its place taken by another: the state tells them apart.
 */
static PortalRun *
find_run(const QueryDesc *desc)
{
	dlist_iter	iter;

	dlist_foreach(iter, &runs)
	{
		PortalRun  *run = dlist_container(PortalRun, link, iter.cur);

		if (run->desc == desc && run->estate == desc->estate)
			return run;
	}
	return NULL;
}

/* The memory of its executor goes. */
static void
forget_run(void *arg)
{
	PortalRun  *run = arg;

	dlist_delete(&run->link);
}

/* ExecutorRun: a piece of a marked query's run, or any other query. */
static void
run_query(QueryDesc *desc, ScanDirection direction,
		  uint64 count ALLM_ONCE_PARAMETER)
{
	PortalRun  *run = dlist_is_empty(&runs) ? NULL : find_run(desc);

	if (run == NULL)
		run_next(desc, direction, count, ALLM_ONCE_TOLD);
	else
	{
		PortalPiece piece = {
			.run = run,.direction = direction,.count = count,
			.once = ALLM_ONCE_TOLD
		};

		run_piece(run, &piece);
	}
}

/* Whoever comes after us in the chain of hooks. */
static void
run_next(QueryDesc *desc, ScanDirection direction, uint64 count, bool once)
{
	if (previous_run != NULL)
		allm_executor_run_next(previous_run, desc, direction, count, once);
	else
		allm_executor_run_next(standard_ExecutorRun, desc, direction, count,
							   once);
}

/*
 * Runs a piece in the fence, with a look at the rows that go forward.  Those
 * that go out once and in order are held back when there are too many; those of
 * a cursor that can go back are limited by the plan alone.
 */
static void
run_piece(PortalRun *run, PortalPiece *piece)
{
	QueryDesc  *desc = run->desc;
	TimestampTz began = GetCurrentTimestamp();

	if (!run->was_announced)
		allm_portal_announce(&run->note);
	run->was_announced = true;
	piece->client = desc->dest;
	piece->pub = *desc->dest;
	piece->pub.receiveSlot = receive_row;
	piece->pub.rStartup = start_rows;
	piece->pub.rShutdown = end_rows;
	if (ScanDirectionIsForward(piece->direction))
		desc->dest = &piece->pub;
	PG_TRY();
	{
		allm_execute_in_portal(run_in_fence, piece,
							   allm_deadline_in(Max(allm_query_timeout -
													run->used_ms, 0)));
	}
	PG_FINALLY();
	{
		desc->dest = piece->client;
	}
	PG_END_TRY();
	run->used_ms += TimestampDifferenceMilliseconds(began,
													GetCurrentTimestamp());
	if (!run->counts)
		count_by_limit(run);
	if (run->rows.truncated || has_ended(piece) ||
		(run->note.is_aggregate && run->rows.count > 0))
		judge_rows(run);
}

/* Inside the fence. */
static void
run_in_fence(void *arg)
{
	PortalPiece *piece = arg;

	run_next(piece->run->desc, piece->direction, piece->count, piece->once);
}

/* The client's receiver begins, and so does that of the first row. */
static void
start_rows(DestReceiver *self, int operation, TupleDesc desc)
{
	PortalPiece *piece = (PortalPiece *) self;
	PortalRun  *run = piece->run;
	AllmCaps	caps = {1, run->caps.bytes};

	piece->client->rStartup(piece->client, operation, desc);
	if (run->rows.count > 0 || run->note.count_column < 0)
		return;
	piece->first = allm_rows_receiver(caps, run->desc->estate->es_query_cxt,
									  &run->first);
	piece->first->rStartup(piece->first, operation, desc);
}

/*
 * One row on its way to the client.  Returns false, which ends the run, for
 * one that has no room, and when the client wants no more.
 */
static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	PortalPiece *piece = (PortalPiece *) self;
	PortalRun  *run = piece->run;
	Size		size;

	slot_getallattrs(slot);
	size = measure_row(slot);
	if (run->counts &&
		(run->rows.count >= run->caps.rows ||
		 run->rows.bytes + size > run->caps.bytes))
	{
		run->rows.truncated = true;
		return false;
	}
	if (run->rows.count == 0 && piece->first != NULL)
		(void) piece->first->receiveSlot(slot, piece->first);
	run->rows.count++;
	run->rows.bytes += size;
	run->rows.all_null = run->rows.all_null && allm_rows_is_all_null(slot);
	return piece->client->receiveSlot(slot, piece->client);
}

/* Only the client's receiver has something to end. */
static void
end_rows(DestReceiver *self)
{
	PortalPiece *piece = (PortalPiece *) self;

	piece->client->rShutdown(piece->client);
}

/* Bytes of a row whose columns have been read, compressed or not. */
static Size
measure_row(TupleTableSlot *slot)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	Size		size = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (slot->tts_isnull[i])
			continue;
		if (att->attlen == -1)
			size += toast_raw_datum_size(slot->tts_values[i]);
		else if (att->attlen == -2)
			size += strlen(DatumGetCString(slot->tts_values[i]));
		else
			size += att->attlen;
	}
	return size;
}

/* Has a run come to its end? */
static bool
has_ended(const PortalPiece *piece)
{
	return ScanDirectionIsForward(piece->direction) &&
		(piece->count == 0 ||
		 piece->run->desc->estate->es_processed < piece->count);
}

/*
 * A cursor that can go back: have more rows come out of its limit than the cap
 * allows?  There is one row more than that behind the limit, at most.
 */
static void
count_by_limit(PortalRun *run)
{
	PlanState  *node = run->desc->planstate;
	LimitState *limit;

	if (node != NULL && IsA(node, MaterialState))
		node = outerPlanState(node);
	if (node == NULL || !IsA(node, LimitState))
		return;
	limit = castNode(LimitState, node);
	if (limit->position - limit->offset <= run->caps.rows)
		return;
	run->rows.truncated = true;
	run->rows.all_null = false;
	run->rows.count = run->caps.rows;
}

/*
 * Says what was known of an answer when its query was written: before its first
 * row, or when the query becomes a part of something that lasts.  A query of
 * another day may mean that day.
 */
void
allm_portal_announce(const AllmPortalNote *note)
{
	List	   *doubts = list_copy(note->doubts);

	if (note->written_on != GetSQLCurrentDate())
		doubts = lappend(doubts, pstrdup("its query was written on another day"));
	say(doubts, note->notices);
}

/* Says, once and after the last row, what there is to say of the rows. */
static void
judge_rows(PortalRun *run)
{
	AllmChecked checked = {0};
	List	   *doubts = NIL;
	List	   *notices = NIL;
	ListCell   *cell;

	/* With a LIMIT, or an OFFSET, that there is no row is no wonder. */
	if (run->was_judged ||
		(!run->note.is_whole && !run->rows.truncated && run->rows.count == 0))
		return;
	run->was_judged = true;
	checked.is_ordered = run->note.is_ordered;
	checked.is_aggregate = run->note.is_aggregate;
	checked.count_column = run->first != NULL && run->first->count == 1 ?
		run->note.count_column : -1;
	run->rows.ncolumns = run->desc->tupDesc->natts;
	run->rows.rows = checked.count_column >= 0 ? run->first->rows : NULL;
	foreach(cell, allm_sanity_remarks(&checked, &run->rows))
	{
		AllmRemark *remark = lfirst(cell);
		List	  **texts = remark->is_doubt ? &doubts : &notices;

		*texts = lappend(*texts, remark->text);
	}
	say(doubts, notices);
}

/*
 * A doubt is one WARNING, or an error where that is asked for; information is a
 * NOTICE each.
 */
static void
say(const List *doubts, const List *notices)
{
	ListCell   *cell;

	if (doubts != NIL && allm_on_doubt == ALLM_ON_DOUBT_ERROR)
		ereport(ERROR,
				(errcode(ERRCODE_ALLM_UNCERTAIN),
				 errmsg("the answer is not certain enough"),
				 errdetail_internal("%s", allm_sanity_doubt_line(doubts)),
				 errhint("llm_answer() shows the rows with their warnings.")));
	if (doubts != NIL)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg_internal("%s", allm_sanity_doubt_line(doubts))));
	foreach(cell, notices)
		ereport(NOTICE,
				(errmsg_internal("%s", (char *) lfirst(cell))));
}
