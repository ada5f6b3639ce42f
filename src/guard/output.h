/*
 * output.h
 *		How the server names the columns of a query.
 */
#ifndef ALLM_GUARD_OUTPUT_H
#define ALLM_GUARD_OUTPUT_H

#include "postgres.h"

#include "base/json.h"

extern const char *allm_output_name(const AllmJson *target);
extern const char *allm_output_name_of(const AllmJson *node);

#endif							/* ALLM_GUARD_OUTPUT_H */
