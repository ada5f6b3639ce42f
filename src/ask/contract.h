/*
 * contract.h
 *		The columns that an answer must have.
 */
#ifndef ALLM_ASK_CONTRACT_H
#define ALLM_ASK_CONTRACT_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef struct AllmContract
{
	int			n;
	char	  **names;			/* one that is empty stands for any name */
	Oid		   *types;
	int32	   *typmods;
} AllmContract;

/* Where in the answer a column of the contract is, if it is there. */
#define ALLM_NO_COLUMN	(-1)

extern AllmContract *allm_contract_read(JsonbContainer *columns,
										const char *option);
extern Jsonb *allm_contract_option(Jsonb *options, const AllmContract *contract);
extern AllmContract *allm_contract_of_row(TupleDesc desc);
extern AllmContract *allm_contract_of_query(const List *targets);
extern bool allm_contract_map(const AllmContract *wanted, int n,
							  char *const *names, const Oid *types,
							  int *places);
extern char *allm_contract_say(const AllmContract *contract);

#endif							/* ALLM_ASK_CONTRACT_H */
