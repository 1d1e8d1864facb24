/*
 * Sorting of arrays that are mostly sorted already: tables by their ids are, as a rule, in the
 * order of the tasks that made them.
 */
#ifndef SORT_H
#define SORT_H

#include <stddef.h>

/* As qsort(3). An array that is sorted costs one comparison for each element. */
void sort_again(void *base, size_t n, size_t size, int (*compare)(const void *, const void *));

#endif
