/*
 * image.h
 *		Writing a structure with its pointers into one piece of memory.
 *
 * A writer is run twice: first to measure, when nothing is stored, then to
 * write.  It reserves room, works out what belongs there, and stores it; it
 * reads nothing back, waits for nothing, and cannot fail.
 */
#ifndef ALLM_SCHEMA_IMAGE_H
#define ALLM_SCHEMA_IMAGE_H

#include "postgres.h"

#include "nodes/pg_list.h"

typedef struct AllmImage
{
	char	   *base;			/* where it goes */
	Size		used;			/* so far */
	bool		is_measured;	/* nothing is stored */
} AllmImage;

/* Writes a structure; returns where it will be. */
typedef void *(*AllmImageWrite) (AllmImage *image, const void *what);

/* Where an element of a list will be that is here now. */
typedef void *(*AllmImageMap) (const void *element, const void *arg);

extern Size allm_image_measure(AllmImageWrite write, const void *what);
extern void *allm_image_write(char *base, AllmImageWrite write,
							  const void *what);
extern void *allm_image_make(MemoryContext context, AllmImageWrite write,
							 const void *what);
extern void *allm_image_reserve(AllmImage *image, Size size);
extern void allm_image_store(AllmImage *image, void *place, const void *what,
							 Size size);
extern void *allm_image_add(AllmImage *image, const void *what, Size size);
extern char *allm_image_text(AllmImage *image, const char *text);
extern List *allm_image_list(AllmImage *image, const List *list,
							 AllmImageMap map, const void *arg);

#endif							/* ALLM_SCHEMA_IMAGE_H */
