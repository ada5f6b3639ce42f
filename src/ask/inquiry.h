/*
 * inquiry.h
 *		One model: asked, checked, asked again with the findings.
 */
#ifndef ALLM_ASK_INQUIRY_H
#define ALLM_ASK_INQUIRY_H

#include "postgres.h"

#include "ask/request.h"
#include "model/provider.h"

typedef struct AllmInquiry AllmInquiry;

extern AllmInquiry *allm_inquiry_begin(AllmRequest *request,
									   const AllmTierModel *row,
									   const AllmProvider *provider,
									   AllmDeadline deadline, int timeout_ms);
extern AllmStep allm_inquiry_step(AllmInquiry *inquiry);
extern void allm_inquiry_abandon(AllmInquiry *inquiry);
extern AllmAttempt *allm_inquiry_skip(AllmRequest *request,
									  const AllmTierModel *row,
									  const char *why, AllmReason reason);
extern void allm_inquiry_note_no_access(AllmRequest *request,
										const AllmTierModel *row,
										AllmAccess access);

#endif							/* ALLM_ASK_INQUIRY_H */
