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

extern bool allm_rules_try_example(AllmRequest *request, int tier);
extern bool allm_rules_try(AllmRequest *request, int tier);
extern AllmRows *allm_rules_rows(AllmRequest *request);
extern List *allm_rules_suggest(int n);
extern AllmReading *allm_rules_explain(const char *question,
									   AllmDeadline deadline,
									   AllmAccount *account);

#endif							/* ALLM_ASK_RULES_H */
