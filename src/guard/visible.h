/*
 * visible.h
 *		The live catalog as the asking role sees it.
 */
#ifndef ALLM_GUARD_VISIBLE_H
#define ALLM_GUARD_VISIBLE_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* What a relation name means to this role. */
typedef enum AllmVisibility
{
	ALLM_VISIBLE,				/* some or all of its columns may be read */
	ALLM_VISIBLE_NOT,			/* is not there, or may not be read */
	ALLM_VISIBLE_CATALOG,		/* is of the server's own or of this extension */
	ALLM_VISIBLE_UNKNOWN		/* the server has to say */
} AllmVisibility;

/* One column of a relation or of a row source. */
typedef struct AllmVisibleColumn
{
	const char *name;			/* NULL: has none that can be told */
	Oid			type;			/* InvalidOid: not known */
	int32		typmod;
	bool		readable;
} AllmVisibleColumn;

extern AllmVisibility allm_visible_relation(const char *schema,
											const char *name, Oid *relid);
extern bool allm_visible_is_catalog(Oid relid);
extern bool allm_visible_is_state(Oid relid);
extern bool allm_visible_any_column(Oid relid);
extern bool allm_visible_whole(Oid relid);
extern bool allm_visible_all_columns(Oid relid);
extern List *allm_visible_columns(Oid relid);
extern bool allm_visible_has_system_column(Oid relid, const char *name);
extern bool allm_visible_schema(const char *name);
extern bool allm_visible_row_type(Oid type);
extern bool allm_visible_type(const char *schema, const char *name);
extern char *allm_visible_suggest_relation(const char *name);
extern int	allm_visible_likeness(const char *wrong, const char *name);

#endif							/* ALLM_GUARD_VISIBLE_H */
