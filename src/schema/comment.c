/*
 * comment.c
 *		What comments on relations and columns say, and noticing that one changed.
 *
 * A view that keeps the answer to a question is known by its comment, which
 * pg_dump keeps as well.  Whoever may write it owns the view, and hides or shows
 * nothing else.
 *
 * Comments are part of a snapshot, but the server tells nobody when one
 * changes.  After each COMMENT this hook says that its relation changed, as ALTER
 * TABLE would; all backends hear of it when the transaction commits.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "schema/comment.h"

/* A comment is an explanation of a name; a longer one is a document. */
#define MAX_COMMENT_BYTES	300

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

/*
 * The beginning of a comment, on one line, in its own memory.  It goes into a
 * prompt, where a control character could begin what looks like another part
 * of it.
 */
char *
allm_comment_begin(char *comment)
{
	if (strlen(comment) > MAX_COMMENT_BYTES)
		comment[pg_mbcliplen(comment, strlen(comment), MAX_COMMENT_BYTES)] = '\0';
	for (char *c = comment; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == 0x7F)
			*c = ' ';
	}
	return comment;
}

/* Is it the comment of a view that keeps the answer to a question? */
bool
allm_comment_is_frozen(char relkind, const char *comment)
{
	const char *line = comment != NULL ? strchr(comment, '\n') : NULL;

	return relkind == RELKIND_VIEW && line != NULL &&
		strncmp(line + 1, ALLM_COMMENT_FROZEN,
				strlen(ALLM_COMMENT_FROZEN)) == 0;
}

/* Why no definition can be about a relation that is there, or NULL. */
char *
allm_comment_problem(Oid relid)
{
	if (!allm_comment_is_frozen(get_rel_relkind(relid),
								GetComment(relid, RelationRelationId, 0)))
		return NULL;
	return psprintf("view \"%s\" keeps the answer to a question; a question can mean it only when its comment is another one",
					get_rel_name(relid));
}
