/*
 * layer.h
 *		What data engineers define: metrics, synonyms, verified examples.
 *
 * The rows as they are written are read here; what they mean to a role, once
 * they have passed the check, is held in AllmDefinition.
 */
#ifndef ALLM_SCHEMA_LAYER_H
#define ALLM_SCHEMA_LAYER_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "schema/snapshot.h"

/* The alias that stands for the base relation in the texts of a metric. */
#define ALLM_LAYER_ALIAS	"allm_base"

/* A verified pair of question and SQL. */
typedef struct AllmExample
{
	char	   *name;
	char	   *question;
	char	   *sql;
	char	   *parameters;		/* as JSON; NULL: a pair */
} AllmExample;

/* A row of the table of metrics. */
typedef struct AllmMetricRow
{
	char	   *name;
	char	   *expression;
	Oid			base;
	char	   *filter;			/* or NULL */
	char	   *unit;			/* or NULL */
	char	   *description;	/* or NULL */
	bool		additive;
	bool		broken;			/* known to be wrong */
} AllmMetricRow;

/* A row of the table of synonyms. */
typedef struct AllmSynonymRow
{
	char	   *word;
	char	   *means;
	bool		broken;			/* known to be wrong */
} AllmSynonymRow;

/*
 * A metric that the role may use.  Its texts are the server's own writing of
 * what it analysed, with ALLM_LAYER_ALIAS before each column.
 */
typedef struct AllmMetric
{
	char	   *name;
	char	   *unit;			/* or NULL */
	char	   *description;	/* or NULL */
	bool		additive;		/* the sum over groups is that over all */
	bool		aggregate;		/* a figure of many rows, not of each */
	AllmRelation *base;
	char	   *expression;
	char	   *filter;			/* or NULL */
	char	   *filtered;		/* the expression with the filter in it */
	AllmColumn *column;			/* stands for it where columns are looked for */
	List	   *attnums;		/* of the base's columns that it reads */
	List	   *aggregates;		/* OIDs of aggregates that it uses */
} AllmMetric;

typedef enum AllmMeans
{
	ALLM_MEANS_METRIC,
	ALLM_MEANS_RELATION,
	ALLM_MEANS_COLUMN,
	ALLM_MEANS_VALUE,			/* a column is this value */
	ALLM_MEANS_NOTHING			/* it cannot be used: see the problem */
} AllmMeans;

/* What some words mean, whatever the catalog would make of them. */
typedef struct AllmDefinition
{
	AllmMeans	means;
	char	   *word;
	char	   *text;			/* what a synonym means, as written; or NULL */
	AllmMetric *metric;
	AllmRelation *relation;
	AllmColumn *column;
	char	   *value;
	const char *problem;		/* of what means nothing */
} AllmDefinition;

extern AllmExample *allm_layer_find_example(const char *normal_form);
extern List *allm_layer_templates(void);
extern List *allm_layer_metrics(void);
extern List *allm_layer_synonyms(void);

#endif							/* ALLM_SCHEMA_LAYER_H */
