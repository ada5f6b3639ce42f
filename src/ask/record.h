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
extern void allm_record_of_request(const AllmRequest *request,
								   AllmRecord *record);
extern int	allm_record_of_attempt(const AllmRequest *request,
								   const AllmAttempt *attempt, int number,
								   bool is_first_call, AllmRecord *records);
extern int	allm_record_most(const AllmAttempt *attempt);
extern bool allm_record_is_first_call(const AllmRequest *request,
									  const AllmAttempt *attempt);
extern const char *allm_record_uuid_text(const pg_uuid_t *id);

#endif							/* ALLM_ASK_RECORD_H */
