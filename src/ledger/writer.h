/*
 * writer.h
 *		The writers: background workers that alone insert into the state
 *		tables of their database, and start when the launcher says so.
 */
#ifndef ALLM_LEDGER_WRITER_H
#define ALLM_LEDGER_WRITER_H

#include "postgres.h"

#include "postmaster/bgworker.h"

extern void allm_writer_install(void);
extern bool allm_writer_start(int slot, Oid database,
							  BackgroundWorkerHandle **handle);

#endif							/* ALLM_LEDGER_WRITER_H */
