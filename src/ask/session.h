/*
 * session.h
 *		What of a session the rows of an answer may depend on.
 */
#ifndef ALLM_ASK_SESSION_H
#define ALLM_ASK_SESSION_H

#include "postgres.h"

#include "utils/uuid.h"

extern char *allm_session_describe(const pg_uuid_t *salt);
extern char *allm_session_difference(const char *then, const char *now);

#endif							/* ALLM_ASK_SESSION_H */
