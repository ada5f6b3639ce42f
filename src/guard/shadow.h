/*
 * shadow.h
 *		Functions and operators that somebody put in place of the server's.
 */
#ifndef ALLM_GUARD_SHADOW_H
#define ALLM_GUARD_SHADOW_H

#include "postgres.h"

#include "nodes/nodes.h"

extern const char *allm_shadow_refuse(Oid function, const Node *node);

#endif							/* ALLM_GUARD_SHADOW_H */
