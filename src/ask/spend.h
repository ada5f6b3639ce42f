/*
 * spend.h
 *		What a question's calls may spend: asked before each, told after it.
 */
#ifndef ALLM_ASK_SPEND_H
#define ALLM_ASK_SPEND_H

#include "postgres.h"

#include "ask/request.h"
#include "base/deadline.h"

extern AllmStep allm_spend_reserve(AllmRequest *request, AllmAttempt *attempt,
								   AllmDeadline deadline);
extern void allm_spend_settle(AllmAttempt *attempt);
extern void allm_spend_settle_all(const AllmRequest *request);
extern void allm_spend_release_all(const AllmRequest *request);
extern char *allm_spend_say_used_up(const AllmExcess *excess);

#endif							/* ALLM_ASK_SPEND_H */
