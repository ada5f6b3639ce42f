/*
 * errcodes.h
 *		The SQLSTATEs of this extension, class "LL".
 *
 * Conditions that PostgreSQL has a code for use that code; these are the ones
 * it has none for.  They are part of the SQL surface: clients test for them.
 */
#ifndef ALLM_BASE_ERRCODES_H
#define ALLM_BASE_ERRCODES_H

#include "postgres.h"

/* No tier could answer, for reasons outside the question. */
#define ERRCODE_ALLM_NO_ANSWER		MAKE_SQLSTATE('L', 'L', 'M', '0', '1')
/* A quota of the asking role is used up. */
#define ERRCODE_ALLM_USED_UP		MAKE_SQLSTATE('L', 'L', 'M', '0', '2')
/* Models answered, and the check refused each of their queries. */
#define ERRCODE_ALLM_NO_SAFE_QUERY	MAKE_SQLSTATE('L', 'L', 'M', '0', '3')
/* An answer exists and is not certain enough to be shown. */
#define ERRCODE_ALLM_UNCERTAIN		MAKE_SQLSTATE('L', 'L', 'M', '0', '4')
/* The role has no usable credentials for a server of models. */
#define ERRCODE_ALLM_NO_CREDENTIALS	MAKE_SQLSTATE('L', 'L', 'M', '0', '5')
/* The library is not in shared_preload_libraries. */
#define ERRCODE_ALLM_NOT_LOADED		MAKE_SQLSTATE('L', 'L', 'M', '0', '6')
/* The result does not fit the columns that were asked for. */
#define ERRCODE_ALLM_OTHER_COLUMNS	MAKE_SQLSTATE('L', 'L', 'M', '0', '7')
/* The question cannot be answered from what the role can read. */
#define ERRCODE_ALLM_UNANSWERABLE	MAKE_SQLSTATE('L', 'L', 'M', '0', '8')

#endif							/* ALLM_BASE_ERRCODES_H */
