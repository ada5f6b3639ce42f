/*
 * cost.h
 *		What a call costs, in integers.
 */
#ifndef ALLM_MODEL_COST_H
#define ALLM_MODEL_COST_H

#include "postgres.h"

#include "utils/numeric.h"

#include "model/wire.h"

/*
 * A price: micro-USD for a million tokens of each kind.  Below ten thousand
 * USD, as the table's constraints have it, nothing here can overflow.
 */
typedef struct AllmPrice
{
	int64		input;
	int64		output;
	int64		cache_read;
	int64		cache_write_5m;
	int64		cache_write_1h;
} AllmPrice;

extern int64 allm_cost_prompt_tokens(const AllmTokens *tokens);
extern int64 allm_cost_micros(const AllmTokens *tokens, const AllmPrice *price);
extern Numeric allm_cost_numeric(int64 micros);

#endif							/* ALLM_MODEL_COST_H */
