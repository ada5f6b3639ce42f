/*
 * column.h
 *		What a column is good for in an answer.
 */
#ifndef ALLM_SEMANTIC_COLUMN_H
#define ALLM_SEMANTIC_COLUMN_H

#include "postgres.h"

#include "schema/snapshot.h"

/* Which date of a row is meant when none is named. */
typedef enum AllmDateRank
{
	ALLM_DATE_NEVER,			/* a birthday, a last update, no date at all */
	ALLM_DATE_CREATION,			/* when there is nothing better */
	ALLM_DATE_PLAIN,
	ALLM_DATE_PRINCIPAL			/* order_date of orders */
} AllmDateRank;

extern bool allm_column_is_number(const AllmColumn *column);
extern bool allm_column_is_integer(const AllmColumn *column);
extern bool allm_column_is_measure(const AllmColumn *column);
extern bool allm_column_is_additive(const AllmColumn *column);
extern bool allm_column_is_text(const AllmColumn *column);
extern bool allm_column_is_date(const AllmColumn *column);
extern bool allm_column_is_year(const AllmColumn *column);
extern AllmDateRank allm_column_date_rank(const AllmColumn *column);
extern bool allm_column_is_part_of(const AllmForeignKey *key);
extern bool allm_column_names_part(const AllmColumn *column);
extern bool allm_column_has_quantity(const AllmRelation *relation);
extern bool allm_column_is_rank(const AllmColumn *column);
extern bool allm_column_lasts(const AllmRelation *relation);
extern List *allm_column_labels(const AllmRelation *relation);
extern char *allm_column_words(const AllmColumn *column);
extern char *allm_column_entity(const AllmRelation *relation);

#endif							/* ALLM_SEMANTIC_COLUMN_H */
