/*
 * routing.h
 *		Which tiers a question goes through, in which order, and how their
 *		models are asked.
 */
#ifndef ALLM_ASK_ROUTING_H
#define ALLM_ASK_ROUTING_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "ask/options.h"
#include "base/deadline.h"
#include "model/complexity.h"
#include "model/config.h"
#include "model/route.h"

/* The tiers of models: 1 and 2. */
#define ALLM_MODEL_TIERS	2

typedef struct AllmRouting
{
	const AllmComplexity *complexity;
	const AllmRoute *route;		/* the row that applies, or NULL */
	const char *why;			/* the first tier is the first */
	int			order[ALLM_TIERS];	/* of tiers */
	int			ntiers;
	List	   *models[ALLM_MODEL_TIERS];	/* of AllmTierModel */
	List	   *shadows;		/* of AllmRollout: whose model is asked, too */
	List	   *prices;			/* of AllmPriceRow */
	bool		verify;			/* compare a model's answer with the rules' */
	const ErrorData *unreadable;	/* why the tables could not be read */
} AllmRouting;

extern AllmRouting *allm_routing_decide(const char *question,
										const AllmOptions *options,
										const AllmSubject *subject,
										AllmDeadline deadline);

#endif							/* ALLM_ASK_ROUTING_H */
