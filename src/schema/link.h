/*
 * link.h
 *		Which part of a schema a question is about.
 */
#ifndef ALLM_SCHEMA_LINK_H
#define ALLM_SCHEMA_LINK_H

#include "postgres.h"

#include "schema/outline.h"
#include "schema/snapshot.h"

extern AllmLinked *allm_link_choose(const AllmSnapshot *snapshot,
									const char *question, Size max_bytes);

#endif							/* ALLM_SCHEMA_LINK_H */
