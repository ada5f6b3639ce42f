/*
 * shmem.c
 *		Makes the shared memory areas that the other rooms register.
 *
 * Owns the two server hooks for it.  Everything else that is shared belongs
 * to the room that registered it, with its locks.  After a crash of a backend
 * the postmaster runs the start-up hook again, on fresh memory.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "base/errcodes.h"
#include "base/shmem.h"

/* A handful of rooms own shared memory; raised when one more needs it. */
#define MAX_AREAS	16

static const AllmShmemArea *areas[MAX_AREAS];
static int	narea = 0;
static bool loaded = false;

static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

static void request_areas(void);
static void attach_areas(void);

/* Installs the hooks.  Called once, from _PG_init, while preloading. */
void
allm_shmem_install(void)
{
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_areas;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_areas;
	loaded = true;
}

/* Adds an area.  Called from _PG_init, before the request hook runs. */
void
allm_shmem_register(const AllmShmemArea *area)
{
	if (narea >= MAX_AREAS)
		elog(ERROR, "too many shared memory areas");
	areas[narea++] = area;
}

/* Is the library preloaded, so that shared memory and settings exist? */
bool
allm_loaded(void)
{
	return loaded;
}

/* Raises LLM06 unless the library is preloaded. */
void
allm_require_loaded(void)
{
	if (!loaded)
		ereport(ERROR,
				(errcode(ERRCODE_ALLM_NOT_LOADED),
				 errmsg("analytics_llm is not loaded"),
				 errdetail("Its shared memory and settings are made at server start."),
				 errhint("Add this line to postgresql.conf and restart the server: shared_preload_libraries = 'analytics_llm'")));
}

/* Runs in the postmaster, before the sizes are fixed. */
static void
request_areas(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();

	for (int i = 0; i < narea; i++)
	{
		RequestAddinShmemSpace(MAXALIGN(areas[i]->size()));
		if (areas[i]->nlocks > 0)
			RequestNamedLWLockTranche(areas[i]->name, areas[i]->nlocks);
	}
}

/* Runs in the postmaster, and in each process where it is not forked. */
static void
attach_areas(void)
{
	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (int i = 0; i < narea; i++)
	{
		bool		found;
		void	   *area = ShmemInitStruct(areas[i]->name,
										   areas[i]->size(), &found);

		areas[i]->attach(area, found);
	}
	LWLockRelease(AddinShmemInitLock);
}
