/*
 * define.h
 *		The tables of definitions, and how a row of each is checked.
 */
#ifndef ALLM_ASK_DEFINE_H
#define ALLM_ASK_DEFINE_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"

/* One table of definitions. */
typedef struct AllmDefineTable
{
	const char *name;			/* also what a row is called */
	const char *key;			/* the column that names a row */
	char	   *(*find_problem) (HeapTuple tuple, TupleDesc tupdesc);
} AllmDefineTable;

extern const AllmDefineTable allm_define_tables[];
extern const int allm_define_ntables;

extern bool allm_define_has_path(void);
extern void allm_define_let_through(bool on);

#endif							/* ALLM_ASK_DEFINE_H */
