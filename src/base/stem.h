/*
 * stem.h
 *		What words of English share with their plurals.
 */
#ifndef ALLM_BASE_STEM_H
#define ALLM_BASE_STEM_H

#include "postgres.h"

extern char *allm_stem_make(char *word);

#endif							/* ALLM_BASE_STEM_H */
