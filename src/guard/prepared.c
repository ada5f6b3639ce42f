/*
 * prepared.c
 *		Checked queries whose plans are kept, to be run again with other words.
 *
 * What looks values up asks the same few queries with each question; only the
 * words differ.  A query of this kind has one constant array of texts.  When it
 * has passed the check, the analysed tree is kept with a parameter in the place
 * of the array, and the server's plan cache keeps its plan and hears when
 * something of it changes.  What then runs is still the tree that passed.
 *
 * The verdict holds as long as the plan does.  Whatever makes the server build
 * another plan (a change of what the query reads, another search path) ends
 * it, and the query is checked anew.  Privileges are the executor's to check,
 * at each run.  Nothing is kept where the verdict hangs on more than that: on
 * policies of rows, or on the cost of the plan.
 *
 * All of it is this backend's, and of one role; the one that was not used for
 * longest makes room.  Called in the fence only.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parser.h"
#include "tcop/cmdtag.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/settings.h"
#include "guard/prepared.h"

/*
 * Enough for the relations of an ordinary schema.  A query takes some 20 kB for
 * each column that it reads.
 */
#define MAX_PREPARED		64
#define MAX_PREPARED_BYTES	((Size) 4 * 1024 * 1024)

/* One query and its plan. */
typedef struct Prepared
{
	uint32		hash;			/* of the text */
	Oid			role;
	char	   *sql;			/* with no words in it */
	CachedPlanSource *source;	/* NULL: the place is free */
	int			generation;		/* of the plan whose query was checked */
	Size		bytes;
	uint64		used;			/* by a count of runs */
} Prepared;

/* Puts the parameter in the place of the array. */
typedef struct Binding
{
	int			arrays;			/* that were found */
} Binding;

static Prepared prepared[MAX_PREPARED];
static Size prepared_bytes = 0; /* of all of them */
static uint64 runs = 0;

static Prepared *find_prepared(const char *sql);
static Prepared *make_room(void);
static void note_size(Prepared *entry);
static void forget(Prepared *entry);
static Node *bind_words(Node *node, Binding *binding);
static ParamListInfo make_params(const List *words);
static ArrayType *make_array(const List *words);

/*
 * Runs a query that is kept, with these words, in the fence.  "sql" is its text
 * without words.  NULL when it is not kept, or does not hold any more.  Raises
 * what the query raises.
 */
AllmRows *
allm_prepared_run(const char *sql, const List *words, AllmCaps caps,
				  MemoryContext keep)
{
	Prepared   *entry = find_prepared(sql);
	ParamListInfo params;
	CachedPlan *plan;
	AllmRows   *rows = NULL;

	if (entry == NULL)
		return NULL;
	if (allm_max_plan_cost >= 0 || !CachedPlanIsValid(entry->source))
	{
		forget(entry);
		return NULL;
	}
	params = make_params(words);
	plan = GetCachedPlan(entry->source, params, CurrentResourceOwner, NULL);
	if (plan->generation == entry->generation)
	{
		entry->used = ++runs;
		PushActiveSnapshot(GetTransactionSnapshot());
		rows = allm_execute_plan(linitial_node(PlannedStmt, plan->stmt_list),
								 entry->sql, params, caps, keep);
		PopActiveSnapshot();
	}
	ReleaseCachedPlan(plan, CurrentResourceOwner);
	if (rows == NULL)
		forget(entry);
	return rows;
}

/*
 * Keeps a query that was checked in this same fence, if it can be, and says
 * whether.  Its locks are held, so that nothing has changed since.
 */
bool
allm_prepared_keep(const char *sql, const AllmChecked *checked)
{
	Oid			types[] = {TEXTARRAYOID};
	Binding		binding = {0};
	Prepared   *entry;
	RawStmt    *raw;
	CachedPlanSource *source;
	CachedPlan *plan;
	Query	   *query;

	if (allm_max_plan_cost >= 0 || checked->row_security ||
		find_prepared(sql) != NULL)
		return false;
	query = (Query *) bind_words((Node *) checked->query, &binding);
	if (binding.arrays != 1)
		return false;
	entry = make_room();
	raw = linitial_node(RawStmt, raw_parser(checked->sql, RAW_PARSE_DEFAULT));
	source = CreateCachedPlan(raw, checked->sql, CMDTAG_SELECT);
	CompleteCachedPlan(source, list_make1(query), NULL, types,
					   lengthof(types), NULL, NULL,
					   CURSOR_OPT_GENERIC_PLAN | CURSOR_OPT_PARALLEL_OK,
					   false);
	entry->sql = MemoryContextStrdup(CacheMemoryContext, sql);
	entry->hash = hash_bytes((const unsigned char *) sql, strlen(sql));
	entry->role = GetUserId();
	entry->used = ++runs;
	entry->generation = 0;
	SaveCachedPlan(source);
	entry->source = source;
	plan = GetCachedPlan(source, make_params(NIL), CurrentResourceOwner, NULL);
	entry->generation = plan->generation;
	ReleaseCachedPlan(plan, CurrentResourceOwner);
	note_size(entry);
	return true;
}

/* The words as a constant of SQL. */
char *
allm_prepared_literal(const List *words)
{
	char	   *text = OidOutputFunctionCall(F_ARRAY_OUT,
											 PointerGetDatum(make_array(words)));

	return psprintf("%s::text[]", quote_literal_cstr(text));
}

/* The query that has this text, of the current role; or NULL. */
static Prepared *
find_prepared(const char *sql)
{
	uint32		hash = hash_bytes((const unsigned char *) sql, strlen(sql));
	Oid			role = GetUserId();

	for (int i = 0; i < MAX_PREPARED; i++)
	{
		Prepared   *entry = &prepared[i];

		if (entry->source != NULL && entry->hash == hash &&
			entry->role == role && strcmp(entry->sql, sql) == 0)
			return entry;
	}
	return NULL;
}

/* A free place, or that of the query that was not used for longest. */
static Prepared *
make_room(void)
{
	Prepared   *entry = &prepared[0];

	for (int i = 0; i < MAX_PREPARED && entry->source != NULL; i++)
	{
		if (prepared[i].source == NULL || prepared[i].used < entry->used)
			entry = &prepared[i];
	}
	forget(entry);
	return entry;
}

/* Counts the memory of a new query; others leave where there is too little. */
static void
note_size(Prepared *entry)
{
	entry->bytes = MemoryContextMemAllocated(entry->source->context, true);
	if (entry->source->gplan != NULL)
		entry->bytes += MemoryContextMemAllocated(entry->source->gplan->context,
												  true);
	prepared_bytes += entry->bytes;
	while (prepared_bytes > MAX_PREPARED_BYTES)
	{
		Prepared   *oldest = entry;

		for (int i = 0; i < MAX_PREPARED; i++)
		{
			if (prepared[i].source != NULL && prepared[i].used < oldest->used)
				oldest = &prepared[i];
		}
		if (oldest == entry)
			break;
		forget(oldest);
	}
}

/* Frees a place. */
static void
forget(Prepared *entry)
{
	CachedPlanSource *source = entry->source;
	char	   *sql = entry->sql;

	prepared_bytes -= entry->bytes;
	entry->bytes = 0;
	entry->source = NULL;
	entry->sql = NULL;
	if (source != NULL)
		DropCachedPlan(source);
	if (sql != NULL)
		pfree(sql);
}

/* A copy of the tree with the parameter for each array of texts. */
static Node *
bind_words(Node *node, Binding *binding)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Const) && ((Const *) node)->consttype == TEXTARRAYOID)
	{
		Param	   *param = makeNode(Param);

		param->paramkind = PARAM_EXTERN;
		param->paramid = 1;
		param->paramtype = TEXTARRAYOID;
		param->paramtypmod = -1;
		param->paramcollid = ((Const *) node)->constcollid;
		param->location = -1;
		binding->arrays++;
		return (Node *) param;
	}
	if (IsA(node, Query))
		return (Node *) query_tree_mutator((Query *) node, bind_words,
										   binding, 0);
	return expression_tree_mutator(node, bind_words, binding);
}

/* The value of the parameter. */
static ParamListInfo
make_params(const List *words)
{
	ParamListInfo params = makeParamList(1);

	params->params[0].value = PointerGetDatum(make_array(words));
	params->params[0].isnull = false;
	params->params[0].pflags = 0;
	params->params[0].ptype = TEXTARRAYOID;
	return params;
}

/* The words as an array of texts. */
static ArrayType *
make_array(const List *words)
{
	Datum	   *values = palloc(Max(list_length(words), 1) * sizeof(Datum));
	ListCell   *cell;

	foreach(cell, words)
		values[foreach_current_index(cell)] =
		CStringGetTextDatum(lfirst(cell));
	return allm_construct_text_array(values, list_length(words));
}
