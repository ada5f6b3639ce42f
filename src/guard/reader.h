/*
 * reader.h
 *		Reads the JSON that the parser library writes.
 */
#ifndef ALLM_GUARD_READER_H
#define ALLM_GUARD_READER_H

#include "postgres.h"

#include "base/json.h"

extern AllmJson *allm_reader_parse(char *json);

#endif							/* ALLM_GUARD_READER_H */
