/*
 * bond.h
 *		How the relations of an index hang together.
 */
#ifndef ALLM_SCHEMA_BOND_H
#define ALLM_SCHEMA_BOND_H

#include "postgres.h"

#include "schema/index.h"

extern void allm_bond_add_edge(AllmIndex *index, int one, int other,
							   float strength);
extern void allm_bond_add_join(AllmIndex *index, const AllmColumn *column,
							   int relation);
extern void allm_bond_add_keys(AllmIndex *index);
extern void allm_bond_add_namesakes(AllmIndex *index, const List *numbers);
extern void allm_bond_add_role(AllmIndex *index, const AllmColumn *column);
extern void allm_bond_find_names(AllmIndex *index);
extern void allm_bond_find_centrality(AllmIndex *index);

#endif							/* ALLM_SCHEMA_BOND_H */
