/*
 * typed.c
 *		Answers with the columns that their caller declares: llm_ask_as and
 *		llm_rows.
 *
 * The columns are a part of the question, and the query that answers it has
 * passed a check for them.  What is left to see here is each value: it is cast
 * to the type that was asked for, as an assignment would cast it, and has to be
 * the same value when it is cast back.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "ask/answer.h"
#include "ask/contract.h"
#include "ask/drive.h"
#include "base/errcodes.h"
#include "base/shmem.h"

/* How the values of one column are cast, and back. */
typedef struct Cast
{
	int			place;			/* in the rows of the answer */
	ExprState  *cast;
	ExprState  *back;			/* NULL: nothing can get lost */
	FmgrInfo	equal;			/* of the type in the answer */
	Oid			collation;
} Cast;

/* Rows on their way from JSON to what was declared. */
typedef struct Conversion
{
	const AllmRows *rows;
	const AllmContract *wanted;
	TupleDesc	source;			/* the answer's own columns */
	Cast	   *casts;			/* one for each wanted column */
	FmgrInfo	populate;		/* JSON to a row of these */
	Datum		pattern;		/* an empty row of these */
	ExprContext *econtext;
	ReturnSetInfo *result;
	const char *column;			/* that is being cast, for an error */
} Conversion;

PG_FUNCTION_INFO_V1(analytics_llm_ask_as);
PG_FUNCTION_INFO_V1(analytics_llm_rows);

extern PGDLLEXPORT Datum analytics_llm_ask_as(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum analytics_llm_rows(PG_FUNCTION_ARGS);

static void ask_typed(FunctionCallInfo fcinfo, int first);
static AllmContract *find_wanted(FunctionCallInfo fcinfo);
static void convert_rows(Conversion *conversion);
static void prepare_source(Conversion *conversion);
static void prepare_casts(Conversion *conversion);
static void prepare_cast(Cast *cast, Oid from, Oid to, int32 typmod);
static void convert_row(Conversion *conversion, const char *json);
static Datum cast_value(Conversion *conversion, const Cast *cast, Datum value,
						bool *isnull);
static bool is_same(const Cast *cast, Datum a, Datum b);
static void refuse_value(const Conversion *conversion, const char *why);
static AllmContract *list_columns(const AllmRows *rows);
static bool is_of_value(int sqlstate);

/*
 * analytics_llm_ask_as
 *		Answer a question with rows of a type.
 *
 * SQL: llm_ask_as(row_type anyelement, question text, options jsonb)
 *		returns setof anyelement
 *
 * Raises LLM07 when the answer has other columns, or a value that does not fit
 * without a loss, and what llm_ask raises.
 */
Datum
analytics_llm_ask_as(PG_FUNCTION_ARGS)
{
	ask_typed(fcinfo, 1);
	return (Datum) 0;
}

/*
 * analytics_llm_rows
 *		Answer a question with rows of the columns that the caller lists.
 *
 * SQL: llm_rows(question text, options jsonb) returns setof record
 *
 * Raises as llm_ask_as does.
 */
Datum
analytics_llm_rows(PG_FUNCTION_ARGS)
{
	ask_typed(fcinfo, 0);
	return (Datum) 0;
}

/* Both: the question is the argument with that number, options the next. */
static void
ask_typed(FunctionCallInfo fcinfo, int first)
{
	Conversion	conversion = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	Jsonb	   *options = NULL;
	const char *question = "";
	AllmContract *wanted;
	AllmRequest *request;

	allm_require_loaded();
	if (!PG_ARGISNULL(first))
		question = text_to_cstring(PG_GETARG_TEXT_PP(first));
	if (!PG_ARGISNULL(first + 1))
		options = PG_GETARG_JSONB_P(first + 1);
	if (options != NULL && !JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object")));
	wanted = find_wanted(fcinfo);
	request = allm_drive_one(question,
							 allm_contract_option(options, wanted),
							 ALLM_WANT_ROWS);
	allm_answer_announce(request);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	conversion.wanted = wanted;
	conversion.rows = request->answer.rows;
	convert_rows(&conversion);
	MemoryContextDelete(request->context);
}

/*
 * The columns that the call is declared to return.  Raises 0A000 for a row type
 * that is not known when the question is asked.
 */
static AllmContract *
find_wanted(FunctionCallInfo fcinfo)
{
	AllmContract *wanted;
	TupleDesc	desc;
	Oid			type;

	switch (get_call_result_type(fcinfo, &type, &desc))
	{
		case TYPEFUNC_COMPOSITE:
			wanted = allm_contract_of_row(desc);
			break;
		case TYPEFUNC_SCALAR:
			wanted = palloc0(sizeof(AllmContract));
			wanted->n = 1;
			wanted->names = palloc(sizeof(char *));
			wanted->names[0] = pstrdup("");
			wanted->types = palloc(sizeof(Oid));
			wanted->types[0] = type;
			wanted->typmods = palloc(sizeof(int32));
			wanted->typmods[0] = -1;
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the columns of the answer must be known when the question is asked"),
					 errhint("Give a row type, as in llm_ask_as(NULL::some_type, '...'), or a list of columns, as in llm_rows('...') AS t(name type).")));
	}
	if (wanted->n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the row type has no columns")));
	return wanted;
}

/*
 * All rows.  What a value that does not fit raises becomes LLM07, which names
 * its column; any other error goes on its way.
 */
static void
convert_rows(Conversion *conversion)
{
	MemoryContext caller = CurrentMemoryContext;

	conversion->econtext = CreateStandaloneExprContext();
	prepare_source(conversion);
	prepare_casts(conversion);
	PG_TRY();
	{
		for (int64 i = 0; i < conversion->rows->count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			convert_row(conversion, conversion->rows->rows[i]);
			ResetExprContext(conversion->econtext);
		}
	}
	PG_CATCH();
	{
		ErrorData  *edata;

		MemoryContextSwitchTo(caller);
		edata = CopyErrorData();
		if (!is_of_value(edata->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		refuse_value(conversion, edata->message);
	}
	PG_END_TRY();
	FreeExprContext(conversion->econtext, true);
}

/* Is it an error that speaks of a value? */
static bool
is_of_value(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_DATA_EXCEPTION ||
		sqlstate == ERRCODE_CHECK_VIOLATION ||
		sqlstate == ERRCODE_NOT_NULL_VIOLATION ||
		sqlstate == ERRCODE_STRING_DATA_RIGHT_TRUNCATION;
}

/* How JSON becomes a row of the types that the query has given. */
static void
prepare_source(Conversion *conversion)
{
	const AllmRows *rows = conversion->rows;
	TupleDesc	source = CreateTemplateTupleDesc(rows->ncolumns);
	bool	   *nulls = palloc(sizeof(bool) * rows->ncolumns);
	List	   *args;

	for (int i = 0; i < rows->ncolumns; i++)
		TupleDescInitEntry(source, i + 1, rows->names[i], rows->types[i], -1,
						   0);
	conversion->source = BlessTupleDesc(source);
	memset(nulls, true, sizeof(bool) * rows->ncolumns);
	conversion->pattern =
		HeapTupleGetDatum(heap_form_tuple(source,
										  palloc0(sizeof(Datum) * rows->ncolumns),
										  nulls));

	/* The function learns the type from the expression that it stands in. */
	args = list_make3(makeNullConst(RECORDOID, -1, InvalidOid),
					  makeNullConst(JSONOID, -1, InvalidOid),
					  makeBoolConst(false, false));
	fmgr_info(F_JSON_POPULATE_RECORD, &conversion->populate);
	fmgr_info_set_expr((Node *) makeFuncExpr(F_JSON_POPULATE_RECORD, RECORDOID,
											 args, InvalidOid, InvalidOid,
											 COERCE_EXPLICIT_CALL),
					   &conversion->populate);
}

/* How each wanted column is made.  The check has found that all can be. */
static void
prepare_casts(Conversion *conversion)
{
	const AllmRows *rows = conversion->rows;
	const AllmContract *wanted = conversion->wanted;
	int		   *places = palloc(sizeof(int) * wanted->n);

	if (!allm_contract_map(wanted, rows->ncolumns, rows->names, rows->types,
						   places))
		refuse_value(conversion, NULL);
	conversion->casts = palloc0(sizeof(Cast) * wanted->n);
	for (int i = 0; i < wanted->n; i++)
	{
		conversion->casts[i].place = places[i];
		prepare_cast(&conversion->casts[i], rows->types[places[i]],
					 wanted->types[i], wanted->typmods[i]);
	}
}

/* A cast and the way back, as expressions of one value. */
static void
prepare_cast(Cast *cast, Oid from, Oid to, int32 typmod)
{
	CaseTestExpr *value = makeNode(CaseTestExpr);
	TypeCacheEntry *type = lookup_type_cache(from, TYPECACHE_EQ_OPR_FINFO);
	Node	   *there;
	Node	   *back = NULL;

	value->typeId = from;
	value->typeMod = -1;
	value->collation = get_typcollation(from);
	there = coerce_to_target_type(NULL, (Node *) value, from, to, typmod,
								  COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST,
								  -1);
	if (there == NULL)
		elog(ERROR, "a value cannot be cast");
	cast->cast = ExecInitExpr(expression_planner((Expr *) there), NULL);
	if (there == (Node *) value || !OidIsValid(type->eq_opr_finfo.fn_oid))
		return;
	back = coerce_to_target_type(NULL, copyObject(there), exprType(there),
								 from, -1, COERCION_EXPLICIT,
								 COERCE_IMPLICIT_CAST, -1);
	if (back == NULL)
		return;
	cast->back = ExecInitExpr(expression_planner((Expr *) back), NULL);
	fmgr_info(type->eq_opr_finfo.fn_oid, &cast->equal);
	cast->collation = value->collation;
}

/* One row, in memory that is reset after it. */
static void
convert_row(Conversion *conversion, const char *json)
{
	LOCAL_FCINFO(fcinfo, 3);
	TupleDesc	desc = conversion->result->setDesc;
	MemoryContext caller;
	HeapTupleHeader header;
	HeapTupleData tuple = {0};
	Datum	   *from;
	bool	   *from_nulls;
	Datum	   *to;
	bool	   *to_nulls;
	int			n = 0;

	caller = MemoryContextSwitchTo(conversion->econtext->ecxt_per_tuple_memory);
	conversion->column = NULL;
	InitFunctionCallInfoData(*fcinfo, &conversion->populate, 3, InvalidOid,
							 NULL, NULL);
	memset(fcinfo->args, 0, 3 * sizeof(NullableDatum));
	fcinfo->args[0].value = conversion->pattern;
	fcinfo->args[1].value = CStringGetTextDatum(json);
	header = DatumGetHeapTupleHeader(FunctionCallInvoke(fcinfo));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	from = palloc(sizeof(Datum) * conversion->source->natts);
	from_nulls = palloc(sizeof(bool) * conversion->source->natts);
	heap_deform_tuple(&tuple, conversion->source, from, from_nulls);

	to = palloc0(sizeof(Datum) * desc->natts);
	to_nulls = palloc(sizeof(bool) * desc->natts);
	memset(to_nulls, true, sizeof(bool) * desc->natts);
	for (int i = 0; i < desc->natts; i++)
	{
		const Cast *cast;

		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		cast = &conversion->casts[n];
		conversion->column = conversion->source->natts == 0 ? NULL :
			NameStr(TupleDescAttr(conversion->source, cast->place)->attname);
		to_nulls[i] = from_nulls[cast->place];
		to[i] = cast_value(conversion, cast, from[cast->place], &to_nulls[i]);
		n++;
	}
	MemoryContextSwitchTo(caller);
	tuplestore_putvalues(conversion->result->setResult, desc, to, to_nulls);
}

/* One value as its wanted type; it must be the same on the way back. */
static Datum
cast_value(Conversion *conversion, const Cast *cast, Datum value, bool *isnull)
{
	ExprContext *econtext = conversion->econtext;
	bool		was_null = *isnull;
	bool		back_null;
	Datum		result;
	Datum		back;

	econtext->caseValue_datum = value;
	econtext->caseValue_isNull = was_null;
	result = ExecEvalExpr(cast->cast, econtext, isnull);
	if (cast->back == NULL || was_null)
		return result;
	back = ExecEvalExpr(cast->back, econtext, &back_null);
	if (*isnull || back_null || !is_same(cast, value, back))
		refuse_value(conversion, "a value would be changed");
	return result;
}

/* Are two values of the type in the answer equal? */
static bool
is_same(const Cast *cast, Datum a, Datum b)
{
	Oid			collation = cast->collation;

	if (collation == InvalidOid)
		collation = DEFAULT_COLLATION_OID;
	return DatumGetBool(FunctionCall2Coll(unconstify(FmgrInfo *, &cast->equal),
										  collation, a, b));
}

/* Raises LLM07, with the columns on both sides. */
static void
refuse_value(const Conversion *conversion, const char *why)
{
	char	   *detail = psprintf("Asked for: %s.\nThe answer has: %s.",
								  allm_contract_say(conversion->wanted),
								  allm_contract_say(list_columns(conversion->rows)));

	if (why != NULL && conversion->column != NULL)
		detail = psprintf("%s\nColumn \"%s\": %s.", detail, conversion->column,
						  why);
	ereport(ERROR,
			(errcode(ERRCODE_ALLM_OTHER_COLUMNS),
			 errmsg("the answer has other columns than those asked for"),
			 errdetail_internal("%s", detail),
			 errhint("llm_ask() returns the rows as they are.")));
}

/* The columns of the answer. */
static AllmContract *
list_columns(const AllmRows *rows)
{
	AllmContract *columns = palloc0(sizeof(AllmContract));

	columns->n = rows->ncolumns;
	columns->names = rows->names;
	columns->types = rows->types;
	columns->typmods = palloc(sizeof(int32) * Max(rows->ncolumns, 1));
	for (int i = 0; i < rows->ncolumns; i++)
		columns->typmods[i] = -1;
	return columns;
}
