/*
 * heed.h
 *		Definitions and models: what a model is told, and whether it listened.
 */
#ifndef ALLM_ASK_HEED_H
#define ALLM_ASK_HEED_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/deadline.h"
#include "guard/analyze.h"
#include "model/prompt.h"

extern AllmTold allm_heed_tell(const char *question, AllmDeadline deadline);
extern List *allm_heed_check(const List *named, const AllmChecked *checked);
extern List *allm_heed_named(const char *question, AllmDeadline deadline);

#endif							/* ALLM_ASK_HEED_H */
