/*
 * options.h
 *		What a caller may say besides the question.
 */
#ifndef ALLM_ASK_OPTIONS_H
#define ALLM_ASK_OPTIONS_H

#include "postgres.h"

#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "ask/contract.h"
#include "base/traceparent.h"

/* The options of one question; what was not given has the setting's value. */
typedef struct AllmOptions
{
	bool		use_cache;		/* may a kept answer be given? */
	bool		in_conversation;	/* the next one was given */
	pg_uuid_t	conversation;	/* that the question is part of */
	AllmContract *contract;		/* columns that are wanted, or NULL */
	char	   *feature;		/* a label for reports, or NULL */
	bool		meta;			/* rows say where they are from */
	float4		min_confidence; /* 0: no bound of its own */
	int			row_limit;
	bool		limits_rows;	/* it was given */
	char	   *model;			/* the one to ask, or NULL */
	int			start_tier;		/* 0: as routed */
	int			timeout_ms;		/* from the question to a checked query */
	bool		has_parent;		/* the next one was given */
	AllmTraceparent parent;		/* the trace that the caller is in */
	char	   *text;			/* as given, for the record */
	char	   *verify;			/* on, off; NULL: as routed */
	char	   *key_text;		/* those that can change the answer */
} AllmOptions;

extern void allm_options_read(Jsonb *given, AllmOptions *options);

#endif							/* ALLM_ASK_OPTIONS_H */
