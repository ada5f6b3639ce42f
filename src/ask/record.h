/*
 * record.h
 *		A request as records of the ledger.
 */
#ifndef ALLM_ASK_RECORD_H
#define ALLM_ASK_RECORD_H

#include "postgres.h"

#include "ask/request.h"
#include "ledger/record.h"

extern int	allm_record_build(const AllmRequest *request,
							  AllmRecord **records);
extern const char *allm_record_uuid_text(const pg_uuid_t *id);

#endif							/* ALLM_ASK_RECORD_H */
