/*
 * joint.h
 *		What is said of the rows that lie between two things.
 */
#ifndef ALLM_SEMANTIC_JOINT_H
#define ALLM_SEMANTIC_JOINT_H

#include "postgres.h"

#include "semantic/tree.h"

extern bool allm_joint_is_tested(const List *steps, const AllmSet *set);
extern AllmSet *allm_joint_make(AllmStep *last, const AllmSet *set);

#endif							/* ALLM_SEMANTIC_JOINT_H */
