/*
 * Delta debugging: chunks are left out, first large ones, then smaller ones, down to single lines,
 * until nothing more can go.
 */
#include "fuzz/shrink.h"

#include <stdlib.h>
#include <string.h>

/* Copies the lines except those of a chunk. */
static size_t without(const char **to, const char *const *lines, size_t n, size_t from, size_t size)
{
	memcpy(to, lines, from * sizeof(*to));
	memcpy(to + from, lines + from + size, (n - from - size) * sizeof(*to));
	return n - size;
}

size_t fuzz_shrink(const char **lines, size_t n, fuzz_fails_fn *fails, void *ctx)
{
	const char **fewer = calloc(n ? n : 1, sizeof(*fewer));
	size_t chunk = n / 2;

	while (fewer && n > 1 && chunk) {
		bool less = false;

		/* From the end: the lines that lead to the failure are tried last. */
		for (size_t end = n; end;) {
			size_t size = chunk < end ? chunk : end;
			size_t left = without(fewer, lines, n, end - size, size);

			end -= size;
			if (!left || !fails(ctx, fewer, left))
				continue;
			memcpy(lines, fewer, left * sizeof(*lines));
			n = left;
			less = true;
		}
		if (!less || chunk > 1)
			chunk = chunk > 1 ? (chunk + 1) / 2 : 0;
	}
	free(fewer);
	return n;
}
