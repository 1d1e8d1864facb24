/*
 * Sorting of what is mostly sorted already.
 */
#include "base/sort.h"

#include <stdbool.h>
#include <stdlib.h>

static bool is_sorted(const char *at, size_t n, size_t size,
		      int (*compare)(const void *, const void *))
{
	for (; n > 1; n--, at += size) {
		if (compare(at, at + size) > 0)
			return false;
	}
	return true;
}

void sort_again(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	if (!is_sorted(base, n, size, compare))
		qsort(base, n, size, compare);
}
