/*
 * from.h
 *		The FROM clause: what can be referred to, under which names.
 */
#ifndef ALLM_GUARD_FROM_H
#define ALLM_GUARD_FROM_H

#include "postgres.h"

#include "guard/finding.h"
#include "guard/scope.h"
#include "guard/tree.h"

/* One walk over a statement. */
typedef struct AllmNames
{
	const AllmTree *tree;
	List	   *findings;		/* of AllmFinding */
} AllmNames;

/* names.c */
extern AllmFinding *allm_names_add(AllmNames *names, const char *code,
								   int pos, char *message);
extern AllmRowSource allm_names_select(AllmNames *names,
									   const AllmScope *outer,
									   const AllmJson *select);
extern void allm_names_walk(AllmNames *names, const AllmScope *scope,
							const AllmJson *node);

/* from.c */
extern void allm_from_read(AllmNames *names, AllmScope *scope,
						   const AllmJson *list);
extern void allm_from_rename(AllmRowSource *source, List *aliases);
extern void allm_from_expand(AllmNames *names, const AllmScope *scope,
							 int pos, AllmRowSource *outputs);
extern void allm_from_expand_item(const AllmItem *item,
								  AllmRowSource *outputs);
extern void allm_from_refuse_guarded(AllmNames *names, const AllmItem *item,
									 int pos);

#endif							/* ALLM_GUARD_FROM_H */
