/*
 * verify.h
 *		Do two ways to an answer give the same rows?
 */
#ifndef ALLM_ASK_VERIFY_H
#define ALLM_ASK_VERIFY_H

#include "postgres.h"

#include "guard/execute.h"

/* What a comparison of two results says. */
typedef enum AllmVerdict
{
	ALLM_VERDICT_NONE,			/* they cannot be compared */
	ALLM_VERDICT_SAME,
	ALLM_VERDICT_OTHER
} AllmVerdict;

extern AllmVerdict allm_verify_compare(const AllmRows *a, const AllmRows *b);

#endif							/* ALLM_ASK_VERIFY_H */
