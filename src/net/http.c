/*
 * http.c
 *		HTTP exchanges, one or many at once, without being deaf meanwhile.
 *
 * A request is checked, sent once, and its response taken within its caps.
 * Nothing here waits: whoever has started exchanges waits with client.c, and
 * looks at them when that returns.  What belongs to one exchange is in an
 * AllmHttpExchange, which is released by the reset callback of its memory
 * context.
 *
 * libcurl's callbacks run on its stack: they must not raise, so they use
 * malloc, note what went wrong, and leave the raising to us.  No lock may be
 * held by the caller.
 */
#include "postgres.h"

#include <curl/curl.h>

#include "portability/instr_time.h"
#include "utils/memutils.h"

#include "net/client.h"
#include "net/http.h"
#include "net/url.h"

/*
 * A kept connection older than this is not used again: load balancers drop
 * idle ones after a minute, and the loss shows only when the request is out.
 */
#define MAX_IDLE_SECONDS		30L

/* A server that does not even take a connection is down. */
#define CONNECT_TIMEOUT_MS		5000L

/* All headers of a response; libcurl itself has no limit for their sum. */
#define MAX_HEADER_BYTES		(128 * 1024)

/* What is kept of one response header, and of a description of a problem. */
#define MAX_NOTE_BYTES			256

/* An idle NAT forgets a connection in a few minutes. */
#define KEEPALIVE_SECONDS		60L

/* The first size of the buffer for a body, when its length is not known. */
#define FIRST_BUFFER_BYTES		(16 * 1024)

/* How an exchange ended, as far as we had a say in it. */
typedef enum Ending
{
	ENDED_DONE,
	ENDED_LATE,					/* the deadline came first */
	ENDED_STOPPED				/* "stopped" said so */
} Ending;

/* One exchange that is under way. */
struct AllmHttpExchange
{
	MemoryContext context;		/* its own; deleting it releases the rest */
	MemoryContextCallback release;
	const AllmHttpRequest *request;
	const char *refused;		/* why it was not even started, or NULL */
	AllmTransfer transfer;
	struct curl_slist *headers; /* holds secrets: wiped before it is freed */
	AllmDeadline deadline;
	AllmDeadline idle_by;		/* something must have come; moves on */
	Ending		ending;
	instr_time	start;
	double		first_ms;		/* until the first of the body; 0: none came */
	Size		told_len;		/* of the body, to the caller */
	Size		taken;			/* bytes of the request's body */
	Size		header_bytes;
	bool		too_large;
	bool		out_of_memory;
	bool		lost;			/* a kept connection was dead */
	char	   *body;			/* malloc */
	Size		body_len;
	Size		body_room;
	char		problem[CURL_ERROR_SIZE];
};

/* For short, here. */
typedef AllmHttpExchange Exchange;

/* What a result of libcurl means; a result without a row is a RESET. */
static const struct
{
	CURLcode	result;
	AllmHttpOutcome outcome;
}			outcomes[] =

{
	{CURLE_OK, ALLM_HTTP_OK},
	{CURLE_COULDNT_RESOLVE_PROXY, ALLM_HTTP_CONNECT},
	{CURLE_COULDNT_RESOLVE_HOST, ALLM_HTTP_CONNECT},
	{CURLE_COULDNT_CONNECT, ALLM_HTTP_CONNECT},
	{CURLE_PROXY, ALLM_HTTP_CONNECT},
	/* The only limit in time that libcurl is given is that for connecting. */
	{CURLE_OPERATION_TIMEDOUT, ALLM_HTTP_CONNECT},
	{CURLE_SSL_CONNECT_ERROR, ALLM_HTTP_TLS},
	{CURLE_SSL_CERTPROBLEM, ALLM_HTTP_TLS},
	{CURLE_SSL_CIPHER, ALLM_HTTP_TLS},
	{CURLE_PEER_FAILED_VERIFICATION, ALLM_HTTP_TLS},
	{CURLE_SSL_CACERT_BADFILE, ALLM_HTTP_TLS},
	{CURLE_SSL_ISSUER_ERROR, ALLM_HTTP_TLS},
	{CURLE_SSL_INVALIDCERTSTATUS, ALLM_HTTP_TLS},
	/* The URL's scheme was checked before: this is a reply without headers. */
	{CURLE_UNSUPPORTED_PROTOCOL, ALLM_HTTP_GARBLED},
	{CURLE_WEIRD_SERVER_REPLY, ALLM_HTTP_GARBLED},
	{CURLE_BAD_CONTENT_ENCODING, ALLM_HTTP_GARBLED},
	{CURLE_URL_MALFORMAT, ALLM_HTTP_CONFIG},
	{CURLE_LOGIN_DENIED, ALLM_HTTP_CONFIG},
	{CURLE_BAD_FUNCTION_ARGUMENT, ALLM_HTTP_CONFIG},
};

/* What servers and gateways call the number of a request, */
static const char *const id_names[] =
{
	"request-id", "x-request-id", "x-litellm-call-id"
};

/* and when to come back.  A gateway passes on what its provider said. */
static const char *const retry_names[] =
{
	"retry-after", "llm_provider-retry-after"
};

static const char *find_problem(const AllmHttpRequest *request);
static Exchange *make_exchange(const AllmHttpRequest *request);
static void release_exchange(void *arg);
static bool has_ended(Exchange *x, AllmDeadline *wake);
static void tell_caller(Exchange *x);
static AllmHttpResponse *make_refusal(const char *problem);
static void set_headers(Exchange *x);
static void append_header(Exchange *x, const AllmHttpHeader *header);
static void set_options(Exchange *x);
static void set_transport_options(Exchange *x);
static void set_version(Exchange *x);
static AllmHttpResponse *take_response(Exchange *x);
static AllmHttpOutcome find_outcome(const Exchange *x);
static bool was_sent(const Exchange *x);
static char *take_header_of(Exchange *x, const char *const *names, int n);
static char *take_header(Exchange *x, const char *name);
static char *take_problem(const Exchange *x, AllmHttpOutcome outcome);
static char *copy_note(const char *text);
static size_t send_body(char *to, size_t size, size_t n, void *arg);
static int	refuse_rewind(void *arg, curl_off_t offset, int origin);
static size_t receive_body(char *data, size_t size, size_t n, void *arg);
static double since_ms(instr_time start);
static size_t receive_header(char *data, size_t size, size_t n, void *arg);

/*
 * Starts an exchange, in a memory context below the current one, with which it
 * ends at the latest.  It has ended by its deadline, as allm_http_look() says.
 * Raises for want of memory or descriptors.
 */
AllmHttpExchange *
allm_http_start(const AllmHttpRequest *request, AllmDeadline deadline)
{
	Exchange   *x = make_exchange(request);

	x->deadline = deadline;
	x->refused = find_problem(request);
	if (x->refused != NULL)
		return x;
	x->transfer.easy = curl_easy_init();
	if (x->transfer.easy == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	set_headers(x);
	set_options(x);
	set_transport_options(x);
	/* What has no time is not sent. */
	if (allm_deadline_left(deadline) > 0)
		allm_client_start(&x->transfer);
	else
		x->ending = ENDED_LATE;
	return x;
}

/*
 * What came of an exchange, which is gone then; NULL while it is under way,
 * and "wake" is made no later than the next look has to be.
 *
 * What the other side does wrong is in the outcome; what is raised is want of
 * memory or descriptors.  The request is sent once: what libcurl would quietly
 * send again is a RESET.  The response is made in the current memory context.
 */
AllmHttpResponse *
allm_http_look(AllmHttpExchange *x, AllmDeadline *wake)
{
	AllmHttpResponse *response;

	if (x->refused != NULL)
		response = make_refusal(x->refused);
	else if (has_ended(x, wake))
	{
		response = take_response(x);
		response->elapsed_ms = since_ms(x->start);
	}
	else
		return NULL;
	allm_http_end(x);
	return response;
}

/*
 * Ends an exchange wherever it stands, and its connection, so that nobody pays
 * for an answer that nobody waits for.  Never raises.
 */
void
allm_http_end(AllmHttpExchange *x)
{
	MemoryContextDelete(x->context);
}

/* Is an exchange done, out of time, or not wanted any more? */
static bool
has_ended(Exchange *x, AllmDeadline *wake)
{
	AllmDeadline until;

	if (x->ending == ENDED_LATE)
		return true;
	if (x->request->stopped != NULL && x->request->stopped())
	{
		x->ending = ENDED_STOPPED;
		return true;
	}
	if (x->transfer.done)
		return true;
	tell_caller(x);
	until = allm_deadline_sooner(x->deadline, x->idle_by);
	if (allm_deadline_left(until) <= 0)
	{
		/* The backend may have been busy while it came. */
		(void) allm_client_work();
		if (x->transfer.done)
			return true;
		tell_caller(x);
		until = allm_deadline_sooner(x->deadline, x->idle_by);
	}
	if (allm_deadline_left(until) <= 0)
	{
		x->ending = ENDED_LATE;
		return true;
	}
	*wake = allm_deadline_sooner(*wake, until);
	return false;
}

/* Tells the caller when more of the body has come. */
static void
tell_caller(Exchange *x)
{
	if (x->request->arrived == NULL || x->body_len == x->told_len)
		return;
	x->told_len = x->body_len;
	x->request->arrived(x->request->state, x->body, x->body_len);
}

/* The response to a request that cannot be sent as it is. */
static AllmHttpResponse *
make_refusal(const char *problem)
{
	AllmHttpResponse *response = palloc0(sizeof(AllmHttpResponse));

	response->outcome = ALLM_HTTP_CONFIG;
	response->problem = pstrdup(problem);
	response->body = pstrdup("");
	return response;
}

/* Why a request cannot be sent as it is, as a sentence, or NULL. */
static const char *
find_problem(const AllmHttpRequest *request)
{
	for (int i = 0; i < request->nheaders; i++)
	{
		/* libcurl would pass a line break through: a header of its own. */
		if (allm_url_has_control(request->headers[i].name) ||
			allm_url_has_control(request->headers[i].value))
			return "A header has a control character.";
	}
	return allm_url_problem(request->url, request->allow_plaintext);
}

/* An exchange that is not started, in a memory context of its own. */
static Exchange *
make_exchange(const AllmHttpRequest *request)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "analytics_llm exchange",
												  ALLOCSET_SMALL_SIZES);
	Exchange   *x = MemoryContextAllocZero(context, sizeof(Exchange));

	x->context = context;
	x->request = request;
	INSTR_TIME_SET_CURRENT(x->start);
	x->idle_by.at = DT_NOEND;
	x->release.func = release_exchange;
	x->release.arg = x;
	MemoryContextRegisterResetCallback(context, &x->release);
	return x;
}

/*
 * Frees what an exchange has of libcurl's and malloc's, wherever it stands.
 * Never raises.
 */
static void
release_exchange(void *arg)
{
	Exchange   *x = arg;

	if (x->transfer.easy != NULL)
		allm_client_end(&x->transfer);
	for (struct curl_slist *h = x->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(x->headers);
	free(x->body);
}

/* The request's headers, and that we do not wait for "100 Continue". */
static void
set_headers(Exchange *x)
{
	static const AllmHttpHeader no_expect = {"Expect", ""};

	for (int i = 0; i < x->request->nheaders; i++)
		append_header(x, &x->request->headers[i]);

	/* Without a value libcurl sends no header, and does not wait a second. */
	append_header(x, &no_expect);
	curl_easy_setopt(x->transfer.easy, CURLOPT_HTTPHEADER, x->headers);
}

/* Adds one header to the list; its text exists nowhere else afterwards. */
static void
append_header(Exchange *x, const AllmHttpHeader *header)
{
	const char *scheme = header->scheme != NULL ? header->scheme : "";
	Size		size = strlen(header->name) + strlen(scheme) +
	strlen(header->value) + 3;
	char	   *line = malloc(size);
	struct curl_slist *headers = NULL;

	if (line != NULL)
	{
		snprintf(line, size, header->value[0] != '\0' ? "%s: %s%s" : "%s:%s%s",
				 header->name, scheme, header->value);
		headers = curl_slist_append(x->headers, line);
		explicit_bzero(line, size);
		free(line);
	}
	if (headers == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	x->headers = headers;
}

/* What is sent, and where the bytes go to and come from. */
static void
set_options(Exchange *x)
{
	const AllmHttpRequest *request = x->request;

	curl_easy_setopt(x->transfer.easy, CURLOPT_URL, request->url);
	curl_easy_setopt(x->transfer.easy, CURLOPT_ERRORBUFFER, x->problem);
	curl_easy_setopt(x->transfer.easy, CURLOPT_HEADERFUNCTION, receive_header);
	curl_easy_setopt(x->transfer.easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->transfer.easy, CURLOPT_WRITEFUNCTION, receive_body);
	curl_easy_setopt(x->transfer.easy, CURLOPT_WRITEDATA, x);
	if (request->body == NULL)
		return;

	/*
	 * When a kept connection turns out to be dead, libcurl sends the request
	 * again on a new one, up to five times, and does not tell: the model may
	 * have been paid for each.  A body that it has to ask for and cannot
	 * rewind makes that impossible.
	 */
	curl_easy_setopt(x->transfer.easy, CURLOPT_POST, 1L);
	curl_easy_setopt(x->transfer.easy, CURLOPT_POSTFIELDSIZE_LARGE,
					 (curl_off_t) request->body_len);
	curl_easy_setopt(x->transfer.easy, CURLOPT_READFUNCTION, send_body);
	curl_easy_setopt(x->transfer.easy, CURLOPT_READDATA, x);
	curl_easy_setopt(x->transfer.easy, CURLOPT_SEEKFUNCTION, refuse_rewind);
	curl_easy_setopt(x->transfer.easy, CURLOPT_SEEKDATA, x);
}

/* How it travels: encrypted, verified, not redirected, no surprises. */
static void
set_transport_options(Exchange *x)
{
	const AllmHttpRequest *request = x->request;
	const char *proxy = request->proxy != NULL ? request->proxy : "";

	/* No SIGALRM or SIGPIPE handlers. */
	curl_easy_setopt(x->transfer.easy, CURLOPT_NOSIGNAL, 1L);
	/* Leave a thread that resolves a name behind, do not wait for it. */
	curl_easy_setopt(x->transfer.easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(x->transfer.easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(x->transfer.easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(x->transfer.easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	/* An empty name, unlike none, keeps the environment out. */
	curl_easy_setopt(x->transfer.easy, CURLOPT_PROXY, proxy);
	curl_easy_setopt(x->transfer.easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(x->transfer.easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(x->transfer.easy, CURLOPT_MAXAGE_CONN, MAX_IDLE_SECONDS);
	curl_easy_setopt(x->transfer.easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(x->transfer.easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_SECONDS);
	curl_easy_setopt(x->transfer.easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_SECONDS);
	set_version(x);
	curl_easy_setopt(x->transfer.easy, CURLOPT_SSLVERSION,
					 (long) CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(x->transfer.easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(x->transfer.easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (request->ca_file != NULL)
	{
		/* Instead of the system's certificates: not in addition to them. */
		curl_easy_setopt(x->transfer.easy, CURLOPT_CAINFO, request->ca_file);
		curl_easy_setopt(x->transfer.easy, CURLOPT_CAPATH, NULL);
	}
}

/*
 * Several exchanges share one connection where the server offers HTTP/2, which
 * it says while TLS is agreed on: those that come meanwhile wait for that rather
 * than open more.  Cleartext HTTP/2 fails on kept connections in libcurl 7.88,
 * and whether there is any would not be known before the first response.
 */
static void
set_version(Exchange *x)
{
	bool		tls = pg_strncasecmp(x->request->url, "https:", 6) == 0;

	curl_easy_setopt(x->transfer.easy, CURLOPT_HTTP_VERSION,
					 tls ? (long) CURL_HTTP_VERSION_2TLS :
					 (long) CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(x->transfer.easy, CURLOPT_PIPEWAIT, tls ? 1L : 0L);
}

/* What came of an exchange that is done or out of time. */
static AllmHttpResponse *
take_response(Exchange *x)
{
	AllmHttpResponse *response;
	long		status = 0;
	long		connects = 0;

	if (x->out_of_memory || (x->transfer.done && x->transfer.result == CURLE_OUT_OF_MEMORY))
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));

	response = palloc0(sizeof(AllmHttpResponse));
	curl_easy_getinfo(x->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(x->transfer.easy, CURLINFO_NUM_CONNECTS, &connects);
	response->outcome = find_outcome(x);
	response->problem = take_problem(x, response->outcome);
	response->status = status;
	response->request_id = take_header_of(x, id_names, lengthof(id_names));
	response->retry_after = take_header_of(x, retry_names,
										   lengthof(retry_names));
	response->retry_after_ms = take_header(x, "retry-after-ms");
	response->should_retry = take_header(x, "x-should-retry");
	response->content_type = take_header(x, "content-type");
	response->body = palloc(x->body_len + 1);
	if (x->body_len > 0)
		memcpy(response->body, x->body, x->body_len);
	response->body[x->body_len] = '\0';
	response->body_len = x->body_len;
	/* A new one after a kept one was lost served nothing. */
	response->first_ms = x->first_ms;
	response->new_connection = connects > 0 && !x->lost;
	response->sent = was_sent(x);
	return response;
}

/* The outcome that our notes and libcurl's result amount to. */
static AllmHttpOutcome
find_outcome(const Exchange *x)
{
	if (x->ending == ENDED_STOPPED)
		return ALLM_HTTP_STOPPED;
	if (x->ending == ENDED_LATE)
		return ALLM_HTTP_TIMEOUT;
	if (x->too_large)
		return ALLM_HTTP_TOO_LARGE;
	for (int i = 0; i < lengthof(outcomes); i++)
	{
		if (outcomes[i].result == x->transfer.result)
			return outcomes[i].outcome;
	}
	return ALLM_HTTP_RESET;
}

/*
 * Did the request leave whole?  A part of one is nothing that a server acts
 * on.  What libcurl has taken may still be in its buffer: then this says true
 * of a request that stayed, never false of one that left.
 */
static bool
was_sent(const Exchange *x)
{
	long		request_size = 0;

	curl_easy_getinfo(x->transfer.easy, CURLINFO_REQUEST_SIZE, &request_size);
	return request_size > 0 &&
		(x->request->body == NULL || x->taken == x->request->body_len);
}

/* The first of some headers that the response has, or NULL. */
static char *
take_header_of(Exchange *x, const char *const *names, int n)
{
	char	   *value = NULL;

	for (int i = 0; i < n && value == NULL; i++)
		value = take_header(x, names[i]);
	return value;
}

/* One header of the response, or NULL. */
static char *
take_header(Exchange *x, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(x->transfer.easy, name, 0, CURLH_HEADER, -1,
						 &header) != CURLHE_OK)
		return NULL;
	return copy_note(header->value);
}

/* What went wrong in words, or NULL. */
static char *
take_problem(const Exchange *x, AllmHttpOutcome outcome)
{
	if (outcome == ALLM_HTTP_OK)
		return NULL;
	if (outcome == ALLM_HTTP_TIMEOUT)
		return pstrdup(allm_deadline_left(x->idle_by) > 0 ?
					   "no answer in time" : "the answer stood still");
	if (outcome == ALLM_HTTP_STOPPED)
		return pstrdup("it was stopped");
	if (outcome == ALLM_HTTP_TOO_LARGE)
		return pstrdup("the response is too large");
	if (x->lost)
		return pstrdup("a kept connection was lost");
	return copy_note(x->problem[0] != '\0' ? x->problem :
					 curl_easy_strerror(x->transfer.result));
}

/* The beginning of a text from outside, of printable ASCII only. */
static char *
copy_note(const char *text)
{
	char	   *note = pnstrdup(text, MAX_NOTE_BYTES);

	for (char *c = note; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || (unsigned char) *c >= 0x7F)
			*c = '?';
	}
	return note;
}

/* libcurl wants the next bytes of the body. */
static size_t
send_body(char *to, size_t size, size_t n, void *arg)
{
	Exchange   *x = arg;
	Size		len = Min(size * n, x->request->body_len - x->taken);

	memcpy(to, x->request->body + x->taken, len);
	x->taken += len;
	if (x->request->left != NULL && x->taken == x->request->body_len)
		*x->request->left = true;
	return len;
}

/* libcurl wants to send the body again: never. */
static int
refuse_rewind(void *arg, curl_off_t offset, int origin)
{
	((Exchange *) arg)->lost = true;
	return CURL_SEEKFUNC_FAIL;
}

/* Bytes of the response's body have come; 0 ends the exchange. */
static size_t
receive_body(char *data, size_t size, size_t n, void *arg)
{
	Exchange   *x = arg;
	Size		len = size * n;
	Size		max = x->request->max_response;

	if (max == 0)
		max = ALLM_HTTP_MAX_RESPONSE;
	if (len > max - x->body_len)
	{
		x->too_large = true;
		return 0;
	}
	if (x->body_len + len > x->body_room)
	{
		Size		room = Max(x->body_room * 2, FIRST_BUFFER_BYTES);
		char	   *body;

		room = Max(room, x->body_len + len);
		body = realloc(x->body, room);
		if (body == NULL)
		{
			x->out_of_memory = true;
			return 0;
		}
		x->body = body;
		x->body_room = room;
	}
	memcpy(x->body + x->body_len, data, len);
	x->body_len += len;
	if (x->first_ms == 0)
		x->first_ms = since_ms(x->start);
	if (x->request->idle_ms > 0)
		x->idle_by = allm_deadline_in(x->request->idle_ms);
	return len;
}

/* Milliseconds since a moment. */
static double
since_ms(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return INSTR_TIME_GET_MILLISEC(now);
}

/* A line of the response's headers has come; libcurl keeps it, we count. */
static size_t
receive_header(char *data, size_t size, size_t n, void *arg)
{
	Exchange   *x = arg;

	x->header_bytes += size * n;
	if (x->header_bytes > MAX_HEADER_BYTES)
	{
		x->too_large = true;
		return 0;
	}
	return size * n;
}
