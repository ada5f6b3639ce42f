/*
 * settings.h
 *		The settings of the extension, all named analytics_llm.x.
 */
#ifndef ALLM_BASE_SETTINGS_H
#define ALLM_BASE_SETTINGS_H

#include "postgres.h"

/* What a doubtful answer does; see analytics_llm.on_doubt. */
typedef enum AllmOnDoubt
{
	ALLM_ON_DOUBT_WARNING,		/* the rows and one WARNING */
	ALLM_ON_DOUBT_ERROR			/* no rows, and LLM04 */
} AllmOnDoubt;

/* How much of a question and of its SQL is recorded. */
typedef enum AllmLogText
{
	ALLM_LOG_TEXT_FULL,
	ALLM_LOG_TEXT_NORMALIZED,
	ALLM_LOG_TEXT_NONE
} AllmLogText;

/* May this server call models?  See analytics_llm.model_calls. */
typedef enum AllmModelCalls
{
	ALLM_MODEL_CALLS_PRIMARY,	/* unless it is in recovery */
	ALLM_MODEL_CALLS_ALWAYS,
	ALLM_MODEL_CALLS_OFF
} AllmModelCalls;

extern bool allm_allow_system_catalogs;
extern int	allm_background_workers;
extern int	allm_cache_max_entry;	/* kB */
extern int	allm_cache_memory;	/* kB */
extern int	allm_cache_ttl;		/* s */
extern char *allm_end_user;
extern char *allm_http_proxy;
extern int	allm_log_retention; /* seconds, 0: for ever */
extern int	allm_log_text;		/* an AllmLogText */
extern int	allm_max_parallel_calls;
extern double allm_max_plan_cost;	/* -1: any */
extern int	allm_max_question_length;	/* characters */
extern int	allm_max_repairs;
extern int	allm_max_result_size;	/* kB */
extern int	allm_max_sql_length;	/* bytes */
extern int	allm_max_writers;
extern int	allm_model_calls;	/* an AllmModelCalls */
extern int	allm_on_doubt;		/* an AllmOnDoubt */
extern int	allm_query_timeout; /* ms */
extern int	allm_prompt_schema_tokens;
extern int	allm_queue_memory;	/* kB */
extern bool allm_real_columns;
extern int	allm_request_timeout;	/* ms */
extern int	allm_row_limit;
extern int	allm_schema_memory;
extern bool allm_send_values;
extern int	allm_sql_cache_ttl; /* s */
extern int	allm_stale_ttl;		/* s */
extern char *allm_support_url;
extern char *allm_traceparent;

extern void allm_settings_define(void);

#endif							/* ALLM_BASE_SETTINGS_H */
