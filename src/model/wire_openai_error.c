/*
 * wire_openai_error.c
 *		What a failed call of chat completions means.
 *
 * Servers of this protocol agree on statuses, and hardly on anything else: the
 * code in an error may be a number, a word, a number in words, or null.  So the
 * status decides, and words narrow it down where it is known who says them.
 *
 * Rows only.
 */
#include "postgres.h"

#include "model/wire_openai_error.h"

const AllmWireRule allm_wire_openai_rules[] =
{
	/* The account has to be paid for, whatever the status. */
	{400, 429, NULL, "insufficient_quota", NULL, ALLM_FAILURE_UNPAID},
	{400, 429, "insufficient_quota", NULL, NULL, ALLM_FAILURE_UNPAID},
	{400, 429, "budget_exceeded", NULL, NULL, ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "exceeded your current quota",
	ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "credit balance is too low", ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "API usage limits", ALLM_FAILURE_UNPAID},
	{402, 402, NULL, NULL, NULL, ALLM_FAILURE_UNPAID},

	/* The prompt does not fit: each server has its own words. */
	{400, 400, NULL, "context_length_exceeded", NULL,
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 500, "exceed_context_size_error", NULL, NULL,
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, NULL, NULL, "maximum context length",
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 500, NULL, NULL, "exceeds the available context size",
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, NULL, NULL, "prompt is too long", ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, NULL, NULL, "ContextWindowExceeded",
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{413, 413, NULL, NULL, NULL, ALLM_FAILURE_PROMPT_TOO_LONG},

	/* A gateway that does not know the model, or a key without a look-up. */
	{400, 400, "no_db_connection", NULL, NULL, ALLM_FAILURE_CREDENTIAL},
	{400, 400, NULL, "model_not_found", NULL, ALLM_FAILURE_MODEL_GONE},
	{400, 400, NULL, NULL, "Invalid model name", ALLM_FAILURE_MODEL_GONE},

	/* The row of the model asks for what the model cannot do. */
	{400, 400, NULL, "unsupported_parameter", NULL, ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, "unsupported_value", NULL, ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, "not supported", ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, "does not support", ALLM_FAILURE_UNSUPPORTED},
	{501, 501, NULL, NULL, NULL, ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, NULL, ALLM_FAILURE_BAD_REQUEST},

	{401, 401, NULL, NULL, NULL, ALLM_FAILURE_CREDENTIAL},
	{403, 403, NULL, NULL, NULL, ALLM_FAILURE_PERMISSION},
	{404, 404, NULL, NULL, NULL, ALLM_FAILURE_MODEL_GONE},
	{408, 409, NULL, NULL, NULL, ALLM_FAILURE_SERVER},
	{429, 429, NULL, NULL, NULL, ALLM_FAILURE_RATE_LIMIT},
	{400, 499, NULL, NULL, NULL, ALLM_FAILURE_BAD_REQUEST},

	{529, 529, NULL, NULL, NULL, ALLM_FAILURE_OVERLOADED},
	/* The model is being loaded. */
	{503, 503, "unavailable_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{500, 599, NULL, NULL, "overloaded_error", ALLM_FAILURE_OVERLOADED},
	{503, 503, NULL, NULL, "server busy", ALLM_FAILURE_OVERLOADED},
	{503, 503, NULL, NULL, "overloaded", ALLM_FAILURE_OVERLOADED},
	{500, 599, NULL, NULL, NULL, ALLM_FAILURE_SERVER},

	/* Redirects are not followed: the key would go along. */
	{300, 399, NULL, NULL, NULL, ALLM_FAILURE_CONFIG},

	/* An error in the body of what claims to be a success. */
	{200, 299, "rate_limit_error", NULL, NULL, ALLM_FAILURE_RATE_LIMIT},
	{200, 299, "invalid_request_error", NULL, NULL, ALLM_FAILURE_BAD_REQUEST},
	{200, 299, "server_error", NULL, NULL, ALLM_FAILURE_SERVER},
};

const int	allm_wire_openai_nrules = lengthof(allm_wire_openai_rules);
