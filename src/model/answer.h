/*
 * answer.h
 *		The form that a model's SQL is asked for in, and reading it.
 */
#ifndef ALLM_MODEL_ANSWER_H
#define ALLM_MODEL_ANSWER_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* What a model says to a question. */
typedef struct AllmModelAnswer
{
	bool		answerable;		/* from the schema, in the model's view */
	char	   *sql;			/* not empty when answerable; not checked */
	List	   *assumptions;	/* of char * */
	List	   *tables;			/* of char *, as the model names them */
} AllmModelAnswer;

extern const char *const allm_answer_schema;

extern char *allm_answer_form(const char *schema);
extern AllmModelAnswer *allm_answer_parse(const char *text);

#endif							/* ALLM_MODEL_ANSWER_H */
