/*
 * render.h
 *		From a tree to SQL, and to words.
 */
#ifndef ALLM_SEMANTIC_RENDER_H
#define ALLM_SEMANTIC_RENDER_H

#include "postgres.h"

#include "semantic/tree.h"

extern char *allm_render_query(const AllmQuery *query);

#endif							/* ALLM_SEMANTIC_RENDER_H */
