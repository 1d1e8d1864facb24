/*
 * Images of a heap: arrays of pages that are counted, since images share them.
 */
#include "base/image.h"

#include "base/heap.h"

#include <stdint.h>

#ifdef __has_include
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_MAKE_MEM_DEFINED
#define VALGRIND_MAKE_MEM_DEFINED(p, size) ((void)(p), (void)(size))
#endif

#define PAGE ((size_t)4096)

struct image_page {
	unsigned refs;
	char data[PAGE];
};

struct heap_image {
	size_t used, n_pages;
	size_t *bytes;
	struct image_page *page[];
};

static size_t image_size(size_t n_pages)
{
	return sizeof(struct heap_image) + n_pages * sizeof(struct image_page *);
}

/* The bytes of a page that are in use: the last one may end early. */
static size_t page_len(size_t used, size_t i)
{
	return used - i * PAGE < PAGE ? used - i * PAGE : PAGE;
}

/* The page of another image with these bytes, or NULL. */
static struct image_page *same_page(const struct heap_image *like, size_t i, const char *data,
				    size_t len)
{
	if (!like || i >= like->n_pages || page_len(like->used, i) < len)
		return NULL;
	return memcmp(like->page[i]->data, data, len) ? NULL : like->page[i];
}

static struct image_page *page_new(struct heap_image *image, const char *data, size_t len)
{
	struct image_page *p = malloc(sizeof(*p));

	if (!p)
		return NULL;
	p->refs = 0;
	memcpy(p->data, data, len);
	*image->bytes += sizeof(*p);
	return p;
}

struct heap_image *heap_image_take(struct heap *h, const struct heap_image *like, size_t *bytes)
{
	size_t used;
	const char *region = heap_region(h, &used);
	const size_t n = (used + PAGE - 1) / PAGE;
	struct heap_image *image = malloc(image_size(n));

	if (!image)
		return NULL;
	*image = (struct heap_image){ .used = used, .bytes = bytes };
	*bytes += image_size(n);
	/* Padding that was never written is copied and compared, too. */
	VALGRIND_MAKE_MEM_DEFINED(region, used);
	for (size_t i = 0; i < n; i++) {
		const size_t len = page_len(used, i);
		const char *data = region + i * PAGE;
		struct image_page *p = same_page(like, i, data, len);

		if (!p)
			p = page_new(image, data, len);
		if (!p) {
			*bytes -= image_size(n) - image_size(image->n_pages);
			heap_image_free(image);
			return NULL;
		}
		p->refs++;
		image->page[image->n_pages++] = p;
	}
	return image;
}

void heap_image_put_back(struct heap *h, const struct heap_image *image)
{
	size_t used;
	char *region = heap_region(h, &used);

	for (size_t i = 0; i < image->n_pages; i++)
		memcpy(region + i * PAGE, image->page[i]->data, page_len(image->used, i));
}

void heap_image_free(struct heap_image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < image->n_pages; i++) {
		if (--image->page[i]->refs)
			continue;
		*image->bytes -= sizeof(struct image_page);
		free(image->page[i]);
	}
	*image->bytes -= image_size(image->n_pages);
	free(image);
}
