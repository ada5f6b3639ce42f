/*
 * prompt.h
 *		What a model is told: the rules, the schema, the day, the question.
 */
#ifndef ALLM_MODEL_PROMPT_H
#define ALLM_MODEL_PROMPT_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/date.h"

#include "model/wire.h"
#include "schema/snapshot.h"

/* A verified example that is shown. */
typedef struct AllmShown
{
	const char *question;
	const char *sql;
} AllmShown;

/* A query of the same model that the guard refused, and why. */
typedef struct AllmRefused
{
	const char *sql;
	const char *findings;		/* one line each */
} AllmRefused;

/* What words mean here, one line each; NULL: nothing is said. */
typedef struct AllmTold
{
	const char *always;			/* the same for every question */
	const char *now;			/* what this question names */
} AllmTold;

extern AllmPrompt *allm_prompt_make(const AllmSnapshot *snapshot,
									const char *question, const List *earlier,
									DateADT today,
									AllmTold told, const List *examples,
									const char *columns,
									const AllmRefused *refused);
extern int64 allm_prompt_tokens(const AllmPrompt *prompt);
extern int64 allm_prompt_bound(const AllmPrompt *prompt);

#endif							/* ALLM_MODEL_PROMPT_H */
