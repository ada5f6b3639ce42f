/*
 * term.h
 *		The days and months that quotas are for, in UTC.
 */
#ifndef ALLM_LEDGER_TERM_H
#define ALLM_LEDGER_TERM_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef enum AllmTerm
{
	ALLM_TERM_DAY,
	ALLM_TERM_MONTH
} AllmTerm;

#define ALLM_TERMS	(ALLM_TERM_MONTH + 1)

extern const char *allm_term_name(AllmTerm period);
extern TimestampTz allm_term_start(AllmTerm period, TimestampTz now);
extern TimestampTz allm_term_end(AllmTerm period, TimestampTz now);
extern char *allm_term_say(TimestampTz at);

#endif							/* ALLM_LEDGER_TERM_H */
