/*
 * reader.c
 *		Reads the JSON that the parser library writes, in place.
 *
 * The library writes it without blanks and always well, so one pass and few
 * allocations do: names and strings stay where they are in the text.  What the
 * library would not write is no error here: the caller asks the general
 * reader then, which knows all of JSON.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "guard/reader.h"

/* Values that room is made for at once; a query has some hundred. */
#define NODES_AT_ONCE	256

/* One pass over a text. */
typedef struct Reader
{
	char	   *at;
	AllmJson   *nodes;			/* room for some */
	int			used;			/* of these */
	bool		failed;
} Reader;

static AllmJson *add_node(Reader *reader);
static AllmJson *read_value(Reader *reader, AllmJson *parent);
static void read_members(Reader *reader, AllmJson *container, char close);
static char *read_string(Reader *reader);
static char *unescape(char **from, char *to);

/*
 * The document, which takes over the text: it must live as long, and is not a
 * text any more.  NULL where the library would not write that.  Made in the
 * current memory context.
 */
AllmJson *
allm_reader_parse(char *json)
{
	Reader		reader = {.at = json};
	AllmJson   *root = read_value(&reader, NULL);

	return reader.failed || *reader.at != '\0' ? NULL : root;
}

/* Room for one more value. */
static AllmJson *
add_node(Reader *reader)
{
	if (reader->used == NODES_AT_ONCE || reader->nodes == NULL)
	{
		reader->nodes = palloc(NODES_AT_ONCE * sizeof(AllmJson));
		reader->used = 0;
	}
	return &reader->nodes[reader->used++];
}

/* One value; of a number or a word, the caller ends the text. */
static AllmJson *
read_value(Reader *reader, AllmJson *parent)
{
	AllmJson   *node = add_node(reader);

	memset(node, 0, sizeof(AllmJson));
	node->parent = parent;
	switch (*reader->at)
	{
		case '{':
			node->kind = ALLM_JSON_OBJECT;
			read_members(reader, node, '}');
			break;
		case '[':
			node->kind = ALLM_JSON_ARRAY;
			read_members(reader, node, ']');
			break;
		case '"':
			node->kind = ALLM_JSON_STRING;
			node->text = read_string(reader);
			break;
		case 't':
		case 'f':
			node->kind = ALLM_JSON_BOOL;
			node->text = reader->at;
			reader->at += strspn(reader->at, "truefals");
			break;
		default:
			node->kind = ALLM_JSON_NUMBER;
			node->text = reader->at;
			while (*reader->at == '-' ||
				   (*reader->at >= '0' && *reader->at <= '9'))
				reader->at++;
			if (reader->at == node->text)
				reader->failed = true;
			break;
	}
	return node;
}

/* What is between brackets. */
static void
read_members(Reader *reader, AllmJson *container, char close)
{
	char		mark;

	check_stack_depth();
	reader->at++;
	if (*reader->at == close)
	{
		reader->at++;
		return;
	}
	do
	{
		const char *key = NULL;
		AllmJson   *node;

		if (close == '}')
		{
			if (*reader->at != '"')
				reader->failed = true;
			else
				key = read_string(reader);
			if (reader->failed || *reader->at++ != ':')
				reader->failed = true;
		}
		if (reader->failed)
			return;
		node = read_value(reader, container);
		node->key = key;
		if (container->last != NULL)
			container->last->next = node;
		else
			container->first = node;
		container->last = node;

		mark = *reader->at;
		if (node->kind == ALLM_JSON_NUMBER || node->kind == ALLM_JSON_BOOL)
			*reader->at = '\0';
		reader->at++;
	} while (mark == ',' && !reader->failed);
	if (mark != close)
		reader->failed = true;
}

/* A string, unescaped where it stands; the reader is behind its quote. */
static char *
read_string(Reader *reader)
{
	char	   *start = ++reader->at;
	char	   *end = start;
	char	   *from;

	while (*end != '"' && *end != '\\' && *end != '\0')
		end++;
	from = end;
	while (*from != '"')
	{
		if (*from == '\\')
			end = unescape(&from, end);
		else if (*from != '\0')
			*end++ = *from++;
		if (end == NULL || *from == '\0')
		{
			reader->failed = true;
			reader->at = from;
			return start;
		}
	}
	*end = '\0';
	reader->at = from + 1;
	return start;
}

/*
 * One escape: the end of what it stands for, or NULL for one that the library
 * does not write.
 */
static char *
unescape(char **from, char *to)
{
	static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	const char *escape = *from + 1;

	if (*escape == 'u')
	{
		unsigned int code;

		if (sscanf(escape + 1, "%4x", &code) != 1 || code == 0 ||
			code >= 0x80 || strnlen(escape, 5) < 5)
			return NULL;
		*from += 6;
		*to++ = (char) code;
		return to;
	}
	for (int i = 0; escapes[i] != '\0'; i += 2)
	{
		if (escapes[i] == *escape)
		{
			*from += 2;
			*to++ = escapes[i + 1];
			return to;
		}
	}
	return NULL;
}
