/*
 * finding.c
 *		What the guard has to say of a query, and what it says of an error
 *		that the server raised.
 *
 * Owns the names of conditions and the rule which errors speak of the query
 * and which must reach the client whatever happens.  No state, no locks.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/elog.h"

#include "guard/finding.h"

/*
 * More than anyone reads; a hostile text could have thousands, each of which
 * costs a search for what it may have meant.
 */
#define MAX_FINDINGS	50

typedef struct Condition
{
	int			sqlerrcode;
	const char *name;
	bool		hint;			/* its hint names nothing but functions */
} Condition;

/*
 * The conditions that parse analysis and the planner raise for a bad query,
 * by name.  A hint or detail of the server may offer relations and columns
 * that this role must not hear of, so it is kept only where it cannot.
 */
static const Condition conditions[] =
{
	{ERRCODE_AMBIGUOUS_ALIAS, "ambiguous_alias", false},
	{ERRCODE_AMBIGUOUS_COLUMN, "ambiguous_column", false},
	{ERRCODE_AMBIGUOUS_FUNCTION, "ambiguous_function", true},
	{ERRCODE_AMBIGUOUS_PARAMETER, "ambiguous_parameter", false},
	{ERRCODE_ARRAY_SUBSCRIPT_ERROR, "array_subscript_error", false},
	{ERRCODE_CANNOT_COERCE, "cannot_coerce", true},
	{ERRCODE_CARDINALITY_VIOLATION, "cardinality_violation", false},
	{ERRCODE_CHECK_VIOLATION, "check_violation", false},
	{ERRCODE_COLLATION_MISMATCH, "collation_mismatch", true},
	{ERRCODE_DATATYPE_MISMATCH, "datatype_mismatch", true},
	{ERRCODE_DATETIME_FIELD_OVERFLOW, "datetime_field_overflow", true},
	{ERRCODE_DIVISION_BY_ZERO, "division_by_zero", false},
	{ERRCODE_DUPLICATE_ALIAS, "duplicate_alias", false},
	{ERRCODE_DUPLICATE_COLUMN, "duplicate_column", false},
	{ERRCODE_FEATURE_NOT_SUPPORTED, "feature_not_supported", false},
	{ERRCODE_GROUPING_ERROR, "grouping_error", false},
	{ERRCODE_INDETERMINATE_COLLATION, "indeterminate_collation", true},
	{ERRCODE_INDETERMINATE_DATATYPE, "indeterminate_datatype", false},
	{ERRCODE_INVALID_COLUMN_REFERENCE, "invalid_column_reference", false},
	{ERRCODE_INVALID_DATETIME_FORMAT, "invalid_datetime_format", false},
	{ERRCODE_INVALID_NAME, "invalid_name", false},
	{ERRCODE_INVALID_PARAMETER_VALUE, "invalid_parameter_value", false},
	{ERRCODE_INVALID_RECURSION, "invalid_recursion", false},
	{ERRCODE_INVALID_REGULAR_EXPRESSION, "invalid_regular_expression", false},
	{ERRCODE_INVALID_SCHEMA_NAME, "invalid_schema_name", false},
	{ERRCODE_INVALID_TEXT_REPRESENTATION, "invalid_text_representation", false},
	{ERRCODE_NOT_NULL_VIOLATION, "not_null_violation", false},
	{ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "numeric_value_out_of_range", false},
	{ERRCODE_PROGRAM_LIMIT_EXCEEDED, "program_limit_exceeded", false},
	{ERRCODE_STATEMENT_TOO_COMPLEX, "statement_too_complex", false},
	{ERRCODE_SYNTAX_ERROR, "syntax_error", false},
	{ERRCODE_TOO_MANY_ARGUMENTS, "too_many_arguments", false},
	{ERRCODE_TOO_MANY_COLUMNS, "too_many_columns", false},
	{ERRCODE_UNDEFINED_COLUMN, "undefined_column", false},
	{ERRCODE_UNDEFINED_FUNCTION, "undefined_function", true},
	{ERRCODE_UNDEFINED_OBJECT, "undefined_object", false},
	{ERRCODE_UNDEFINED_PARAMETER, "undefined_parameter", false},
	{ERRCODE_UNDEFINED_TABLE, "undefined_table", false},
	{ERRCODE_UNTRANSLATABLE_CHARACTER, "untranslatable_character", false},
	{ERRCODE_WINDOWING_ERROR, "windowing_error", false},
	{ERRCODE_WRONG_OBJECT_TYPE, "wrong_object_type", false},
};

static const Condition *find_condition(int sqlerrcode);
static char *name_sqlstate(int sqlerrcode);

/* A finding without detail and hint; the caller adds them. */
AllmFinding *
allm_finding_make(bool is_error, const char *code, int pos,
				  const char *fmt,...)
{
	AllmFinding *finding = palloc0(sizeof(AllmFinding));
	StringInfoData message;

	initStringInfo(&message);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&message, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&message, needed);
	}
	finding->is_error = is_error;
	finding->code = code;
	finding->message = message.data;
	finding->pos = pos;
	return finding;
}

/*
 * The finding for an error that the server raised while it analysed or ran a
 * query.  A missing privilege names nothing: the server's own words would name
 * what this role must not hear of.
 */
AllmFinding *
allm_finding_from_error(const ErrorData *edata)
{
	const Condition *condition = find_condition(edata->sqlerrcode);
	AllmFinding *finding;

	if (edata->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return allm_finding_make(true, "policy_privilege", edata->cursorpos,
								 "the query uses an object that this role may not use");

	finding = allm_finding_make(true,
								condition != NULL ? condition->name :
								name_sqlstate(edata->sqlerrcode),
								edata->cursorpos, "%s",
								edata->message != NULL ? edata->message :
								"the server refused the query");
	finding->quotes_data = condition == NULL ||
		ERRCODE_TO_CATEGORY(edata->sqlerrcode) == ERRCODE_DATA_EXCEPTION;
	if (condition != NULL && condition->hint && edata->hint != NULL)
		finding->hint = pstrdup(edata->hint);
	return finding;
}

/*
 * Adds a finding, unless the same has been said or enough is said already.
 * Says whether it was added, so that a hint may be looked for.
 */
bool
allm_finding_add(List **findings, AllmFinding *finding)
{
	ListCell   *cell;

	if (list_length(*findings) >= MAX_FINDINGS)
		return false;
	foreach(cell, *findings)
	{
		AllmFinding *said = lfirst(cell);

		if (strcmp(said->code, finding->code) == 0 &&
			strcmp(said->message, finding->message) == 0)
			return false;
	}
	*findings = lappend(*findings, finding);
	return true;
}

/* Does one of these findings mean that the query may not run? */
bool
allm_finding_any_error(const List *findings)
{
	ListCell   *cell;

	foreach(cell, findings)
	{
		if (((AllmFinding *) lfirst(cell))->is_error)
			return true;
	}
	return false;
}

/*
 * Does an error speak of the query, so that it may become a finding?  All
 * others must reach the client: cancels and shutdowns, want of memory or
 * disk, a lock that was not given in time, a transaction that has to be tried
 * again, damage, and what "cannot happen".
 */
bool
allm_finding_is_verdict(const ErrorData *edata)
{
	if (edata->elevel != ERROR ||
		edata->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE)
		return false;
	switch (ERRCODE_TO_CATEGORY(edata->sqlerrcode))
	{
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
		case ERRCODE_CONFIG_FILE_ERROR:
		case ERRCODE_INTERNAL_ERROR:
			return false;
		default:
			return true;
	}
}

/* The row of a condition, or NULL. */
static const Condition *
find_condition(int sqlerrcode)
{
	for (int i = 0; i < lengthof(conditions); i++)
	{
		if (conditions[i].sqlerrcode == sqlerrcode)
			return &conditions[i];
	}
	return NULL;
}

/* What a condition without a name here is called: "sqlstate_22p02". */
static char *
name_sqlstate(int sqlerrcode)
{
	char	   *name = psprintf("sqlstate_%s", unpack_sql_state(sqlerrcode));

	for (char *c = name; *c != '\0'; c++)
		*c = pg_tolower((unsigned char) *c);
	return name;
}
