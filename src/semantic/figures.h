/*
 * figures.h
 *		The figures of a plan, and what they are broken down by.
 */
#ifndef ALLM_SEMANTIC_FIGURES_H
#define ALLM_SEMANTIC_FIGURES_H

#include "postgres.h"

#include "semantic/planner.h"

extern bool allm_figures_settle(AllmPlanner *planner);
extern bool allm_figures_settle_bare(AllmPlanner *planner, int count);
extern bool allm_figures_rank(AllmPlanner *planner);

#endif							/* ALLM_SEMANTIC_FIGURES_H */
