/*
 * term.h
 *		Words of questions and of names, as they are compared for linking.
 */
#ifndef ALLM_SCHEMA_TERM_H
#define ALLM_SCHEMA_TERM_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Groups of words of one meaning, as bits; see term.c. */
typedef struct AllmKin
{
	uint64		bits[2];
} AllmKin;

/* What the last word of a name says of it. */
typedef enum AllmTermClass
{
	ALLM_TERM_SILENT,			/* of a question: means nothing in a schema */
	ALLM_TERM_TIME,				/* of a question: it is about time */
	ALLM_TERM_AMOUNT,			/* of a question: it is about a figure */
	ALLM_TERM_IDENTIFIER,		/* ends the name of what tables are joined by */
	ALLM_TERM_LABEL,			/* ends the name of what names a row */
	ALLM_TERM_DATE,				/* is in the name of a time */
	ALLM_TERM_PREFIX			/* begins the name of a table, means nothing */
} AllmTermClass;

/* A question, as far as it matters for linking. */
typedef struct AllmAsked
{
	List	   *terms;			/* of char *: stems, each once */
	List	   *silent;			/* of char *: words that seldom mean a name */
	bool		of_time;		/* a word or a number that means a time */
	bool		of_amount;		/* a word that asks for, or compares, a figure */
	bool		has_number;
	bool		after_day;		/* the last word may be a day of a month */
} AllmAsked;

extern AllmAsked *allm_term_read(const char *question);
extern List *allm_term_split(const char *name);
extern bool allm_term_is(AllmTermClass class, const char *word);
extern float allm_term_likeness(const char *asked, const char *known);
extern AllmKin allm_term_kin(const char *word);
extern bool allm_term_are_kin(AllmKin one, AllmKin other);

#endif							/* ALLM_SCHEMA_TERM_H */
