/*
 * lexicon.h
 *		What the words of a question may mean: the items that it is made of.
 */
#ifndef ALLM_SEMANTIC_LEXICON_H
#define ALLM_SEMANTIC_LEXICON_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/text.h"
#include "schema/snapshot.h"
#include "semantic/period.h"
#include "semantic/words.h"

/*
 * Longer questions are not what these rules are for, and the work grows with
 * the square of the length.
 */
#define ALLM_MAX_TOKENS		40

/* One word of the question; parts of a joined word are words of their own. */
typedef struct AllmToken
{
	AllmWordKind kind;
	char	   *text;			/* lower case */
	char	   *stem;
	int			start;			/* bytes of the question: from, to */
	int			end;
} AllmToken;

/* What a phrase may stand for. */
typedef enum AllmSenseKind
{
	ALLM_SENSE_RELATION,
	ALLM_SENSE_COLUMN,
	ALLM_SENSE_ROLE,			/* the relation that a key refers to */
	ALLM_SENSE_DATE,			/* a date, by its verb: "shipped" */
	ALLM_SENSE_VALUE			/* values that a column holds */
} AllmSenseKind;

typedef struct AllmSense
{
	AllmSenseKind kind;
	const AllmRelation *relation;	/* of the column, or the thing itself */
	const AllmColumn *column;
	AllmForeignKey *key;
	List	   *values;			/* of char *, as stored */
} AllmSense;

typedef enum AllmItemKind
{
	ALLM_ITEM_PHRASE,			/* a phrase of the language */
	ALLM_ITEM_NUMBER,
	ALLM_ITEM_TIME,
	ALLM_ITEM_NAME,				/* a name of the schema */
	ALLM_ITEM_VALUE				/* a value in the data, or a quoted text */
} AllmItemKind;

/* One way to understand the tokens from "start" on. */
typedef struct AllmItem
{
	AllmItemKind kind;
	int			start;
	int			length;			/* in tokens */
	char	   *text;			/* as written */
	const AllmPhrase *phrase;
	AllmPeriod	period;
	List	   *senses;			/* of AllmSense */
} AllmItem;

/* A question taken apart. */
typedef struct AllmLexicon
{
	const char *question;
	const AllmSnapshot *snapshot;
	AllmToken  *tokens;
	int			ntokens;
	List	   *items[ALLM_MAX_TOKENS]; /* of AllmItem, by start */
} AllmLexicon;

extern AllmLexicon *allm_lexicon_make(const char *question,
									  const AllmSnapshot *snapshot,
									  DateADT today);
extern bool allm_lexicon_explains(const AllmLexicon *lexicon, int token);
extern char *allm_lexicon_text(const AllmLexicon *lexicon, int start,
							   int length);
extern AllmItem *allm_lexicon_item(AllmLexicon *lexicon, AllmItemKind kind,
								   int start, int length);
extern List *allm_lexicon_split(const char *name);
extern List *allm_lexicon_own_words(const AllmColumn *column);

#endif							/* ALLM_SEMANTIC_LEXICON_H */
