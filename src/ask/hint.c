/*
 * hint.c
 *		What to do where the server refuses a statement with llm_ask.
 *
 * "SELECT region FROM llm_ask('...')" fails in the server's own analysis, since
 * for it the call has one column: no hook of an extension comes before.  The
 * only place where such an error can be given a HINT is on its way out, in the
 * hook of the log.  The server promises that hook no more than the choice of
 * what is logged, but it runs before the error goes to the client, in all of 15
 * to 18, and in the memory that the texts of the error are in.  Nothing but the
 * hint is touched, no catalog is read, and nothing is raised.  An error that is
 * not logged goes without it.
 *
 * What was looked at instead: a callback for error_context_stack may set a hint,
 * as the parser's own sets a position; but it has to be pushed before the
 * analysis, in which nothing of ours runs.  One that is left below the stack is
 * forgotten with each error, which is when it is wanted next, and is called by
 * every error and every message of the session.  Hooks of the planner and the
 * executor come later; that of utility statements sees the views alone.
 */
#include "postgres.h"

#include <ctype.h>

#include "tcop/tcopprot.h"

#include "ask/hint.h"

/* The function, as it stands in a text. */
#define CALL	"llm_ask"

/* Errors of a statement that wants columns, by their text before translation. */
static const char *const wanting_columns[] =
{
	"column \"%s\" does not exist",
	"column %s.%s does not exist",
	"could not identify an equality operator for type %s",
	"could not identify an ordering operator for type %s",
	"table \"%s\" has %d columns available but %d columns specified",
	"a column definition list is only allowed for functions returning \"record\"",
	"INSERT has more target columns than expressions",
	"column \"%s\" is of type %s but expression is of type %s",
	"each %s query must have the same number of columns",
	"%s types %s and %s cannot be matched",
};

static emit_log_hook_type previous_hook = NULL;

static void add_hint(ErrorData *edata);
static bool wants_columns(const ErrorData *edata);
static bool selects_from_call(const char *text);
static bool follows_from(const char *text, const char *at);
static bool is_name(char c);

/* Takes the hook.  Called once, from _PG_init. */
void
allm_hint_install(void)
{
	previous_hook = emit_log_hook;
	emit_log_hook = add_hint;
}

/* An error on its way out. */
static void
add_hint(ErrorData *edata)
{
	const char *text = edata->internalquery != NULL ? edata->internalquery :
	debug_query_string;

	if (edata->elevel == ERROR && text != NULL && wants_columns(edata) &&
		selects_from_call(text))
		edata->hint = psprintf("%s%sReal columns are for SELECT * FROM llm_ask('...') alone. Use llm_rows('...') AS t(name type, ...), or a view that llm_create_view() makes.",
							   edata->hint != NULL ? edata->hint : "",
							   edata->hint != NULL ? "\n" : "");
	if (previous_hook != NULL)
		previous_hook(edata);
}

/* Is it an error of the table above? */
static bool
wants_columns(const ErrorData *edata)
{
	if (edata->message_id == NULL)
		return false;
	for (int i = 0; i < lengthof(wanting_columns); i++)
	{
		if (strcmp(edata->message_id, wanting_columns[i]) == 0)
			return true;
	}
	return false;
}

/* Does a statement select from the function, schema-qualified or not? */
static bool
selects_from_call(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
	{
		const char *after = at + strlen(CALL);

		if (pg_strncasecmp(at, CALL, strlen(CALL)) != 0 ||
			(at > text && is_name(at[-1])))
			continue;
		while (*after == '"' || isspace((unsigned char) *after))
			after++;
		if (*after == '(' && follows_from(text, at))
			return true;
	}
	return false;
}

/* Is the last word before a name, and before the schema of that, FROM or JOIN? */
static bool
follows_from(const char *text, const char *at)
{
	const char *end;

	while (at > text && !isspace((unsigned char) at[-1]))
		at--;
	while (at > text && isspace((unsigned char) at[-1]))
		at--;
	end = at;
	while (at > text && is_name(at[-1]))
		at--;
	return end - at == 4 &&
		(pg_strncasecmp(at, "from", 4) == 0 ||
		 pg_strncasecmp(at, "join", 4) == 0);
}

/* A character of a name or a keyword. */
static bool
is_name(char c)
{
	return isalnum((unsigned char) c) || c == '_' || IS_HIGHBIT_SET(c);
}
