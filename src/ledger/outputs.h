/*
 * outputs.h
 *		How much models write, by model and purpose.
 */
#ifndef ALLM_LEDGER_OUTPUTS_H
#define ALLM_LEDGER_OUTPUTS_H

#include "postgres.h"

extern void allm_outputs_install(void);
extern void allm_outputs_note(const char *model, const char *query_type,
							  int64 tokens);
extern int64 allm_outputs_usual(const char *model, const char *query_type);

#endif							/* ALLM_LEDGER_OUTPUTS_H */
