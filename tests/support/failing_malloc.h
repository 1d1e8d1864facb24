/*
 * Memory that runs out at a chosen allocation. For programs that are linked with failing_malloc.c's
 * wrappers in place of malloc, calloc, realloc and mmap (tests/CMakeLists.txt).
 */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* The n-th allocation from now on fails, n from 1; lasting: so do all after it. */
void failing_malloc_arm(size_t n, bool lasting);

/* All allocations succeed again. Whether one failed. */
bool failing_malloc_disarm(void);

/* The allocations that are not freed, of those that were made through the wrappers. */
size_t failing_malloc_live(void);

#endif
