/*
 * Images of a heap: copies of its pages at a moment, from which the heap can be put back. An image
 * shares the pages that are the same in an earlier one, so that it costs what changed between the
 * two.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>

struct heap;
struct heap_image;

/*
 * Takes an image of a heap that is not frozen. like is an image of the same heap, whose pages are
 * shared where they are the same; NULL: none are. *bytes, the caller's count of what all its images
 * take, grows by what this one takes, and shrinks when images are freed. NULL: no memory.
 */
struct heap_image *heap_image_take(struct heap *h, const struct heap_image *like, size_t *bytes);

/* Puts the heap back as it was; the image stays. */
void heap_image_put_back(struct heap *h, const struct heap_image *image);

/* Frees an image; NULL is allowed. */
void heap_image_free(struct heap_image *image);

#endif
