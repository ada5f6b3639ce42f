/*
 * http.h
 *		HTTP exchanges, one or many at once, without being deaf meanwhile.
 */
#ifndef ALLM_NET_HTTP_H
#define ALLM_NET_HTTP_H

#include "postgres.h"

#include "base/deadline.h"

/* How an exchange ended. */
typedef enum AllmHttpOutcome
{
	ALLM_HTTP_OK,				/* a whole response came, whatever its status */
	ALLM_HTTP_TIMEOUT,			/* the deadline came first */
	ALLM_HTTP_CONNECT,			/* no connection: name, route, refused */
	ALLM_HTTP_TLS,				/* the other side is not who it should be */
	ALLM_HTTP_RESET,			/* it ended before the response did */
	ALLM_HTTP_GARBLED,			/* what came is not HTTP */
	ALLM_HTTP_TOO_LARGE,		/* the response was over the cap */
	ALLM_HTTP_CONFIG,			/* the request cannot be sent as it is */
	ALLM_HTTP_STOPPED			/* "stopped" said so */
} AllmHttpOutcome;

typedef struct AllmHttpHeader
{
	const char *name;
	const char *value;			/* may be a secret: never copied to palloc */
	const char *scheme;			/* stands before it; or NULL */
} AllmHttpHeader;

/*
 * What to send.  All of it belongs to the caller and must stay as it is until
 * the exchange has ended.  Whoever must know of a request that a cancel or the
 * end of the process cut short whether it left looks at "left": it is set as
 * soon as that may be so.
 */
typedef struct AllmHttpRequest
{
	const char *url;
	const AllmHttpHeader *headers;
	int			nheaders;
	const char *body;			/* NULL: GET, else POST */
	Size		body_len;
	Size		max_response;	/* bytes; 0: ALLM_HTTP_MAX_RESPONSE */
	const char *ca_file;		/* trusted instead of the system's; or NULL */
	const char *proxy;			/* NULL or "": none */
	bool		allow_plaintext;	/* http to others than loopback addresses */
	bool		(*stopped) (void);	/* asked at each look; NULL: never */
	bool	   *left;			/* set when all of it has left; or NULL */
	int			idle_ms;		/* between two parts of a body; 0: any */
	void		(*arrived) (void *state, const char *body, Size len);	/* all so far, while it
																		 * comes; or NULL */
	void	   *state;			/* of arrived */
} AllmHttpRequest;

/*
 * What came back.  A response that was cut off leaves what had come of it in
 * status, headers and body, with an outcome that is not ALLM_HTTP_OK.
 */
typedef struct AllmHttpResponse
{
	AllmHttpOutcome outcome;
	char	   *problem;		/* in words, for the log; NULL when OK */
	int			status;			/* 0: no status line came */
	char	   *request_id;		/* these headers, or NULL */
	char	   *retry_after;
	char	   *retry_after_ms;
	char	   *should_retry;
	char	   *content_type;
	char	   *body;			/* as it came, and a NUL; never NULL */
	Size		body_len;
	bool		new_connection; /* false: on one that was kept */
	bool		sent;			/* it left whole: the server may act on it */
	double		first_ms;		/* until the first of the body; 0: none came */
	double		elapsed_ms;
} AllmHttpResponse;

/* An exchange that is under way. */
typedef struct AllmHttpExchange AllmHttpExchange;

/* Far above any answer of a model, far below what a backend can hold. */
#define ALLM_HTTP_MAX_RESPONSE	(8 * 1024 * 1024)

extern AllmHttpExchange *allm_http_start(const AllmHttpRequest *request,
										 AllmDeadline deadline);
extern AllmHttpResponse *allm_http_look(AllmHttpExchange *exchange,
										AllmDeadline *wake);
extern void allm_http_end(AllmHttpExchange *exchange);

#endif							/* ALLM_NET_HTTP_H */
