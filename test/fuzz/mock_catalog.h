/*
 * mock_catalog.h
 *		A small catalog, some of which is hidden.
 */
#ifndef MOCK_CATALOG_H
#define MOCK_CATALOG_H

/* What the names of all hidden things begin with. */
#define MOCK_HIDDEN		"zqz"

#endif							/* MOCK_CATALOG_H */
