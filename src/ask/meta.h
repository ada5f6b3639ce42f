/*
 * meta.h
 *		Where a row is from, for those who ask for it with each row.
 */
#ifndef ALLM_ASK_META_H
#define ALLM_ASK_META_H

#include "postgres.h"

#include "ask/decided.h"
#include "ask/request.h"

/* The key, or the column, that it has. */
#define ALLM_META_KEY	"_llm"

extern char *allm_meta_of_request(const AllmRequest *request);
extern char *allm_meta_of_decided(const AllmDecided *decided);
extern char *allm_meta_add(const char *row, const char *meta);

#endif							/* ALLM_ASK_META_H */
