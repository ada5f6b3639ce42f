/*
 * failure.h
 *		A call of a model that failed, in the words of the log and of a person.
 */
#ifndef ALLM_ASK_FAILURE_H
#define ALLM_ASK_FAILURE_H

#include "postgres.h"

#include "ask/request.h"

extern void allm_failure_note(AllmAttempt *attempt,
							  const AllmFailure *failure, int timeout_ms);

#endif							/* ALLM_ASK_FAILURE_H */
