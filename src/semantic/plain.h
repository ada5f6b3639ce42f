/*
 * plain.h
 *		Whether two trees ask for the same rows.
 */
#ifndef ALLM_SEMANTIC_PLAIN_H
#define ALLM_SEMANTIC_PLAIN_H

#include "postgres.h"

#include "semantic/tree.h"

extern char *allm_plain_sql(const AllmQuery *query);

#endif							/* ALLM_SEMANTIC_PLAIN_H */
