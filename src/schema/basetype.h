/*
 * basetype.h
 *		What the type of a column is below its domains.
 */
#ifndef ALLM_SCHEMA_BASETYPE_H
#define ALLM_SCHEMA_BASETYPE_H

#include "postgres.h"

typedef struct AllmBaseType
{
	Oid			type;
	int32		typmod;			/* of the innermost domain, -1: none */
	char		category;		/* pg_type.typcategory */
} AllmBaseType;

extern bool allm_basetype_find(Oid type, AllmBaseType *base);

#endif							/* ALLM_SCHEMA_BASETYPE_H */
