/*
 * remnant.h
 *		What is recorded of a request when there is no memory for its records.
 */
#ifndef ALLM_ASK_REMNANT_H
#define ALLM_ASK_REMNANT_H

#include "postgres.h"

#include "ask/request.h"

extern void allm_remnant_prepare(void);
extern void allm_remnant_put(const AllmRequest *request);

#endif							/* ALLM_ASK_REMNANT_H */
