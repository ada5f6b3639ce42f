/*
 * conversation.h
 *		What a question goes on from, and what the next one will.
 */
#ifndef ALLM_ASK_CONVERSATION_H
#define ALLM_ASK_CONVERSATION_H

#include "postgres.h"

#include "ask/request.h"

extern bool allm_conversation_begin(AllmRequest *request);
extern void allm_conversation_note(const AllmRequest *request);
extern List *allm_conversation_earlier(const char *question,
									   const AllmOptions *options,
									   AllmDeadline deadline);
extern char *allm_conversation_describe(const List *questions);
extern char *allm_conversation_state(const AllmOptions *options);
extern char *allm_conversation_join(const List *earlier,
									const char *question);
extern void allm_conversation_require_none(const AllmOptions *options);

#endif							/* ALLM_ASK_CONVERSATION_H */
