/*
 * account.h
 *		How a reading came about, for a person who asks.
 */
#ifndef ALLM_SEMANTIC_ACCOUNT_H
#define ALLM_SEMANTIC_ACCOUNT_H

#include "postgres.h"

#include "semantic/lexicon.h"
#include "semantic/plan.h"

/* One line; item, value and detail of llm_explain. */
typedef struct AllmNote
{
	const char *section;
	const char *item;
	const char *value;
	const char *detail;			/* or NULL */
} AllmNote;

/* What is collected; nothing where nobody wants it. */
typedef struct AllmAccount
{
	List	   *notes;			/* of AllmNote */
	int			readings;		/* that were noted */
} AllmAccount;

extern void allm_account_words(AllmAccount *account,
							   const AllmLexicon *lexicon);
extern void allm_account_turn(AllmAccount *account, int turn,
							  const char *question, const char *words);
extern void allm_account_reading(AllmAccount *account, const char *kind,
								 int cost, const char *words,
								 const char *problem);
extern void allm_account_path(AllmAccount *account, const AllmPlan *plan);

#endif							/* ALLM_SEMANTIC_ACCOUNT_H */
