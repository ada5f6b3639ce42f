/*
 * subxact.c
 *		Work in a subtransaction, whose errors come back as a value.
 *
 * The one place that catches errors.  Which of them may be kept from the
 * client is for the caller to say; see allm_finding_is_verdict.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "guard/subxact.h"

static ErrorData *run_and_catch(AllmSubxactWork work,
								AllmSubxactCaught caught, void *arg,
								MemoryContext context);

/*
 * Runs "work" in a subtransaction and in the caller's memory context.  When it
 * succeeds, the subtransaction is committed, which leaves its locks to the
 * caller's transaction, or rolled back, as asked; NULL is returned.  When it
 * raises, "caught" is called first, the subtransaction is rolled back, and a
 * copy of the error in the caller's context is returned.  Memory context and
 * resource owner are the caller's again either way.
 *
 * Where there is no memory for the copy, the want of memory is raised; not
 * before the subtransaction is over, or the session would be left in it.
 */
ErrorData *
allm_subxact_run(AllmSubxactWork work, AllmSubxactCaught caught, void *arg,
				 bool commit)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile edata = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		edata = run_and_catch(work, caught, arg, context);
	}
	PG_CATCH();
	{
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		PG_RE_THROW();
	}
	PG_END_TRY();

	if (edata == NULL && commit)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return edata;
}

/* Runs "work"; returns a copy of what it raised, or NULL. */
static ErrorData *
run_and_catch(AllmSubxactWork work, AllmSubxactCaught caught, void *arg,
			  MemoryContext context)
{
	ErrorData  *volatile edata = NULL;

	PG_TRY();
	{
		work(arg);
	}
	PG_CATCH();
	{
		if (caught != NULL)
			caught(arg);
		MemoryContextSwitchTo(context);
		edata = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	return edata;
}
