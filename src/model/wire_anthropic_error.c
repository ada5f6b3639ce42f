/*
 * wire_anthropic_error.c
 *		What a failed call of the Messages protocol means.
 *
 * A table of statuses and error bodies; what each kind of failure entails is in
 * wire_error.c.
 *
 * Rows only.
 */
#include "postgres.h"

#include "model/wire_anthropic_error.h"

const AllmWireRule allm_wire_anthropic_rules[] =
{
	/* The account has to be paid for, whatever the status. */
	{400, 429, NULL, "enforced_spend_limit_reached", NULL,
	ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "credit balance is too low", ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "API usage limits", ALLM_FAILURE_UNPAID},
	{400, 429, NULL, NULL, "Budget has been exceeded", ALLM_FAILURE_UNPAID},
	{402, 402, NULL, NULL, NULL, ALLM_FAILURE_UNPAID},
	{200, 599, "billing_error", NULL, NULL, ALLM_FAILURE_UNPAID},

	/* The prompt does not fit; a local server has its own word. */
	{400, 400, NULL, NULL, "prompt is too long", ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, NULL, NULL, "exceed context limit",
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, "exceed_context_size_error", NULL, NULL,
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{400, 400, NULL, NULL, "ContextWindowExceeded",
	ALLM_FAILURE_PROMPT_TOO_LONG},
	{413, 413, NULL, NULL, NULL, ALLM_FAILURE_PROMPT_TOO_LONG},

	/* A gateway that does not know the model, or a key without a look-up. */
	{400, 400, NULL, NULL, "Invalid model name", ALLM_FAILURE_MODEL_GONE},
	{400, 400, "no_db_connection", NULL, NULL, ALLM_FAILURE_CREDENTIAL},

	/* The row of the model asks for what the model cannot do. */
	{400, 400, NULL, NULL, "deprecated for this model",
	ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, "not supported", ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, "does not support", ALLM_FAILURE_UNSUPPORTED},
	{400, 400, NULL, NULL, NULL, ALLM_FAILURE_BAD_REQUEST},

	{401, 401, NULL, NULL, NULL, ALLM_FAILURE_CREDENTIAL},
	{403, 403, NULL, NULL, NULL, ALLM_FAILURE_PERMISSION},
	{404, 404, NULL, NULL, NULL, ALLM_FAILURE_MODEL_GONE},
	{408, 409, NULL, NULL, NULL, ALLM_FAILURE_SERVER},
	{429, 429, NULL, NULL, NULL, ALLM_FAILURE_RATE_LIMIT},
	{400, 499, NULL, NULL, NULL, ALLM_FAILURE_BAD_REQUEST},

	{529, 529, NULL, NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{500, 599, "overloaded_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{500, 599, NULL, NULL, "overloaded_error", ALLM_FAILURE_OVERLOADED},
	/* A local server that is still loading its model. */
	{503, 503, "unavailable_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{500, 599, NULL, NULL, NULL, ALLM_FAILURE_SERVER},

	/* Redirects are not followed: the key would go along. */
	{300, 399, NULL, NULL, NULL, ALLM_FAILURE_CONFIG},

	/* An error in the body of what claims to be a success. */
	{200, 299, "overloaded_error", NULL, NULL, ALLM_FAILURE_OVERLOADED},
	{200, 299, "rate_limit_error", NULL, NULL, ALLM_FAILURE_RATE_LIMIT},
	{200, 299, "api_error", NULL, NULL, ALLM_FAILURE_SERVER},
	{200, 299, "timeout_error", NULL, NULL, ALLM_FAILURE_SERVER},
	{200, 299, "invalid_request_error", NULL, NULL, ALLM_FAILURE_BAD_REQUEST},
	{200, 299, "authentication_error", NULL, NULL, ALLM_FAILURE_CREDENTIAL},
	{200, 299, "permission_error", NULL, NULL, ALLM_FAILURE_PERMISSION},
	{200, 299, "not_found_error", NULL, NULL, ALLM_FAILURE_MODEL_GONE},
};

const int	allm_wire_anthropic_nrules = lengthof(allm_wire_anthropic_rules);
