/*
 * Makes a list of lines that fails as short as it can be: it leaves out lines as long as what remains
 * still fails. What failing is, the caller says.
 */
#ifndef FDLAB_TOOLS_FUZZ_SHRINK_H
#define FDLAB_TOOLS_FUZZ_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

typedef bool fuzz_fails_fn(void *ctx, const char *const *lines, size_t n);

/*
 * Shrinks lines[0..n), which fails, in place, and returns how many are left: none of them can be left
 * out any more. -ENOMEM is not told: the list is then as short as it was.
 */
size_t fuzz_shrink(const char **lines, size_t n, fuzz_fails_fn *fails, void *ctx);

#endif
