/*
 * url.c
 *		May a URL be called?
 *
 * Encrypted, or on this machine, or where somebody has allowed otherwise; and
 * nothing in it that would be more than a URL.
 *
 * Pure functions.
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include "net/url.h"

static bool is_loopback(const char *host);

/*
 * Why a URL may not be called, as a sentence, or NULL.  It is read by the
 * parser that will be used to call it, so the two cannot disagree on the host.
 */
const char *
allm_url_problem(const char *url, bool allow_plaintext)
{
	const char *problem = NULL;
	CURLU	   *parts = curl_url();
	char	   *scheme = NULL;
	char	   *host = NULL;

	if (parts == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	if (allm_url_has_control(url) || strchr(url, ' ') != NULL ||
		curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
		curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		problem = "It is not a valid URL.";
	else if (curl_url_set(parts, CURLUPART_URL, url,
						  CURLU_DISALLOW_USER) != CURLUE_OK)
		problem = "It names a user.";
	else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
		problem = "It does not begin with https://.";
	else if (strcmp(scheme, "http") == 0 && !allow_plaintext &&
			 !is_loopback(host))
		problem = "Plain http is accepted for loopback addresses only.";
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return problem;
}

/* Is there a byte below the blank, or DEL? */
bool
allm_url_has_control(const char *text)
{
	for (const unsigned char *c = (const unsigned char *) text; *c != '\0'; c++)
	{
		if (*c < ' ' || *c == 0x7F)
			return true;
	}
	return false;
}

/*
 * Does a host, as libcurl writes it, lead to this machine?  Of names, libcurl
 * itself takes "localhost" for the loopback addresses, whatever a resolver
 * says.
 */
static bool
is_loopback(const char *host)
{
	struct in_addr address;

	if (inet_pton(AF_INET, host, &address) == 1)
		return (ntohl(address.s_addr) >> 24) == 127;
	return strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0;
}
