/*
 * image.c
 *		Writing a structure with its pointers into one piece of memory.
 *
 * Knows nothing of what is written.
 */
#include "postgres.h"

#include "schema/image.h"

/* The bytes that a structure needs. */
Size
allm_image_measure(AllmImageWrite write, const void *what)
{
	AllmImage	image = {.is_measured = true};

	write(&image, what);
	return MAXALIGN(image.used);
}

/* Writes a structure into room of that many bytes; returns where it is. */
void *
allm_image_write(char *base, AllmImageWrite write, const void *what)
{
	AllmImage	image = {.base = base};

	return write(&image, what);
}

/* Writes a structure into one piece of a context; returns where it is. */
void *
allm_image_make(MemoryContext context, AllmImageWrite write, const void *what)
{
	Size		size = allm_image_measure(write, what);

	return allm_image_write(MemoryContextAllocHuge(context, size), write, what);
}

/* Room for something, aligned as anything may have to be. */
void *
allm_image_reserve(AllmImage *image, Size size)
{
	char	   *place;

	image->used = MAXALIGN(image->used);
	place = image->base + image->used;
	image->used += size;
	return place;
}

/* Puts something into room that was reserved. */
void
allm_image_store(AllmImage *image, void *place, const void *what, Size size)
{
	if (!image->is_measured && size > 0)
		memcpy(place, what, size);
}

/* Reserves room for something, and puts it there. */
void *
allm_image_add(AllmImage *image, const void *what, Size size)
{
	void	   *place = allm_image_reserve(image, size);

	allm_image_store(image, place, what, size);
	return place;
}

/* Adds a text, which needs no alignment; NULL stays NULL. */
char *
allm_image_text(AllmImage *image, const char *text)
{
	char	   *place = image->base + image->used;
	Size		size;

	if (text == NULL)
		return NULL;
	size = strlen(text) + 1;
	image->used += size;
	allm_image_store(image, place, text, size);
	return place;
}

/* Adds a list of pointers, each mapped to where its element will be. */
List *
allm_image_list(AllmImage *image, const List *list, AllmImageMap map,
				const void *arg)
{
	Size		header = offsetof(List, initial_elements);
	int			n = list_length(list);
	List	   *place;
	List		head = {0};

	if (list == NIL)
		return NIL;
	place = allm_image_reserve(image, header + n * sizeof(ListCell));
	head.type = T_List;
	head.length = head.max_length = n;
	head.elements = place->initial_elements;
	allm_image_store(image, place, &head, header);
	for (int i = 0; i < n; i++)
	{
		ListCell	cell;

		cell.ptr_value = map(list_nth(list, i), arg);
		allm_image_store(image, &place->initial_elements[i], &cell,
						 sizeof(ListCell));
	}
	return place;
}
