/*
 * answer.c
 *		The form that a model's SQL is asked for in, and reading it.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "base/json.h"
#include "model/answer.h"
#include "model/wire_text.h"

/*
 * Models write the members in this order: first whether, then from what and
 * under which assumptions, and the SQL last.  A change of a single byte makes
 * the provider compile the schema again.
 */
const char *const allm_answer_schema =
"{\"type\":\"object\",\"properties\":{"
"\"answerable\":{\"type\":\"boolean\"},"
"\"tables\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
"\"assumptions\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
"\"sql\":{\"type\":\"string\"}},"
"\"required\":[\"answerable\",\"tables\",\"assumptions\",\"sql\"],"
"\"additionalProperties\":false}";

/* A person reads these, one line each: what goes beyond is no sentence. */
#define MAX_TEXTS		20
#define MAX_TEXT_BYTES	300

static const char *strip_fence(char *text);
static bool read_texts(const AllmJson *array, List **texts);
static char *make_line(const char *text);
static bool is_blank(const char *text);

/* The form in words, for servers that do not hold a model to a schema. */
char *
allm_answer_form(const char *schema)
{
	return psprintf("\nAnswer with one JSON object of this JSON schema, and with nothing else:\n%s\n",
					schema);
}

/*
 * The answer in a text of a model, or NULL when it is not in the form that
 * was asked for, when it has no SQL where it should, or when a character of
 * the SQL was lost: it would be another query.
 */
AllmModelAnswer *
allm_answer_parse(const char *text)
{
	AllmModelAnswer *answer = palloc0(sizeof(AllmModelAnswer));
	const char *utf8 = strip_fence(allm_wire_text_to_utf8(text));
	AllmJson   *root = allm_wire_text_parse(utf8, strlen(utf8));
	AllmJson   *answerable = allm_json_get(root, "answerable");
	AllmJson   *sql = allm_json_get(root, "sql");

	if (answerable == NULL || answerable->kind != ALLM_JSON_BOOL ||
		!read_texts(allm_json_get(root, "assumptions"), &answer->assumptions) ||
		!read_texts(allm_json_get(root, "tables"), &answer->tables))
		return NULL;
	answer->answerable = answerable->text[0] == 't';
	answer->sql = "";
	if (sql != NULL && sql->kind == ALLM_JSON_STRING)
		answer->sql = unconstify(char *, sql->text);
	if (answer->answerable &&
		(is_blank(answer->sql) ||
		 strchr(answer->sql, ALLM_WIRE_TEXT_LOST) != NULL))
		return NULL;
	return answer;
}

/* A model without a schema likes to put its JSON between marks of code. */
static const char *
strip_fence(char *text)
{
	char	   *begin = text + strspn(text, " \t\r\n");
	char	   *end;

	if (strncmp(begin, "```", 3) != 0)
		return text;
	begin = strchr(begin, '\n');
	if (begin == NULL)
		return text;
	end = strstr(begin, "```");
	if (end == NULL || end[3 + strspn(end + 3, " \t\r\n")] != '\0')
		return text;
	return pnstrdup(begin + 1, end - begin - 1);
}

/* The strings of an array, as lines; one that is missing is empty. */
static bool
read_texts(const AllmJson *array, List **texts)
{
	if (array == NULL)
		return true;
	if (array->kind != ALLM_JSON_ARRAY)
		return false;
	for (AllmJson *e = array->first; e != NULL; e = e->next)
	{
		if (e->kind != ALLM_JSON_STRING)
			return false;
		if (!is_blank(e->text) && list_length(*texts) < MAX_TEXTS)
			*texts = lappend(*texts, make_line(e->text));
	}
	return true;
}

/* A text as one line of a bounded length. */
static char *
make_line(const char *text)
{
	char	   *line = pnstrdup(text, pg_mbcliplen(text, strlen(text),
												   MAX_TEXT_BYTES));

	for (char *c = line; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == ALLM_WIRE_TEXT_LOST)
			*c = ' ';
	}
	return line;
}

/* Nothing but blanks? */
static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}
