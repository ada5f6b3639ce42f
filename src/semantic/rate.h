/*
 * rate.h
 *		Numbers of things as parts of others: "percentage of customers who ...".
 */
#ifndef ALLM_SEMANTIC_RATE_H
#define ALLM_SEMANTIC_RATE_H

#include "postgres.h"

#include "semantic/forms.h"
#include "semantic/match.h"

extern bool allm_rate_is_form(AllmForm form);
extern char *allm_rate_read(const AllmReadInput *input, const AllmParts *parts,
							char **words, char **remark, char **problem);

#endif							/* ALLM_SEMANTIC_RATE_H */
