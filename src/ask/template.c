/*
 * template.c
 *		Verified examples with parameters: {name} in the question, :name in the
 *		SQL.
 *
 * A question fits when its words are those of the pattern and what stands for
 * each parameter is a value of its type.  The value reaches the query as a
 * constant of that type: what was read is written anew as a literal with a
 * cast, in the places that the server's own scanner found, so that neither a
 * quote nor a comment in it means anything.
 */
#include "postgres.h"

#include <ctype.h>

#include "common/keywords.h"
#include "lib/stringinfo.h"
#include "parser/scanner.h"
#include "utils/builtins.h"

#include "ask/template.h"
#include "base/json.h"
#include "base/text.h"
#include "semantic/vocabulary.h"

/* More words than these are no value but another question. */
#define MAX_VALUE_WORDS		6

/* A template with more is a program. */
#define MAX_PARAMETERS		10

/* A type that a parameter can have, and how its values look. */
typedef struct TypeRow
{
	const char *name;
	bool		(*fits) (const char *text);
} TypeRow;

typedef struct Parameter
{
	const char *name;
	const TypeRow *type;
	int			asked;			/* places in the question */
	int			used;			/* places in the SQL */
} Parameter;

/* A word of the question, or a stretch of the SQL; or a parameter. */
typedef struct Piece
{
	AllmWord   *word;
	const char *text;
	Parameter  *parameter;
} Piece;

/* A search for the one way in which a question fits. */
typedef struct Fit
{
	const AllmTemplate *template;
	const char *question;
	List	   *words;			/* of AllmWord */
	char	   *values[MAX_PARAMETERS];
	char	   *found[MAX_PARAMETERS];
	int			count;
} Fit;

static bool fits_boolean(const char *text);
static bool fits_date(const char *text);
static bool fits_integer(const char *text);
static bool fits_numeric(const char *text);
static bool fits_text(const char *text);

/* Sorted by name. */
static const TypeRow type_rows[] =
{
	{"bigint", fits_integer},
	{"boolean", fits_boolean},
	{"date", fits_date},
	{"integer", fits_integer},
	{"numeric", fits_numeric},
	{"text", fits_text},
};

static char *read_parameters(const char *json, List **parameters);
static char *read_question(AllmTemplate *template);
static char *read_sql(AllmTemplate *template);
static void try_piece(Fit *fit, int piece, int word);
static char *fill(const AllmTemplate *template, char **values);

/* Takes an example apart.  NULL when it is right, else what is wrong. */
char *
allm_template_read(const AllmExample *example, AllmTemplate *template)
{
	char	   *problem;
	ListCell   *cell;

	template->example = example;
	problem = read_parameters(example->parameters, &template->parameters);
	if (problem == NULL)
		problem = read_question(template);
	if (problem == NULL)
		problem = read_sql(template);
	if (problem != NULL)
		return problem;
	foreach(cell, template->parameters)
	{
		Parameter  *parameter = lfirst(cell);

		if (parameter->asked != 1)
			return psprintf("parameter \"%s\" must stand once in the question, as {%s}",
							parameter->name, parameter->name);
		if (parameter->used == 0)
			return psprintf("parameter \"%s\" is not used in the SQL, as :%s",
							parameter->name, parameter->name);
	}
	return NULL;
}

/* The parameters of a JSON object of names and types. */
static char *
read_parameters(const char *json, List **parameters)
{
	AllmJson   *object = allm_json_parse(json, strlen(json));

	if (object == NULL || object->kind != ALLM_JSON_OBJECT)
		return pstrdup("parameters must be a JSON object of names and types, such as {\"region\": \"text\"}");
	for (AllmJson *member = object->first; member != NULL;
		 member = member->next)
	{
		Parameter  *parameter = palloc0(sizeof(Parameter));

		parameter->name = pstrdup(member->key);
		if (strspn(parameter->name, "abcdefghijklmnopqrstuvwxyz0123456789_") !=
			strlen(parameter->name) || parameter->name[0] == '\0' ||
			isdigit((unsigned char) parameter->name[0]))
			return psprintf("the name of parameter \"%s\" must be of lower-case letters, digits and underscores",
							parameter->name);
		for (int i = 0; i < lengthof(type_rows); i++)
		{
			if (member->kind == ALLM_JSON_STRING &&
				strcmp(type_rows[i].name, member->text) == 0)
				parameter->type = &type_rows[i];
		}
		if (parameter->type == NULL)
			return psprintf("the type of parameter \"%s\" must be one of bigint, boolean, date, integer, numeric, text",
							parameter->name);
		*parameters = lappend(*parameters, parameter);
	}
	if (list_length(*parameters) > MAX_PARAMETERS)
		return psprintf("a template has at most %d parameters",
						MAX_PARAMETERS);
	if (*parameters == NIL)
		return pstrdup("a template has at least one parameter");
	return NULL;
}

/* The parameter of that name, or NULL. */
static Parameter *
find_parameter(const AllmTemplate *template, const char *name, int length)
{
	ListCell   *cell;

	foreach(cell, template->parameters)
	{
		Parameter  *parameter = lfirst(cell);

		if (strlen(parameter->name) == length &&
			strncmp(parameter->name, name, length) == 0)
			return parameter;
	}
	return NULL;
}

/* The words of a question without the marks at its end. */
static List *
split_question(const char *question)
{
	List	   *words = allm_text_words(question);

	while (words != NIL)
	{
		AllmWord   *last = llast(words);

		if (last->kind != ALLM_WORD_PUNCTUATION ||
			strchr(".?!", last->text[0]) == NULL)
			break;
		words = list_delete_last(words);
	}
	return words;
}

/* Is the word that punctuation? */
static bool
is_mark(const List *words, int at, const char *mark)
{
	AllmWord   *word = at < list_length(words) ? list_nth(words, at) : NULL;

	return word != NULL && word->kind == ALLM_WORD_PUNCTUATION &&
		strcmp(word->text, mark) == 0;
}

/* Words and parameters of the pattern. */
static char *
read_question(AllmTemplate *template)
{
	List	   *words = split_question(template->example->question);

	for (int at = 0; at < list_length(words); at++)
	{
		Piece	   *piece = palloc0(sizeof(Piece));

		if (is_mark(words, at, "{") && is_mark(words, at + 2, "}"))
		{
			AllmWord   *name = list_nth(words, at + 1);

			piece->parameter = find_parameter(template, name->raw,
											  strlen(name->raw));
			if (piece->parameter == NULL)
				return psprintf("{%s} in the question is not among the parameters",
								name->raw);
			piece->parameter->asked++;
			at += 2;
		}
		else
			piece->word = list_nth(words, at);
		template->question = lappend(template->question, piece);
	}
	return NULL;
}

/* Adds a stretch of the SQL, and the parameter behind it. */
static void
add_sql(AllmTemplate *template, int from, int to, Parameter *parameter)
{
	Piece	   *piece = palloc0(sizeof(Piece));

	piece->text = pnstrdup(template->example->sql + from, to - from);
	piece->parameter = parameter;
	template->sql = lappend(template->sql, piece);
}

/*
 * The places of the parameters in the SQL: a colon and a name right behind it,
 * as the server's scanner tells them from casts, strings and comments.
 */
static char *
read_sql(AllmTemplate *template)
{
	const char *sql = template->example->sql;
	core_yy_extra_type extra;
	core_YYSTYPE value;
	YYLTYPE		location;
	core_yyscan_t scanner = scanner_init(sql, &extra, &ScanKeywords,
										 ScanKeywordTokens);
	int			from = 0;
	int			token;

	while ((token = core_yylex(&value, &location, scanner)) != 0)
	{
		const char *name = sql + location + 1;
		int			length;
		Parameter  *parameter;

		if (token != ':' || location < from)
			continue;
		length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
		parameter = find_parameter(template, name, length);
		if (parameter == NULL)
		{
			scanner_finish(scanner);
			return psprintf(":%s in the SQL is not among the parameters",
							pnstrdup(name, length));
		}
		parameter->used++;
		add_sql(template, from, location, parameter);
		from = location + 1 + length;
	}
	scanner_finish(scanner);
	add_sql(template, from, strlen(sql), NULL);
	return NULL;
}

/* The query with nulls of the right types, for the check. */
char *
allm_template_sample(const AllmTemplate *template)
{
	return fill(template, NULL);
}

/* The query with values, as constants of their types; NULL: with nulls. */
static char *
fill(const AllmTemplate *template, char **values)
{
	StringInfoData sql;
	ListCell   *cell;

	initStringInfo(&sql);
	foreach(cell, template->sql)
	{
		Piece	   *piece = lfirst(cell);
		Parameter  *parameter = piece->parameter;
		int			number = 0;
		ListCell   *other;

		appendStringInfoString(&sql, piece->text);
		if (parameter == NULL)
			continue;
		foreach(other, template->parameters)
		{
			if (lfirst(other) == parameter)
				number = foreach_current_index(other);
		}
		appendStringInfo(&sql, "CAST(%s AS %s)", values == NULL ? "NULL" :
						 quote_literal_cstr(values[number]),
						 parameter->type->name);
	}
	return sql.data;
}

/*
 * The templates in force that a question fits in exactly one way, as a list of
 * AllmTemplateMatch.  What cannot be read is passed over: it was refused when
 * it was written, or is a restored one.
 */
List *
allm_template_find(const char *question)
{
	List	   *matches = NIL;
	List	   *words = split_question(question);
	ListCell   *cell;

	foreach(cell, allm_layer_templates())
	{
		AllmTemplate template = {0};
		Fit			fit = {.template = &template,.question = question,.words = words};
		AllmTemplateMatch *match;
		StringInfoData said;
		ListCell   *inner;

		if (allm_template_read(lfirst(cell), &template) != NULL)
			continue;
		try_piece(&fit, 0, 0);
		if (fit.count != 1)
			continue;
		match = palloc0(sizeof(AllmTemplateMatch));
		match->example = template.example;
		match->sql = fill(&template, fit.found);
		initStringInfo(&said);
		appendStringInfo(&said, "template \"%s\"", template.example->name);
		foreach(inner, template.parameters)
			appendStringInfo(&said, "%s%s %s",
							 foreach_current_index(inner) > 0 ? ", " : " with ",
							 ((Parameter *) lfirst(inner))->name,
							 fit.found[foreach_current_index(inner)]);
		match->said = said.data;
		matches = lappend(matches, match);
	}
	return matches;
}

/* The number of a parameter. */
static int
number_of(const AllmTemplate *template, const Parameter *parameter)
{
	ListCell   *cell;

	foreach(cell, template->parameters)
	{
		if (lfirst(cell) == parameter)
			return foreach_current_index(cell);
	}
	return 0;
}

/* What stands in some words, without quotes around it. */
static char *
get_value(const Fit *fit, int from, int count)
{
	AllmWord   *first = list_nth(fit->words, from);
	AllmWord   *last = list_nth(fit->words, from + count - 1);

	if (count == 1 && first->kind == ALLM_WORD_QUOTED)
		return first->text;
	if (count == 1 && first->kind == ALLM_WORD_NUMBER)
		return first->text;
	return pnstrdup(fit->question + first->start,
					last->start + strlen(last->raw) - first->start);
}

/*
 * Could these words be one value?  Words of the language in it would make it
 * another question, unless it is quoted.
 */
static bool
is_one_value(const Fit *fit, int from, int count)
{
	for (int i = 0; i < count; i++)
	{
		AllmWord   *word = list_nth(fit->words, from + i);

		if (word->kind == ALLM_WORD_QUOTED)
			return count == 1;
		if (word->kind == ALLM_WORD_PUNCTUATION ||
			(word->kind == ALLM_WORD &&
			 (allm_words_find_phrase(word->text) != NULL ||
			  allm_vocabulary_marks(word->text) != NIL)))
			return false;
	}
	return true;
}

/* Fits the pattern from "piece" on to the words from "word" on. */
static void
try_piece(Fit *fit, int piece, int word)
{
	const List *pieces = fit->template->question;
	int			left = list_length(fit->words) - word;
	Piece	   *next;

	if (piece == list_length(pieces))
	{
		if (left == 0 && fit->count++ == 0)
			memcpy(fit->found, fit->values, sizeof(fit->values));
		return;
	}
	next = list_nth(pieces, piece);
	if (left == 0)
		return;
	if (next->word != NULL)
	{
		AllmWord   *own = list_nth(fit->words, word);

		if (own->kind == next->word->kind &&
			strcmp(own->text, next->word->text) == 0)
			try_piece(fit, piece + 1, word + 1);
		return;
	}
	for (int count = 1; count <= Min(left, MAX_VALUE_WORDS); count++)
	{
		char	   *value = get_value(fit, word, count);

		if (!is_one_value(fit, word, count) ||
			!next->parameter->type->fits(value))
			continue;
		fit->values[number_of(fit->template, next->parameter)] = value;
		try_piece(fit, piece + 1, word + count);
	}
}

static bool
fits_boolean(const char *text)
{
	return pg_strcasecmp(text, "true") == 0 ||
		pg_strcasecmp(text, "false") == 0;
}

/* A day as YYYY-MM-DD; the server says whether there is such a one. */
static bool
fits_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (int i = 0; i < lengthof(form); i++)
	{
		if (form[i] == 'd' ? !isdigit((unsigned char) text[i]) :
			text[i] != form[i])
			return false;
	}
	return true;
}

static bool
fits_integer(const char *text)
{
	size_t		length = strlen(text);

	return length > 0 && length <= 18 &&
		strspn(text, "0123456789") == length;
}

static bool
fits_numeric(const char *text)
{
	size_t		digits = strspn(text, "0123456789");

	if (digits == 0 || strlen(text) > 40)
		return false;
	if (text[digits] == '.')
		digits += 1 + strspn(text + digits + 1, "0123456789");
	return text[digits] == '\0';
}

/* A name, not a text. */
static bool
fits_text(const char *text)
{
	return text[0] != '\0' && strlen(text) <= 256;
}
