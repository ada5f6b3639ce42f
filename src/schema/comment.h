/*
 * comment.h
 *		Noticing that a comment on a relation or column changed.
 */
#ifndef ALLM_SCHEMA_COMMENT_H
#define ALLM_SCHEMA_COMMENT_H

extern void allm_comment_install(void);

#endif							/* ALLM_SCHEMA_COMMENT_H */
