/*
 * evidence.h
 *		Is one model worse than another, as far as what was seen of them tells?
 */
#ifndef ALLM_WATCH_EVIDENCE_H
#define ALLM_WATCH_EVIDENCE_H

#include "postgres.h"

/* What is compared: a number for each question, less is better. */
typedef enum AllmMetric
{
	ALLM_METRIC_ERROR,			/* 1 when the model of the arm did not answer */
	ALLM_METRIC_INVALID,		/* 1 when a query of it was refused */
	ALLM_METRIC_LATENCY,		/* ms, of the whole question */
	ALLM_METRIC_COST,			/* USD, of the whole question */
	ALLM_METRIC_FEEDBACK		/* 1 when a person called the answer wrong; of
								 * those that somebody has spoken of */
} AllmMetric;

#define ALLM_METRICS	(ALLM_METRIC_FEEDBACK + 1)

/* What was seen of a metric in one arm. */
typedef struct AllmFigures
{
	double		n;
	double		mean;
	double		variance;		/* of one number */
} AllmFigures;

/* How much worse the treatment may be; 0: the metric is not watched. */
typedef struct AllmGuard
{
	int			min_sample;		/* of each arm, before anything is said */
	double		limit[ALLM_METRICS];
} AllmGuard;

extern const char *allm_evidence_metric(AllmMetric metric);
extern double allm_evidence_ratio(const AllmFigures *control,
								  const AllmFigures *treatment, double effect);
extern int	allm_evidence_judge(const AllmGuard *guard,
								const AllmFigures *control,
								const AllmFigures *treatment);

#endif							/* ALLM_WATCH_EVIDENCE_H */
