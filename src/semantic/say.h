/*
 * say.h
 *		A tree in words: what was understood.
 */
#ifndef ALLM_SEMANTIC_SAY_H
#define ALLM_SEMANTIC_SAY_H

#include "postgres.h"

#include "semantic/tree.h"

extern char *allm_say_query(const AllmQuery *query);

#endif							/* ALLM_SEMANTIC_SAY_H */
