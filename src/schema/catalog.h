/*
 * catalog.h
 *		Reading the catalogs into a snapshot.
 */
#ifndef ALLM_SCHEMA_CATALOG_H
#define ALLM_SCHEMA_CATALOG_H

#include "postgres.h"

#include "schema/snapshot.h"

extern bool allm_catalog_holds_data(char relkind);
extern void allm_catalog_read(AllmSnapshot *snapshot, const List *namespaces);

#endif							/* ALLM_SCHEMA_CATALOG_H */
