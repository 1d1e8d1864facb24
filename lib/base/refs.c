/*
 * References, gathered to be counted.
 */
#include "base/refs.h"

#include "base/heap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

int refs_add(struct refs *r, const void *to)
{
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		const void **larger = realloc(r->to, room * sizeof(const void *));

		if (!larger)
			return -ENOMEM;
		r->to = larger;
		r->room = room;
	}
	r->to[r->n++] = to;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (const void *const *)a,
		  y = (uintptr_t) * (const void *const *)b;

	return (x > y) - (x < y);
}

/* From so many on, insertion may take longer than qsort. */
#define MANY 64

/*
 * An explorer checks its machine after every step: a few references, nearly in the order of their
 * addresses.
 */
void refs_sort(struct refs *r)
{
	if (r->n >= MANY) {
		qsort(r->to, r->n, sizeof(const void *), by_address);
		return;
	}
	for (size_t i = 1; i < r->n; i++) {
		const void *to = r->to[i];
		size_t at = i;

		for (; at && (uintptr_t)r->to[at - 1] > (uintptr_t)to; at--)
			r->to[at] = r->to[at - 1];
		r->to[at] = to;
	}
}

size_t refs_count(const struct refs *r, const void *to)
{
	size_t low = 0, high = r->n, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)r->to[middle] < (uintptr_t)to)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < r->n && r->to[low + n] == to)
		n++;
	return n;
}

void refs_free(struct refs *r)
{
	free(r->to);
}
