/*
 * wire_text.c
 *		Text on its way between the database encoding and a provider.
 *
 * What a server sends may be anything: bytes that are no UTF-8, an escaped
 * NUL, half a surrogate pair, a million brackets.  The server's own JSON
 * reader raises on some of those, and the usage that was in the document would
 * be lost with it.  So the document is rewritten first: valid UTF-8, all
 * escapes above ASCII decoded, in the database encoding.  In the place of what
 * cannot be kept stands ALLM_WIRE_TEXT_LOST, which callers look for, because a
 * query with a lost character is another query.
 *
 * Pure functions, but for the lookup of a conversion in a database that is not
 * in UTF-8.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "model/wire_text.h"

/* An answer has a depth of five or so. */
#define MAX_DEPTH		64

/* Each value costs about a hundred bytes when it is parsed. */
#define MAX_VALUES		100000

static bool is_moderate(const char *text, Size len);
static char *rewrite_document(const char *body, Size len);
static Size rewrite_escape(StringInfo out, const char *s, Size left);
static bool parse_escape(const char *s, Size left, pg_wchar *c);
static Size copy_character(StringInfo out, const char *s, Size left);
static char *convert_to_server(const char *text, Size len);
static char *convert_with(Oid proc, const char *text, Size len);

/*
 * The tree of a JSON document as it came, in the current memory context; NULL
 * when it is none, or not one that a model's server would send.
 */
AllmJson *
allm_wire_text_parse(const char *body, Size len)
{
	char	   *text;

	if (!is_moderate(body, len))
		return NULL;
	text = rewrite_document(body, len);
	text = convert_to_server(text, strlen(text));
	return allm_json_parse(text, strlen(text));
}

/*
 * The beginning of a text from outside, on one line and in ASCII, for a log
 * where nobody needs all of it.
 */
char *
allm_wire_text_note(const char *body, Size len, int max)
{
	StringInfoData note;
	bool		blank = false;

	initStringInfo(&note);
	for (Size i = 0; i < len && note.len < max; i++)
	{
		unsigned char c = body[i];

		if (c <= ' ' || c == 0x7F)
		{
			blank = note.len > 0;
			continue;
		}
		if (blank)
			appendStringInfoChar(&note, ' ');
		blank = false;
		appendStringInfoChar(&note, IS_HIGHBIT_SET(c) ? '?' : c);
	}
	return note.data;
}

/*
 * A text of ours in UTF-8, for sending.  Where the database has no encoding,
 * bytes that are no UTF-8 are marked as lost rather than refused: a name with
 * such bytes must not make every question fail.
 */
char *
allm_wire_text_to_utf8(const char *text)
{
	StringInfoData out;
	Size		len = strlen(text);
	Size		i = 0;

	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		return pg_server_to_any(text, len, PG_UTF8);

	initStringInfo(&out);
	while (i < len)
	{
		if (IS_HIGHBIT_SET(text[i]))
			i += copy_character(&out, text + i, len - i);
		else
			appendStringInfoCharMacro(&out, text[i++]);
	}
	return out.data;
}

/* Is a document of a depth and a number of values that can be parsed? */
static bool
is_moderate(const char *text, Size len)
{
	bool		quoted = false;
	int			depth = 0;
	int			values = 0;

	for (Size i = 0; i < len; i++)
	{
		char		c = text[i];

		if (quoted)
		{
			while (c != '\\' && c != '"' && i + 1 < len)
				c = text[++i];
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		if (c == '"')
			quoted = true;
		else if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth--;
		if (c == '[' || c == '{' || c == ',')
			values++;
		if (depth > MAX_DEPTH || values > MAX_VALUES)
			return false;
	}
	return true;
}

/* The document in valid UTF-8, without NULs, and with ASCII escapes only. */
static char *
rewrite_document(const char *body, Size len)
{
	StringInfoData out;
	Size		i = 0;

	initStringInfo(&out);
	enlargeStringInfo(&out, len);
	while (i < len)
	{
		Size		end = i;

		while (end < len && body[end] != '\\' && body[end] != '\0' &&
			   !IS_HIGHBIT_SET(body[end]))
			end++;
		appendBinaryStringInfo(&out, body + i, end - i);
		i = end;
		if (i < len && body[i] == '\\')
			i += rewrite_escape(&out, body + i, len - i);
		else if (i < len)
			i += copy_character(&out, body + i, len - i);
	}
	return out.data;
}

/*
 * One escape, and its other half if it is the first of a surrogate pair.
 * Returns the bytes that were read.
 */
static Size
rewrite_escape(StringInfo out, const char *s, Size left)
{
	unsigned char utf8[5] = {0};
	pg_wchar	c;
	pg_wchar	low;
	Size		used = 6;

	if (!parse_escape(s, left, &c))
	{
		/* The escaped byte too, so that "\\u" is not taken for an escape. */
		appendStringInfoChar(out, '\\');
		if (left < 2 || s[1] == '\0' || IS_HIGHBIT_SET(s[1]))
			return 1;
		appendStringInfoChar(out, s[1]);
		return 2;
	}
	if (c > 0 && c < 0x80)
	{
		appendBinaryStringInfo(out, s, used);
		return used;
	}
	if (is_utf16_surrogate_first(c) &&
		parse_escape(s + used, left - used, &low) &&
		is_utf16_surrogate_second(low))
	{
		c = surrogate_pair_to_codepoint(c, low);
		used = 12;
	}
	if (c == 0 || is_utf16_surrogate_first(c) || is_utf16_surrogate_second(c))
	{
		appendStringInfoChar(out, ALLM_WIRE_TEXT_LOST);
		return used;
	}
	unicode_to_utf8(c, utf8);
	appendBinaryStringInfo(out, (char *) utf8, pg_utf_mblen(utf8));
	return used;
}

/* Is there a \uXXXX, and of which code? */
static bool
parse_escape(const char *s, Size left, pg_wchar *c)
{
	*c = 0;
	if (left < 6 || s[0] != '\\' || s[1] != 'u')
		return false;
	for (int i = 2; i < 6; i++)
	{
		unsigned char digit = tolower((unsigned char) s[i]);

		if (!isxdigit(digit))
			return false;
		*c = *c * 16 + (isdigit(digit) ? digit - '0' : digit - 'a' + 10);
	}
	return true;
}

/* One character above ASCII, or what stands in its place; bytes read. */
static Size
copy_character(StringInfo out, const char *s, Size left)
{
	const unsigned char *u = (const unsigned char *) s;
	int			len = *s == '\0' ? 1 : pg_utf_mblen(u);

	if (*s == '\0' || len > left || !pg_utf8_islegal(u, len))
	{
		appendStringInfoChar(out, ALLM_WIRE_TEXT_LOST);
		return 1;
	}
	appendBinaryStringInfo(out, s, len);
	return len;
}

/*
 * Valid UTF-8 in the database encoding, marking what that has no
 * character for.  A database without an encoding gets the bytes.
 */
static char *
convert_to_server(const char *text, Size len)
{
	int			encoding = GetDatabaseEncoding();
	Oid			proc;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return unconstify(char *, text);
	proc = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(proc))
		return unconstify(char *, text);
	return convert_with(proc, text, len);
}

/* By a conversion that stops at what it cannot convert. */
static char *
convert_with(Oid proc, const char *text, Size len)
{
	Size		room = len * MAX_CONVERSION_GROWTH + 1;
	char	   *out = MemoryContextAllocHuge(CurrentMemoryContext, room);
	Size		filled = 0;

	while (len > 0)
	{
		int			used;

		used = pg_do_encoding_conversion_buf(proc, PG_UTF8,
											 GetDatabaseEncoding(),
											 (unsigned char *) text, len,
											 (unsigned char *) out + filled,
											 room - filled, true);
		filled += strlen(out + filled);
		text += used;
		len -= used;
		if (len > 0)
		{
			int			skip = pg_utf_mblen((const unsigned char *) text);

			out[filled++] = ALLM_WIRE_TEXT_LOST;
			text += Min(skip, len);
			len -= Min(skip, len);
		}
	}
	out[filled] = '\0';
	return out;
}
