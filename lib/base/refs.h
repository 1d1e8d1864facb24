/*
 * References, gathered to be counted: add each of them, sort, and ask how many there are to an
 * object.
 */
#ifndef REFS_H
#define REFS_H

#include <stddef.h>

/* The objects that are referred to, once for every reference. All zero is empty. */
struct refs {
	const void **to;
	size_t n, room;
};

/* Adds a reference. 0 or -ENOMEM. */
int refs_add(struct refs *r, const void *to);
/* Sorts them by address. */
void refs_sort(struct refs *r);
/* The number of references to an object; sort first. */
size_t refs_count(const struct refs *r, const void *to);
/* Frees the array. */
void refs_free(struct refs *r);

#endif
