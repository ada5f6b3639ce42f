/*
 * choice.h
 *		What one name of a question can mean as seen from a base relation.
 */
#ifndef ALLM_SEMANTIC_CHOICE_H
#define ALLM_SEMANTIC_CHOICE_H

#include "postgres.h"

#include "schema/graph.h"
#include "semantic/plan.h"

/* One meaning that the base can reach. */
typedef struct AllmChoice
{
	AllmRef    *ref;			/* of a column or value; NULL: an entity */
	const AllmColumn *column;	/* that was named, even if a key stands in */
	const AllmRelation *entity;
	List	   *keys;			/* the way to the entity */
	List	   *values;
	List	   *rival;			/* another way, as short */
	int			cost;
} AllmChoice;

/* What was chosen, or the sentence that says why nothing was. */
typedef struct AllmVerdict
{
	AllmChoice *choice;
	char	   *problem;
	bool		doubtful;
} AllmVerdict;

/* Is a column fit for its place in the question? */
typedef bool (*AllmFit) (const AllmColumn *column);

extern AllmVerdict allm_choice_column(const AllmItem *name,
									  const AllmReach *reach, AllmFit fit);
extern AllmVerdict allm_choice_dimension(const AllmItem *name,
										 const AllmItem *qualifier,
										 const AllmReach *reach);
extern AllmVerdict allm_choice_values(const AllmFilter *filter,
									  const AllmItem *behind,
									  const AllmReach *reach,
									  bool figures);
extern bool allm_choice_names(const AllmSense *sense,
							  const AllmColumn *column);
extern bool allm_choice_is_relation(const AllmItem *name,
									const AllmRelation *relation);

#endif							/* ALLM_SEMANTIC_CHOICE_H */
