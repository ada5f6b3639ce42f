/*
 * period.h
 *		Times in a question: "in March 2024", "since 2020", "last quarter".
 */
#ifndef ALLM_SEMANTIC_PERIOD_H
#define ALLM_SEMANTIC_PERIOD_H

#include "postgres.h"

#include "utils/date.h"

#include "semantic/words.h"

struct AllmToken;

/* A half-open stretch of days, either end may be open; or days of the week. */
typedef struct AllmPeriod
{
	bool		has_from;
	bool		has_to;
	DateADT		from;			/* the first day */
	DateADT		to;				/* the day after the last one */
	int			weekdays;		/* a bit for each, from 1 for Monday; or 0 */
	bool		listed;			/* these, with "and": each, or one of them? */
	bool		relative;		/* said as seen from today */
	bool		rolling;		/* units up to today, which begin within one */
	AllmGrain	grain;			/* of these units */
	const char *problem;		/* why it is not clear what is meant, or NULL */
} AllmPeriod;

extern int	allm_period_read(const struct AllmToken *tokens, int count,
							 DateADT today, AllmPeriod *period);
extern char *allm_period_date(DateADT date);
extern bool allm_period_years(const AllmPeriod *period, int *from, int *to);

#endif							/* ALLM_SEMANTIC_PERIOD_H */
