/*
 * Makes, counts and frees pages.
 */
#include "vfs/page.h"

#include "base/heap.h"

#include <stdlib.h>

struct page *page_alloc(struct fdl_machine *m)
{
	struct page *page;

	if (vfs_charge(m, PAGE_SIZE))
		return NULL;
	page = calloc(1, sizeof(*page));
	if (page) {
		page->refs = 1;
		heap_lazy(page, offsetof(struct page, data));
	} else {
		vfs_uncharge(m, PAGE_SIZE);
	}
	return page;
}

void page_put(struct fdl_machine *m, struct page *page)
{
	if (--page->refs)
		return;
	vfs_uncharge(m, PAGE_SIZE);
	free(page);
}
