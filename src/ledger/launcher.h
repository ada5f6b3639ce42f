/*
 * launcher.h
 *		The launcher: the one static background worker, which starts writers
 *		for the databases that have records.
 */
#ifndef ALLM_LEDGER_LAUNCHER_H
#define ALLM_LEDGER_LAUNCHER_H

extern void allm_launcher_install(void);

#endif							/* ALLM_LEDGER_LAUNCHER_H */
