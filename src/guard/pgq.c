/*
 * pgq.c
 *		The shim around libpg_query: the only way to that parser.
 *
 * The library is a copy of the server's parser under the server's own names.
 * This file is linked with it into one object whose only global names are the
 * shim's, and sees no PostgreSQL header, so that neither side can call the
 * other's functions.
 *
 * The library recurses over its tree without looking at the stack, and an
 * expression that is deep enough crashes the server.  So a text is measured
 * before it is parsed, by a scan of our own that knows the lexer's rules and
 * nothing of the grammar: it takes one pass, no recursion and no memory.  All
 * that the library allocates comes from malloc: whoever parses must release.
 */
#include <pg_query.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "guard/pgq.h"

/*
 * The library overflows an 8 MB stack from 44 kB of the worst text; the gate
 * below keeps far away from that, and this is the belt to its braces.
 */
#define MAX_LENGTH		(32 * 1024)

/* Open parentheses, brackets and CASEs.  Written queries need a dozen. */
#define MAX_NESTING		200

/*
 * Tokens in a row that nothing ends: each may be one level of the tree, which
 * takes the library about 130 bytes of stack.  64 joins, each on two columns
 * with qualified names, take 1,500.
 */
#define MAX_DEPTH		3000

/* The longest keyword that the scan knows, and its terminator. */
#define MAX_KEYWORD		10

/* What a keyword means for the depth of the tree. */
typedef enum Meaning
{
	OPENS,						/* as a parenthesis does */
	CLOSES,						/* what OPENS opened */
	SEPARATES,					/* ends an operand, as a comma does */
	STACKS						/* puts all before it one level deeper */
} Meaning;

typedef struct Keyword
{
	const char *name;
	Meaning		meaning;
} Keyword;

/*
 * AND and OR make flat lists.  What STACKS is not undone by the separators
 * that follow in the same parentheses; a BETWEEN has an AND of its own.
 */
static const Keyword keywords[] =
{
	{"and", SEPARATES},
	{"between", STACKS},
	{"case", OPENS},
	{"else", SEPARATES},
	{"end", CLOSES},
	{"except", STACKS},
	{"intersect", STACKS},
	{"join", STACKS},
	{"or", SEPARATES},
	{"then", SEPARATES},
	{"union", STACKS},
	{"when", SEPARATES},
};

/* What is open. */
typedef struct Level
{
	char		opener;			/* '(', '[', or 'C' for CASE */
	int			before;			/* depth where it was opened */
	int			base;			/* depth that a separator goes back to */
} Level;

/* Where the scan is. */
typedef struct Scan
{
	const char *at;
	int			depth;			/* of the token that comes next */
	int			nlevels;
	Level		levels[MAX_NESTING + 1];	/* the first is the statement */
	bool		is_label;		/* the next word is a name, not a keyword */
	bool		too_deep;
} Scan;

static bool pass_gate(const char *sql, int max_length, AllmPgqResult *result);
static void take_result(AllmPgqResult *result, char **made,
						const PgQueryError *error);
static bool is_shallow(const char *sql);
static bool skip_blank(Scan *scan);
static const char *find_quote(const char *text, char quote, bool backslash);
static bool skip_string(Scan *scan);
static bool skip_dollar_quote(Scan *scan);
static void read_word(Scan *scan);
static void read_number(Scan *scan);
static void read_mark(Scan *scan);
static void open_level(Scan *scan, char opener);
static void close_level(Scan *scan, char opener);
static bool is_name_start(char c);
static bool is_name_byte(char c);
static const Keyword *find_keyword(const char *word, size_t len);
static char *copy_message(const char *message);

/*
 * Parses a text in UTF-8, no longer than max_length bytes.  Whatever the
 * status, the caller owns the result and must give it to allm_pgq_free.
 * Nothing is raised; the library cannot be interrupted, which the gate keeps
 * to a few milliseconds.
 */
void
allm_pgq_parse(const char *sql, int max_length, AllmPgqResult *result)
{
	PgQueryParseResult parsed;

	if (!pass_gate(sql, max_length, result))
		return;
	parsed = pg_query_parse(sql);
	take_result(result, &parsed.parse_tree, parsed.error);
	pg_query_free_parse_result(parsed);
}

/*
 * Does the library take a text in UTF-8 for SQL, and of how many statements?
 * It is a parse that writes no tree, which takes a third of the time; all else
 * is as for allm_pgq_parse.
 */
void
allm_pgq_accept(const char *sql, int max_length, AllmPgqResult *result)
{
	PgQuerySplitResult split;
	char	   *none = "";

	if (!pass_gate(sql, max_length, result))
		return;
	split = pg_query_split_with_parser(sql);
	result->statements = split.n_stmts;
	take_result(result, &none, split.error);
	result->tree = NULL;
	pg_query_free_split_result(split);
}

/*
 * Writes a text with $1, $2 ... in place of its constants, behind the same
 * gate as a parse.
 */
void
allm_pgq_normalize(const char *sql, int max_length, AllmPgqResult *result)
{
	PgQueryNormalizeResult normalized;

	if (!pass_gate(sql, max_length, result))
		return;
	normalized = pg_query_normalize(sql);
	take_result(result, &normalized.normalized_query, normalized.error);
	pg_query_free_normalize_result(normalized);
}

/* Releases what a parse gave.  May be called again, and does nothing then. */
void
allm_pgq_free(AllmPgqResult *result)
{
	free(result->tree);
	free(result->message);
	result->tree = NULL;
	result->message = NULL;
}

/* May the library see this text?  If not, the result says why. */
static bool
pass_gate(const char *sql, int max_length, AllmPgqResult *result)
{
	size_t		limit = max_length < MAX_LENGTH ? max_length : MAX_LENGTH;

	memset(result, 0, sizeof(AllmPgqResult));
	if (strnlen(sql, limit + 1) > limit)
		result->status = ALLM_PGQ_TOO_LONG;
	else if (!is_shallow(sql))
		result->status = ALLM_PGQ_TOO_DEEP;
	return result->status == ALLM_PGQ_OK;
}

/* Takes over what the library made of a text, or what it says is wrong. */
static void
take_result(AllmPgqResult *result, char **made, const PgQueryError *error)
{
	if (error == NULL && *made != NULL)
	{
		result->tree = *made;
		*made = NULL;
		return;
	}
	result->status = ALLM_PGQ_SYNTAX;
	if (error != NULL)
	{
		result->message = copy_message(error->message);
		result->cursor = error->cursorpos;
	}
}

/*
 * Would the tree of this text stay within MAX_DEPTH and MAX_NESTING?  Text
 * that is no SQL has an answer as well: the parser refuses it afterwards.
 */
static bool
is_shallow(const char *sql)
{
	Scan		scan = {0};

	scan.at = sql;
	scan.nlevels = 1;
	while (!scan.too_deep)
	{
		if (skip_blank(&scan))
			continue;
		if (*scan.at == '\0')
			return true;
		if (skip_string(&scan) || skip_dollar_quote(&scan))
			scan.depth++;
		else if (is_name_start(*scan.at))
			read_word(&scan);
		else if (*scan.at >= '0' && *scan.at <= '9')
			read_number(&scan);
		else
			read_mark(&scan);
		if (scan.depth > MAX_DEPTH)
			scan.too_deep = true;
	}
	return false;
}

/*
 * Skips one blank, or one comment; block comments nest.  An open comment goes
 * on to the end of the text.
 */
static bool
skip_blank(Scan *scan)
{
	const char *at = scan->at;
	int			open = 0;

	if (*at != '\0' && strchr(" \t\n\r\f\v", *at) != NULL)
	{
		scan->at++;
		return true;
	}
	if (at[0] == '-' && at[1] == '-')
	{
		scan->at += strcspn(at, "\n\r");
		return true;
	}
	if (at[0] != '/' || at[1] != '*')
		return false;
	do
	{
		if (at[0] == '/' && at[1] == '*')
		{
			open++;
			at += 2;
		}
		else if (at[0] == '*' && at[1] == '/')
		{
			open--;
			at += 2;
		}
		else
			at++;
	} while (open > 0 && *at != '\0');
	scan->at = at;
	return true;
}

/* The quote that ends what starts at text, or the end of the text. */
static const char *
find_quote(const char *text, char quote, bool backslash)
{
	while (*text != '\0' && *text != quote)
	{
		if (backslash && text[0] == '\\' && text[1] != '\0')
			text++;
		text++;
	}
	return text;
}

/*
 * Skips a string or a quoted name.  A doubled quote needs no care: it is two
 * strings in a row, which only makes the text look deeper.  Backslashes count
 * in E'' and in what continues it after a line break.
 */
static bool
skip_string(Scan *scan)
{
	const char *at = scan->at;
	bool		backslash = (*at == 'e' || *at == 'E') && at[1] == '\'';
	char		quote;

	if (backslash)
		at++;
	quote = *at;
	if (quote != '\'' && quote != '"')
		return false;
	for (;;)
	{
		Scan		after = {0};

		at = find_quote(at + 1, quote, backslash);
		if (*at == '\0')
			break;
		at++;
		if (!backslash)
			break;
		if (*at == quote)
			continue;
		after.at = at;
		while (after.at[0] != '/' && skip_blank(&after))
			;
		if (*after.at != quote ||
			strcspn(at, "\n\r") >= (size_t) (after.at - at))
			break;
		at = after.at;
	}
	scan->at = at;
	scan->is_label = false;
	return true;
}

/* Skips $tag$ ... $tag$; an open one goes on to the end of the text. */
static bool
skip_dollar_quote(Scan *scan)
{
	const char *start = scan->at;
	const char *tag_end = start + 1;
	const char *at;
	size_t		len;

	if (*start != '$')
		return false;
	if (is_name_start(*tag_end))
	{
		while (is_name_byte(*tag_end) && *tag_end != '$')
			tag_end++;
	}
	if (*tag_end != '$')
		return false;
	len = tag_end + 1 - start;
	for (at = tag_end + 1; *at != '\0'; at++)
	{
		if (*at == '$' && strncmp(at, start, len) == 0)
			break;
	}
	scan->at = *at == '\0' ? at : at + len;
	scan->is_label = false;
	return true;
}

/* A keyword or a name. */
static void
read_word(Scan *scan)
{
	const char *start = scan->at;
	const Keyword *keyword;
	Level	   *level = &scan->levels[scan->nlevels - 1];

	while (is_name_byte(*scan->at))
		scan->at++;
	keyword = scan->is_label ? NULL : find_keyword(start, scan->at - start);
	scan->is_label = !scan->is_label && scan->at - start == 2 &&
		strncasecmp(start, "as", 2) == 0;

	if (keyword == NULL)
		scan->depth++;
	else if (keyword->meaning == OPENS)
		open_level(scan, 'C');
	else if (keyword->meaning == CLOSES)
		close_level(scan, 'C');
	else if (keyword->meaning == SEPARATES)
		scan->depth = level->base;
	else
	{
		level->base++;
		scan->depth++;
	}
}

/* A number, with whatever is glued to it. */
static void
read_number(Scan *scan)
{
	while (is_name_byte(*scan->at) || *scan->at == '.')
		scan->at++;
	scan->depth++;
	scan->is_label = false;
}

/* One character that is neither of the above; operators count by character. */
static void
read_mark(Scan *scan)
{
	char		mark = *scan->at++;
	Level	   *level = &scan->levels[scan->nlevels - 1];

	scan->is_label = mark == '.';
	if (mark == '(' || mark == '[')
		open_level(scan, mark);
	else if (mark == ')')
		close_level(scan, '(');
	else if (mark == ']')
		close_level(scan, '[');
	else if (mark == ',')
		scan->depth = level->base;
	else if (mark == ';' && scan->nlevels == 1)
		scan->depth = level->base = 0;
	else
		scan->depth++;
}

/* Enters a parenthesis, a bracket or a CASE. */
static void
open_level(Scan *scan, char opener)
{
	Level	   *level;

	if (scan->nlevels > MAX_NESTING)
	{
		scan->too_deep = true;
		return;
	}
	level = &scan->levels[scan->nlevels++];
	level->opener = opener;
	level->before = scan->depth;
	scan->depth++;
	level->base = scan->depth;
}

/*
 * Leaves the innermost level with that opener, and CASEs without an END in
 * it.  What closes nothing is passed over.
 */
static void
close_level(Scan *scan, char opener)
{
	int			n = scan->nlevels - 1;

	while (n > 0 && scan->levels[n].opener != opener &&
		   scan->levels[n].opener == 'C')
		n--;
	if (n > 0 && scan->levels[n].opener == opener)
	{
		scan->nlevels = n;
		scan->depth = scan->levels[n].before;
	}
	scan->depth++;
}

/* May a name or keyword start with it?  All that is not ASCII may. */
static bool
is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		(unsigned char) c >= 0x80;
}

/* May a name or keyword go on with it? */
static bool
is_name_byte(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '$';
}

/* The row of a keyword, in whatever case it is written, or NULL. */
static const Keyword *
find_keyword(const char *word, size_t len)
{
	if (len >= MAX_KEYWORD)
		return NULL;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
	{
		/* A letter and its capital differ in one bit. */
		if ((word[0] | 0x20) == keywords[i].name[0] &&
			strncasecmp(word, keywords[i].name, len) == 0 &&
			keywords[i].name[len] == '\0')
			return &keywords[i];
	}
	return NULL;
}

/* A copy from malloc; NULL when there is nothing to copy, or no memory. */
static char *
copy_message(const char *message)
{
	return message != NULL ? strdup(message) : NULL;
}
