/*
 * settings.c
 *		The settings of the extension: one row each, sorted by name.
 *
 * Bounds are constants and never depend on another setting.  A setting that
 * only limits what one role may cost the server is PGC_SUSET, so that a DBA
 * can give it to a role with ALTER ROLE ... SET or GRANT SET ON PARAMETER.
 */
#include "postgres.h"

#include <float.h>
#include <limits.h>

#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/settings.h"
#include "base/switch.h"
#include "base/traceparent.h"

bool		allm_allow_system_catalogs;
int			allm_background_workers;
int			allm_cache_max_entry;
int			allm_cache_memory;
int			allm_cache_ttl;
char	   *allm_end_user;
char	   *allm_http_proxy;
int			allm_log_retention;
int			allm_log_text;
int			allm_max_parallel_calls;
double		allm_max_plan_cost;
int			allm_max_question_length;
int			allm_max_repairs;
int			allm_max_result_size;
int			allm_max_sql_length;
int			allm_max_writers;
int			allm_model_calls;
int			allm_on_doubt;
int			allm_prompt_schema_tokens;
int			allm_query_timeout;
int			allm_queue_memory;
bool		allm_real_columns;
int			allm_request_timeout;
int			allm_row_limit;
int			allm_schema_memory;
bool		allm_send_values;
int			allm_sql_cache_ttl;
int			allm_stale_ttl;
char	   *allm_support_url;
char	   *allm_traceparent;

typedef struct AllmBoolSetting
{
	const char *name;
	GucContext	context;
	const char *short_desc;
	const char *long_desc;
	bool	   *variable;
	bool		boot_value;
} AllmBoolSetting;

typedef struct AllmIntSetting
{
	const char *name;
	GucContext	context;
	int			flags;
	const char *short_desc;
	const char *long_desc;
	int		   *variable;
	int			boot_value;
	int			min_value;
	int			max_value;
} AllmIntSetting;

typedef struct AllmRealSetting
{
	const char *name;
	GucContext	context;
	const char *short_desc;
	const char *long_desc;
	double	   *variable;
	double		boot_value;
	double		min_value;
	double		max_value;
} AllmRealSetting;

typedef struct AllmEnumSetting
{
	const char *name;
	GucContext	context;
	const char *short_desc;
	const char *long_desc;
	int		   *variable;
	int			boot_value;
	const struct config_enum_entry *values;
	GucEnumAssignHook assign;
} AllmEnumSetting;

typedef struct AllmStringSetting
{
	const char *name;
	GucContext	context;
	const char *short_desc;
	const char *long_desc;
	char	  **variable;
	GucStringCheckHook check;
} AllmStringSetting;

static const struct config_enum_entry log_text_values[] =
{
	{"full", ALLM_LOG_TEXT_FULL, false},
	{"normalized", ALLM_LOG_TEXT_NORMALIZED, false},
	{"none", ALLM_LOG_TEXT_NONE, false},
	{NULL, 0, false}
};

static const struct config_enum_entry model_calls_values[] =
{
	{"primary", ALLM_MODEL_CALLS_PRIMARY, false},
	{"always", ALLM_MODEL_CALLS_ALWAYS, false},
	{"off", ALLM_MODEL_CALLS_OFF, false},
	{NULL, 0, false}
};

static const struct config_enum_entry on_doubt_values[] =
{
	{"warning", ALLM_ON_DOUBT_WARNING, false},
	{"error", ALLM_ON_DOUBT_ERROR, false},
	{NULL, 0, false}
};

/* A label that is logged for each question has no use beyond this length. */
#define MAX_LABEL_BYTES		256

static bool check_label(char **newval, void **extra, GucSource source);

static const AllmBoolSetting bool_settings[] =
{
	{
		"analytics_llm.allow_system_catalogs", PGC_SUSET,
		"Lets generated SQL read relations of pg_catalog and information_schema.",
		NULL,
		&allm_allow_system_catalogs, false
	},
	{
		"analytics_llm.real_columns", PGC_USERSET,
		"Lets SELECT * FROM llm_ask('...') return the columns of the answer.",
		"Without it, each row is one JSON value, as in any other form of the call.",
		&allm_real_columns, true
	},
	{
		"analytics_llm.send_values", PGC_SUSET,
		"Lets cell values, statistics and result rows go to a model.",
		"Without it, a model is told names, types, comments and keys.",
		&allm_send_values, false
	},
};

static const AllmEnumSetting enum_settings[] =
{
	{
		"analytics_llm.log_text", PGC_SUSET,
		"Sets how much of questions and of their SQL is recorded.",
		"With \"normalized\", literals and quoted words become \"?\"; with \"none\", only a hash is kept.",
		&allm_log_text, ALLM_LOG_TEXT_FULL, log_text_values
	},
	{
		"analytics_llm.model_calls", PGC_SIGHUP,
		"Sets whether this server may call models.",
		"With \"primary\", it may unless it is in recovery; \"off\" also ends calls that are under way.",
		&allm_model_calls, ALLM_MODEL_CALLS_PRIMARY, model_calls_values,
		allm_switch_assign
	},
	{
		"analytics_llm.on_doubt", PGC_USERSET,
		"Sets what a doubtful answer does.",
		"With \"warning\", the rows are sent with one WARNING; with \"error\", no row is sent and LLM04 is raised.",
		&allm_on_doubt, ALLM_ON_DOUBT_WARNING, on_doubt_values
	},
};

static const AllmIntSetting int_settings[] =
{
	{
		"analytics_llm.background_workers", PGC_POSTMASTER, 0,
		"Sets how many submitted questions are answered at once.",
		"Each one takes a background worker, which max_worker_processes must allow; 0 turns llm_submit() off.",
		&allm_background_workers, 2, 0, 64
	},
	{
		"analytics_llm.cache_max_entry", PGC_SUSET, GUC_UNIT_KB,
		"Sets the maximum size of an answer whose rows are kept.",
		"Of a larger one, the checked query is kept.",
		&allm_cache_max_entry, 256, 0, 64 * 1024
	},
	{
		"analytics_llm.cache_memory", PGC_POSTMASTER, GUC_UNIT_KB,
		"Sets the shared memory for answers that are kept.",
		NULL,
		&allm_cache_memory, 32 * 1024, 1024, 4 * 1024 * 1024 - 1
	},
	{
		"analytics_llm.cache_ttl", PGC_USERSET, GUC_UNIT_S,
		"Sets how long the rows of an answer are given to who asks the same.",
		"Zero turns that off.",
		&allm_cache_ttl, 5 * 60, 0, 24 * 60 * 60
	},
	{
		"analytics_llm.log_retention", PGC_SIGHUP, GUC_UNIT_S,
		"Sets how long the records of questions are kept.",
		"Zero keeps them for ever; what was used is kept for 400 days.",
		&allm_log_retention, 30 * SECS_PER_DAY, 0, INT_MAX
	},
	{
		/* Each call may be a connection: a descriptor that others miss. */
		"analytics_llm.max_parallel_calls", PGC_SUSET, 0,
		"Sets how many calls of models llm_ask_batch() makes at once.",
		"Further questions wait for those that come before them.",
		&allm_max_parallel_calls, 16, 1, 100
	},
	{
		"analytics_llm.max_question_length", PGC_SUSET, 0,
		"Sets the maximum length of a question, in characters.",
		NULL,
		&allm_max_question_length, 4000, 1, 100000
	},
	{
		"analytics_llm.max_repairs", PGC_SUSET, 0,
		"Sets how often a model may write a refused query anew.",
		"Each time, the model is told what is wrong with the query.",
		&allm_max_repairs, 2, 0, 10
	},
	{
		/* llm_answer() gives all rows in one value, which has 1 GB at most. */
		"analytics_llm.max_result_size", PGC_SUSET, GUC_UNIT_KB,
		"Sets the maximum size of the rows of one answer.",
		"An answer that is cut off is marked as truncated, which is a doubt.",
		&allm_max_result_size, 16 * 1024, 1, 512 * 1024
	},
	{
		/* The parser library overflows the stack from about 44 kB of text. */
		"analytics_llm.max_sql_length", PGC_SUSET, GUC_UNIT_BYTE,
		"Sets the maximum length of a SQL text that is checked.",
		NULL,
		&allm_max_sql_length, 16 * 1024, 64, 32 * 1024
	},
	{
		"analytics_llm.max_writers", PGC_POSTMASTER, 0,
		"Sets the maximum number of writers at once, over all databases.",
		"Each one is a background worker, which max_worker_processes must allow.",
		&allm_max_writers, 2, 1, 64
	},
	{
		/* The least that still holds a few relations with their keys. */
		"analytics_llm.prompt_schema_tokens", PGC_SUSET, 0,
		"Sets how much of a prompt the schema may take, in tokens.",
		"A larger schema is cut down to what the question is linked to.",
		&allm_prompt_schema_tokens, 12000, 100, 1000000
	},
	{
		"analytics_llm.query_timeout", PGC_SUSET, GUC_UNIT_MS,
		"Sets the maximum time that the execution of a checked query may take.",
		NULL,
		&allm_query_timeout, 30000, 10, INT_MAX
	},
	{
		"analytics_llm.queue_memory", PGC_POSTMASTER, GUC_UNIT_KB,
		"Sets the shared memory for records that are not written yet.",
		NULL,
		&allm_queue_memory, 16 * 1024, 1024, 4 * 1024 * 1024 - 1
	},
	{
		"analytics_llm.request_timeout", PGC_USERSET, GUC_UNIT_MS,
		"Sets the maximum time from a question to a checked query.",
		"The limit covers all models and retries; the execution of the query has a limit of its own.",
		&allm_request_timeout, 15000, 100, 600000
	},
	{
		"analytics_llm.row_limit", PGC_SUSET, 0,
		"Sets the maximum number of rows of one answer.",
		"An answer that is cut off is marked as truncated, which is a doubt.",
		&allm_row_limit, 10000, 1, 10000000
	},
	{
		"analytics_llm.schema_memory", PGC_POSTMASTER, GUC_UNIT_KB,
		"Sets the shared memory for what sessions know of large schemas.",
		"Zero turns that off: each session has its own.",
		&allm_schema_memory, 40 * 1024, 0, 4 * 1024 * 1024 - 1
	},
	{
		"analytics_llm.sql_cache_ttl", PGC_USERSET, GUC_UNIT_S,
		"Sets how long a model's checked query is run again for who asks the same.",
		"Zero turns that off.",
		&allm_sql_cache_ttl, 24 * 60 * 60, 0, 24 * 60 * 60
	},
	{
		"analytics_llm.stale_ttl", PGC_SUSET, GUC_UNIT_S,
		"Sets how long after that a query may stand in for models that fail.",
		"Such an answer is marked as doubtful.",
		&allm_stale_ttl, 60 * 60, 0, 7 * 24 * 60 * 60
	},
};

static const AllmRealSetting real_settings[] =
{
	{
		"analytics_llm.max_plan_cost", PGC_SUSET,
		"Refuses generated queries whose plan the planner expects to cost more.",
		"Zero refuses all that have a cost; -1 turns the limit off.",
		&allm_max_plan_cost, -1, -1, DBL_MAX
	},
};

static const AllmStringSetting string_settings[] =
{
	{
		"analytics_llm.end_user", PGC_USERSET,
		"Sets whom a pooled connection speaks for.",
		"It is recorded with each question.",
		&allm_end_user, check_label
	},
	{
		"analytics_llm.http_proxy", PGC_SIGHUP,
		"Sets the proxy through which models are called.",
		"The proxy variables of the environment are not read.",
		&allm_http_proxy, check_label
	},
	{
		"analytics_llm.support_url", PGC_SIGHUP,
		"Sets an address that the hint of a degraded answer names.",
		NULL,
		&allm_support_url, check_label
	},
	{
		"analytics_llm.traceparent", PGC_USERSET,
		"Sets the trace that questions are asked in.",
		"It is in the form of the W3C's trace context; the option of that name goes before it.",
		&allm_traceparent, allm_traceparent_check
	},
};

/* Registers every setting.  Called once, from _PG_init, while preloading. */
void
allm_settings_define(void)
{
	for (int i = 0; i < lengthof(bool_settings); i++)
	{
		const AllmBoolSetting *s = &bool_settings[i];

		DefineCustomBoolVariable(s->name, s->short_desc, s->long_desc,
								 s->variable, s->boot_value, s->context, 0,
								 NULL, NULL, NULL);
	}
	for (int i = 0; i < lengthof(enum_settings); i++)
	{
		const AllmEnumSetting *s = &enum_settings[i];

		DefineCustomEnumVariable(s->name, s->short_desc, s->long_desc,
								 s->variable, s->boot_value, s->values,
								 s->context, 0, NULL, s->assign, NULL);
	}
	for (int i = 0; i < lengthof(int_settings); i++)
	{
		const AllmIntSetting *s = &int_settings[i];

		DefineCustomIntVariable(s->name, s->short_desc, s->long_desc,
								s->variable, s->boot_value,
								s->min_value, s->max_value,
								s->context, s->flags, NULL, NULL, NULL);
	}
	for (int i = 0; i < lengthof(real_settings); i++)
	{
		const AllmRealSetting *s = &real_settings[i];

		DefineCustomRealVariable(s->name, s->short_desc, s->long_desc,
								 s->variable, s->boot_value,
								 s->min_value, s->max_value, s->context, 0,
								 NULL, NULL, NULL);
	}
	for (int i = 0; i < lengthof(string_settings); i++)
	{
		const AllmStringSetting *s = &string_settings[i];

		DefineCustomStringVariable(s->name, s->short_desc, s->long_desc,
								   s->variable, "", s->context, 0,
								   s->check, NULL, NULL);
	}
	MarkGUCPrefixReserved("analytics_llm");
}

/* A label goes into every record: keep it short, and on one line. */
static bool
check_label(char **newval, void **extra, GucSource source)
{
	if (strlen(*newval) > MAX_LABEL_BYTES)
	{
		GUC_check_errdetail("The value is longer than %d bytes.",
							MAX_LABEL_BYTES);
		return false;
	}
	for (const char *c = *newval; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == 0x7F)
		{
			GUC_check_errdetail("The value has a control character.");
			return false;
		}
	}
	return true;
}
