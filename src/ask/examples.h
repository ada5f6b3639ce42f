/*
 * examples.h
 *		Verified examples that a model is shown beside a question.
 */
#ifndef ALLM_ASK_EXAMPLES_H
#define ALLM_ASK_EXAMPLES_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/deadline.h"

extern List *allm_examples_choose(const char *question, AllmDeadline deadline);

#endif							/* ALLM_ASK_EXAMPLES_H */
