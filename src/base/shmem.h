/*
 * shmem.h
 *		Shared memory areas: registered by their owners, made in one place.
 */
#ifndef ALLM_BASE_SHMEM_H
#define ALLM_BASE_SHMEM_H

#include "postgres.h"

/*
 * One area of main shared memory.  The owner keeps a static const row of this
 * and registers it in _PG_init.  "size" is asked once for the request and once
 * at start-up, so it must give the same both times.
 */
typedef struct AllmShmemArea
{
	const char *name;			/* "analytics_llm queue"; also names the locks */
	int			nlocks;			/* LWLocks wanted in a tranche of that name */
	Size		(*size) (void);
	void		(*attach) (void *area, bool found); /* found: already made */
} AllmShmemArea;

extern void allm_shmem_install(void);
extern void allm_shmem_register(const AllmShmemArea *area);
extern bool allm_loaded(void);
extern void allm_require_loaded(void);

#endif							/* ALLM_BASE_SHMEM_H */
