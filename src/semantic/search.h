/*
 * search.h
 *		The search for the one plan of a question for figures.
 */
#ifndef ALLM_SEMANTIC_SEARCH_H
#define ALLM_SEMANTIC_SEARCH_H

#include "postgres.h"

#include "semantic/account.h"
#include "semantic/match.h"
#include "semantic/plan.h"

/*
 * The plans so far.  "objects" may find fault with a plan that is possible: a
 * sentence, or NULL.
 */
typedef struct AllmSearch
{
	int			nplans;
	bool		too_many;		/* there was more than we look at */
	bool		likely;			/* over keys that no constraint declares, too */
	List	   *reaches;		/* of AllmReach, one for each base so far */
	AllmPlan   *best;
	const AllmSketch *sketch;	/* of the best */
	char	   *best_sql;		/* NULL when the best is a doubt */
	AllmPlan   *rival;			/* as cheap, and different */
	AllmPlan   *hopeless;		/* a plan with a problem, for the message */
	char	   *form_problem;
	AllmAccount *account;		/* or NULL */
	const AllmReadInput *input; /* what may be asked of the data; or NULL */
	char	   *(*objects) (const AllmSketch *sketch, const AllmPlan *plan,
							void *state);
	void	   *state;
} AllmSearch;

/* Gets one way to take a question apart. */
typedef void (*AllmWayTaken) (AllmSearch *search, AllmItem **items,
							  int nitems);

extern AllmLexicon *allm_search_take_apart(const AllmReadInput *input,
										   AllmReading *reading);
extern void allm_search_ways(AllmSearch *search, const AllmLexicon *lexicon,
							 AllmWayTaken taken);
extern void allm_search_weigh(AllmSearch *search, const AllmSketch *sketch);
extern void allm_search_finish(const AllmSearch *search,
							   AllmReading *reading);

#endif							/* ALLM_SEMANTIC_SEARCH_H */
