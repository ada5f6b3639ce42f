/*
 * layer.h
 *		What data engineers define: here, the verified examples.
 */
#ifndef ALLM_SCHEMA_LAYER_H
#define ALLM_SCHEMA_LAYER_H

#include "postgres.h"

/* A verified pair of question and SQL. */
typedef struct AllmExample
{
	char	   *name;
	char	   *question;
	char	   *sql;
} AllmExample;

extern AllmExample *allm_layer_find_example(const char *normal_form);

#endif							/* ALLM_SCHEMA_LAYER_H */
