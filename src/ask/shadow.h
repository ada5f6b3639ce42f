/*
 * shadow.h
 *		A second model, asked beside the one that answered, and never shown.
 */
#ifndef ALLM_ASK_SHADOW_H
#define ALLM_ASK_SHADOW_H

#include "ask/jobs.h"
#include "ask/request.h"

extern void allm_shadow_offer(const AllmRequest *request);
extern void allm_shadow_ask(const AllmJobOrder *order);
extern void allm_shadow_note_failure(const AllmJobOrder *order);

#endif							/* ALLM_ASK_SHADOW_H */
