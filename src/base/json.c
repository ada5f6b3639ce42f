/*
 * json.c
 *		Writing and reading JSON with the server's own lexer and escaping.
 *
 * The writer is for records, envelopes and requests; the reader makes a tree
 * of a document that we trust to be JSON (a parser's output) or do not (a
 * server's reply): anything else than JSON is NULL, never an error.
 */
#include "postgres.h"

#include <math.h>

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/json.h"

static void begin_value(AllmJsonWriter *w, const char *key);

/* Starts an empty text in the current memory context. */
void
allm_json_start(AllmJsonWriter *w)
{
	initStringInfo(&w->buf);
	w->first = true;
}

/* Opens an object '{' or an array '['. */
void
allm_json_open(AllmJsonWriter *w, const char *key, char bracket)
{
	begin_value(w, key);
	appendStringInfoChar(&w->buf, bracket);
	w->first = true;
}

/* Closes what was opened last: '}' or ']'. */
void
allm_json_close(AllmJsonWriter *w, char bracket)
{
	appendStringInfoChar(&w->buf, bracket);
	w->first = false;
}

/* A string; null when the value is NULL. */
void
allm_json_text(AllmJsonWriter *w, const char *key, const char *value)
{
	begin_value(w, key);
	if (value == NULL)
		appendStringInfoString(&w->buf, "null");
	else
		escape_json(&w->buf, value);
}

/* A whole number, of any size that a bigint has. */
void
allm_json_int(AllmJsonWriter *w, const char *key, int64 value)
{
	begin_value(w, key);
	appendStringInfo(&w->buf, INT64_FORMAT, value);
}

/* A number; null when it is none that JSON has. */
void
allm_json_real(AllmJsonWriter *w, const char *key, double value)
{
	begin_value(w, key);
	if (isfinite(value))
		appendStringInfo(&w->buf, "%.10g", value);
	else
		appendStringInfoString(&w->buf, "null");
}

/* true or false. */
void
allm_json_bool(AllmJsonWriter *w, const char *key, bool value)
{
	begin_value(w, key);
	appendStringInfoString(&w->buf, value ? "true" : "false");
}

/* A moment in UTC, with its zone, as PostgreSQL reads it in any DateStyle. */
void
allm_json_time(AllmJsonWriter *w, const char *key, TimestampTz time)
{
	char		text[MAXDATELEN + 1];
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(time, NULL, &tm, &fsec, NULL, NULL) != 0)
	{
		allm_json_null(w, key);
		return;
	}
	/* Said to be unknown, which would leave the zone out. */
	tm.tm_isdst = 0;
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_XSD_DATES, text);
	allm_json_text(w, key, text);
}

/* The literal null, for a value that is not known. */
void
allm_json_null(AllmJsonWriter *w, const char *key)
{
	begin_value(w, key);
	appendStringInfoString(&w->buf, "null");
}

/* A value that is JSON already. */
void
allm_json_raw(AllmJsonWriter *w, const char *key, const char *json)
{
	begin_value(w, key);
	appendStringInfoString(&w->buf, json);
}

/* The comma and the key, where they are due. */
static void
begin_value(AllmJsonWriter *w, const char *key)
{
	if (!w->first)
		appendStringInfoChar(&w->buf, ',');
	w->first = false;
	if (key != NULL)
	{
		escape_json(&w->buf, key);
		appendStringInfoChar(&w->buf, ':');
	}
}

/* Where the reader is: the innermost container, and the key that came last. */
typedef struct ReadState
{
	AllmJson   *root;
	AllmJson   *inner;
	const char *key;
} ReadState;

/* Adds a value where the reader is, and returns it. */
static AllmJson *
add_value(ReadState *state, AllmJsonKind kind, const char *text)
{
	AllmJson   *value = palloc0(sizeof(AllmJson));

	value->kind = kind;
	value->text = text;
	value->key = state->key;
	value->parent = state->inner;
	state->key = NULL;

	if (state->inner == NULL)
		state->root = value;
	else if (state->inner->last == NULL)
		state->inner->first = value;
	else
		state->inner->last->next = value;
	if (state->inner != NULL)
		state->inner->last = value;
	return value;
}

/* An object begins: it becomes the innermost container. */
static ALLM_JSON_ACTION
read_object_start(void *state)
{
	ReadState  *read = state;

	read->inner = add_value(read, ALLM_JSON_OBJECT, NULL);
	ALLM_JSON_ACTION_DONE;
}

/* An array begins: likewise. */
static ALLM_JSON_ACTION
read_array_start(void *state)
{
	ReadState  *read = state;

	read->inner = add_value(read, ALLM_JSON_ARRAY, NULL);
	ALLM_JSON_ACTION_DONE;
}

/* A container ends: back to the one around it. */
static ALLM_JSON_ACTION
read_container_end(void *state)
{
	ReadState  *read = state;

	read->inner = read->inner->parent;
	ALLM_JSON_ACTION_DONE;
}

/* The key of the member that comes next. */
static ALLM_JSON_ACTION
read_key(void *state, char *name, bool isnull)
{
	((ReadState *) state)->key = name;
	ALLM_JSON_ACTION_DONE;
}

/* A value that holds no others; null has no text. */
static ALLM_JSON_ACTION
read_scalar(void *state, char *token, JsonTokenType type)
{
	AllmJsonKind kind = ALLM_JSON_NULL;

	switch (type)
	{
		case JSON_TOKEN_STRING:
			kind = ALLM_JSON_STRING;
			break;
		case JSON_TOKEN_NUMBER:
			kind = ALLM_JSON_NUMBER;
			break;
		case JSON_TOKEN_TRUE:
		case JSON_TOKEN_FALSE:
			kind = ALLM_JSON_BOOL;
			break;
		default:
			token = NULL;
			break;
	}
	add_value(state, kind, token);
	ALLM_JSON_ACTION_DONE;
}

/*
 * The tree of a document in the database encoding, made in the current memory
 * context; NULL when the text is not JSON.  The caller has capped its size;
 * the server's own check bounds the depth, and raises.
 */
AllmJson *
allm_json_parse(const char *text, int len)
{
	ReadState	state = {0};
	JsonSemAction actions = {0};
	JsonLexContext *lex;

	actions.semstate = &state;
	actions.object_start = read_object_start;
	actions.object_end = read_container_end;
	actions.array_start = read_array_start;
	actions.array_end = read_container_end;
	actions.object_field_start = read_key;
	actions.scalar = read_scalar;

	lex = allm_make_json_lex(text, len, GetDatabaseEncoding());
	if (pg_parse_json(lex, &actions) != JSON_SUCCESS)
		return NULL;
	return state.root;
}

/* The member of an object with that key, or NULL. */
AllmJson *
allm_json_get(const AllmJson *object, const char *key)
{
	if (object == NULL || object->kind != ALLM_JSON_OBJECT)
		return NULL;
	for (AllmJson *m = object->first; m != NULL; m = m->next)
	{
		if (strcmp(m->key, key) == 0)
			return m;
	}
	return NULL;
}

/* The text of a string or number member, or NULL. */
const char *
allm_json_get_text(const AllmJson *object, const char *key)
{
	AllmJson   *m = allm_json_get(object, key);

	return m != NULL ? m->text : NULL;
}

/* A whole-number member; "missing" when there is none. */
int64
allm_json_get_int(const AllmJson *object, const char *key, int64 missing)
{
	AllmJson   *m = allm_json_get(object, key);

	if (m == NULL || m->kind != ALLM_JSON_NUMBER)
		return missing;
	return strtoll(m->text, NULL, 10);
}

/* Is there a member with that key that is true? */
bool
allm_json_get_bool(const AllmJson *object, const char *key)
{
	AllmJson   *m = allm_json_get(object, key);

	return m != NULL && m->kind == ALLM_JSON_BOOL && m->text[0] == 't';
}
