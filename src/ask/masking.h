/*
 * masking.h
 *		What analytics_llm.log_text leaves of a text that is recorded.
 */
#ifndef ALLM_ASK_MASKING_H
#define ALLM_ASK_MASKING_H

extern char *allm_masking_question(const char *question);
extern char *allm_masking_interpretation(const char *text);
extern char *allm_masking_sql(const char *sql);

#endif							/* ALLM_ASK_MASKING_H */
