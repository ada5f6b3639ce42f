/*
 * vocabulary.h
 *		The English of whole sentences: marks, adjectives, verbs, other names.
 *
 * Tables of rows; another language is another file of this form.
 */
#ifndef ALLM_SEMANTIC_VOCABULARY_H
#define ALLM_SEMANTIC_VOCABULARY_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "semantic/words.h"

/* What a phrase may mark in a sentence. */
typedef enum AllmMark
{
	ALLM_MARK_FRAME,
	ALLM_MARK_COUNT,
	ALLM_MARK_SUM,
	ALLM_MARK_AGG,
	ALLM_MARK_BEST,
	ALLM_MARK_MOST,
	ALLM_MARK_COMMON,
	ALLM_MARK_CMP,
	ALLM_MARK_BETWEEN,
	ALLM_MARK_OF,
	ALLM_MARK_PREP,
	ALLM_MARK_REL,
	ALLM_MARK_WHOSE,
	ALLM_MARK_AUX,
	ALLM_MARK_HAVE,
	ALLM_MARK_NOTHAVE,
	ALLM_MARK_NOT,
	ALLM_MARK_NO,
	ALLM_MARK_SOME,
	ALLM_MARK_AND,
	ALLM_MARK_OR,
	ALLM_MARK_ORWORD,
	ALLM_MARK_BOTH,
	ALLM_MARK_EITHER,
	ALLM_MARK_EACH,
	ALLM_MARK_ORDER,
	ALLM_MARK_ASC,
	ALLM_MARK_DESC,
	ALLM_MARK_ALPHA,
	ALLM_MARK_NAMED,
	ALLM_MARK_POSS,
	ALLM_MARK_DISTINCT,
	ALLM_MARK_ALL,
	ALLM_MARK_THERE,
	ALLM_MARK_TIMES,
	ALLM_MARK_ANYNAME,
	ALLM_MARK_ANYID,
	ALLM_MARK_ANYALL,
	ALLM_MARK_AVERAGE,
	ALLM_MARK_YEAR,
	ALLM_MARK_INVERSE,
	ALLM_MARK_THAN,
	ALLM_MARK_ELSE,
	ALLM_MARK_CONTAINTEXT,
	ALLM_MARK_STARTTEXT,
	ALLM_MARK_ENDTEXT,
	ALLM_MARK_BY,
	ALLM_MARK_WHICH,
	ALLM_MARK_BUT,
	ALLM_MARK_EXCEPT
} AllmMark;

#define ALLM_MARKS	(ALLM_MARK_EXCEPT + 1)

/* The longest phrase of the marks, in words. */
#define ALLM_MAX_MARK	7

typedef struct AllmMarkRow
{
	AllmMark	mark;
	int			argument;
} AllmMarkRow;

/* How an adjective is said. */
typedef enum AllmDegree
{
	ALLM_DEGREE_PLAIN,			/* "how long is ..." */
	ALLM_DEGREE_MORE,			/* "longer than ..." */
	ALLM_DEGREE_MOST			/* "the longest ..." */
} AllmDegree;

/* An adjective, and the words of the columns that it is about. */
typedef struct AllmAdjective
{
	const char *plain;
	const char *more;
	const char *most;
	bool		upward;			/* "longest" is the largest number */
	bool		dates;			/* it is about dates: "youngest", "latest" */
	const char *names;			/* stems, the best first, blanks between */
} AllmAdjective;

extern List *allm_vocabulary_marks(const char *text);
extern bool allm_vocabulary_has_mark(const char *text, AllmMark mark);
extern const AllmAdjective *allm_vocabulary_adjective(const char *word,
													  AllmDegree degree,
													  bool dates);
extern bool allm_vocabulary_are_alike(const char *noun, const char *other);
extern char *allm_vocabulary_verb(const char *word);
extern bool allm_vocabulary_are_opposite(const char *first, const char *second);
extern const char *const *allm_vocabulary_countries(const char *name);
extern const char *allm_vocabulary_gender(const char *word);
extern const char *allm_vocabulary_kind(const char *word);
extern const char *allm_vocabulary_expand(const char *word);
extern bool allm_vocabulary_is_suffix(const char *word);
extern bool allm_vocabulary_is_unit(const char *word);
extern bool allm_vocabulary_is_mass(const char *word);
extern bool allm_vocabulary_is_head(const char *word);

#endif							/* ALLM_SEMANTIC_VOCABULARY_H */
