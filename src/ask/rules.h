/*
 * rules.h
 *		The deterministic tier of a question: verified examples, built-in rules.
 */
#ifndef ALLM_ASK_RULES_H
#define ALLM_ASK_RULES_H

#include "postgres.h"

#include "ask/request.h"
#include "semantic/account.h"
#include "semantic/match.h"

/* How a question stands to those before it in its conversation. */
typedef enum AllmBearing
{
	ALLM_BEARING_ALONE,			/* it stands by itself */
	ALLM_BEARING_MAY,			/* it is read neither way: it may go on */
	ALLM_BEARING_FOLLOWS,		/* it goes on from them */
	ALLM_BEARING_LOST			/* it goes on, and there are none */
} AllmBearing;

extern bool allm_rules_try_example(AllmRequest *request, int tier);
extern bool allm_rules_try(AllmRequest *request, int tier);
extern AllmRows *allm_rules_rows(AllmRequest *request);
extern AllmBearing allm_rules_bearing(AllmRequest *request,
									  const List *turns);
extern AllmBearing allm_rules_bearing_of(const char *question,
										 AllmDeadline deadline,
										 const List *turns);
extern List *allm_rules_suggest(int n);
extern AllmReading *allm_rules_explain(const char *question,
									   List *earlier,
									   AllmDeadline deadline,
									   AllmAccount *account);

#endif							/* ALLM_ASK_RULES_H */
