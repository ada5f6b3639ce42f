/*
 * switch.h
 *		The kill switch of model calls, as it stands now.
 */
#ifndef ALLM_BASE_SWITCH_H
#define ALLM_BASE_SWITCH_H

#include "postgres.h"

extern void allm_switch_install(void);
extern void allm_switch_assign(int newval, void *extra);
extern bool allm_switch_may_call(void);

#endif							/* ALLM_BASE_SWITCH_H */
