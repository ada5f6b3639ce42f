/*
 * mention.h
 *		Functions, types, operators and collations that a statement names.
 */
#ifndef ALLM_GUARD_MENTION_H
#define ALLM_GUARD_MENTION_H

#include "postgres.h"

#include "guard/from.h"

extern void allm_mention_function(AllmNames *names, const AllmScope *scope,
								  const AllmJson *value);
extern void allm_mention_qualified(AllmNames *names, const AllmScope *scope,
								   const AllmJson *value);
extern void allm_mention_type(AllmNames *names, const AllmScope *scope,
							  const AllmJson *value);

#endif							/* ALLM_GUARD_MENTION_H */
