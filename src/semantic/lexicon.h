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
	int			article;		/* where its article begins, or -1 */
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
	int			cost;			/* how far the words are from the name */
	bool		defined;		/* by a person */
	bool		exchanged;		/* a word of the name is said otherwise */
	const char *problem;		/* of a definition that cannot be used */
} AllmSense;

typedef enum AllmItemKind
{
	ALLM_ITEM_PHRASE,			/* a phrase of the language */
	ALLM_ITEM_NUMBER,
	ALLM_ITEM_TIME,
	ALLM_ITEM_NAME,				/* a name of the schema */
	ALLM_ITEM_VALUE,			/* a value in the data, or a quoted text */
	ALLM_ITEM_WHOLE				/* a first and a last name in one quoted text */
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
	bool		defined;		/* by a person: nothing else is meant */
} AllmItem;

/* A question taken apart. */
typedef struct AllmLexicon
{
	const char *question;
	const AllmSnapshot *snapshot;
	AllmToken  *tokens;
	int			ntokens;
	bool		loose;			/* no articles, more forms of names */
	int			article;		/* where the last one that was dropped begins */
	MemoryContext items_context;
	struct AllmThesaurus *thesaurus;	/* of the names, when loose */
	List	   *items[ALLM_MAX_TOKENS]; /* of AllmItem, by start */
} AllmLexicon;

extern AllmLexicon *allm_lexicon_make(const char *question,
									  const AllmSnapshot *snapshot,
									  DateADT today, bool loose);
extern bool allm_lexicon_explains(const AllmLexicon *lexicon, int token);
extern char *allm_lexicon_text(const AllmLexicon *lexicon, int start,
							   int length);
extern AllmItem *allm_lexicon_item(AllmLexicon *lexicon, AllmItemKind kind,
								   int start, int length);
extern int	allm_lexicon_match(const AllmLexicon *lexicon, int start,
							   const List *words);
extern void allm_lexicon_add_sense(AllmLexicon *lexicon, const List *words,
								   const AllmSense *sense, int cost);
extern bool allm_lexicon_names_value(const AllmLexicon *lexicon,
									 const AllmItem *item);
extern bool allm_lexicon_begins(const List *words, const List *prefix);
extern List *allm_lexicon_words(const AllmLexicon *lexicon);
extern List *allm_lexicon_split(const char *name);
extern List *allm_lexicon_column_words(const AllmColumn *column);
extern List *allm_lexicon_relation_words(const AllmRelation *relation);
extern List *allm_lexicon_own_words(const AllmColumn *column);

#endif							/* ALLM_SEMANTIC_LEXICON_H */
