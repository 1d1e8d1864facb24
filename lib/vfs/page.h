/*
 * Pages of memory, which regular files and pipes hold by reference: splice hands a page of a file
 * to a pipe without a copy, so that a later write to the file shows in the pipe.
 */
#ifndef PAGE_H
#define PAGE_H

#include "base/heap.h"
#include "vfs/inode.h"

struct page {
	unsigned refs;
	char data[PAGE_SIZE];
};

/* The bytes of a page to write to. Every write begins with this: a frozen heap must know of it. */
static inline char *page_for_write(struct page *page)
{
	heap_wrote(page);
	return page->data;
}

/*
 * A page of zeros with one reference, charged to the machine. NULL: too many bytes, or no memory.
 */
struct page *page_alloc(struct fdl_machine *m);

/* A reference more, and a reference less, the last of which frees the page. */
static inline struct page *page_get(struct page *page)
{
	page->refs++;
	return page;
}

void page_put(struct fdl_machine *m, struct page *page);

#endif
