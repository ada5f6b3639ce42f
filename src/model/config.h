/*
 * config.h
 *		Models, tiers, routes and prices, as the tables have them at this
 *		question.
 */
#ifndef ALLM_MODEL_CONFIG_H
#define ALLM_MODEL_CONFIG_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "model/cost.h"
#include "model/rollout.h"
#include "model/route.h"
#include "model/wire.h"

/* A model at its place in a tier. */
typedef struct AllmTierModel
{
	int			tier;
	int			position;
	char	   *server;			/* name of the foreign server */
	AllmModel	model;
	int			context_tokens;
	int			timeout_ms;		/* for the whole tier */
	float4		min_confidence;
	int			max_retries;
	const AllmRollout *rollout; /* that deals this place out, or NULL */
	bool		treated;		/* in it, this question is in the treatment
								 * arm */
} AllmTierModel;

/* A row of the price table. */
typedef struct AllmPriceRow
{
	char	   *model;
	int			from;			/* prompt tokens from which on it holds */
	AllmPrice	price;
} AllmPriceRow;

extern List *allm_config_tier(int tier);
extern AllmTierModel *allm_config_model(const char *name);
extern List *allm_config_routes(void);
extern List *allm_config_rollouts(void);
extern List *allm_config_prices(void);
extern const AllmPrice *allm_config_price(const List *prices,
										  const char *model,
										  int64 prompt_tokens);

#endif							/* ALLM_MODEL_CONFIG_H */
