/*
 * tree.h
 *		A parsed statement as the parser library gives it: JSON with one
 *		wrapping member for each node, named after its type.
 */
#ifndef ALLM_GUARD_TREE_H
#define ALLM_GUARD_TREE_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/json.h"

/* A text and its statements. */
typedef struct AllmTree
{
	const char *text;			/* in UTF-8: locations are bytes of it */
	AllmJson   *statements;		/* the array of them; NULL after an error */
} AllmTree;

extern List *allm_tree_accept(const char *sql, int *statements);
extern List *allm_tree_parse(const char *sql, AllmTree *tree);
extern AllmJson *allm_tree_unwrap(const AllmJson *node, const char *type);
extern const char *allm_tree_type(const AllmJson *node);
extern List *allm_tree_names(const AllmJson *array);
extern int	allm_tree_length(const AllmJson *array);
extern int	allm_tree_pos(const AllmTree *tree, const AllmJson *node);

#endif							/* ALLM_GUARD_TREE_H */
