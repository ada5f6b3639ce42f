/*
 * drive.h
 *		Questions, one or many at once, from their text to their answer.
 */
#ifndef ALLM_ASK_DRIVE_H
#define ALLM_ASK_DRIVE_H

#include "postgres.h"

#include "ask/request.h"

/* What is asked together, and who is told of each answer. */
typedef struct AllmDrive
{
	const char *const *questions;
	int			n;
	Jsonb	   *options;		/* of all of them; or NULL */
	AllmWant	want;
	/* the n-th from 0 is settled; its memory goes when this returns */
	void		(*answered) (void *state, int n, AllmRequest *request);
	void	   *state;
} AllmDrive;

extern AllmRequest *allm_drive_one(const char *question, Jsonb *options,
								   AllmWant want);
extern void allm_drive_all(const AllmDrive *drive);

#endif							/* ALLM_ASK_DRIVE_H */
