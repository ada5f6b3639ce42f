/*
 * template.h
 *		Verified examples with parameters.
 */
#ifndef ALLM_ASK_TEMPLATE_H
#define ALLM_ASK_TEMPLATE_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/layer.h"

/* A template taken apart. */
typedef struct AllmTemplate
{
	const AllmExample *example;
	List	   *parameters;		/* private to template.c */
	List	   *question;
	List	   *sql;
} AllmTemplate;

/* A template that fits a question, and its query with the values in it. */
typedef struct AllmTemplateMatch
{
	const AllmExample *example;
	char	   *sql;
	char	   *said;			/* "template "x" with region West" */
} AllmTemplateMatch;

extern char *allm_template_read(const AllmExample *example,
								AllmTemplate *template);
extern char *allm_template_sample(const AllmTemplate *template);
extern List *allm_template_find(const char *question);

#endif							/* ALLM_ASK_TEMPLATE_H */
