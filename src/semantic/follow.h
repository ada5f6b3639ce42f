/*
 * follow.h
 *		Questions that go on from earlier ones: "and by month", "only West".
 */
#ifndef ALLM_SEMANTIC_FOLLOW_H
#define ALLM_SEMANTIC_FOLLOW_H

#include "postgres.h"

#include "semantic/match.h"

extern bool allm_follow_is_marked(const char *question, bool by_pronouns);
extern bool allm_follow_is_part(const AllmReadInput *input);
extern AllmReading *allm_follow_read(const AllmReadInput *input,
									 const List *earlier);

#endif							/* ALLM_SEMANTIC_FOLLOW_H */
