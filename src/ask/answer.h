/*
 * answer.h
 *		An answer as its caller gets it: rows, envelope, warning or error.
 */
#ifndef ALLM_ASK_ANSWER_H
#define ALLM_ASK_ANSWER_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"

#include "ask/request.h"

extern void allm_answer_announce(const AllmRequest *request);
extern HeapTuple allm_answer_tuple(const AllmRequest *request,
								   TupleDesc tupdesc);
extern char *allm_answer_sql(HeapTupleHeader answer, TupleDesc tupdesc);
extern HeapTuple allm_answer_withhold(HeapTupleHeader answer,
									  TupleDesc tupdesc, int error_code,
									  const char *reason);

#endif							/* ALLM_ASK_ANSWER_H */
