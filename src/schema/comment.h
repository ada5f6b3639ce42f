/*
 * comment.h
 *		What comments on relations and columns say, and noticing that one changed.
 */
#ifndef ALLM_SCHEMA_COMMENT_H
#define ALLM_SCHEMA_COMMENT_H

#include "postgres.h"

/*
 * What the second line of the comment on a frozen view begins with.  The view
 * analytics_llm.frozen_view goes by it too.
 */
#define ALLM_COMMENT_FROZEN	"analytics_llm: request "

extern void allm_comment_install(void);
extern char *allm_comment_begin(char *comment);
extern bool allm_comment_is_frozen(char relkind, const char *comment);
extern char *allm_comment_problem(Oid relid);

#endif							/* ALLM_SCHEMA_COMMENT_H */
