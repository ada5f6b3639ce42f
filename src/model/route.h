/*
 * route.h
 *		Which tier starts, and how its models are asked: rows of
 *		analytics_llm.route, and the choice among them.
 */
#ifndef ALLM_MODEL_ROUTE_H
#define ALLM_MODEL_ROUTE_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* The tiers that a question can go through. */
#define ALLM_TIERS	3

/* A row of analytics_llm.route; what it does not say is NULL or 0. */
typedef struct AllmRoute
{
	float4		min_complexity;
	float4		max_complexity; /* exclusive */
	char	   *question_class; /* NULL: any */
	int			start_tier;
	char	   *effort;
	char	   *thinking;
	char	   *verify;			/* on, off */
	int			timeout_ms;
	int			max_output_tokens;
} AllmRoute;

extern const AllmRoute *allm_route_choose(const List *routes, float4 complexity,
										  const char *question_class);
extern int	allm_route_order(int start_tier, bool downwards,
							 int order[ALLM_TIERS]);

#endif							/* ALLM_MODEL_ROUTE_H */
