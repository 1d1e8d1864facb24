/*
 * Shortens a list of lines that fails: it leaves out lines as long as the rest still fails. The
 * caller says what fails.
 */
#ifndef FDLAB_TOOLS_FUZZ_SHRINK_H
#define FDLAB_TOOLS_FUZZ_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

typedef bool fuzz_fails_fn(void *ctx, const char *const *lines, size_t n);

/*
 * Shrinks lines[0..n), which fails, in place, and returns how many are left: without any one of
 * them the rest does not fail. Without memory the list stays as it is.
 */
size_t fuzz_shrink(const char **lines, size_t n, fuzz_fails_fn *fails, void *ctx);

#endif
