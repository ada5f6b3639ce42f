/*
 * report.h
 *		What llm_status() and errors say of the queue and its writers.
 */
#ifndef ALLM_LEDGER_REPORT_H
#define ALLM_LEDGER_REPORT_H

#include "postgres.h"

/* One line of llm_status: see allm_report_status. */
typedef void (*AllmStatusLine) (void *state, const char *component,
								const char *name, const char *status,
								const char *detail_json);
extern void allm_report_status(AllmStatusLine line, void *state);
extern void allm_report_not_written(void);

#endif							/* ALLM_LEDGER_REPORT_H */
