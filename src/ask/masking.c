/*
 * masking.c
 *		What analytics_llm.log_text leaves of a text that is recorded.
 *
 * One row a level: what becomes of a question, of a query, of a reading.
 * Nothing here raises for a text that cannot be read: it is hashed instead.
 * A record that is not built is lost.
 */
#include "postgres.h"

#include <ctype.h>

#include "access/xact.h"
#include "catalog/namespace.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "common/string.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "storage/ipc.h"
#include "utils/builtins.h"

#include "ask/masking.h"
#include "base/settings.h"
#include "base/text.h"
#include "guard/pgq.h"

typedef char *(*MaskText) (const char *text);

/* A level of analytics_llm.log_text. */
typedef struct MaskLevel
{
	MaskText	question;
	MaskText	sql;
	MaskText	interpretation;
} MaskLevel;

static char *keep_text(const char *text);
static char *leave_out(const char *text);
static char *mask_question(const char *text);
static char *mask_sql(const char *text);
static char *convert_to_utf8(const char *text);
static char *hash_text(const char *text);

static const MaskLevel levels[] =
{
	[ALLM_LOG_TEXT_FULL] = {keep_text, keep_text, keep_text},
	[ALLM_LOG_TEXT_NORMALIZED] = {mask_question, mask_sql, leave_out},
	[ALLM_LOG_TEXT_NONE] = {hash_text, hash_text, hash_text},
};

/* What is recorded of a question; NULL for NULL. */
char *
allm_masking_question(const char *question)
{
	return question == NULL ? NULL : levels[allm_log_text].question(question);
}

/* What is recorded of a query; NULL for NULL. */
char *
allm_masking_sql(const char *sql)
{
	return sql == NULL ? NULL : levels[allm_log_text].sql(sql);
}

/* What is recorded of an interpretation; NULL for NULL. */
char *
allm_masking_interpretation(const char *text)
{
	return text == NULL ? NULL : levels[allm_log_text].interpretation(text);
}

/* All of it. */
static char *
keep_text(const char *text)
{
	return pstrdup(text);
}

/* Nothing: values stand in it without quotes, like any other word. */
static char *
leave_out(const char *text)
{
	return NULL;
}

/*
 * The words, with "?" in place of what is quoted and of all that has a digit:
 * a number, a date, "555-0199".
 */
static char *
mask_question(const char *text)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	foreach(cell, allm_text_words(text))
	{
		AllmWord   *word = lfirst(cell);
		bool		masked = (word->kind == ALLM_WORD_QUOTED ||
							  strpbrk(word->raw, "0123456789") != NULL);

		if (out.len > 0)
			appendStringInfoChar(&out, ' ');
		appendStringInfoString(&out, masked ? "?" : word->raw);
	}
	return out.data;
}

/*
 * The query, with "?" in place of its constants.  The parser library writes
 * them as $1, $2 ...; what stands in double quotes is a name and stays.
 */
static char *
mask_sql(const char *text)
{
	AllmPgqResult result;
	StringInfoData out;
	bool		in_name = false;
	char	   *converted = convert_to_utf8(text);

	if (converted == NULL)
		return hash_text(text);
	allm_pgq_normalize(converted, allm_max_sql_length, &result);
	if (result.status != ALLM_PGQ_OK)
	{
		allm_pgq_free(&result);
		return hash_text(text);
	}

	initStringInfo(&out);
	for (const char *c = result.tree; *c != '\0'; c++)
	{
		if (*c == '"')
			in_name = !in_name;
		if (*c != '$' || in_name || !isdigit((unsigned char) c[1]))
		{
			appendStringInfoChar(&out, *c);
			continue;
		}
		appendStringInfoChar(&out, '?');
		while (isdigit((unsigned char) c[1]))
			c++;
	}
	allm_pgq_free(&result);
	return pg_any_to_server(out.data, out.len, PG_UTF8);
}

/*
 * The text in the encoding of the parser library; NULL when there is no way to
 * it, or none that would not raise, or that would read a catalog while the
 * process exits.
 */
static char *
convert_to_utf8(const char *text)
{
	int			encoding = GetDatabaseEncoding();
	int			len = strlen(text);
	char	   *converted;
	Oid			conversion;

	if (encoding == PG_UTF8 || pg_is_ascii(text))
		return pstrdup(text);
	if (encoding == PG_SQL_ASCII)
		return pg_verify_mbstr(PG_UTF8, text, len, true) ? pstrdup(text) : NULL;
	if (proc_exit_inprogress || !IsTransactionState())
		return NULL;
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return NULL;
	converted = palloc(len * MAX_CONVERSION_GROWTH + 1);
	if (pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8,
									  (unsigned char *) pstrdup(text), len,
									  (unsigned char *) converted,
									  len * MAX_CONVERSION_GROWTH + 1,
									  true) < len)
		return NULL;
	return converted;
}

/* A hash of the text, by which equal texts can be counted. */
static char *
hash_text(const char *text)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char		hex[PG_SHA256_DIGEST_LENGTH * 2 + 1];
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);

	if (ctx == NULL ||
		pg_cryptohash_init(ctx) < 0 ||
		pg_cryptohash_update(ctx, (const uint8 *) text, strlen(text)) < 0 ||
		pg_cryptohash_final(ctx, digest, sizeof(digest)) < 0)
	{
		pg_cryptohash_free(ctx);
		return pstrdup("(not recorded)");
	}
	pg_cryptohash_free(ctx);
	hex_encode((const char *) digest, sizeof(digest), hex);
	hex[sizeof(hex) - 1] = '\0';
	return psprintf("sha256:%s", hex);
}
