/*
 * wire.h
 *		Speaking a provider's protocol: what all of them have in common.
 *
 * A protocol is one row of a table: build a request, parse a response, and what
 * its errors mean.  Nothing of it waits, reads a table or the clock.
 */
#ifndef ALLM_MODEL_WIRE_H
#define ALLM_MODEL_WIRE_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "net/http.h"

/* How a model is to be asked: a row of analytics_llm.model. */
typedef struct AllmModel
{
	const char *name;
	const char *family;			/* a row of the protocol's table of families */
	int			max_output_tokens;
	const char *effort;			/* low ... max; NULL: the model's default */
	const char *thinking;		/* off, on; NULL: the model's default */
} AllmModel;

/* A part of the instructions that come before the question. */
typedef struct AllmPromptBlock
{
	const char *text;
	bool		cacheable;		/* the provider may keep all up to its end */
} AllmPromptBlock;

/* What is asked, in the database encoding. */
typedef struct AllmPrompt
{
	const AllmPromptBlock *system;
	int			nsystem;
	const char *user;
	const char *schema;			/* JSON schema of the answer, spliced as is */
} AllmPrompt;

/* Where it is asked. */
typedef struct AllmEndpoint
{
	const char *url;			/* without a path of the protocol */
	const char *key;			/* secret */
	const char *ca_file;		/* or NULL */
	const char *proxy;			/* or NULL */
	bool		allow_plaintext;
} AllmEndpoint;

/*
 * Tokens as the provider billed them.  A count that was not said is 0, and
 * "known" tells whether any was.
 */
typedef struct AllmTokens
{
	bool		known;
	int64		input;			/* neither read from nor written to a cache */
	int64		output;			/* thinking included */
	int64		cache_read;
	int64		cache_write_5m;
	int64		cache_write_1h;
} AllmTokens;

/* Why a model stopped writing. */
typedef enum AllmStop
{
	ALLM_STOP_DONE,
	ALLM_STOP_TRUNCATED,		/* by a limit; what there is cannot be used */
	ALLM_STOP_REFUSED,			/* the same model will refuse again */
	ALLM_STOP_UNKNOWN			/* a reason that we do not know, or none */
} AllmStop;

/* What a model answered. */
typedef struct AllmReply
{
	bool		complete;		/* a message of this protocol, whole */
	bool		cut;			/* one that ended before its end */
	bool		altered;		/* text has a lost character: see wire_text.h */
	char	   *text;			/* all text of it, database encoding; or "" */
	AllmStop	stop;
	char	   *stop_reason;	/* as it was said, or NULL */
	char	   *refusal;		/* its category, or NULL */
	char	   *model;			/* the one that answered, or NULL */
	char	   *error_type;		/* of an error, or NULL */
	char	   *error_code;		/* of an error's details, or NULL */
	char	   *error_message;	/* of an error, the beginning, or NULL */
	char	   *request_id;		/* or NULL */
	AllmTokens	tokens;
} AllmReply;

/* What is wrong with a call. */
typedef enum AllmFailureKind
{
	ALLM_FAILURE_NONE,
	ALLM_FAILURE_CONFIG,		/* it could not be sent as it is */
	ALLM_FAILURE_TIMEOUT,		/* no answer in time */
	ALLM_FAILURE_NETWORK,		/* no connection, or a broken one */
	ALLM_FAILURE_TLS,			/* the server is not who it should be */
	ALLM_FAILURE_RATE_LIMIT,	/* too many requests; "not before" */
	ALLM_FAILURE_OVERLOADED,	/* the provider is out of capacity */
	ALLM_FAILURE_SERVER,		/* the provider is broken */
	ALLM_FAILURE_GARBLED,		/* no answer of this protocol */
	ALLM_FAILURE_TOO_LARGE,		/* the answer is over our cap */
	ALLM_FAILURE_PROMPT_TOO_LONG,	/* a larger model may take it */
	ALLM_FAILURE_BAD_REQUEST,	/* refused as malformed: our fault */
	ALLM_FAILURE_UNSUPPORTED,	/* refused for what the model cannot do */
	ALLM_FAILURE_MODEL_GONE,	/* retired, or no such model */
	ALLM_FAILURE_CREDENTIAL,	/* the key is not accepted */
	ALLM_FAILURE_PERMISSION,	/* the key may not use this model */
	ALLM_FAILURE_UNPAID,		/* no credit, or a spending limit */
	ALLM_FAILURE_EMPTY,			/* it answered nothing */
	ALLM_FAILURE_TRUNCATED,		/* it answered, and was cut off */
	ALLM_FAILURE_REFUSED,		/* it answered, and refused */
	ALLM_FAILURE_STOPPED		/* calls were turned off meanwhile */
} AllmFailureKind;

/* What else will fail in the same way. */
typedef enum AllmFailureScope
{
	ALLM_SCOPE_CALL,			/* this request */
	ALLM_SCOPE_MODEL,			/* all requests to this model */
	ALLM_SCOPE_ACCESS,			/* all requests to this model with this key */
	ALLM_SCOPE_CREDENTIAL,		/* all requests with this key */
	ALLM_SCOPE_ACCOUNT			/* all requests to this server as it is set up */
} AllmFailureScope;

typedef struct AllmFailure
{
	AllmFailureKind kind;
	const char *code;			/* the kind as a word, for logs: "rate_limit" */
	bool		retryable;		/* the same request may work soon */
	bool		counts;			/* a sign that the model is out of order */
	bool		lasting;		/* only a person can mend it */
	AllmFailureScope scope;
	int64		retry_after_ms; /* not before; -1: not said */
	char	   *message;		/* for the log: what the provider said */
} AllmFailure;

/*
 * What a status means to a protocol, and what narrows it down.  The first row
 * of which all that is given agrees counts.
 */
typedef struct AllmWireRule
{
	int			low;			/* statuses, both included */
	int			high;
	const char *type;			/* error.type */
	const char *code;			/* a code beside it, see the protocol */
	const char *says;			/* a part of error.message */
	AllmFailureKind kind;
} AllmWireRule;

/*
 * One protocol.
 *
 * knows tells whether models of a family are asked by it.
 *
 * build makes the request in the current memory context; it raises for a model
 * row that cannot be asked.  It points at the key, and does not copy it.
 *
 * parse makes a reply of whatever came, with any outcome and status, and does
 * not raise for what is in it.
 *
 * watch is shown what has come of a body so far, and says what it knows of the
 * use; it is asked until it knows.  NULL: nothing can be known before the end.
 *
 * rules say what its errors mean: see wire_error.c, which classifies by them.
 */
typedef struct AllmWire
{
	const char *api;			/* server option "api" */
	const char *default_url;
	bool		(*knows) (const char *family);
	AllmHttpRequest *(*build) (const AllmModel *model,
							   const AllmPrompt *prompt,
							   const AllmEndpoint *endpoint);
	AllmReply  *(*parse) (const AllmHttpResponse *response);
	bool		(*watch) (const char *body, Size len, AllmTokens *tokens);
	const AllmWireRule *rules;
	const int  *nrules;
} AllmWire;

extern const AllmWire *allm_wire_find(const char *api);
extern char *allm_wire_url(const char *endpoint, const char *path);
extern char *allm_wire_list(void);

#endif							/* ALLM_MODEL_WIRE_H */
