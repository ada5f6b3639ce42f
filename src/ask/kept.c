/*
 * kept.c
 *		An answer as the bytes that are kept of it, and back.
 *
 * The key's text comes first, with a zero byte; then a head, the types of the
 * columns, and texts, each with a zero byte.  The bytes may come from a table,
 * so nothing in them is believed: what does not fit to the end is no answer.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "ask/kept.h"

/* What has one size. */
typedef struct Head
{
	AllmOrigin	origin;
	TimestampTz answered_at;
	TimestampTz rows_at;
	TimestampTz sql_at;
	int64		rows_bytes;
	int			nrow;
	int			ncolumn;
	int			nassumption;
	int			nnotice;
	int			signal;
	int			repairs;
	float4		confidence;
	float4		min_confidence;
	bool		for_followers;
	bool		interpreted;	/* there is an interpretation */
	bool		all_null;
	bool		repeatable;
} Head;

/* Bytes that are being read. */
typedef struct Reader
{
	const char *at;
	const char *end;
	bool		failed;
} Reader;

static void put_text(StringInfo out, const char *text);
static void put_texts(StringInfo out, const List *texts);
static void read_bytes(Reader *reader, void *to, Size length);
static char *read_text(Reader *reader);
static List *read_texts(Reader *reader, int n);
static AllmRows *read_rows(Reader *reader, const Head *head, Oid *types);
static bool is_sound(const Head *head, const Reader *reader);

/* The bytes of an answer, in the current memory context. */
char *
allm_kept_pack(const AllmCacheKey *key, const AllmKept *kept, Size *length)
{
	const AllmAnswer *answer = &kept->answer;
	const AllmRows *rows = kept->rows_at != 0 ? answer->rows : NULL;
	StringInfoData out;
	Head		head;

	memset(&head, 0, sizeof(Head));
	head.origin = kept->origin;
	head.answered_at = kept->answered_at;
	head.rows_at = kept->rows_at;
	head.sql_at = kept->sql_at;
	head.nassumption = list_length(kept->assumptions);
	head.nnotice = list_length(answer->notices);
	head.signal = kept->signal;
	head.repairs = kept->repairs;
	head.confidence = answer->confidence;
	head.min_confidence = kept->min_confidence;
	head.for_followers = kept->for_followers;
	head.interpreted = answer->interpretation != NULL;
	head.repeatable = answer->repeatable;
	if (rows != NULL)
	{
		head.nrow = rows->count;
		head.ncolumn = rows->ncolumns;
		head.rows_bytes = rows->bytes;
		head.all_null = rows->all_null;
	}

	initStringInfo(&out);
	put_text(&out, key->text);
	appendBinaryStringInfo(&out, (char *) &head, sizeof(Head));
	if (rows != NULL)
		appendBinaryStringInfo(&out, (char *) rows->types,
							   sizeof(Oid) * rows->ncolumns);
	put_text(&out, answer->sql);
	put_text(&out, answer->model_used);
	if (head.interpreted)
		put_text(&out, answer->interpretation);
	put_texts(&out, kept->assumptions);
	put_texts(&out, answer->notices);
	for (int i = 0; i < head.ncolumn; i++)
		put_text(&out, rows->names[i]);
	for (int i = 0; i < head.nrow; i++)
		put_text(&out, rows->rows[i]);
	*length = out.len;
	return out.data;
}

/* A text and its zero byte. */
static void
put_text(StringInfo out, const char *text)
{
	appendBinaryStringInfo(out, text, strlen(text) + 1);
}

/* Several of them. */
static void
put_texts(StringInfo out, const List *texts)
{
	ListCell   *cell;

	foreach(cell, texts)
		put_text(out, lfirst(cell));
}

/*
 * The answer that bytes of that key are; NULL when they are none.  Its texts
 * are where the bytes are, so these must live as long.
 */
AllmKept *
allm_kept_unpack(const AllmCacheKey *key, const char *data, Size length)
{
	Reader		reader = {data, data + length, false};
	AllmKept   *kept = palloc0(sizeof(AllmKept));
	AllmAnswer *answer = &kept->answer;
	char	   *text = read_text(&reader);
	Oid		   *types = NULL;
	Head		head;

	if (text == NULL || strcmp(text, key->text) != 0)
		return NULL;
	read_bytes(&reader, &head, sizeof(Head));
	if (reader.failed || !is_sound(&head, &reader))
		return NULL;
	kept->origin = head.origin;
	kept->answered_at = head.answered_at;
	kept->rows_at = head.rows_at;
	kept->sql_at = head.sql_at;
	kept->for_followers = head.for_followers;
	kept->signal = head.signal;
	kept->repairs = head.repairs;
	kept->min_confidence = head.min_confidence;
	answer->confidence = head.confidence;
	answer->repeatable = head.repeatable;
	answer->answered_at = head.answered_at;
	if (head.rows_at != 0)
	{
		types = palloc(sizeof(Oid) * Max(head.ncolumn, 1));
		read_bytes(&reader, types, sizeof(Oid) * head.ncolumn);
	}
	answer->sql = read_text(&reader);
	answer->model_used = read_text(&reader);
	if (head.interpreted)
		answer->interpretation = read_text(&reader);
	kept->assumptions = read_texts(&reader, head.nassumption);
	answer->notices = read_texts(&reader, head.nnotice);
	if (head.rows_at != 0)
		answer->rows = read_rows(&reader, &head, types);
	return reader.failed || reader.at != reader.end ? NULL : kept;
}

/* Are the numbers of a head such that its answer may follow? */
static bool
is_sound(const Head *head, const Reader *reader)
{
	Size		left = reader->end - reader->at;

	return head->nrow >= 0 && head->ncolumn >= 0 && head->nassumption >= 0 &&
		head->nnotice >= 0 && head->nrow <= left && head->ncolumn <= left &&
		head->nassumption <= left && head->nnotice <= left &&
		head->rows_bytes >= 0 && head->signal >= 0 &&
		head->signal < ALLM_SIGNALS;
}

/* The rows and the names of their columns. */
static AllmRows *
read_rows(Reader *reader, const Head *head, Oid *types)
{
	AllmRows   *rows = palloc0(sizeof(AllmRows));

	rows->ncolumns = head->ncolumn;
	rows->count = rows->room = head->nrow;
	rows->bytes = head->rows_bytes;
	rows->all_null = head->all_null;
	rows->types = types;
	rows->names = palloc(sizeof(char *) * Max(head->ncolumn, 1));
	rows->rows = palloc(sizeof(char *) * Max(head->nrow, 1));
	for (int i = 0; i < head->ncolumn; i++)
		rows->names[i] = read_text(reader);
	for (int i = 0; i < head->nrow; i++)
		rows->rows[i] = read_text(reader);
	return rows;
}

/* Copies bytes that are not a text. */
static void
read_bytes(Reader *reader, void *to, Size length)
{
	if (reader->failed || reader->end - reader->at < length)
	{
		reader->failed = true;
		return;
	}
	memcpy(to, reader->at, length);
	reader->at += length;
}

/* The next text, where it is; NULL when there is none. */
static char *
read_text(Reader *reader)
{
	const char *text = reader->at;
	const char *zero = reader->failed ? NULL :
	memchr(text, '\0', reader->end - text);

	if (zero == NULL)
	{
		reader->failed = true;
		return NULL;
	}
	reader->at = zero + 1;
	return unconstify(char *, text);
}

/* A list of so many texts. */
static List *
read_texts(Reader *reader, int n)
{
	List	   *texts = NIL;

	for (int i = 0; i < n && !reader->failed; i++)
		texts = lappend(texts, read_text(reader));
	return texts;
}
