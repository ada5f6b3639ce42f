/*
 * wire_text.h
 *		Text on its way between the database encoding and a provider.
 */
#ifndef ALLM_MODEL_WIRE_TEXT_H
#define ALLM_MODEL_WIRE_TEXT_H

#include "postgres.h"

#include "base/json.h"

/*
 * What stands for a character that could not be kept: DEL, which JSON and
 * every encoding take, and which nobody writes.
 */
#define ALLM_WIRE_TEXT_LOST		'\x7F'

extern AllmJson *allm_wire_text_parse(const char *body, Size len);
extern char *allm_wire_text_to_utf8(const char *text);
extern char *allm_wire_text_note(const char *body, Size len, int max);

#endif							/* ALLM_MODEL_WIRE_TEXT_H */
