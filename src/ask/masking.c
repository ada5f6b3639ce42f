/*
 * masking.c
 *		What analytics_llm.log_text leaves of a text that is recorded.
 *
 * One row a level: what becomes of a question, what becomes of a query.
 * Nothing here raises for a text that cannot be read: it is hashed instead.
 */
#include "postgres.h"

#include <ctype.h>

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
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
} MaskLevel;

static char *keep_text(const char *text);
static char *mask_question(const char *text);
static char *mask_sql(const char *text);
static char *hash_text(const char *text);

static const MaskLevel levels[] =
{
	[ALLM_LOG_TEXT_FULL] = {keep_text, keep_text},
	[ALLM_LOG_TEXT_NORMALIZED] = {mask_question, mask_sql},
	[ALLM_LOG_TEXT_NONE] = {hash_text, hash_text},
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

/* All of it. */
static char *
keep_text(const char *text)
{
	return pstrdup(text);
}

/* The words, with "?" in place of numbers and of what is quoted. */
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
							  word->kind == ALLM_WORD_NUMBER);

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

	allm_pgq_normalize(pg_server_to_any(text, strlen(text), PG_UTF8),
					   allm_max_sql_length, &result);
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
