/*
 * listing.h
 *		Lists of things, and things ranked by a column of their own.
 */
#ifndef ALLM_SEMANTIC_LISTING_H
#define ALLM_SEMANTIC_LISTING_H

#include "postgres.h"

#include "semantic/planner.h"

extern bool allm_listing_settle(AllmPlanner *planner);
extern bool allm_listing_rank(AllmPlanner *planner);

#endif							/* ALLM_SEMANTIC_LISTING_H */
