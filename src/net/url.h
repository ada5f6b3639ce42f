/*
 * url.h
 *		May a URL be called?
 */
#ifndef ALLM_NET_URL_H
#define ALLM_NET_URL_H

#include "postgres.h"

extern const char *allm_url_problem(const char *url, bool allow_plaintext);
extern bool allm_url_has_control(const char *text);

#endif							/* ALLM_NET_URL_H */
