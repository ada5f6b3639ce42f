/*
 * switch.c
 *		The kill switch of model calls, as it stands now.
 *
 * A backend reads a changed analytics_llm.model_calls only between two
 * statements, which is too late for a call that is under way.  So the value is
 * kept in shared memory as well.  The postmaster writes it when it reads the
 * configuration, and only then tells the backends to read it: their signal
 * handler sets their latch, and whoever waits for a model looks here.  That
 * needs no worker, and works on a standby.
 *
 * Locking: one atomic word, written by the postmaster alone.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "port/atomics.h"

#include "base/settings.h"
#include "base/shmem.h"
#include "base/switch.h"

/* What all processes see. */
typedef struct Switch
{
	pg_atomic_uint32 model_calls;	/* an AllmModelCalls; see above */
} Switch;

static Switch *shared = NULL;

static Size switch_size(void);
static void attach_switch(void *area, bool found);

static const AllmShmemArea switch_area =
{
	"analytics_llm switch", 0, switch_size, attach_switch
};

/* Registers the shared memory.  Called once, from _PG_init. */
void
allm_switch_install(void)
{
	allm_shmem_register(&switch_area);
}

/*
 * The assign hook of analytics_llm.model_calls.  Backends run it too, later
 * and in any order: what they read is no news.
 */
void
allm_switch_assign(int newval, void *extra)
{
	if (shared != NULL && !IsUnderPostmaster)
		pg_atomic_write_u32(&shared->model_calls, newval);
}

/* May this server call models at this moment?  Cheap enough for each wake-up. */
bool
allm_switch_may_call(void)
{
	uint32		calls = pg_atomic_read_u32(&shared->model_calls);

	return calls == ALLM_MODEL_CALLS_ALWAYS ||
		(calls == ALLM_MODEL_CALLS_PRIMARY && !RecoveryInProgress());
}

/* The size of the area. */
static Size
switch_size(void)
{
	return sizeof(Switch);
}

/* Takes the area, and begins with the value that the server started with. */
static void
attach_switch(void *area, bool found)
{
	shared = area;
	if (!found)
		pg_atomic_init_u32(&shared->model_calls, allm_model_calls);
}
