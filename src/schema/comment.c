/*
 * comment.c
 *		Noticing that a comment on a relation or column changed.
 *
 * Comments are part of a snapshot, but the server tells nobody when one
 * changes.  After each COMMENT this hook says that its relation changed, as ALTER
 * TABLE would; all backends hear of it when the transaction commits.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/inval.h"

#include "schema/comment.h"

static ProcessUtility_hook_type previous_hook = NULL;

static void process_utility(PlannedStmt *pstmt, const char *query_string,
							bool read_only_tree,
							ProcessUtilityContext context,
							ParamListInfo params, QueryEnvironment *environment,
							DestReceiver *dest, QueryCompletion *completion);
static void tell_of_comment(const CommentStmt *stmt);

/* Called once, while preloading. */
void
allm_comment_install(void)
{
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

/* Runs the statement, and tells of a comment. */
static void
process_utility(PlannedStmt *pstmt, const char *query_string,
				bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment,
				DestReceiver *dest, QueryCompletion *completion)
{
	ProcessUtility_hook_type next = previous_hook != NULL ?
	previous_hook : standard_ProcessUtility;
	bool		is_comment = IsA(pstmt->utilityStmt, CommentStmt);

	/* A statement that ends a transaction may free its own tree. */
	next(pstmt, query_string, read_only_tree, context, params, environment,
		 dest, completion);
	if (is_comment)
		tell_of_comment((CommentStmt *) pstmt->utilityStmt);
}

/*
 * Tells that the relation of a comment changed.  The statement has looked the
 * name up and holds a lock; a relation that is not found is that of no table.
 */
static void
tell_of_comment(const CommentStmt *stmt)
{
	List	   *names;
	Oid			relid;

	switch (stmt->objtype)
	{
		case OBJECT_COLUMN:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_MATVIEW:
		case OBJECT_TABLE:
		case OBJECT_VIEW:
			break;
		default:
			return;
	}
	names = list_copy(castNode(List, stmt->object));
	if (stmt->objtype == OBJECT_COLUMN)
		names = list_delete_last(names);
	relid = RangeVarGetRelid(makeRangeVarFromNameList(names), NoLock, true);
	if (OidIsValid(relid))
		CacheInvalidateRelcacheByRelid(relid);
}
