/*
 * scope.h
 *		What names mean at one place of a query.
 */
#ifndef ALLM_GUARD_SCOPE_H
#define ALLM_GUARD_SCOPE_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "guard/visible.h"

/* The columns of a row source, in order. */
typedef struct AllmRowSource
{
	bool		known;			/* false: there may be others */
	List	   *columns;		/* of AllmVisibleColumn */
} AllmRowSource;

/* One entry of a FROM clause: relation, subquery, function, or join. */
typedef struct AllmItem
{
	const char *name;			/* by which columns are qualified, or NULL */
	const char *relation;		/* the relation's own name, or NULL */
	Oid			relid;			/* of a relation, else InvalidOid */
	bool		aliased;
	bool		name_visible;	/* may qualify columns here */
	bool		columns_visible;	/* has them without qualification */
	const char *guarded;		/* relation with columns that may not be read */
	AllmRowSource source;
} AllmItem;

/* One query of a WITH clause. */
typedef struct AllmCte
{
	const char *name;
	AllmRowSource source;
} AllmCte;

/*
 * One query level.  "items" are what may be referred to at the place that is
 * looked at, "unseen" those of the same level that may not.
 */
typedef struct AllmScope
{
	const struct AllmScope *parent;
	List	   *items;			/* of AllmItem */
	List	   *unseen;			/* of AllmItem */
	List	   *ctes;			/* of AllmCte */
} AllmScope;

typedef enum AllmFound
{
	ALLM_FOUND,
	ALLM_FOUND_SEVERAL,
	ALLM_FOUND_NONE,
	ALLM_FOUND_UNSURE,			/* something here has columns not known */
	ALLM_FOUND_HIDDEN			/* likewise, and one may not be read */
} AllmFound;

extern AllmCte *allm_scope_find_cte(const AllmScope *scope, const char *name);
extern AllmItem *allm_scope_find_item(const AllmScope *scope,
									  const char *name);
extern bool allm_scope_is_ambiguous(const AllmScope *scope,
									const char *name);
extern bool allm_scope_is_unseen(const AllmScope *scope, const char *name);
extern AllmFound allm_scope_find_column(const AllmScope *scope,
										const char *name, bool outer,
										AllmVisibleColumn **column);
extern AllmFound allm_scope_find_in_item(const AllmItem *item,
										 const char *name,
										 AllmVisibleColumn **column);
extern char *allm_scope_suggest_column(const AllmScope *scope,
									   const AllmItem *item,
									   const char *name);
extern char *allm_scope_suggest_item(const AllmScope *scope,
									 const char *name);

#endif							/* ALLM_GUARD_SCOPE_H */
