/*
 * shape.h
 *		Is a statement one whose rows can have the columns of the answer?
 */
#ifndef ALLM_ASK_SHAPE_H
#define ALLM_ASK_SHAPE_H

#include "postgres.h"

#include "nodes/parsenodes.h"
#include "utils/jsonb.h"

/* What a statement is to real columns. */
typedef enum AllmShape
{
	ALLM_SHAPE_OTHER,			/* any other statement */
	ALLM_SHAPE_NOT_CONSTANT,	/* the right form, but of an unknown question */
	ALLM_SHAPE_CALL				/* SELECT * FROM llm_ask('...') */
} AllmShape;

/* The call in such a statement. */
typedef struct AllmShapeCall
{
	Oid			function;
	char	   *question;
	Jsonb	   *options;		/* NULL: none were given */
} AllmShapeCall;

extern AllmShape allm_shape_find(const Query *query, const char *source,
								 AllmShapeCall *call);
extern bool allm_shape_is_inserted(const Query *query, const char *source);

#endif							/* ALLM_ASK_SHAPE_H */
