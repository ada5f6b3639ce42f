/*
 * traceparent.c
 *		The trace that a caller is in, as the W3C's trace context writes it:
 *
 *			00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 *
 * It comes as text from a setting, an option, or a comment of the statement as
 * sqlcommenter writes it.  Pure functions.
 */
#include "postgres.h"

#include "base/traceparent.h"

/* Where the fields begin, each after a hyphen, and where the last ends. */
#define TRACE_AT			3
#define PARENT_AT			36
#define FLAGS_AT			53
#define END_AT				55

#define PARENT_DIGITS		16
#define FLAGS_DIGITS		2
#define FLAG_SAMPLED		0x01

/* A later version may be longer; no more than this is looked at. */
#define MAX_LENGTH			256

/*
 * How far a comment is looked for: in the last, or else the first bytes of a
 * statement, and at its end only when the end is not far.
 */
#define MAX_COMMENT			2048
#define MAX_STATEMENT		(64 * 1024)

#define KEY					"traceparent"

static bool read_hex(const char *digits, int n, uint64 *value);
static bool find_last_comment(const char *statement, const char **start,
							  const char **end);
static bool find_first_comment(const char *statement, const char **start,
							   const char **end);
static bool parse_comment(const char *start, const char *end,
						  AllmTraceparent *parent);
static bool parse_value(const char *from, const char *quote,
						AllmTraceparent *parent);
static const char *find_quote(const char *from, const char *end);
static bool is_blank(char c);

/*
 * Reads a trace context.  False for anything but the exact form: lower-case
 * digits, no id of zeros, no version ff; a version after 00 may go on after
 * another hyphen.
 */
bool
allm_traceparent_parse(const char *text, AllmTraceparent *parent)
{
	Size		len = strnlen(text, MAX_LENGTH + 1);
	uint64		version;
	uint64		high;
	uint64		low;
	uint64		flags;

	if (len < END_AT || len > MAX_LENGTH ||
		text[TRACE_AT - 1] != '-' || text[PARENT_AT - 1] != '-' ||
		text[FLAGS_AT - 1] != '-' ||
		!read_hex(text, 2, &version) ||
		!read_hex(text + TRACE_AT, 16, &high) ||
		!read_hex(text + TRACE_AT + 16, 16, &low) ||
		!read_hex(text + PARENT_AT, PARENT_DIGITS, &parent->parent_id) ||
		!read_hex(text + FLAGS_AT, FLAGS_DIGITS, &flags))
		return false;
	if (version == 0xFF || (high == 0 && low == 0) || parent->parent_id == 0)
		return false;
	if (len > END_AT && (version == 0 || text[END_AT] != '-'))
		return false;
	memcpy(parent->trace_id, text + TRACE_AT, ALLM_TRACE_ID_DIGITS);
	parent->trace_id[ALLM_TRACE_ID_DIGITS] = '\0';
	parent->sampled = (flags & FLAG_SAMPLED) != 0;
	return true;
}

/* Reads at most 16 hexadecimal digits; false unless all are, in lower case. */
static bool
read_hex(const char *digits, int n, uint64 *value)
{
	*value = 0;
	for (int i = 0; i < n; i++)
	{
		char		c = digits[i];

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uint64) (c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (uint64) (c - 'a' + 10);
		else
			return false;
	}
	return true;
}

/*
 * Looks for a trace context in the comment at the end of a statement, else in
 * the one at its beginning: at these two places "slash star" cannot be a part
 * of a literal, so that nothing has to be parsed.  What is not well formed is
 * passed over.
 */
bool
allm_traceparent_in_comment(const char *statement, AllmTraceparent *parent)
{
	const char *start;
	const char *end;

	if (statement == NULL)
		return false;
	if (find_last_comment(statement, &start, &end) &&
		parse_comment(start, end, parent))
		return true;
	return find_first_comment(statement, &start, &end) &&
		parse_comment(start, end, parent);
}

/* The inside of the comment that a statement ends with. */
static bool
find_last_comment(const char *statement, const char **start, const char **end)
{
	Size		len = strnlen(statement, MAX_STATEMENT + 1);
	const char *last = statement + len;

	if (len > MAX_STATEMENT)
		return false;
	while (last > statement && (is_blank(last[-1]) || last[-1] == ';'))
		last--;
	if (last - statement < 4 || last[-1] != '/' || last[-2] != '*')
		return false;
	*end = last - 2;
	for (const char *c = *end - 2;
		 c >= statement && *end - c <= MAX_COMMENT; c--)
	{
		/* Another one ends here: this star-slash ends nothing. */
		if (c[0] == '*' && c[1] == '/')
			return false;
		if (c[0] == '/' && c[1] == '*')
		{
			*start = c + 2;
			return true;
		}
	}
	return false;
}

/* The inside of the comment that a statement begins with. */
static bool
find_first_comment(const char *statement, const char **start, const char **end)
{
	const char *limit;

	while (is_blank(*statement))
		statement++;
	if (statement[0] != '/' || statement[1] != '*')
		return false;
	*start = statement + 2;
	limit = *start + strnlen(*start, MAX_COMMENT);
	for (const char *c = *start; c + 1 < limit; c++)
	{
		if (c[0] == '*' && c[1] == '/')
		{
			*end = c;
			return true;
		}
	}
	return false;
}

/*
 * Reads the pairs key='value' of a comment, with commas between them, and the
 * trace context among them.
 */
static bool
parse_comment(const char *start, const char *end, AllmTraceparent *parent)
{
	const char *c = start;
	bool		found = false;

	for (;;)
	{
		const char *key;
		const char *quote;
		Size		key_len;

		while (c < end && is_blank(*c))
			c++;
		key = c;
		while (c < end && *c != '=' && *c != '\'' && *c != ',')
			c++;
		key_len = c - key;
		if (end - c < 2 || c[0] != '=' || c[1] != '\'')
			return false;
		c += 2;
		quote = find_quote(c, end);
		if (quote == NULL)
			return false;
		if (key_len == strlen(KEY) && memcmp(key, KEY, key_len) == 0)
		{
			if (!parse_value(c, quote, parent))
				return false;
			found = true;
		}
		c = quote + 1;
		while (c < end && is_blank(*c))
			c++;
		if (c == end)
			return found;
		if (*c != ',')
			return false;
		c++;
	}
}

/* The value between two quotes.  What a trace context has needs no escapes. */
static bool
parse_value(const char *from, const char *quote, AllmTraceparent *parent)
{
	char		value[MAX_LENGTH + 1];

	if (quote - from > MAX_LENGTH)
		return false;
	memcpy(value, from, quote - from);
	value[quote - from] = '\0';
	return allm_traceparent_parse(value, parent);
}

/* The quote that ends a value; one after a backslash does not.  Or NULL. */
static const char *
find_quote(const char *from, const char *end)
{
	for (const char *c = from; c < end; c++)
	{
		if (*c == '\'')
			return c;
		if (*c == '\\')
			c++;
	}
	return NULL;
}

/* White space, as SQL has it. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Check hook of the setting: nothing, or a trace context. */
bool
allm_traceparent_check(char **newval, void **extra, GucSource source)
{
	AllmTraceparent parent;

	if (**newval == '\0' || allm_traceparent_parse(*newval, &parent))
		return true;
	GUC_check_errdetail("A trace context is a version, 32 and 16 and 2 lower-case hexadecimal digits with hyphens between them, and no id of zeros.");
	return false;
}
