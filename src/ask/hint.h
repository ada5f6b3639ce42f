/*
 * hint.h
 *		What to do where the server refuses a statement with llm_ask.
 */
#ifndef ALLM_ASK_HINT_H
#define ALLM_ASK_HINT_H

#include "postgres.h"

extern void allm_hint_install(void);

#endif							/* ALLM_ASK_HINT_H */
