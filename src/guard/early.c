/*
 * early.c
 *		Functions that run while the server analyses a text.
 *
 * A string becomes a value of its type during analysis already, before any
 * judge can see which type that is.  When there is a domain in that type, in
 * an array, a row or a range, the domain's constraints run: code of its owner,
 * with the rights of whoever asks.  So as long as a query is analysed, each
 * function is judged at the moment when the executor gets ready to call it.
 *
 * Owns one hook of the server's, put in front of what was there when it is
 * first needed.  State of this backend only, no locks.
 */
#include "postgres.h"

#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"

#include "guard/early.h"
#include "guard/functions.h"

static object_access_hook_type previous_hook = NULL;
static bool hooked = false;
static bool watching = false;
static Oid	refused = InvalidOid;

static void judge_access(ObjectAccessType access, Oid class, Oid object,
						 int sub, void *arg);

/* From here on, functions are judged when they are about to run. */
void
allm_early_watch(void)
{
	if (!hooked)
	{
		previous_hook = object_access_hook;
		object_access_hook = judge_access;
		hooked = true;
	}
	refused = InvalidOid;
	watching = true;
}

/*
 * The end of that, on each way out.  The function that was refused, which
 * ended the analysis with an error, or InvalidOid.
 */
Oid
allm_early_unwatch(void)
{
	Oid			function = refused;

	watching = false;
	refused = InvalidOid;
	return function;
}

/* Raises an error for a function that a query may not come to use. */
static void
judge_access(ObjectAccessType access, Oid class, Oid object, int sub,
			 void *arg)
{
	if (previous_hook != NULL)
		previous_hook(access, class, object, sub, arg);
	if (!watching || access != OAT_FUNCTION_EXECUTE ||
		class != ProcedureRelationId ||
		allm_functions_is_plain(object) ||
		allm_functions_refuse(object, ALLM_WRITTEN_BY_VIEW) == NULL)
		return;
	refused = object;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("function %s may not be used in a query",
					allm_functions_name(object))));
}
