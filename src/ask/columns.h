/*
 * columns.h
 *		Real columns for SELECT * FROM llm_ask('...').
 */
#ifndef ALLM_ASK_COLUMNS_H
#define ALLM_ASK_COLUMNS_H

#include "postgres.h"

extern void allm_columns_install(void);

#endif							/* ALLM_ASK_COLUMNS_H */
