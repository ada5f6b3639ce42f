/*
 * json.h
 *		Writing and reading JSON with the server's own lexer and escaping.
 */
#ifndef ALLM_BASE_JSON_H
#define ALLM_BASE_JSON_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

/*
 * A writer appends members and elements to one growing text.  It keeps track
 * of commas, and of nothing else: the caller opens and closes.  A key of NULL
 * writes an array element.
 */
typedef struct AllmJsonWriter
{
	StringInfoData buf;
	bool		first;			/* nothing yet in the innermost container */
} AllmJsonWriter;

extern void allm_json_start(AllmJsonWriter *w);
extern void allm_json_open(AllmJsonWriter *w, const char *key, char bracket);
extern void allm_json_close(AllmJsonWriter *w, char bracket);
extern void allm_json_text(AllmJsonWriter *w, const char *key, const char *value);
extern void allm_json_int(AllmJsonWriter *w, const char *key, int64 value);
extern void allm_json_real(AllmJsonWriter *w, const char *key, double value);
extern void allm_json_bool(AllmJsonWriter *w, const char *key, bool value);
extern void allm_json_time(AllmJsonWriter *w, const char *key,
						   TimestampTz time);
extern void allm_json_null(AllmJsonWriter *w, const char *key);
extern void allm_json_raw(AllmJsonWriter *w, const char *key, const char *json);

typedef enum AllmJsonKind
{
	ALLM_JSON_NULL,
	ALLM_JSON_BOOL,
	ALLM_JSON_NUMBER,
	ALLM_JSON_STRING,
	ALLM_JSON_ARRAY,
	ALLM_JSON_OBJECT
} AllmJsonKind;

/* One value of a parsed document; children are in document order. */
typedef struct AllmJson
{
	AllmJsonKind kind;
	const char *key;			/* of a member, else NULL */
	const char *text;			/* of a scalar: its text, unescaped */
	struct AllmJson *parent;
	struct AllmJson *first;		/* child */
	struct AllmJson *last;		/* child */
	struct AllmJson *next;		/* sibling */
} AllmJson;

extern AllmJson *allm_json_parse(const char *text, int len);
extern AllmJson *allm_json_get(const AllmJson *object, const char *key);
extern const char *allm_json_get_text(const AllmJson *object, const char *key);
extern int64 allm_json_get_int(const AllmJson *object, const char *key,
							   int64 missing);
extern bool allm_json_get_bool(const AllmJson *object, const char *key);

#endif							/* ALLM_BASE_JSON_H */
