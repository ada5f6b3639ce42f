/*
 * stretch.h
 *		Stretches of days as they are named: "March 2024", "last 90 days".
 */
#ifndef ALLM_SEMANTIC_STRETCH_H
#define ALLM_SEMANTIC_STRETCH_H

#include "postgres.h"

#include "semantic/period.h"

extern int	allm_stretch_read(const struct AllmToken *tokens, int count,
							  DateADT today, AllmPeriod *stretch);
extern int	allm_stretch_read_part(const struct AllmToken *tokens, int count,
								   int year, AllmPeriod *stretch);
extern int	allm_stretch_year(const struct AllmToken *token);
extern int	allm_stretch_read_last(const struct AllmToken *tokens, int count,
								   DateADT today, AllmPeriod *stretch);

#endif							/* ALLM_SEMANTIC_STRETCH_H */
