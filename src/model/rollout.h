/*
 * rollout.h
 *		Who is asked which of two models: rollouts and experiments.
 */
#ifndef ALLM_MODEL_ROLLOUT_H
#define ALLM_MODEL_ROLLOUT_H

#include "postgres.h"

/* Subjects are dealt into so many buckets: a hundredth of a percent each. */
#define ALLM_BUCKETS	10000

/* A row of analytics_llm.rollout whose share acts. */
typedef struct AllmRollout
{
	char	   *name;
	int			tier;
	char	   *model;			/* that the treatment arm is asked */
	char	   *instead_of;		/* that the control arm is asked */
	float4		share;			/* of the treatment arm, in percent */
	char	   *sticky_by;		/* end_user, role, request */
	bool		is_shadow;		/* is asked beside, takes no place */
} AllmRollout;

/* Who asks; what is not known is NULL. */
typedef struct AllmSubject
{
	const char *end_user;		/* or '' */
	const char *role;
	const char *request;		/* the id of the request */
} AllmSubject;

extern uint32 allm_rollout_hash(const char *first, const char *second);
extern int	allm_rollout_bucket(const char *salt, const char *subject);
extern bool allm_rollout_is_treated(const AllmRollout *rollout,
									const AllmSubject *subject);

#endif							/* ALLM_MODEL_ROLLOUT_H */
