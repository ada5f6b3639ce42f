/*
 * pgq.h
 *		The shim around libpg_query: the only way to that parser.
 *
 * Included by files of the server's world and by the shim itself, which sees
 * no PostgreSQL header: plain C types only.
 */
#ifndef ALLM_GUARD_PGQ_H
#define ALLM_GUARD_PGQ_H

/* Why a text was not parsed. */
typedef enum AllmPgqStatus
{
	ALLM_PGQ_OK,
	ALLM_PGQ_SYNTAX,			/* message and cursor are set */
	ALLM_PGQ_TOO_LONG,
	ALLM_PGQ_TOO_DEEP			/* nesting or operators over the bound */
} AllmPgqStatus;

/* What a parse gave; release it with allm_pgq_free, also on error paths. */
typedef struct AllmPgqResult
{
	AllmPgqStatus status;
	char	   *tree;			/* JSON, or the normalised text; malloc'd */
	char	   *message;		/* malloc'd */
	int			cursor;			/* characters from 1, 0: not known */
	int			statements;		/* of allm_pgq_accept */
} AllmPgqResult;

extern void allm_pgq_parse(const char *sql, int max_length,
						   AllmPgqResult *result);
extern void allm_pgq_accept(const char *sql, int max_length,
							AllmPgqResult *result);
extern void allm_pgq_normalize(const char *sql, int max_length,
							   AllmPgqResult *result);
extern void allm_pgq_free(AllmPgqResult *result);

#endif							/* ALLM_GUARD_PGQ_H */
