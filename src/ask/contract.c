/*
 * contract.c
 *		The columns that an answer must have: names and types.
 *
 * They travel as an option, an array of pairs, so that they are a part of what
 * a question is: of its record and of the key that its answer is kept under.
 * Whether values fit is seen when they come, by typed.c; here it is seen
 * whether the columns do.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "lib/stringinfo.h"
#include "nodes/primnodes.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"

#include "ask/contract.h"
#include "base/compat.h"

static char *read_text(const JsonbContainer *pair, int i, const char *option);
static AllmContract *make_contract(int n);
static void push_text(JsonbParseState **state, JsonbIteratorToken token,
					  const char *text);
static bool map_names(const AllmContract *wanted, int n, char *const *names,
					  int *places, int *nfound);
static bool tells_apart(const AllmContract *wanted, const Oid *types);
static bool fits(Oid from, Oid to);

/*
 * The columns that an option names, in the current memory context.  Raises
 * 22023 for what is no list of pairs, and what the server raises for a type
 * that is not there.
 */
AllmContract *
allm_contract_read(JsonbContainer *columns, const char *option)
{
	int			n = JsonContainerIsArray(columns) ?
	JsonContainerSize(columns) : 0;
	AllmContract *contract = make_contract(n);

	for (int i = 0; i < n; i++)
	{
		JsonbValue *pair = getIthJsonbValueFromContainer(columns, i);

		if (pair->type != jbvBinary)
			n = 0;
		else
		{
			contract->names[i] = read_text(pair->val.binary.data, 0, option);
			parseTypeString(read_text(pair->val.binary.data, 1, option),
							&contract->types[i], &contract->typmods[i],
							ALLM_PARSE_TYPE_RAISES);
		}
	}
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be an array of pairs", option),
				 errdetail("A pair is the name of a column and its type, as in [[\"region\", \"text\"]].")));
	return contract;
}

/* One text of a pair. */
static char *
read_text(const JsonbContainer *pair, int i, const char *option)
{
	JsonbValue *value = NULL;

	if (JsonContainerIsArray(pair) && JsonContainerSize(pair) == 2)
		value = getIthJsonbValueFromContainer((JsonbContainer *) pair, i);
	if (value == NULL || value->type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must have pairs of two strings",
						option)));
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* Room for so many columns. */
static AllmContract *
make_contract(int n)
{
	AllmContract *contract = palloc0(sizeof(AllmContract));

	contract->n = n;
	contract->names = palloc0(sizeof(char *) * Max(n, 1));
	contract->types = palloc0(sizeof(Oid) * Max(n, 1));
	contract->typmods = palloc0(sizeof(int32) * Max(n, 1));
	return contract;
}

/* The same options, with the columns that are wanted as one more. */
Jsonb *
allm_contract_option(Jsonb *options, const AllmContract *contract)
{
	JsonbParseState *state = NULL;
	JsonbValue *result;
	Jsonb	   *added;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_text(&state, WJB_KEY, "columns");
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < contract->n; i++)
	{
		pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
		push_text(&state, WJB_ELEM, contract->names[i]);
		push_text(&state, WJB_ELEM,
				  format_type_extended(contract->types[i],
									   contract->typmods[i],
									   FORMAT_TYPE_TYPEMOD_GIVEN |
									   FORMAT_TYPE_FORCE_QUALIFY));
		pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	}
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	result = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	added = JsonbValueToJsonb(result);
	if (options == NULL)
		return added;
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat,
											  JsonbPGetDatum(options),
											  JsonbPGetDatum(added)));
}

/* Adds a key or an element. */
static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, text);
	value.val.string.len = strlen(text);
	pushJsonbValue(state, token, &value);
}

/* The columns of a row type, but for those that are gone. */
AllmContract *
allm_contract_of_row(TupleDesc desc)
{
	AllmContract *contract = make_contract(desc->natts);

	contract->n = 0;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		contract->names[contract->n] = pstrdup(NameStr(att->attname));
		contract->types[contract->n] = att->atttypid;
		contract->typmods[contract->n++] = att->atttypmod;
	}
	return contract;
}

/* The columns of a query. */
AllmContract *
allm_contract_of_query(const List *targets)
{
	AllmContract *contract = make_contract(list_length(targets));
	ListCell   *cell;

	contract->n = 0;
	foreach(cell, targets)
	{
		TargetEntry *target = lfirst_node(TargetEntry, cell);

		if (target->resjunk)
			continue;
		contract->names[contract->n] = target->resname;
		contract->types[contract->n] = exprType((Node *) target->expr);
		contract->typmods[contract->n++] = exprTypmod((Node *) target->expr);
	}
	return contract;
}

/*
 * Which column of an answer is which of the contract?  When all names match, by
 * name; when none does, by place, if the types leave no other way.  False when
 * the columns do not fit.
 */
bool
allm_contract_map(const AllmContract *wanted, int n, char *const *names,
				  const Oid *types, int *places)
{
	int			nfound;

	if (n != wanted->n)
		return false;
	if (!map_names(wanted, n, names, places, &nfound))
	{
		if (nfound > 0 || !tells_apart(wanted, types))
			return false;
		for (int i = 0; i < n; i++)
			places[i] = i;
	}
	for (int i = 0; i < n; i++)
	{
		if (!fits(types[places[i]], wanted->types[i]))
			return false;
	}
	return true;
}

/* Looks each name up.  True when all are there; how many are. */
static bool
map_names(const AllmContract *wanted, int n, char *const *names, int *places,
		  int *nfound)
{
	*nfound = 0;
	for (int i = 0; i < wanted->n; i++)
	{
		places[i] = ALLM_NO_COLUMN;
		for (int j = 0; j < n && places[i] == ALLM_NO_COLUMN; j++)
		{
			if (strcmp(wanted->names[i], names[j]) == 0)
				places[i] = j;
		}
		if (places[i] != ALLM_NO_COLUMN)
			(*nfound)++;
	}
	return *nfound == wanted->n;
}

/* Would no column do as well in the place of another? */
static bool
tells_apart(const AllmContract *wanted, const Oid *types)
{
	for (int i = 0; i < wanted->n; i++)
	{
		for (int j = 0; j < wanted->n; j++)
		{
			if (i != j && can_coerce_type(1, &types[j], &wanted->types[i],
										  COERCION_IMPLICIT))
				return false;
		}
	}
	return true;
}

/* Is there a cast that the server would use for an assignment? */
static bool
fits(Oid from, Oid to)
{
	return can_coerce_type(1, &from, &to, COERCION_ASSIGNMENT);
}

/* Names and types, for people and for models. */
char *
allm_contract_say(const AllmContract *contract)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < contract->n; i++)
		appendStringInfo(&out, "%s%s %s", i > 0 ? ", " : "",
						 contract->names[i][0] != '\0' ?
						 quote_identifier(contract->names[i]) : "one column of",
						 format_type_with_typemod(contract->types[i],
												  contract->typmods[i]));
	return out.data;
}
