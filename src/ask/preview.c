/*
 * preview.c
 *		llm_prompt(): what would be sent to each model, without sending it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"

#include "ask/conversation.h"
#include "ask/examples.h"
#include "ask/heed.h"
#include "ask/options.h"
#include "ask/request.h"
#include "ask/routing.h"
#include "base/settings.h"
#include "base/shmem.h"
#include "model/prompt.h"
#include "model/provider.h"
#include "schema/snapshot.h"

/* Columns of analytics_llm.prompt: tier, model, request, estimated_tokens. */
#define PROMPT_COLUMNS	4

PG_FUNCTION_INFO_V1(analytics_llm_prompt);

static void put_prompt(ReturnSetInfo *rsinfo, const AllmTierModel *row,
					   const char *question, const List *earlier,
					   const char *columns);

/*
 * analytics_llm_prompt
 *		The requests that a question would make, one for each model, in the
 *		order in which they would be asked.
 *
 * SQL: llm_prompt(question text, options jsonb) returns setof
 *		analytics_llm.prompt
 *
 * Nothing is sent, and no key is read.  Raises LLM05 when this role may not
 * call a model of the tiers, and 22023 as for any question.
 */
Datum
analytics_llm_prompt(PG_FUNCTION_ARGS)
{
	AllmOptions options;
	AllmSubject subject = {allm_end_user};
	AllmRouting *routing;
	List	   *earlier;
	char	   *question;

	allm_require_loaded();
	allm_request_require_none();
	question = PG_ARGISNULL(0) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(0));
	allm_request_admit(question);
	allm_options_read(PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), &options);
	InitMaterializedSRF(fcinfo, 0);
	subject.role = GetUserNameFromId(GetUserId(), false);
	earlier = allm_conversation_earlier(question, &options,
										allm_deadline_in(options.timeout_ms));
	routing = allm_routing_decide(allm_conversation_join(earlier, question),
								  &options, &subject,
								  allm_deadline_in(options.timeout_ms));
	for (int i = 0; i < routing->ntiers; i++)
	{
		ListCell   *cell;

		if (routing->order[i] > ALLM_MODEL_TIERS)
			continue;
		foreach(cell, routing->models[routing->order[i] - 1])
			put_prompt((ReturnSetInfo *) fcinfo->resultinfo, lfirst(cell),
					   question, earlier, options.contract != NULL ?
					   allm_contract_say(options.contract) : NULL);
	}
	return (Datum) 0;
}

/* Adds the row of one model. */
static void
put_prompt(ReturnSetInfo *rsinfo, const AllmTierModel *row,
		   const char *question, const List *earlier, const char *columns)
{
	const char *whole = allm_conversation_join(earlier, question);
	AllmProvider provider;
	AllmAccess	access = allm_provider_find(row->server, &provider);
	AllmEndpoint endpoint = {0};
	AllmHttpRequest *request;
	AllmPrompt *prompt;
	AllmDeadline deadline = allm_deadline_in(allm_request_timeout);
	Datum		values[PROMPT_COLUMNS];
	bool		nulls[PROMPT_COLUMNS] = {0};
	char	   *body;

	if (access != ALLM_ACCESS_OK)
		allm_provider_raise(access, row->server);
	prompt = allm_prompt_make(allm_snapshot_get(), question, earlier,
							  GetSQLCurrentDate(),
							  allm_heed_tell(whole, deadline),
							  allm_examples_choose(whole, deadline),
							  columns, NULL);
	endpoint.url = provider.url;
	endpoint.key = "";
	endpoint.allow_plaintext = provider.allow_plaintext;
	request = provider.wire->build(&row->model, prompt, &endpoint);
	body = pg_any_to_server(request->body, request->body_len, PG_UTF8);

	values[0] = Int32GetDatum(row->tier);
	values[1] = CStringGetTextDatum(row->model.name);
	values[2] = CStringGetTextDatum(body);
	values[3] = Int32GetDatum((int32) allm_prompt_tokens(prompt));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
