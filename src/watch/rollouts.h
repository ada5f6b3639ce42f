/*
 * rollouts.h
 *		Rollouts go on, step by step, or are ended by their guards.
 */
#ifndef ALLM_WATCH_ROLLOUTS_H
#define ALLM_WATCH_ROLLOUTS_H

extern void allm_rollouts_install(void);

#endif							/* ALLM_WATCH_ROLLOUTS_H */
