/*
 * planner.h
 *		What the parts of a plan share while it is made.
 */
#ifndef ALLM_SEMANTIC_PLANNER_H
#define ALLM_SEMANTIC_PLANNER_H

#include "postgres.h"

#include "semantic/choice.h"
#include "semantic/plan.h"

/* One plan in progress. */
typedef struct AllmPlanner
{
	const AllmSketch *sketch;
	const AllmRelation *base;
	const AllmReach *reach;		/* of the base */
	const AllmReadInput *input; /* what may be asked of the data; or NULL */
	AllmPlan   *plan;
	List	   *parts;			/* of char *: the figures in words */
	List	   *conditions;		/* of char *: the conditions in words */
	bool		unique_value;	/* a filter picks one row of the base */
	bool		names_base;		/* a head names the base */
} AllmPlanner;

extern bool allm_planner_fail(AllmPlanner *planner, bool doubtful,
							  const char *fmt,...) pg_attribute_printf(3, 4);
extern bool allm_planner_doubt(AllmPlanner *planner,
							   const char *fmt,...) pg_attribute_printf(2, 3);
extern AllmChoice *allm_planner_take(AllmPlanner *planner,
									 AllmVerdict verdict);
extern void allm_planner_say(AllmPlanner *planner, char *part);
extern void allm_planner_say_condition(AllmPlanner *planner, char *part);
extern char *allm_planner_say_column(AllmPlanner *planner,
									 const AllmRef *ref);
extern AllmOutput *allm_planner_make_output(AllmRef *ref,
											AllmFunction function,
											const char *name);
extern AllmRef *allm_planner_make_own_ref(const AllmColumn *column);
extern bool allm_planner_add_entity(AllmPlanner *planner,
									const AllmRelation *relation,
									List *keys);
extern bool allm_planner_is_explained(const AllmPlanner *planner,
									  const AllmHead *head);
extern bool allm_planner_settle_heads(AllmPlanner *planner,
									  const List *heads);
extern bool allm_planner_is_ordered(const AllmColumn *column);

#endif							/* ALLM_SEMANTIC_PLANNER_H */
