/*
 * mock_server.c
 *		The server's functions that the fuzzed files need.
 *
 * Each does what the server's does, as far as these files can tell, with memory
 * that is freed after each text.  What an error would end in the server ends
 * the text here: the stack check jumps out, everything else is a finding of the
 * fuzzer, since none of the fuzzed code may raise it.
 */
#include "postgres.h"

#include <setjmp.h>

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "fuzz/mock_server.h"

#undef fprintf
#undef free
#undef malloc
#undef realloc
#undef vsnprintf

/* What a stack of 8 MB has room for, beside what the sanitizers need. */
#define MAX_STACK	(6 * 1024 * 1024)

/* One allocation. */
typedef struct Chunk
{
	struct Chunk *next;
	size_t		size;
} Chunk;

static Chunk *chunks = NULL;
static const char *stack_base = NULL;
static sigjmp_buf stack_exit;

sigjmp_buf *PG_exception_stack = NULL;
ErrorContextCallback *error_context_stack = NULL;
Oid			MyDatabaseId = 5;
int			allm_max_sql_length = 32 * 1024;

/* Calls the work; false when it went too deep.  All memory is freed. */
bool
mock_server_run(void (*work) (const char *sql), const char *sql)
{
	volatile bool whole = true;
	char		here;

	stack_base = &here;
	if (sigsetjmp(stack_exit, 0) == 0)
		work(sql);
	else
		whole = false;
	while (chunks != NULL)
	{
		Chunk	   *next = chunks->next;

		free(chunks);
		chunks = next;
	}
	return whole;
}

void
check_stack_depth(void)
{
	char		here;

	if (stack_base - &here > MAX_STACK)
		siglongjmp(stack_exit, 1);
}

/*
 * Memory.
 */
void *
palloc(Size size)
{
	Chunk	   *chunk = malloc(sizeof(Chunk) + size);

	chunk->next = chunks;
	chunk->size = size;
	chunks = chunk;
	return chunk + 1;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

/* The old chunk stays until the text ends. */
void *
repalloc(void *pointer, Size size)
{
	size_t		old = ((Chunk *) pointer - 1)->size;

	return memcpy(palloc(size), pointer, Min(old, size));
}

void
pfree(void *pointer)
{
}

char *
pnstrdup(const char *in, Size len)
{
	char	   *copy = palloc(strnlen(in, len) + 1);

	memcpy(copy, in, strnlen(in, len));
	copy[strnlen(in, len)] = '\0';
	return copy;
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

char *
psprintf(const char *fmt,...)
{
	StringInfoData text;
	va_list		args;
	int			needed;

	initStringInfo(&text);
	do
	{
		va_start(args, fmt);
		needed = appendStringInfoVA(&text, fmt, args);
		va_end(args);
		enlargeStringInfo(&text, needed);
	} while (needed > 0);
	return text.data;
}

/*
 * Texts that grow.
 */
void
initStringInfo(StringInfo str)
{
	str->maxlen = 16;
	str->data = palloc0(str->maxlen);
	str->len = str->cursor = 0;
}

void
enlargeStringInfo(StringInfo str, int needed)
{
	if (str->len + needed < str->maxlen)
		return;
	str->maxlen = (str->len + needed + 1) * 2;
	str->data = repalloc(str->data, str->maxlen);
}

/* 0 when it fitted, else how much more room is wanted. */
int
appendStringInfoVA(StringInfo str, const char *fmt, va_list args)
{
	int			room = str->maxlen - str->len;
	int			len = vsnprintf(str->data + str->len, room, fmt, args);

	if (len < room)
	{
		str->len += len;
		return 0;
	}
	str->data[str->len] = '\0';
	return len + 1;
}

void
appendStringInfo(StringInfo str, const char *fmt,...)
{
	va_list		args;
	int			needed;

	do
	{
		va_start(args, fmt);
		needed = appendStringInfoVA(str, fmt, args);
		va_end(args);
		enlargeStringInfo(str, needed);
	} while (needed > 0);
}

void
appendStringInfoString(StringInfo str, const char *s)
{
	appendStringInfo(str, "%s", s);
}

void
appendStringInfoChar(StringInfo str, char c)
{
	appendStringInfo(str, "%c", c);
}

/*
 * Lists, without room to grow: each change makes a copy of the cells.
 */
static void
set_length(List *list, int length)
{
	ListCell   *cells = palloc0(Max(length, 1) * sizeof(ListCell));

	if (list->length > 0)
		memcpy(cells, list->elements,
			   Min(list->length, length) * sizeof(ListCell));
	list->elements = cells;
	list->length = list->max_length = length;
}

List *
list_make1_impl(NodeTag t, ListCell datum1)
{
	List	   *list = palloc0(sizeof(List));

	list->type = t;
	set_length(list, 1);
	list->elements[0] = datum1;
	return list;
}

List *
lappend(List *list, void *datum)
{
	if (list == NIL)
		return list_make1(datum);
	set_length(list, list->length + 1);
	llast(list) = datum;
	return list;
}

List *
list_concat(List *list1, const List *list2)
{
	int			n = list_length(list2);

	for (int i = 0; i < n; i++)
		list1 = lappend(list1, list_nth(list2, i));
	return list1;
}

List *
list_concat_copy(const List *list1, const List *list2)
{
	return list_concat(list_concat(NIL, list1), list2);
}

/*
 * Encodings, names, errors.
 */
int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

char *
pg_server_to_any(const char *s, int len, int encoding)
{
	return unconstify(char *, s);
}

char *
pg_any_to_server(const char *s, int len, int encoding)
{
	return unconstify(char *, s);
}

unsigned char
pg_tolower(unsigned char ch)
{
	return ch >= 'A' && ch <= 'Z' ? ch + 'a' - 'A' : ch;
}

const char *
quote_identifier(const char *ident)
{
	return psprintf("\"%s\"", ident);
}

char *
unpack_sql_state(int sql_state)
{
	return psprintf("%05X", sql_state);
}

bool
errstart(int elevel, const char *domain)
{
	abort();
}

bool
errstart_cold(int elevel, const char *domain)
{
	abort();
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	abort();
}

int
errmsg_internal(const char *fmt,...)
{
	abort();
}

void
pg_re_throw(void)
{
	abort();
}

/*
 * Of base/json.c, what writes JSON and what reads that of others: not needed
 * here, and the reader understands all that the library writes.
 */
#define NOT_CALLED(name) \
	void name(void); \
	void name(void) { abort(); }

NOT_CALLED(EncodeDateTime)
NOT_CALLED(escape_json)
NOT_CALLED(makeJsonLexContextCstringLen)
NOT_CALLED(pg_parse_json)
NOT_CALLED(timestamp2tm)
