/*
 * launcher.h
 *		The launcher: the one static background worker, which starts writers
 *		for the databases that have records.
 */
#ifndef ALLM_LEDGER_LAUNCHER_H
#define ALLM_LEDGER_LAUNCHER_H

/*
 * Something else that the launcher does at each wake-up: in no transaction, and
 * without waiting.  Returns the milliseconds until it is to be called again, or
 * -1 when it is enough that somebody wakes the launcher up.
 */
typedef long (*AllmLauncherChore) (void);

extern void allm_launcher_install(void);
extern void allm_launcher_add_chore(AllmLauncherChore chore);
extern void allm_launcher_wake(void);
extern bool allm_launcher_finds(Oid database);

#endif							/* ALLM_LEDGER_LAUNCHER_H */
