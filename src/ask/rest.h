/*
 * rest.h
 *		Models that are not to be called for a while, as a question meets them.
 */
#ifndef ALLM_ASK_REST_H
#define ALLM_ASK_REST_H

#include "postgres.h"

#include "ask/request.h"

extern bool allm_rest_admit(AllmRequest *request, AllmAttempt *attempt,
							const AllmGatePass *pass, AllmDeadline deadline);
extern bool allm_rest_report(AllmRequest *request, AllmAttempt *attempt,
							 const AllmFailure *failure);

#endif							/* ALLM_ASK_REST_H */
