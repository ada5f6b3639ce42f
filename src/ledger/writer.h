/*
 * writer.h
 *		The writers: background workers that alone insert into the state
 *		tables of their database, and start when the launcher says so.
 */
#ifndef ALLM_LEDGER_WRITER_H
#define ALLM_LEDGER_WRITER_H

#include "postgres.h"

#include "postmaster/bgworker.h"
#include "utils/guc.h"

extern void allm_writer_install(void);
extern void allm_writer_pin_settings(const char *application_name,
									 GucSource source);
extern bool allm_writer_start(int slot, Oid database,
							  BackgroundWorkerHandle **handle);

#endif							/* ALLM_LEDGER_WRITER_H */
