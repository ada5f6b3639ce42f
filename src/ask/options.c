/*
 * options.c
 *		What a caller may say besides the question.
 *
 * One row an option.  An option may lower a ceiling that a setting gives and
 * never raise it; whatever is not known is refused, since an option that is
 * quietly ignored gives an answer to another question.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "ask/options.h"
#include "base/settings.h"

/* A label is recorded with each question; longer has no use. */
#define MAX_FEATURE_BYTES	64

/* Digits of a uuid, with four hyphens. */
#define UUID_TEXT_LEN		36

/* The tiers that a question may start at. */
#define FIRST_TIER			1
#define LAST_TIER			3

/*
 * How an option is read: name, type of its value, what to do with it.  One that
 * is aside has no part in what the answer is; any other is part of the key that
 * an answer is kept under.
 */
typedef struct OptionRow
{
	const char *name;
	enum jbvType type;
	void		(*read) (const JsonbValue *value, const char *name,
						 AllmOptions *options);
	bool		is_aside;
} OptionRow;

static void read_cache(const JsonbValue *value, const char *name,
					   AllmOptions *options);
static void read_columns(const JsonbValue *value, const char *name,
						 AllmOptions *options);
static void read_conversation(const JsonbValue *value, const char *name,
							  AllmOptions *options);
static void read_feature(const JsonbValue *value, const char *name,
						 AllmOptions *options);
static void read_meta(const JsonbValue *value, const char *name,
					  AllmOptions *options);
static void read_min_confidence(const JsonbValue *value, const char *name,
								AllmOptions *options);
static void read_model(const JsonbValue *value, const char *name,
					   AllmOptions *options);
static void read_row_limit(const JsonbValue *value, const char *name,
						   AllmOptions *options);
static void read_tier(const JsonbValue *value, const char *name,
					  AllmOptions *options);
static void read_timeout(const JsonbValue *value, const char *name,
						 AllmOptions *options);
static void read_traceparent(const JsonbValue *value, const char *name,
							 AllmOptions *options);
static void read_verify(const JsonbValue *value, const char *name,
						AllmOptions *options);

/* Sorted by name. */
static const OptionRow option_rows[] =
{
	{"cache", jbvBool, read_cache, true},
	{"columns", jbvBinary, read_columns},
	{"conversation", jbvString, read_conversation, true},
	{"feature", jbvString, read_feature, true},
	{"meta", jbvBool, read_meta, true},
	{"min_confidence", jbvNumeric, read_min_confidence},
	{"model", jbvString, read_model},
	{"row_limit", jbvNumeric, read_row_limit},
	{"tier", jbvNumeric, read_tier},
	{"timeout_ms", jbvNumeric, read_timeout, true},
	{"traceparent", jbvString, read_traceparent, true},
	{"verify", jbvString, read_verify},
};

static const char *type_name(enum jbvType type);
static void note_key(StringInfo key, const OptionRow *row,
					 const JsonbValue *value);
static const OptionRow *find_option(const char *name);
static double number_between(const JsonbValue *value, const char *name,
							 double min, double max);
static int	whole_number_between(const JsonbValue *value, const char *name,
								 int min, int max);

/*
 * Reads options, or the defaults when none are given (NULL).  Raises 22023 for
 * an unknown option and for a value of the wrong type or out of range.
 */
void
allm_options_read(Jsonb *given, AllmOptions *options)
{
	JsonbIterator *it;
	JsonbValue	value;
	JsonbIteratorToken token;
	StringInfoData key;

	memset(options, 0, sizeof(AllmOptions));
	options->use_cache = true;
	options->row_limit = allm_row_limit;
	options->timeout_ms = allm_request_timeout;
	options->text = pstrdup("{}");
	options->key_text = pstrdup("");
	if (given == NULL)
		return;

	if (!JB_ROOT_IS_OBJECT(given))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object")));
	options->text = JsonbToCString(NULL, &given->root, VARSIZE(given));

	initStringInfo(&key);
	it = JsonbIteratorInit(&given->root);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		const OptionRow *row;

		if (token != WJB_KEY)
			continue;
		row = find_option(pnstrdup(value.val.string.val,
								   value.val.string.len));
		(void) JsonbIteratorNext(&it, &value, true);
		if (value.type != row->type)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" must be %s", row->name,
							type_name(row->type))));
		row->read(&value, row->name, options);
		if (!row->is_aside)
			note_key(&key, row, &value);
	}
	options->key_text = key.data;
}

/* What a person calls the type of an option's value. */
static const char *
type_name(enum jbvType type)
{
	switch (type)
	{
		case jbvString:
			return "a string";
		case jbvBool:
			return "a boolean";
		case jbvBinary:
			return "an array";
		default:
			return "a number";
	}
}

/* Adds an option to the key; the keys of a jsonb come in one order. */
static void
note_key(StringInfo key, const OptionRow *row, const JsonbValue *value)
{
	appendStringInfo(key, "%s=", row->name);
	switch (value->type)
	{
		case jbvString:
			appendStringInfo(key, "%d:%.*s", value->val.string.len,
							 value->val.string.len, value->val.string.val);
			break;
		case jbvBool:
			appendStringInfoString(key, value->val.boolean ? "t" : "f");
			break;
		case jbvBinary:
			appendStringInfoString(key,
								   JsonbToCString(NULL,
												  value->val.binary.data,
												  value->val.binary.len));
			break;
		default:
			appendStringInfoString(key, numeric_normalize(value->val.numeric));
			break;
	}
	appendStringInfoChar(key, ';');
}

/* The row of an option; raises 22023, with the known names, if there is none. */
static const OptionRow *
find_option(const char *name)
{
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 0; i < lengthof(option_rows); i++)
	{
		if (strcmp(option_rows[i].name, name) == 0)
			return &option_rows[i];
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "",
						 option_rows[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown option \"%s\"", name),
			 errhint("The options are: %s.", known.data)));
}

/* May a kept answer be given? */
static void
read_cache(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->use_cache = value->val.boolean;
}

/* The columns that the answer must have. */
static void
read_columns(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->contract = allm_contract_read(value->val.binary.data, name);
}

/*
 * The conversation that the question is part of.  What was asked in it before
 * is part of the key of an answer; its name is not.
 */
static void
read_conversation(const JsonbValue *value, const char *name,
				  AllmOptions *options)
{
	const char *text = value->val.string.val;
	int			digits = 0;

	if (value->val.string.len == UUID_TEXT_LEN)
	{
		for (int i = 0; i < UUID_TEXT_LEN; i++)
		{
			unsigned char c = text[i];
			int			at = digits / 2;

			if (i == 8 || i == 13 || i == 18 || i == 23)
			{
				if (c != '-')
					break;
				continue;
			}
			if (!isxdigit(c))
				break;
			options->conversation.data[at] =
				(options->conversation.data[at] << 4) |
				(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
			digits++;
		}
	}
	if (digits != 2 * UUID_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is not a uuid", name),
				 errhint("One is made by gen_random_uuid().")));
	options->in_conversation = true;
}

/* A label under which the question is reported. */
static void
read_feature(const JsonbValue *value, const char *name, AllmOptions *options)
{
	if (value->val.string.len > MAX_FEATURE_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is longer than %d bytes", name,
						MAX_FEATURE_BYTES)));
	options->feature = pnstrdup(value->val.string.val, value->val.string.len);
}

/* Whether each row says where it is from. */
static void
read_meta(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->meta = value->val.boolean;
}

/* The confidence below which no rows are wanted. */
static void
read_min_confidence(const JsonbValue *value, const char *name,
					AllmOptions *options)
{
	options->min_confidence = (float4) number_between(value, name, 0, 1);
}

/* The model to ask; whether there is such a one is found out later. */
static void
read_model(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->model = pnstrdup(value->val.string.val, value->val.string.len);
}

/* At most as many rows as the setting gives. */
static void
read_row_limit(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->row_limit = whole_number_between(value, name, 1, allm_row_limit);
	options->limits_rows = true;
}

/* The tier to start at. */
static void
read_tier(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->start_tier = whole_number_between(value, name, FIRST_TIER,
											   LAST_TIER);
}

/* At most as long as the setting gives. */
static void
read_timeout(const JsonbValue *value, const char *name, AllmOptions *options)
{
	options->timeout_ms = whole_number_between(value, name, 1,
											   allm_request_timeout);
}

/* The trace that the caller is in. */
static void
read_traceparent(const JsonbValue *value, const char *name,
				 AllmOptions *options)
{
	char	   *text = pnstrdup(value->val.string.val, value->val.string.len);

	if (!allm_traceparent_parse(text, &options->parent))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is not a trace context", name),
				 errdetail("It is a version, 32 and 16 and 2 lower-case hexadecimal digits with hyphens between them, and no id of zeros.")));
	options->has_parent = true;
}

/* Whether a model's answer is compared with that of the built-in rules. */
static void
read_verify(const JsonbValue *value, const char *name, AllmOptions *options)
{
	char	   *text = pnstrdup(value->val.string.val, value->val.string.len);

	if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be \"on\" or \"off\"", name)));
	options->verify = text;
}

/* A number in a range; raises 22023, with the range. */
static double
number_between(const JsonbValue *value, const char *name, double min,
			   double max)
{
	double		number;

	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												NumericGetDatum(value->val.numeric)));
	if (isnan(number) || number < min || number > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be between %g and %.0f", name,
						min, max)));
	return number;
}

/* A whole number in a range; raises 22023, with the range. */
static int
whole_number_between(const JsonbValue *value, const char *name, int min,
					 int max)
{
	double		number = number_between(value, name, min, max);

	if (number != rint(number))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be a whole number", name)));
	return (int) number;
}
