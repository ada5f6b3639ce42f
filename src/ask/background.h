/*
 * background.h
 *		The pool of workers that answer submitted questions.
 */
#ifndef ALLM_ASK_BACKGROUND_H
#define ALLM_ASK_BACKGROUND_H

#include "postgres.h"

#include "ledger/report.h"

/* What is listened to for answers that are there. */
#define ALLM_RESULT_CHANNEL		"analytics_llm_result"

extern void allm_background_install(void);
extern void allm_background_require(void);
extern void allm_background_status(AllmStatusLine line, void *state);

extern void *allm_background_settings(Size *len);

#endif							/* ALLM_ASK_BACKGROUND_H */
