/*
 * rollout.c
 *		Who is asked which of two models: rollouts and experiments.
 *
 * A subject falls into a bucket by the name of the rollout and its own, and
 * stays there: whoever is in the treatment arm stays in it as the share grows.
 * The name is the salt, so that the arms of two rollouts have nothing to do
 * with each other.  The hash is FNV-1a of the salt and the subject, and again
 * of its decimal digits, as others who deal out arms have it; the server's own
 * hash functions may differ between its versions.
 *
 * Pure functions.
 */
#include "postgres.h"

#include "model/rollout.h"

#define FNV_OFFSET	2166136261U
#define FNV_PRIME	16777619U

static const char *find_subject(const AllmRollout *rollout,
								const AllmSubject *subject);

/* FNV-1a, 32 bits wide, of two texts one after the other. */
uint32
allm_rollout_hash(const char *first, const char *second)
{
	const char *const texts[] = {first, second};
	uint32		hash = FNV_OFFSET;

	for (int i = 0; i < lengthof(texts); i++)
	{
		for (const char *c = texts[i]; *c != '\0'; c++)
			hash = (hash ^ (unsigned char) *c) * FNV_PRIME;
	}
	return hash;
}

/* The bucket of a subject, from 0 to ALLM_BUCKETS - 1. */
int
allm_rollout_bucket(const char *salt, const char *subject)
{
	char		digits[16];

	snprintf(digits, sizeof(digits), "%u", allm_rollout_hash(salt, subject));
	return allm_rollout_hash(digits, "") % ALLM_BUCKETS;
}

/*
 * Is the subject in the treatment arm?  Without a subject, as for a question
 * that is only looked at, it is not.
 */
bool
allm_rollout_is_treated(const AllmRollout *rollout, const AllmSubject *subject)
{
	const char *who = find_subject(rollout, subject);

	return who != NULL &&
		allm_rollout_bucket(rollout->name, who) <
		rollout->share * (ALLM_BUCKETS / 100);
}

/* Who stays in an arm; a role stands in for an end user who was not named. */
static const char *
find_subject(const AllmRollout *rollout, const AllmSubject *subject)
{
	if (strcmp(rollout->sticky_by, "request") == 0)
		return subject->request;
	if (strcmp(rollout->sticky_by, "end_user") == 0 &&
		subject->end_user != NULL && subject->end_user[0] != '\0')
		return subject->end_user;
	return subject->role;
}
