/*
 * forms.h
 *		Questions that are made of other questions, by the words that say so.
 */
#ifndef ALLM_SEMANTIC_FORMS_H
#define ALLM_SEMANTIC_FORMS_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "semantic/words.h"

/* What is made of the parts. */
typedef enum AllmForm
{
	ALLM_FORM_SHARE,			/* each group's part of all of them */
	ALLM_FORM_PART,				/* the first as a part of the second */
	ALLM_FORM_RATIO,			/* the first divided by the second */
	ALLM_FORM_DIFFERENCE,		/* the first less the second */
	ALLM_FORM_GROWTH,			/* from the first to the second */
	ALLM_FORM_STEPS,			/* from each unit of time to the next */
	ALLM_FORM_AVERAGE,			/* over the groups */
	ALLM_FORM_HAVING,			/* the groups whose figure is so large */
	ALLM_FORM_ABOVE,			/* the groups above or below their average */
	ALLM_FORM_RATE,				/* some of the things as a part of all */
	ALLM_FORM_DID,				/* the same, by what they did */
	ALLM_FORM_NUMBERS			/* a number of things divided by another */
} AllmForm;

/* One way to take a question apart. */
typedef struct AllmParts
{
	AllmForm	form;
	bool		percent;		/* "percentage" rather than "share" */
	char	   *first;			/* a question for figures */
	char	   *second;			/* likewise, or NULL */
	AllmGrain	step;			/* of STEPS */
	AllmCompare compare;		/* of HAVING and ABOVE */
	char	   *number;			/* of HAVING: digits */
	char	   *high;			/* of a between, or NULL */
} AllmParts;

extern List *allm_forms_read(const char *question);

#endif							/* ALLM_SEMANTIC_FORMS_H */
