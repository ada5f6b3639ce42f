/*
 * basetype.c
 *		What the type of a column is below its domains.
 *
 * The server's own function raises when a type has gone.  Here nothing is
 * locked, and a domain may lose what is below it between one look and the next.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/syscache.h"

#include "schema/basetype.h"

/* Looks through domains; false when a type is not there any more. */
bool
allm_basetype_find(Oid type, AllmBaseType *base)
{
	char		kind = TYPTYPE_DOMAIN;

	base->type = type;
	base->typmod = -1;
	while (kind == TYPTYPE_DOMAIN)
	{
		HeapTuple	tuple = SearchSysCache1(TYPEOID,
											ObjectIdGetDatum(base->type));
		Form_pg_type form;

		if (!HeapTupleIsValid(tuple))
			return false;
		form = (Form_pg_type) GETSTRUCT(tuple);
		kind = form->typtype;
		base->category = form->typcategory;
		if (kind == TYPTYPE_DOMAIN)
		{
			base->type = form->typbasetype;
			base->typmod = form->typtypmod;
		}
		ReleaseSysCache(tuple);
	}
	return true;
}
