/*
 * weekday.h
 *		Days of the week as times: "on Mondays", "on weekends".
 */
#ifndef ALLM_SEMANTIC_WEEKDAY_H
#define ALLM_SEMANTIC_WEEKDAY_H

#include "postgres.h"

#include "semantic/period.h"

extern int	allm_weekday_read(const struct AllmToken *tokens, int count,
							  AllmPeriod *period);
extern char *allm_weekday_numbers(int weekdays);
extern char *allm_weekday_names(int weekdays);

#endif							/* ALLM_SEMANTIC_WEEKDAY_H */
