/*
 * result.h
 *		Answers to submitted questions, kept until they are fetched.
 */
#ifndef ALLM_ASK_RESULT_H
#define ALLM_ASK_RESULT_H

#include "postgres.h"

#include "ask/jobs.h"
#include "ask/request.h"

extern char *allm_result_text(const AllmRequest *request);
extern int	allm_result_keep(const AllmJobOrder *order, const char *answer);

#endif							/* ALLM_ASK_RESULT_H */
