/*
 * text.h
 *		Questions as text: normal form, words, likeness of names.
 */
#ifndef ALLM_BASE_TEXT_H
#define ALLM_BASE_TEXT_H

#include "postgres.h"

#include "nodes/pg_list.h"

typedef enum AllmWordKind
{
	ALLM_WORD,					/* letters, digits, inner apostrophes */
	ALLM_WORD_NUMBER,			/* 12, 3.5, 1,000: text is without commas */
	ALLM_WORD_QUOTED,			/* what stood between quotes, as written */
	ALLM_WORD_PUNCTUATION		/* one character that is none of the above */
} AllmWordKind;

/* One word of a question. */
typedef struct AllmWord
{
	AllmWordKind kind;
	char	   *text;			/* lower case, but for a quoted one */
	char	   *raw;			/* as written */
	int			start;			/* byte offset in the question */
} AllmWord;

extern char *allm_text_normal_form(const char *question);
extern List *allm_text_words(const char *question);
extern char *allm_text_lower(const char *text);
extern bool allm_text_equal_words(const List *a, const List *b);
extern int	allm_text_distance(const char *a, const char *b, int max);

#endif							/* ALLM_BASE_TEXT_H */
