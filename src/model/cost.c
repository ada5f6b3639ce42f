/*
 * cost.c
 *		What a call costs, in integers: never in floating point.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "model/cost.h"

/* Tokens that a price is given for. */
#define TOKENS_A_PRICE		INT64CONST(1000000)

/*
 * The length of the prompt, by which a price is chosen where it has steps:
 * what was read from a cache and written to one is a part of it.
 */
int64
allm_cost_prompt_tokens(const AllmTokens *tokens)
{
	return tokens->input + tokens->cache_read +
		tokens->cache_write_5m + tokens->cache_write_1h;
}

/* Micro-USD, rounded to the nearest. */
int64
allm_cost_micros(const AllmTokens *tokens, const AllmPrice *price)
{
	int64		cost = tokens->input * price->input;

	cost += tokens->output * price->output;
	cost += tokens->cache_read * price->cache_read;
	cost += tokens->cache_write_5m * price->cache_write_5m;
	cost += tokens->cache_write_1h * price->cache_write_1h;
	return (cost + TOKENS_A_PRICE / 2) / TOKENS_A_PRICE;
}

/* Micro-USD as USD, with six digits. */
Numeric
allm_cost_numeric(int64 micros)
{
	return int64_div_fast_to_numeric(micros, 6);
}
